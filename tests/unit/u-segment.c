/*
 * Segments against the obvious slow way: a list of everything that every
 * document has, sorted.  What is read back is that.
 */
#include "index/segment.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "index/score.h"
#include "segment-docs.h"
#include "tap.h"

/* --- the model --------------------------------------------------------- */

struct occ {
	char key[SEGMENT_TERM], form[SEGMENT_TERM];
	size_t len, form_len;
	bool whole;
	uint32_t doc, pos, times, order;
};
static struct occ *occ;
static size_t occs, occ_cap;
static uint32_t length[DOCS];

static struct occ *
add_occ(uint32_t doc, unsigned field, const char *text, size_t len)
{
	struct occ *o;

	occ = xgrow(occ, occs, &occ_cap, sizeof *occ);
	o = &occ[occs];
	memset(o, 0, sizeof *o);
	o->len = (len < SEGMENT_TERM ? len : SEGMENT_TERM - 1);
	o->key[0] = (char)field;
	memcpy(o->key + 1, text, o->len++);
	o->form_len = o->len - 1;
	memcpy(o->form, text, o->form_len);
	o->doc = doc;
	o->times = 1;
	o->order = (uint32_t)occs++;
	return o;
}

static void
model_text(struct tokens *ts, uint32_t doc, const char *text, uint32_t times,
    uint32_t *pos)
{
	struct token t;
	struct occ *o;

	tokens_start(ts, text, strlen(text), *pos);
	while (token_next(ts, &t)) {
		o = t.kind == TOKEN_LAST ? add_occ(doc, SEGMENT_LAST, t.text,
		    t.len) : add_occ(doc, SEGMENT_TEXT, t.stem, t.stem_len);
		o->pos = t.pos;
		o->times = times;
		o->whole = t.kind == TOKEN_WHOLE;
		memcpy(o->form, t.text, o->form_len = t.len);
		if (t.kind != TOKEN_WHOLE && t.kind != TOKEN_LAST)
			length[doc] += times;
	}
	*pos = ts->pos + 1;
}

static int
by_occ(const void *a, const void *b)
{
	const struct occ *x = a, *y = b;
	int d = memcmp(x->key, y->key, x->len < y->len ? x->len : y->len);

	if (d == 0)
		d = (x->len > y->len) - (x->len < y->len);
	if (d == 0)
		d = (x->doc > y->doc) - (x->doc < y->doc);
	return d != 0 ? d : (x->order > y->order) - (x->order < y->order);
}

static void
make_model(void)
{
	struct tokens ts;
	uint32_t i, pos;
	const char *c;

	tokens_init(&ts, NULL);
	for (i = 0; i < DOCS; i++) {
		c = colours[docs[i].colour];
		pos = 0;
		model_text(&ts, i, docs[i].text, 1, &pos);
		model_text(&ts, i, docs[i].title, docs[i].title_times, &pos);
		add_occ(i, FIELD_COLOUR, c, strlen(c));
		add_occ(i, FIELD_LONG, docs[i].value, strlen(docs[i].value));
	}
	tokens_release(&ts);
	qsort(occ, occs, sizeof *occ, by_occ);
}

static bool
same_key(const struct occ *a, const struct occ *b)
{
	return a->len == b->len && memcmp(a->key, b->key, a->len) == 0;
}

/* --- reading ----------------------------------------------------------- */

static void
test_docs(struct segment *s)
{
	struct buf key = BUF_INIT;
	const uint8_t *packed, absent[2] = { 1, 2 };
	uint64_t sum = 0;
	uint32_t i, at, bad = 0, k;
	uint8_t one;
	int64_t v, block[BITS_BLOCK];

	ok(segment_lengths(s, &packed, &e) == 0, "lengths");
	for (i = 0; i < DOCS; i++) {
		if (segment_key(s, i, &key, &e) < 0 ||
		    key.len != docs[i].key_len ||
		    memcmp(key.p, docs[i].key, key.len) != 0)
			bad++;
		if (segment_find_key(s, key.p, key.len, &at, &e) != 1 ||
		    at != i)
			bad++;
		/* one byte more: the next, one less: this or an earlier */
		buf_addc(&key, '\0');
		if (segment_find_key(s, key.p, key.len, &at, &e) == 0 &&
		    at != i + 1)
			bad++;
		for (k = 0; k < COLUMNS; k++)
			bad += segment_value(s, k, i, &v, &e) < 0 ||
			    v != docs[i].column[k] ||
			    segment_values(s, k, i / BITS_BLOCK, block,
			    &e) <= (int)(i % BITS_BLOCK) ||
			    block[i % BITS_BLOCK] != v;
		bad += packed[i] != score_pack(length[i]);
		bad += segment_length_of(s, i, &one, &e) < 0 ||
		    one != packed[i];
		sum += score_length(packed[i]);
	}
	is_int(bad, 0, "keys, columns and lengths");
	is_int((int64_t)segment_length(s), (int64_t)sum, "sum of the lengths");
	ok(segment_find_key(s, "", 0, &at, &e) == 0 && at == 0,
	    "the first key not less");
	ok(segment_find_key(s, "\377", 1, &at, &e) == 0 && at == DOCS,
	    "no key is as great");
	ok(segment_find_key(s, absent, 2, &at, &e) == 0 && (at == 0 ||
	    memcmp(docs[at - 1].key, absent, 2) < 0) && (at == DOCS ||
	    memcmp(docs[at].key, absent, 2) >= 0), "a key between");
	ok(segment_ascending(s, 0) && !segment_ascending(s, 1) &&
	    !segment_ascending(s, COLUMNS), "which columns ascend");
	ok(segment_value(s, COLUMNS, 0, &v, &e) < 0 &&
	    segment_value(s, 0, DOCS, &v, &e) < 0 &&
	    segment_key(s, DOCS, &key, &e) < 0, "what there is not");
	buf_release(&key);
}

/* The occurrences of a document, from o on, and what the list has of it;
 * *next is where those of the next begin. */
static int
same_places(struct segment_list *l, uint32_t i, const struct segment_walk *w,
    const struct occ *o, const struct occ **next)
{
	bool has = w->term.field < SEGMENT_FIELD, whole;
	struct buf word = BUF_INIT;
	const struct occ *end = o, *all = occ + occs;
	const uint32_t *pos = NULL;
	const uint8_t *form = NULL;
	uint32_t n = 0, tf = 0, k, at = 0;
	int r = 1;

	for (; end < all && same_key(end, o) && end->doc == o->doc; end++)
		tf += has ? end->times : 0;
	*next = end;
	tf = !has ? 1 : tf < SEGMENT_TF ? tf : SEGMENT_TF;
	if (l->doc[i] != o->doc || l->tf[i] != tf)
		return 0;
	if (!has)
		return 1;
	if (segment_positions(l, i, &pos, &form, &n, &e) < 0 || n != tf)
		return 0;
	for (; o < end && r; o++)
		for (k = 0; k < o->times && at < n && r; k++, at++) {
			r = pos[at] == o->pos;
			if (k == 0 && r && segment_form(w->s, &w->term,
			    w->text, w->len, form[at], &word, &whole, &e) < 0)
				r = 0;
			r = r && whole == o->whole && word.len ==
			    o->form_len && memcmp(word.p, o->form,
			    word.len) == 0;
		}
	buf_release(&word);
	return r;
}

/* A term as it is walked to; *next: the occurrences of the next one. */
static int
same_term(struct segment_walk *w, const struct occ *o, const struct occ **next)
{
	struct segment_list l;
	struct segment_term t;
	uint32_t b, i, n = 0, block, last;
	int r;

	if (w->len + 1 != o->len || w->term.field != (uint8_t)o->key[0] ||
	    memcmp(w->text, o->key + 1, w->len) != 0 ||
	    segment_term(w->s, w->term.field, w->text, w->len, &t, &e) != 1 ||
	    memcmp(&t, &w->term, sizeof t) != 0)
		return 0;
	segment_list(w->s, &w->term, &l);
	for (b = 0, r = 1; b < l.blocks && r; b++) {
		if (segment_list_load(&l, b, &e) < 0 ||
		    segment_list_tf(&l, &e) < 0)
			r = 0;
		for (i = 0; i < l.n && r; i++, n++)
			r = same_places(&l, i, w, o, &o);
		/* backwards, and one of them alone */
		r = r && segment_list_last(&l, b, &last, &e) == 0 &&
		    last == l.doc[l.n - 1] && segment_list_seek(&l, 0,
		    l.doc[below(l.n)], &block, &e) == 0 && block == b;
	}
	r = r && segment_list_seek(&l, 0, last + 1, &block, &e) == 0 &&
	    block == l.blocks;
	segment_list_release(&l);
	*next = o;
	return r && n == w->term.docs;
}

static void
test_terms(struct segment *s)
{
	static const unsigned fields[] = { SEGMENT_TEXT, SEGMENT_LAST,
	    FIELD_COLOUR, FIELD_LONG };
	const struct occ *o = occ;
	struct segment_walk w;
	struct segment_term t;
	uint64_t terms = 0;
	char name[24];
	size_t k;
	int r = 1;

	for (k = 0; k < 4 && r; k++) {
		if (segment_walk(s, fields[k], "", 0, &w, &e) < 0)
			r = 0;
		for (; r && segment_walk_next(&w, &e) == 1; terms++)
			if (o == occ + occs || !same_term(&w, o, &o)) {
				printf("# %.*s\n", (int)w.len, w.text);
				r = 0;
			}
	}
	ok(r && o == occ + occs, "terms, postings, positions, forms");
	is_int((int64_t)segment_terms(s), (int64_t)terms, "number of terms");
	for (k = 0; k < MANY; k++) {
		sprintf(name, "in%uq", (unsigned)many[k]);
		ok(segment_term(s, SEGMENT_TEXT, name, strlen(name), &t,
		    &e) == 1 && t.docs == many[k], "a list of %u",
		    (unsigned)many[k]);
	}
	ok(segment_term(s, SEGMENT_TEXT, "nosuch", 6, &t, &e) == 0 &&
	    segment_term(s, 9, "red", 3, &t, &e) == 0 &&
	    segment_term(s, 255, "", 0, &t, &e) == 0, "terms there are not");
}

struct words_got {
	const char *prefix;
	uint64_t *seen;		/* a bit for each term */
	bool bad;
};

static int
got_word(void *arg, const char *text, size_t len,
    const struct segment_term *t, struct err *err)
{
	struct words_got *g = arg;
	size_t i, n = strlen(g->prefix);

	(void)err;
	g->seen[t->number / 64] |= UINT64_C(1) << (t->number % 64);
	for (i = 0; i < occs; i++)
		if (occ[i].len == len + 1 && occ[i].key[0] == SEGMENT_TEXT &&
		    memcmp(occ[i].key + 1, text, len) == 0 &&
		    occ[i].form_len >= n &&
		    memcmp(occ[i].form, g->prefix, n) == 0)
			return 0;
	g->bad = true;		/* no word of it begins so */
	return 0;
}

static void
test_prefix(struct segment *s, const char *prefix)
{
	size_t n = strlen(prefix), i, k = 0, want = 0;
	struct words_got g = { prefix, xcalloc(segment_terms(s) / 64 + 1, 8),
	    false };
	struct segment_walk w;
	struct segment_term t;
	const struct occ *o;

	ok(segment_walk(s, SEGMENT_TEXT, prefix, n, &w, &e) == 0, "walk %s",
	    prefix);
	while (segment_walk_next(&w, &e) == 1)
		k += w.len >= n && memcmp(w.text, prefix, n) == 0;
	ok(segment_walk_next(&w, &e) == 0, "it stays at the end");
	ok(segment_words(s, prefix, n, got_word, &g, &e) == 0 && !g.bad,
	    "words that begin so");
	for (i = 0; i < occs; i++) {
		o = &occ[i];
		if (o->key[0] != SEGMENT_TEXT)
			continue;
		if (o->len > n && memcmp(o->key + 1, prefix, n) == 0) {
			want += i == 0 || !same_key(o, o - 1);
			continue;
		}
		if (o->form_len < n || memcmp(o->form, prefix, n) != 0 ||
		    memcmp(prefix, o->key + 1, o->len - 1) == 0)
			continue;
		if (segment_term(s, SEGMENT_TEXT, o->key + 1, o->len - 1, &t,
		    &e) != 1 || !(g.seen[t.number / 64] >>
		    (t.number % 64) & 1))
			g.bad = true;
	}
	ok(!g.bad, "no such word is left out");
	is_int((int64_t)k, (int64_t)want, "terms that begin so");
	free(g.seen);
}

int
main(void)
{
	static const char *const prefix[] = { "r", "runn", "happ", "happy",
	    "dy", "dyin", "get", "in1", "caf", "zzz", "\xe6\x9d\xb1" };
	struct segment *s;
	size_t i;

	temp_begin();
	make_docs();
	make_model();
	if (make_of("whole.seg", -1) < 0 ||
	    segment_open(&s, "whole.seg", NULL, &e) < 0) {
		printf("# %s\n", e.msg);
		return 2;
	}
	is_int(segment_docs(s), DOCS, "documents");
	is_int(segment_columns(s), COLUMNS, "columns");
	is_str(segment_verify(s, &e) < 0 ? e.msg : "", "", "it is sound");
	test_docs(s);
	test_terms(s);
	for (i = 0; i < sizeof prefix / sizeof *prefix; i++)
		test_prefix(s, prefix[i]);
	segment_close(s);
	free(occ);
	return temp_end() | done();
}
