/*
 * Everything in a segment against everything else: first each page, then the
 * numbers, so that a writer's mistake is found as well as a bad medium.
 */
#include "index/segment_format.h"

#include "base/alloc.h"
#include "index/score.h"

#include <stdlib.h>
#include <string.h>

struct verify {
	struct segment *s;
	const uint8_t *lengths;
	struct segment_list list;
	bool *used;			/* own; forms */
	size_t used_cap;
	uint64_t data, blocks;		/* where the next term's begin */
	uint64_t words;			/* forms unlike their terms */
	struct err *e;
};

static int
bad(struct verify *v, const char *what)
{
	return seg_damaged(v->s, what, v->e);
}

/* --- documents --------------------------------------------------------- */

/* Does a group begin where the one before ended? */
static int
group_begins(struct verify *v, enum section k, unsigned size,
    uint64_t number, const uint8_t *end_before)
{
	const uint8_t *p = seg_part(v->s, k + 1, number / SEG_GROUP * size +
	    size - 8, 8, v->e);
	const uint8_t *begin = v->s->map + v->s->start[k];

	if (p == NULL)
		return -1;
	if (get64(p) != (uint64_t)((end_before == NULL ? begin : end_before) -
	    begin))
		return bad(v, "an offset");
	return 0;
}

/* The first eight bytes of a group's first string, in its index. */
static int
begin_is(struct verify *v, enum section k, uint64_t group,
    const uint8_t *key, size_t len)
{
	const uint8_t *p = seg_part(v->s, k + 1, group * SEG_ENTRY, 8, v->e);
	uint8_t begin[8] = { 0 };

	if (p == NULL)
		return -1;
	memcpy(begin, key, len < 8 ? len : 8);
	return memcmp(p, begin, 8) == 0 ? 0 : bad(v, "an index");
}

static int
verify_keys(struct verify *v)
{
	const uint8_t *end = NULL;
	char last[SEGMENT_KEY];
	struct seg_strings x;
	size_t len = 0;
	int r;

	seg_strings(&x, v->s, SEG_KEYS);
	while ((r = seg_strings_next(&x, v->e)) == 1) {
		if ((x.next - 1) % SEG_GROUP == 0 &&
		    group_begins(v, SEG_KEYS, 8, x.next - 1, end) < 0)
			return -1;
		if ((x.next % SEG_GROUP == 0 || x.next == x.n) &&
		    x.p != x.end)
			return bad(v, "a key");
		end = x.p;
		if (x.next > 1 && seg_compare(last, len, x.text, x.len) >= 0)
			return bad(v, "the order of keys");
		memcpy(last, x.text, x.len);
		len = x.len;
	}
	return r;
}

static int
verify_lengths(struct verify *v)
{
	uint64_t sum = 0;
	uint32_t i;

	if (segment_lengths(v->s, &v->lengths, v->e) < 0)
		return -1;
	for (i = 0; i < v->s->docs; i++)
		sum += score_length(v->lengths[i]);
	return sum == v->s->length ? 0 : bad(v, "the sum of the lengths");
}

static int
verify_column(struct verify *v, unsigned column, uint64_t *at)
{
	uint32_t i, n;
	const uint8_t *p;
	int64_t x, last = INT64_MIN;
	unsigned width;
	bool up = true;

	for (i = 0; i < v->s->docs; i++) {
		if (segment_value(v->s, column, i, &x, v->e) < 0)
			return -1;
		up = up && x >= last;
		last = x;
		if (i % BITS_BLOCK != 0)
			continue;
		p = seg_part(v->s, SEG_COLUMN_INDEX, SEG_COLUMN *
		    ((uint64_t)column * seg_blocks(v->s->docs) +
		    i / BITS_BLOCK), SEG_COLUMN, v->e);
		if (p == NULL)
			return -1;
		n = v->s->docs - i < BITS_BLOCK ? v->s->docs - i : BITS_BLOCK;
		width = p[15];
		if ((get64(p + 8) & ((UINT64_C(1) << 56) - 1)) != *at)
			return bad(v, "a column's offset");
		*at += seg_rows(n, width < 32 ? width : 32) +
		    (width > 32 ? seg_rows(n, width - 32) : 0);
	}
	return up == segment_ascending(v->s, column) ? 0 :
	    bad(v, "a column's order");
}

static int
verify_columns(struct verify *v)
{
	uint64_t at = 0;
	unsigned i;

	for (i = 0; i < v->s->columns; i++)
		if (verify_column(v, i, &at) < 0)
			return -1;
	if (at != v->s->start[SEG_COLUMNS + 1] - v->s->start[SEG_COLUMNS] ||
	    v->s->ascending >> v->s->columns != 0)
		return bad(v, "the columns");
	return 0;
}

/* --- postings ---------------------------------------------------------- */

/* Every score in the block loaded is under the bound of it, and of all. */
static int
verify_bounds(struct verify *v, uint32_t block)
{
	struct segment_list *l = &v->list;
	struct segment_pair pair[SEGMENT_PAIRS];
	int n = segment_bound(l, block, pair, v->e), k;
	uint32_t i;

	if (n < 0)
		return -1;
	for (i = 0; i < l->n; i++) {
		for (k = 0; k < n; k++)
			if (l->tf[i] <= pair[k].tf &&
			    v->lengths[l->doc[i]] >= pair[k].length)
				break;
		if (k == n)
			return bad(v, "a bound");
	}
	return 0;
}

/* Entries: postings without gaps between them, last documents ascending. */
static int
verify_entry(struct verify *v, uint32_t block, uint32_t *last)
{
	const struct segment_term *t = &v->list.t;
	const uint8_t *p = seg_part(v->s, SEG_BLOCKS, SEG_BLOCK *
	    (t->blocks + block), 2 * SEG_BLOCK, v->e);
	bool final = block + 1 == v->list.blocks;

	if (p == NULL)
		return -1;
	if ((block == 0 && get32(p + 4) != 0) ||
	    (block > 0 && get32(p) <= *last) ||
	    (final && (get32(p + SEG_BLOCK) != get32(p) ||
	    get32(p + SEG_BLOCK + 4) != t->postings_size)))
		return bad(v, "a block");
	*last = get32(p);
	return 0;
}

/* The positions of the block loaded; *end is where they end in the term's. */
static int
verify_places(struct verify *v, uint64_t *end)
{
	const struct segment_term *t = &v->list.t;
	const struct segment_places *x;
	const uint32_t *pos, *code;
	uint32_t i, k, n;

	for (i = 0; i < v->list.n; i++) {
		if (v->list.tf[i] > SEGMENT_TF)
			return bad(v, "a frequency");
		if (seg_places(&v->list, i, &pos, &code, &n, v->e) < 0)
			return -1;
		for (k = 0; k < n; k++) {
			v->used[code[k]] = true;
			if (k > 0 && pos[k] == pos[k - 1] &&
			    code[k] < code[k - 1])
				return bad(v, "the order of positions");
		}
	}
	if (t->docs == 1 && t->tf == 1)
		return t->codes == 1 ? 0 : bad(v, "a form");
	x = v->list.places;
	if (v->list.at - t->positions != *end)
		return bad(v, "positions");
	*end += x->head + (x->at + 7) / 8;
	return 0;
}

static int
verify_list(struct verify *v, const struct segment_term *t)
{
	struct segment_list *l = &v->list;
	bool positional = seg_positional(t->field);
	uint32_t b, i, last = 0;
	uint64_t end = 0;

	segment_list_release(l);
	segment_list(v->s, t, l);
	if (v->used_cap < t->codes) {
		v->used_cap = 2 * (size_t)t->codes;
		v->used = xreallocarray(v->used, v->used_cap,
		    sizeof *v->used);
	}
	memset(v->used, 0, t->codes * sizeof *v->used);
	for (b = 0; b < l->blocks; b++) {
		if ((t->docs >= BITS_BLOCK && verify_entry(v, b, &last) < 0) ||
		    segment_list_load(l, b, v->e) < 0 ||
		    segment_list_tf(l, v->e) < 0 || verify_bounds(v, b) < 0 ||
		    verify_bounds(v, UINT32_MAX) < 0 ||
		    (positional && verify_places(v, &end) < 0))
			return -1;
	}
	if (end != t->positions_size)
		return bad(v, "positions");
	for (i = 0; i < t->codes && positional; i++)
		if (!v->used[i])
			return bad(v, "a form that is not used");
	return 0;
}

/* --- terms ------------------------------------------------------------- */

static int
verify_forms(struct verify *v, const struct segment_walk *w)
{
	const struct segment_term *t = &w->term;
	struct seg_form f, last = { .len = 0 };
	const uint8_t *p, *end;
	uint32_t i;

	if (t->forms_size == 0)
		return t->codes == 1 ? 0 : bad(v, "a form");
	if (t->codes > t->forms_size / 2)	/* one takes two bytes */
		return bad(v, "a form");
	if ((p = seg_forms(v->s, t, v->e)) == NULL)
		return -1;
	end = p + t->forms_size;
	for (i = 0; i < t->codes; i++, last = f) {
		if ((p = seg_form(p, end, w->text, w->len, &f)) == NULL ||
		    (i > 0 && seg_form_compare(&last, &f) >= 0))
			return bad(v, "a form");
		if (w->field == SEGMENT_TEXT && (f.len < w->len ||
		    memcmp(f.text, w->text, w->len) != 0) &&
		    (i == 0 || seg_compare(last.text, last.len, f.text,
		    f.len) != 0))
			v->words++;
	}
	if (p != end || (t->codes == 1 && !f.whole && f.len == w->len &&
	    memcmp(f.text, w->text, f.len) == 0))
		return bad(v, "a form");
	return 0;
}

static int
verify_term(struct verify *v, const struct segment_walk *w,
    const struct segment_walk *last)
{
	const struct segment_term *t = &w->term;

	if (t->number > 0 && (w->field < last->field ||
	    (w->field == last->field &&
	    seg_compare(last->text, last->len, w->text, w->len) >= 0)))
		return bad(v, "the order of terms");
	if (t->docs > 1 && (t->postings != SEG_HEADER + v->data ||
	    t->blocks != v->blocks))
		return bad(v, "where a term lies");
	if (t->docs > 1)
		v->data += t->postings_size + t->forms_size +
		    t->positions_size;
	if (t->docs >= BITS_BLOCK)
		v->blocks += seg_blocks(t->docs) + 1;
	return verify_forms(v, w) < 0 ? -1 : verify_list(v, t);
}

static int
verify_terms(struct verify *v)
{
	struct segment_walk w, last;
	const uint8_t *end = NULL;
	uint8_t key[SEGMENT_TERM];
	int r;

	if (seg_terms(&w, v->s, 0, v->e) < 0)
		return -1;
	for (last = w; (r = seg_terms_next(&w, v->e)) == 1; last = w) {
		key[0] = (uint8_t)w.field;
		memcpy(key + 1, w.text, w.len);
		if ((w.next - 1) % SEG_GROUP == 0 &&
		    (group_begins(v, SEG_TERMS, SEG_ENTRY, w.next - 1,
		    end) < 0 || begin_is(v, SEG_TERMS, (w.next - 1) /
		    SEG_GROUP, key, w.len + 1) < 0))
			return -1;
		if ((w.next % SEG_GROUP == 0 || w.next == v->s->terms) &&
		    w.p != w.end)
			return bad(v, "a term");
		end = w.p;
		if (verify_term(v, &w, &last) < 0)
			return -1;
	}
	if (r == 0 && (v->data != v->s->start[1] - v->s->start[0] ||
	    v->blocks * SEG_BLOCK != v->s->start[SEG_BLOCKS + 1] -
	    v->s->start[SEG_BLOCKS]))
		return bad(v, "the terms");
	return r;
}

/* --- words ------------------------------------------------------------- */

/* The term of a word has it as a form, and is no beginning of it. */
static int
verify_word(struct verify *v, const struct seg_strings *x)
{
	struct segment_walk w;
	const uint8_t *p, *end;
	struct seg_form f;
	uint32_t i;

	if (x->number >= v->s->terms)
		return bad(v, "a word");
	if (seg_terms(&w, v->s, x->number / SEG_GROUP, v->e) < 0)
		return -1;
	while (w.next <= x->number)
		if (seg_terms_next(&w, v->e) < 0)
			return -1;
	if (w.field != SEGMENT_TEXT || w.term.forms_size == 0 ||
	    (x->len >= w.len && memcmp(x->text, w.text, w.len) == 0) ||
	    (p = seg_forms(v->s, &w.term, v->e)) == NULL)
		return bad(v, "a word");
	end = p + w.term.forms_size;
	for (i = 0; i < w.term.codes; i++) {
		if ((p = seg_form(p, end, w.text, w.len, &f)) == NULL)
			return bad(v, "a form");
		if (seg_compare(f.text, f.len, x->text, x->len) == 0)
			return 0;
	}
	return bad(v, "a word");
}

static int
verify_words(struct verify *v)
{
	const uint8_t *end = NULL;
	struct seg_strings x, last;
	int r, d;

	seg_strings(&x, v->s, SEG_WORDS);
	for (last = x; (r = seg_strings_next(&x, v->e)) == 1; last = x) {
		if ((x.next - 1) % SEG_GROUP == 0 &&
		    (group_begins(v, SEG_WORDS, SEG_ENTRY, x.next - 1,
		    end) < 0 || begin_is(v, SEG_WORDS, (x.next - 1) /
		    SEG_GROUP, (const uint8_t *)x.text, x.len) < 0))
			return -1;
		if ((x.next % SEG_GROUP == 0 || x.next == x.n) &&
		    x.p != x.end)
			return bad(v, "a word");
		end = x.p;
		d = seg_compare(last.text, last.len, x.text, x.len);
		if (x.next > 1 && (d > 0 ||
		    (d == 0 && last.number >= x.number)))
			return bad(v, "the order of words");
		if (verify_word(v, &x) < 0)
			return -1;
	}
	/* as many as there must be, and each is one: so these are all */
	return r < 0 ? -1 : v->words == v->s->words ? 0 : bad(v, "the words");
}

int
segment_verify(struct segment *s, struct err *e)
{
	struct verify v = { .s = s, .e = e };
	int r = -1;

	if (seg_check(s, 0, s->end, e) == 0 && verify_keys(&v) == 0 &&
	    verify_lengths(&v) == 0 && verify_columns(&v) == 0 &&
	    verify_terms(&v) == 0 && verify_words(&v) == 0)
		r = 0;
	segment_list_release(&v.list);
	free(v.used);
	return r;
}
