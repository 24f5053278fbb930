/*
 * A small segment with bytes of it changed (two bytes of offset, one of
 * value, again and again); the first byte says whether it is cut off, whether
 * the checksums are made right, so that what reads the rest is reached, and
 * whether it is merged, too.  All that can be asked is asked, and a ranked
 * search: it ends, with an error or with documents that there are, and what
 * was verified has no errors.
 *
 * If the first byte is 128 or more the rest is text, a line a document: the
 * segments made of it are sound, and two of them merged are the one of all.
 */
#include "base/buf.h"
#include "index/rank.h"
#include "index/segment_make.h"
#include "tests/unit/segment-all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define DOCS 300
#define COLUMNS 3
#define FIELD SEGMENT_FIELD

static char dir[] = "/tmp/memkit-fuzz.XXXXXX";
static char path[3][64];

/* Whatever fails after the segment was found sound is a fault. */
struct use {
	struct segment *s;
	bool sound;
};

static int
must(const struct use *u, int r, const struct err *e)
{
	if (r >= 0 || !u->sound)
		return r;
	fprintf(stderr, "verified, but: %s\n", e->msg);
	abort();
}

/* --- a good one -------------------------------------------------------- */

static void
add(struct segment_maker *m, struct tokens *ts, unsigned i)
{
	static const char *const words[] = { "run", "running", "happy", "get",
	    "getUserName", "dying", "\xe6\x9d\xb1\xe4\xba\xac", "v1.2" };
	const int64_t column[COLUMNS] = { i, (int64_t)i * -7 % 50,
	    i % 40 == 3 ? INT64_MIN : INT64_C(1) << i % 60 };
	char text[200], key[24];
	struct err e;
	int n = sprintf(text, "run %s %s", words[i % 8], words[i / 8 % 8]);

	if (i % 100 == 0)
		n += sprintf(text + n, " only%u lying cries", i);
	if (segment_doc(m, key, (size_t)sprintf(key, "key%u", i * 7919 %
	    1000), column, &e) < 0)
		abort();
	segment_doc_text(m, ts, text, (size_t)n, 1 + i % 3);
	segment_doc_value(m, FIELD, i % 3 ? "red" : "blue", i % 3 ? 3 : 4);
	segment_doc_end(m);
}

static void
make_good(struct buf *b)
{
	struct segment_maker *m = segment_maker_new(COLUMNS);
	struct tokens ts;
	struct err e;
	unsigned i;

	if (mkdtemp(dir) == NULL)
		abort();
	for (i = 0; i < 3; i++)
		snprintf(path[i], sizeof path[i], "%s/%u", dir, i);
	tokens_init(&ts, NULL);
	for (i = 0; i < DOCS; i++)
		add(m, &ts, i);
	tokens_release(&ts);
	if (segment_maker_write(m, path[0], NULL, &e) < 0 ||
	    buf_read_file(b, path[0], 1 << 20, &e) < 0)
		abort();
	segment_maker_free(m);
}

/* --- reading ----------------------------------------------------------- */

static void
use_docs(const struct use *u)
{
	uint32_t docs = segment_docs(u->s), i, at;
	struct buf key = BUF_INIT;
	const uint8_t *length;
	unsigned k;
	int64_t v;
	struct err e;

	must(u, segment_lengths(u->s, &length, &e), &e);
	for (i = 0; i < docs && i < 2 * DOCS; i++) {
		if (must(u, segment_key(u->s, i, &key, &e), &e) == 0 &&
		    must(u, segment_find_key(u->s, key.p, key.len, &at, &e),
		    &e) >= 0 && at > docs)
			abort();
		for (k = 0; k < segment_columns(u->s); k++)
			must(u, segment_value(u->s, k, i, &v, &e), &e);
	}
	must(u, segment_find_key(u->s, "key5", 4, &at, &e), &e);
	buf_release(&key);
}

static void
use_block(const struct use *u, struct segment_list *l, uint32_t b)
{
	struct segment_pair pair[SEGMENT_PAIRS];
	const uint32_t *pos;
	const uint8_t *form;
	uint32_t i, n;
	struct err e;

	must(u, segment_bound(l, b, pair, &e), &e);
	if (must(u, segment_list_load(l, b, &e), &e) < 0 ||
	    must(u, segment_list_tf(l, &e), &e) < 0)
		return;
	for (i = 0; i < l->n; i++) {
		if (l->doc[i] >= segment_docs(u->s) ||
		    (i > 0 && l->doc[i] <= l->doc[i - 1]) || l->tf[i] == 0)
			abort();
		if (l->t.field >= SEGMENT_FIELD)
			continue;
		if (must(u, segment_positions(l, i, &pos, &form, &n, &e),
		    &e) == 0 && (n != l->tf[i] || form[n - 1] >= l->t.forms))
			abort();
	}
}

static void
use_term(const struct use *u, const struct segment_walk *w)
{
	struct segment_pair pair[SEGMENT_PAIRS];
	struct segment_list l;
	struct buf word = BUF_INIT;
	uint32_t b, block;
	unsigned i;
	bool whole;
	struct err e;

	for (i = 0; i < w->term.forms; i++)
		must(u, segment_form(u->s, &w->term, w->text, w->len, i,
		    &word, &whole, &e), &e);
	segment_list(u->s, &w->term, &l);
	must(u, segment_bound(&l, UINT32_MAX, pair, &e), &e);
	for (b = 0; b < l.blocks && b < 16; b++)
		use_block(u, &l, b);
	for (b = 0; b < 2 * DOCS; b += 97)
		if (must(u, segment_list_seek(&l, 0, b, &block, &e), &e) ==
		    0 && block > l.blocks)
			abort();
	segment_list_release(&l);
	buf_release(&word);
}

static int
a_word(void *arg, const char *term, size_t len, const struct segment_term *t,
    struct err *e)
{
	(void)e;
	(void)t;
	*(size_t *)arg += len > 0 ? (unsigned char)term[len - 1] : 0;
	return 0;
}

static void
use_terms(const struct use *u)
{
	static const unsigned fields[] = { SEGMENT_TEXT, SEGMENT_LAST, FIELD };
	static const char *const prefix[] = { "", "run", "happy", "dy", "\xe6" };
	struct segment_walk w;
	size_t i, k, sum = 0;
	struct err e;

	for (i = 0; i < 3; i++)
		for (k = 0; k < 5; k++) {
			if (must(u, segment_walk(u->s, fields[i], prefix[k],
			    strlen(prefix[k]), &w, &e), &e) < 0)
				continue;
			while (must(u, segment_walk_next(&w, &e), &e) == 1)
				use_term(u, &w);
		}
	for (k = 0; k < 5; k++)
		must(u, segment_words(u->s, prefix[k], strlen(prefix[k]),
		    a_word, &sum, &e), &e);
}

/* --- searching --------------------------------------------------------- */

static void
add_phrase(struct match *m)
{
	int p = match_phrase(m);

	match_phrase_add(m, p, "run", 3, 0);
	match_phrase_add(m, p, "happy", 5, 1);
	match_atom(m, MATCH_PHRASE, p, false);
}

static void
query(struct match *m, int which)
{
	match_init(m);
	match_group(m);
	match_atom(m, MATCH_TERM, match_term(m, MATCH_STEM, "run", 3, 1,
	    false), false);
	match_atom(m, MATCH_TERM, match_term(m, MATCH_STEM, "happi", 5, 2,
	    false), false);
	if (which > 0) {
		match_group(m);
		match_atom(m, MATCH_TERM, match_term(m, MATCH_PREFIX, "dy", 2,
		    1, false), false);
		match_atom(m, MATCH_TERM, match_term(m, MATCH_PREFIX, "g", 1,
		    1, false), false);
		add_phrase(m);
		match_atom(m, MATCH_FILTER, 0, which > 1);
	}
	if (which > 1) {
		match_group(m);
		match_atom(m, MATCH_FILTER, 1, false);
		match_atom(m, MATCH_TERM, match_term(m, MATCH_STEM, "get", 3,
		    0, false), true);
	}
	match_ready(m);
}

static int
ask(void *arg, size_t part, uint32_t doc, int filter, struct err *e)
{
	(void)arg;
	(void)part;
	(void)filter;
	(void)e;
	return doc % 2 == 0;
}

static void
use_rank(const struct use *u, int which)
{
	static const struct rank_value red[2] = { { FIELD, "r", 1, true },
	    { FIELD, "blue", 4, false } };
	static const struct rank_filter filters[] = {
		{ RANK_VALUES, red, 2, 0, 0, 0 },
		{ RANK_ASK, NULL, 0, 0, 0, 0 },
		{ RANK_RANGE, NULL, 0, 1, -100, 45 } };
	struct rank_part part = { u->s, NULL };
	struct score_scope scope = { 0, 0 };
	int64_t df[MATCH_TERMS] = { 0 }, n;
	struct rank_hit *hit;
	uint32_t tf[MATCH_TERMS];
	struct match m;
	struct rank *r;
	struct err e;
	uint8_t length;
	size_t hits, i;
	int slow;

	query(&m, which);
	if (must(u, rank_open(&r, &m, filters, 2, which > 1 ? 1 : 0, &part, 1,
	    ask, NULL, &e), &e) < 0) {
		match_release(&m);
		return;
	}
	must(u, rank_stats(r, &scope, df, &e), &e);
	if (must(u, rank_count(r, 0, &n, &e), &e) >= 0 &&
	    n > (int64_t)segment_docs(u->s))
		abort();
	for (slow = 0; slow < 2; slow++) {
		if (must(u, rank_top(r, &score_event, &scope, df, 5, slow,
		    &hit, &hits, &e), &e) < 0)
			continue;
		for (i = 0; i < hits; i++) {
			if (i >= 5 || hit[i].doc >= segment_docs(u->s))
				abort();
			must(u, rank_terms(r, 0, hit[i].doc, tf, &length, &e),
			    &e);
		}
		free(hit);
	}
	rank_close(r);
	match_release(&m);
}

static void
use(struct segment *s, bool merge)
{
	struct use u = { s, false };
	uint64_t bits[2] = { 0x123456789, UINT64_MAX }, *dead;
	struct err e;
	int i;

	for (i = 0; i < 3; i++)
		use_rank(&u, i);
	use_terms(&u);
	use_docs(&u);
	u.sound = segment_verify(s, &e) == 0;
	use_terms(&u);
	use_docs(&u);
	for (i = 0; i < 3; i++)
		use_rank(&u, i);
	dead = segment_docs(s) < 128 ? bits : NULL;
	if (merge && segment_columns(s) <= SEGMENT_COLUMNS)
		must(&u, segment_merge(&s, &(const uint64_t *){ dead }, 1,
		    path[1], NULL, NULL, &e), &e);
}

/* --- text -------------------------------------------------------------- */

/* Every line, or those of one half; a word counts once or twice. */
static void
make_text(const char *p, size_t len, int half, const char *to)
{
	struct segment_maker *m = segment_maker_new(1);
	const char *end = p + len, *line;
	struct segment *s;
	struct tokens ts;
	struct err e;
	int64_t n;

	tokens_init(&ts, NULL);
	for (n = 0; p < end && n < 500; n++, p = line + 1) {
		if ((line = memchr(p, '\n', (size_t)(end - p))) == NULL)
			line = end;
		if (half >= 0 && n % 2 != half)
			continue;
		if (segment_doc(m, &n, sizeof n, &n, &e) < 0)
			abort();
		segment_doc_text(m, &ts, p, (size_t)(line - p),
		    1 + n % 2);
		segment_doc_text(m, &ts, p, (size_t)(line - p) / 2, 1);
		segment_doc_value(m, FIELD, p, (size_t)(line - p));
		segment_doc_end(m);
	}
	tokens_release(&ts);
	if (segment_maker_write(m, to, NULL, &e) < 0 ||
	    segment_open(&s, to, NULL, &e) < 0 || segment_verify(s, &e) < 0) {
		fprintf(stderr, "%s\n", e.msg);
		abort();
	}
	segment_close(s);
	segment_maker_free(m);
}

static void
text(const char *p, size_t len)
{
	const uint64_t *dead[2] = { NULL, NULL };
	struct buf one = BUF_INIT, two = BUF_INIT;
	struct segment *s[2];
	struct err e;
	int i;

	make_text(p, len, -1, path[0]);
	if (buf_read_file(&one, path[0], 64 << 20, &e) < 0)
		abort();
	for (i = 0; i < 2; i++) {
		make_text(p, len, i, path[i]);
		if (segment_open(&s[i], path[i], NULL, &e) < 0)
			abort();
	}
	if (segment_merge(s, dead, 2, path[2], NULL, NULL, &e) < 0 ||
	    buf_read_file(&two, path[2], 64 << 20, &e) < 0 ||
	    one.len != two.len || memcmp(one.p, two.p, one.len) != 0)
		abort();
	segment_close(s[0]);
	segment_close(s[1]);
	buf_release(&one);
	buf_release(&two);
}

/* --- an input ---------------------------------------------------------- */

static void
alter(const struct buf *good, const uint8_t *data, size_t len)
{
	struct buf b = BUF_INIT;
	struct segment *s;
	struct err e;
	size_t i, at;
	FILE *f;

	buf_add(&b, good->p, good->len);
	for (i = 1; i + 3 <= len; i += 3) {
		at = ((size_t)data[i] << 8 | data[i + 1]) % b.len;
		b.p[at] = (char)data[i + 2];
	}
	if (data[0] & 2)
		buf_cut(&b, b.len * data[0] / 128);
	if (data[0] & 1)
		segment_sum_again((uint8_t *)b.p, b.len);
	if ((f = fopen(path[0], "wb")) == NULL ||
	    fwrite(b.p, 1, b.len, f) != b.len || fclose(f) != 0)
		abort();
	if (segment_open(&s, path[0], NULL, &e) == 0) {
		use(s, data[0] & 4);
		segment_close(s);
	}
	buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct buf good = BUF_INIT;
	int i;

	if (good.len == 0)
		make_good(&good);
	if (mkdir(dir, 0700) < 0 && access(dir, W_OK) < 0)
		abort();
	if (len > 0 && data[0] >= 128)
		text((const char *)data + 1, len - 1);
	else if (len > 0)
		alter(&good, data, len);
	for (i = 0; i < 3; i++)
		unlink(path[i]);
	rmdir(dir);
	return 0;
}
