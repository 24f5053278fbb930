/*
 * Any query over a small index of two segments, some of their documents
 * dead: the best by pruned search are the best by scoring everything, scores
 * and all; those found are those that hold when each text is read; their
 * number is counted right.  The first byte says whether all words must be
 * there and how many are asked for.  A field is, whatever its name, one of
 * three filters.
 */
#include "base/json.h"
#include "index/rank.h"
#include "index/segment_make.h"
#include "search/query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define DOCS 500
#define PARTS 2
#define COLOUR SEGMENT_FIELD
#define FILTERS 1024		/* QUERY_ITEMS */

static const char *const words[] = { "run", "running", "happy", "happily",
    "the", "of", "deploy", "deployed", "redis", "jwt", "token", "refresh",
    "get_user_name", "getUserName", "src/auth/jwt.c", "v1.2.3", "a", "b", "x",
    "\xe6\x9d\xb1\xe4\xba\xac\xe9\x83\xbd", "caf\xc3\xa9", "dying", "lying" };
#define WORDS (sizeof words / sizeof *words)

static char text[DOCS][400];
static struct segment *segment[PARTS];
static uint64_t dead[PARTS][DOCS / 64 + 1];
static struct tokens tokens;

static void
must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "f-search: %s\n", what);
	abort();
}

/* --- documents: number i is document i / PARTS of part i % PARTS -------- */

static unsigned
below(unsigned n)
{
	static uint32_t seed = 12345;

	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

static void
make_text(char *out, size_t cap)
{
	unsigned n = below(8) == 0 ? 30 : 1 + below(9), w;
	size_t len = 0;

	out[0] = '\0';
	while (n-- > 0 && len + 40 < cap) {
		/* some are rare */
		w = below(4) == 0 ? below(WORDS) : below(5);
		len += (size_t)snprintf(out + len, cap - len, "%s%s",
		    words[w], below(6) == 0 ? ", " : " ");
	}
}

static bool
is_dead(int i)
{
	return i % 11 == 5;
}

/* Of each kind one. */
static bool
filter_holds(int filter, int i)
{
	switch (filter % 3) {
	case 0:
		return i % 3 == 1;
	case 1:
		return i % 4 == 0;
	default:
		return i >= 100 && i < 300;
	}
}

static void
make_part(int part, const char *path)
{
	struct segment_maker *m = segment_maker_new(1);
	unsigned char key[2];
	int64_t column;
	struct err e;
	int i;

	for (i = part; i < DOCS; i += PARTS) {
		key[0] = (unsigned char)(i >> 8);
		key[1] = (unsigned char)i;
		column = i;
		must(segment_doc(m, key, 2, &column, &e) == 0, "a document");
		segment_doc_text(m, &tokens, text[i], strlen(text[i]), 1);
		if (i % 4 == 0)
			segment_doc_value(m, COLOUR, "red", 3);
		segment_doc_end(m);
		if (is_dead(i))
			dead[part][i / PARTS / 64] |= UINT64_C(1) <<
			    (i / PARTS % 64);
	}
	must(segment_maker_write(m, path, NULL, &e) == 0, "a segment");
	segment_maker_free(m);
	must(segment_open(&segment[part], path, NULL, &e) == 0, "its opening");
	unlink(path);
}

static void
make_all(void)
{
	char dir[] = "/tmp/memkit-fuzz.XXXXXX", path[64];
	int i;

	json_setup();
	tokens_init(&tokens, NULL);
	must(mkdtemp(dir) != NULL, "a folder");
	for (i = 0; i < DOCS; i++)
		make_text(text[i], sizeof text[i]);
	for (i = 0; i < PARTS; i++) {
		snprintf(path, sizeof path, "%s/%d", dir, i);
		make_part(i, path);
	}
	rmdir(dir);
}

/* --- a query ------------------------------------------------------------ */

static int
ask(void *arg, size_t part, uint32_t doc, int filter, struct err *e)
{
	(void)arg;
	(void)e;
	return filter_holds(filter, (int)(doc * PARTS + part));
}

static bool
holds(void *arg, int filter)
{
	return filter_holds(filter, *(int *)arg);
}

/* Which are found when each is read?  Their number. */
static size_t
scan(const struct match *m, bool found[DOCS])
{
	struct match_text x;
	size_t n = 0;
	int i;

	match_text_init(&x, m);
	for (i = 0; i < DOCS; i++) {
		match_text_reset(&x);
		match_text_add(&x, &tokens, text[i], strlen(text[i]), 1);
		found[i] = !is_dead(i) && match_holds(&x, holds, &i);
		n += found[i];
	}
	match_text_release(&x);
	return n;
}

static void
compare(struct rank *r, size_t k, const bool found[DOCS], size_t all)
{
	static int64_t df[MATCH_TERMS];
	struct score_scope scope = { 0, 0 };
	struct rank_hit *fast, *slow;
	size_t n, n_slow, i;
	struct err e;

	memset(df, 0, sizeof df);
	must(rank_stats(r, &scope, df, &e) == 0, "statistics");
	must(rank_top(r, &score_event, &scope, df, k, false, &fast, &n,
	    &e) == 0, "a search");
	must(rank_top(r, &score_event, &scope, df, k, true, &slow, &n_slow,
	    &e) == 0, "a slow search");
	must(n == n_slow && n == (all < k ? all : k), "as many");
	for (i = 0; i < n; i++) {
		must(fast[i].score == slow[i].score && fast[i].part ==
		    slow[i].part && fast[i].doc == slow[i].doc, "the same");
		must(found[fast[i].doc * PARTS + fast[i].part],
		    "one that holds");
	}
	free(fast);
	free(slow);
}

static void
search(const struct query *q, size_t k)
{
	static const struct rank_value red = { COLOUR, "red", 3, false };
	static struct rank_filter filter[FILTERS];
	struct rank_part part[PARTS];
	bool found[DOCS];
	struct rank *r;
	struct err e;
	int64_t counted;
	size_t i, all;

	must(q->fields <= FILTERS, "no more fields than items");
	for (i = 0; i < q->fields; i++)
		filter[i] = i % 3 == 0 ? (struct rank_filter){ RANK_ASK, NULL,
		    0, 0, 0, 0 } : i % 3 == 1 ? (struct rank_filter){
		    RANK_VALUES, &red, 1, 0, 0, 0 } : (struct rank_filter){
		    RANK_RANGE, NULL, 0, 0, 100, 300 };
	for (i = 0; i < PARTS; i++)
		part[i] = (struct rank_part){ segment[i], dead[i] };
	all = scan(&q->match, found);
	must(rank_open(&r, &q->match, filter, q->fields, 0, part, PARTS, ask,
	    NULL, &e) == 0, "a query");
	must(rank_count(r, 0, &counted, &e) == 0 && (size_t)counted == all,
	    "their number");
	compare(r, k, found, all);
	compare(r, DOCS, found, all);
	rank_close(r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static int made;
	struct query q;
	size_t k;

	if (!made++)
		make_all();
	if (len == 0)
		return 0;
	k = 1 + data[0] / 2 % 20;
	if (data[0] & 1)
		query_parse_all(&q, NULL, (const char *)data + 1, len - 1,
		    INT64_C(1795176000000));
	else
		query_parse(&q, NULL, (const char *)data + 1, len - 1,
		    INT64_C(1795176000000));
	query_ready(&q);
	if (!q.nothing) {
		search(&q, k);
		if (query_relax(&q, 0))
			search(&q, k);
	}
	query_release(&q);
	return 0;
}
