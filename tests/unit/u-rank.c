/*
 * Ranking over segments against the slow obvious way: every document read by
 * match_text and scored alone.  The documents are random, cut into random
 * segments, some of them dead; queries are random groups of words, phrases,
 * prefixes and filters.
 */
#include "index/rank.h"

#include "base/alloc.h"
#include "index/segment_make.h"
#include "index/token.h"
#include "index/word.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DOCS 2500
#define PARTS 4
#define FIELD_COLOUR SEGMENT_FIELD
#define FIELD_SHAPE (SEGMENT_FIELD + 1)
#define FILTERS 5

static const char *const words[] = { "run", "runs", "running", "happy",
    "happily", "the", "deploy", "deployed", "server", "servers", "redis",
    "jwt", "token", "tokens", "refresh", "get_user_name", "getUserName",
    "max_retries", "src/auth/jwt.c", "ERR-42", "v1.2.3", "get", "user",
    "dying", "die", "lying", "cache", "\xe6\x9d\xb1\xe4\xba\xac\xe9\x83\xbd",
    "\xe6\x9d\xb1\xe4\xba\xac", "caf\xc3\xa9", "C++", "x", "y", "z", "alpha",
    "beta", "gamma", "delta", "rare1", "rare2" };
#define WORDS (sizeof words / sizeof *words)
static const char *const colours[] = { "red", "green", "blue" };

static uint64_t seed = 88172645463325252u;

static unsigned
below(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 33) % n;
}

static struct doc {
	unsigned char key[16];
	char text[600], title[80];
	int colour, part;	/* part -1: in none */
	int64_t at;
	bool dead;
	double score;
	bool holds;
} docs[DOCS];

static void
random_text(char *out, size_t cap, unsigned n)
{
	size_t len = 0;
	unsigned i, w;

	out[0] = '\0';
	for (i = 0; i < n; i++) {
		w = below(4) == 0 ? below(WORDS) : below(12);
		if (len + strlen(words[w]) + 2 > cap)
			return;
		len += (size_t)sprintf(out + len, "%s ", words[w]);
	}
}

static int
by_key(const void *a, const void *b)
{
	return memcmp(((const struct doc *)a)->key,
	    ((const struct doc *)b)->key, 16);
}

static void
make_docs(bool in_order, unsigned seen)
{
	int i, k;

	for (i = 0; i < DOCS; i++) {
		for (k = 0; k < 16; k++)
			docs[i].key[k] = (unsigned char)below(256);
		random_text(docs[i].text, sizeof docs[i].text, below(40));
		random_text(docs[i].title, sizeof docs[i].title,
		    below(5) ? 0 : 3);
		docs[i].colour = (int)below(3);
		docs[i].at = (int64_t)below(1000) - 500;
		docs[i].part = (int)below(PARTS);
		/* of the second of them more or less is to be seen */
		docs[i].dead = docs[i].part == 1 && seen < 100 ?
		    below(100) >= seen : below(20) == 0;
	}
	qsort(docs, DOCS, sizeof *docs, by_key);
	for (i = 0; i < DOCS && in_order; i++) {
		docs[i].part = i * PARTS / DOCS;
		docs[i].at = i;
	}
}

static struct segment *seg[PARTS];
static uint64_t *dead[PARTS];
static char dir[] = "/tmp/memkit-u-rank.XXXXXX";

static void
path_of(char *out, int part)
{
	sprintf(out, "%s/%d.seg", dir, part);
}

static void
make_part(int part)
{
	struct segment_maker *m = segment_maker_new(2);
	struct tokens ts;
	int64_t column[2];
	struct err e;
	uint32_t doc;
	char path[64];
	int i;

	tokens_init(&ts, NULL);
	/* from behind: the order of adding must not matter */
	for (i = DOCS - 1; i >= 0; i--) {
		if (docs[i].part != part)
			continue;
		column[0] = i;
		column[1] = docs[i].at;
		if (segment_doc(m, docs[i].key, 16, column, &e) < 0)
			abort();
		segment_doc_text(m, &ts, docs[i].text, strlen(docs[i].text),
		    1);
		segment_doc_text(m, &ts, docs[i].title,
		    strlen(docs[i].title), 2);
		segment_doc_value(m, FIELD_COLOUR, colours[docs[i].colour],
		    strlen(colours[docs[i].colour]));
		segment_doc_end(m);
	}
	tokens_release(&ts);
	path_of(path, part);
	if (segment_maker_write(m, path, NULL, &e) < 0 ||
	    segment_open(&seg[part], path, NULL, &e) < 0) {
		printf("# %s\n", e.msg);
		abort();
	}
	segment_maker_free(m);
	dead[part] = xcalloc(segment_docs(seg[part]) / 64 + 1, 8);
	for (i = 0; i < DOCS; i++)
		if (docs[i].part == part && docs[i].dead) {
			if (segment_find_key(seg[part], docs[i].key, 16, &doc,
			    &e) != 1)
				abort();
			dead[part][doc / 64] |= UINT64_C(1) << (doc % 64);
		}
}

/* --- queries ----------------------------------------------------------- */

static const struct rank_value v_red = { FIELD_COLOUR, "red", 3, false };
static const struct rank_value v_two[] = {
	{ FIELD_COLOUR, "gre", 3, true }, { FIELD_COLOUR, "blue", 4, false } };
static const struct rank_value v_none = { FIELD_SHAPE, "round", 5, false };
static const struct rank_filter filters[FILTERS] = {
	{ RANK_VALUES, &v_red, 1, 0, 0, 0 },
	{ RANK_VALUES, v_two, 2, 0, 0, 0 },
	{ RANK_VALUES, &v_none, 1, 0, 0, 0 },
	{ RANK_RANGE, NULL, 0, 1, -100, 300 },
	{ RANK_ASK, NULL, 0, 0, 0, 0 }
};

static bool
filter_holds(void *arg, int i)
{
	const struct doc *d = arg;

	switch (i) {
	case 0: return d->colour == 0;
	case 1: return d->colour != 0;
	case 2: return false;
	case 3: return d->at >= -100 && d->at < 300;
	default: return d->key[3] % 2 == 0;
	}
}

static int
ask(void *arg, size_t part, uint32_t doc, int filter, struct err *e)
{
	struct buf key = BUF_INIT;
	struct doc d = { .dead = false };
	int r;

	(void)arg;
	if (segment_key(seg[part], doc, &key, e) < 0)
		return -1;
	memcpy(d.key, key.p, 16);
	r = filter_holds(&d, filter);
	buf_release(&key);
	return r;
}

/* A random atom of the newest group. */
static void
random_atom(struct match *m, struct tokens *ts)
{
	const char *w = words[below(3) == 0 ? below(WORDS) : below(12)];
	const char *x = words[below(12)];
	char text[80];
	struct token t;
	int kind = (int)below(10), i;
	bool not = below(6) == 0;
	uint32_t first = 0;

	if (kind < 6) {
		tokens_start(ts, w, strlen(w), 0);
		while (token_next(ts, &t))
			match_atom(m, MATCH_TERM, match_term(m, MATCH_STEM,
			    t.stem, t.stem_len, not ? 0 : 1 + below(2), false),
			    not);
	} else if (kind == 6) {
		tokens_start(ts, w, strlen(w), 0);
		if (token_next(ts, &t))
			match_atom(m, MATCH_TERM, match_term(m, MATCH_PREFIX,
			    t.text, 1 + below((unsigned)t.len), 1, false),
			    not);
	} else if (kind == 7) {
		i = match_phrase(m);
		sprintf(text, "%s %s", w, x);
		tokens_start(ts, text, strlen(text), 0);
		while (token_next(ts, &t)) {
			if (t.kind == TOKEN_WHOLE || t.kind == TOKEN_LAST)
				continue;
			if (m->phrase[i].n == 0)
				first = t.pos;
			match_phrase_add(m, i, t.text, t.len, t.pos - first);
		}
		match_atom(m, MATCH_PHRASE, i, not);
	} else {
		match_atom(m, MATCH_FILTER, (int)below(FILTERS), not);
	}
}

static void
random_query(struct match *m, struct tokens *ts)
{
	unsigned groups = 1 + below(3), atoms, n;

	match_init(m);
	while (groups-- > 0) {
		match_group(m);
		n = m->atoms;
		for (atoms = 1 + below(groups ? 2 : 6); atoms > 0; atoms--)
			random_atom(m, ts);
		if (m->atoms == n)
			match_atom(m, MATCH_FILTER, 3, false);
	}
	match_ready(m);
}

static int
by_score(const void *a, const void *b)
{
	const struct doc *x = *(struct doc *const *)a;
	const struct doc *y = *(struct doc *const *)b;

	if (x->holds != y->holds)
		return x->holds ? -1 : 1;
	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return memcmp(x->key, y->key, 16);
}

struct model {
	struct score_scope scope;
	int64_t *df;
	struct doc *best[DOCS];
	int64_t n;
	uint32_t *tf;		/* of each document: terms */
	uint8_t length[DOCS];
};

static void
model_run(struct model *o, const struct match *m, struct tokens *ts)
{
	struct match_text x;
	struct score_table *table = xmalloc(sizeof *table);
	size_t k;
	int i;

	memset(o, 0, sizeof *o);
	o->df = xcalloc(m->terms + 1, sizeof *o->df);
	o->tf = xcalloc((m->terms + 1) * DOCS, sizeof *o->tf);
	match_text_init(&x, m);
	for (i = 0; i < DOCS; i++) {
		match_text_reset(&x);
		match_text_add(&x, ts, docs[i].text, strlen(docs[i].text), 1);
		match_text_add(&x, ts, docs[i].title, strlen(docs[i].title),
		    2);
		docs[i].holds = !docs[i].dead && match_holds(&x, filter_holds,
		    &docs[i]);
		o->length[i] = score_pack(x.length);
		memcpy(o->tf + (size_t)i * m->terms, x.tf,
		    m->terms * sizeof *x.tf);
		o->best[i] = &docs[i];
		o->n += docs[i].holds;
		if (docs[i].dead)
			continue;
		o->scope.texts++;
		o->scope.length += score_length(o->length[i]);
		for (k = 0; k < m->terms; k++)
			o->df[k] += x.tf[k] > 0;
	}
	score_table(table, &score_event, score_average(&o->scope));
	for (i = 0; i < DOCS; i++) {
		docs[i].score = 0;
		for (k = 0; k < m->terms; k++)
			if (o->tf[(size_t)i * m->terms + k] > 0 &&
			    m->term[k].weight > 0)
				docs[i].score += score_term(table,
				    m->term[k].weight *
				    score_idf(o->scope.texts, o->df[k]),
				    o->tf[(size_t)i * m->terms + k],
				    o->length[i]);
	}
	qsort(o->best, DOCS, sizeof *o->best, by_score);
	match_text_release(&x);
	free(table);
}

/* Compare; returns what differs, or NULL. */
static const char *
compare(struct rank *r, const struct match *m, const struct model *o, size_t k,
    bool slow)
{
	struct rank_hit *hit;
	uint32_t tf[MATCH_TERMS];
	uint8_t length;
	int64_t row;
	size_t n, i, want = (size_t)o->n < k ? (size_t)o->n : k;
	static struct err e;
	const char *bad = NULL;

	if (rank_top(r, &score_event, &o->scope, o->df, k, slow, &hit, &n,
	    &e) < 0)
		return e.msg;
	if (n != want)
		bad = "number of hits";
	for (i = 0; i < n && bad == NULL; i++) {
		if (segment_value(seg[hit[i].part], 0, hit[i].doc, &row,
		    &e) < 0)
			bad = "value";
		else if (&docs[row] != o->best[i])
			bad = hit[i].score == o->best[i]->score ?
			    "order of equals" : "order";
		else if (hit[i].score != docs[row].score)
			bad = "score";
		else if (rank_terms(r, hit[i].part, hit[i].doc, tf, &length,
		    &e) < 0 || length != o->length[row] ||
		    memcmp(tf, o->tf + (size_t)row * m->terms,
		    m->terms * sizeof *tf) != 0)
			bad = "frequencies";
	}
	free(hit);
	return bad;
}

static const char *
one_query(struct tokens *ts)
{
	static struct model o;
	struct rank_part part[PARTS];
	struct score_scope scope = { 0, 0 };
	struct match m;
	struct rank *r;
	struct err e;
	int64_t df[MATCH_TERMS] = { 0 }, n;
	const char *bad = NULL;
	size_t i;

	for (i = 0; i < PARTS; i++)
		part[i] = (struct rank_part){ seg[i], dead[i] };
	random_query(&m, ts);
	model_run(&o, &m, ts);
	if (rank_open(&r, &m, filters, FILTERS, 0, part, PARTS,
	    ask, NULL, &e) < 0)
		return "open";
	if (rank_stats(r, &scope, df, &e) < 0 ||
	    scope.texts != o.scope.texts || scope.length != o.scope.length)
		bad = "scope";
	if (bad == NULL && memcmp(df, o.df, m.terms * sizeof *df) != 0)
		bad = "document frequencies";
	if (bad == NULL && (rank_count(r, 0, &n, &e) < 0 || n != o.n))
		bad = "count";
	if (bad == NULL && (rank_count(r, 3, &n, &e) < 0 ||
	    n != (o.n < 3 ? o.n : 3)))
		bad = "count up to three";
	if (bad == NULL)
		bad = compare(r, &m, &o, 10, false);
	if (bad == NULL)
		bad = compare(r, &m, &o, 1 + below(50), false);
	if (bad == NULL)
		bad = compare(r, &m, &o, 10, true);
	if (bad == NULL)
		bad = compare(r, &m, &o, SIZE_MAX, false);
	rank_close(r);
	match_release(&m);
	free(o.df);
	free(o.tf);
	return bad;
}

static void
round_of(const char *name, bool in_order, unsigned seen, int queries)
{
	struct tokens ts;
	const char *bad = NULL;
	char path[64];
	int i;

	make_docs(in_order, seen);
	for (i = 0; i < PARTS; i++)
		make_part(i);
	tokens_init(&ts, NULL);
	for (i = 0; i < queries && bad == NULL; i++)
		bad = one_query(&ts);
	tokens_release(&ts);
	if (bad != NULL)
		printf("# query %d: %s\n", i, bad);
	ok(bad == NULL, "%s: %d random queries", name, queries);
	for (i = 0; i < PARTS; i++) {
		segment_close(seg[i]);
		free(dead[i]);
		path_of(path, i);
		unlink(path);
	}
}

int
main(void)
{
	int queries = getenv("MEM_ALL") != NULL ? 400 : 100;

	if (mkdtemp(dir) == NULL)
		abort();
	round_of("segments over all times", false, 100, queries);
	round_of("segments one after the other", true, 100, queries);
	round_of("half of one is to be seen", false, 50, queries / 2);
	round_of("very little of one is", false, 2, queries / 2);
	round_of("nothing of one is", false, 0, queries / 2);
	rmdir(dir);
	return done();
}
