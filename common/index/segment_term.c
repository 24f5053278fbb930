/*
 * The terms of a segment: found, walked, their forms; words that do not
 * begin with their term.
 */
#include "index/segment_format.h"

#include <string.h>

/* --- one after the other ----------------------------------------------- */

int
seg_terms(struct segment_walk *w, struct segment *s, uint64_t group,
    struct err *e)
{
	w->s = s;
	w->len = 0;
	w->field = 0;
	w->next = group * SEG_GROUP;
	w->p = w->end = NULL;
	if (w->next >= s->terms) {
		w->next = s->terms;
		return 0;
	}
	if ((w->p = seg_group(s, SEG_TERMS, SEG_ENTRY, seg_groups(s->terms),
	    group, &w->end, e)) == NULL)
		return -1;
	w->p = vint_get(w->p, w->end, &w->data);
	w->p = vint_get(w->p, w->end, &w->blocks);
	if (w->p == NULL || w->data > s->start[SEG_BLOCKS] - SEG_HEADER ||
	    w->blocks > s->size)
		return seg_damaged(s, "a term", e);
	return 0;
}

/* Its field and text: the field is the first byte of the key. */
static const uint8_t *
read_key(struct segment_walk *w, const uint8_t *p)
{
	char key[SEGMENT_TERM];
	size_t len = 0;

	if (w->next % SEG_GROUP != 0) {
		key[0] = (char)w->field;
		memcpy(key + 1, w->text, w->len);
		len = w->len + 1;
	}
	p = seg_string(p, w->end, key, &len, sizeof key);
	if (p == NULL || len == 0)
		return NULL;
	w->field = (unsigned char)key[0];
	w->len = len - 1;
	memcpy(w->text, key + 1, w->len);
	return p;
}

const uint8_t *
seg_form(const uint8_t *p, const uint8_t *end, const char *term, size_t len,
    struct seg_form *f)
{
	uint64_t cut = 0, own = 0;

	p = vint_get(p, end, &cut);
	p = vint_get(p, end, &own);
	if (p == NULL || cut > len || own / 2 > (uint64_t)(end - p) ||
	    len - cut + own / 2 > sizeof f->text)
		return NULL;
	f->whole = own & 1;
	own /= 2;
	f->len = (size_t)(len - cut + own);
	memcpy(f->text, term, (size_t)(len - cut));
	memcpy(f->text + (len - cut), p, (size_t)own);
	return p + own;
}

/* What a term with one document has here. */
static const uint8_t *
read_one(struct segment_walk *w, const uint8_t *p)
{
	const uint8_t *map = w->s->map, *begin = p;
	struct segment_term *t = &w->term;
	struct seg_form f;
	uint64_t doc = 0, v = 0;
	uint32_t i;

	t->forms_at = (uint64_t)(p - map);
	for (i = 0; i < t->codes && p != NULL && t->forms_size > 0; i++)
		p = seg_form(p, w->end, w->text, w->len, &f);
	if (p == NULL)
		return NULL;
	t->forms_size = (uint64_t)(p - begin);
	if ((p = vint_get(p, w->end, &doc)) == NULL)
		return NULL;
	t->tf = 1;
	if (seg_positional(t->field)) {
		p = vint_get(p, w->end, &v);
		if (p == NULL)
			return NULL;
		if (doc & 1) {
			if (v < 2 || v > SEGMENT_TF)
				return NULL;
			t->tf = (uint32_t)v;
			p = vint_get(p, w->end, &v);
			if (p == NULL || v > (uint64_t)(w->end - p))
				return NULL;
			t->positions = (uint64_t)(p - map);
			t->positions_size = v;
			p += v;
		} else {
			t->positions = v;	/* itself */
			if (v > SEG_POSITION)
				return NULL;
		}
		doc /= 2;
	}
	if (doc >= w->s->docs)
		return NULL;
	t->doc = (uint32_t)doc;
	return p;
}

/* What one with more has: where its data lie. */
static const uint8_t *
read_many(struct segment_walk *w, const uint8_t *p, bool forms)
{
	struct segment_term *t = &w->term;
	uint64_t left = w->s->start[SEG_BLOCKS] - SEG_HEADER - w->data;

	if (forms)
		p = vint_get(p, w->end, &t->forms_size);
	p = vint_get(p, w->end, &t->postings_size);
	if (seg_positional(t->field))
		p = vint_get(p, w->end, &t->positions_size);
	if (p == NULL || t->postings_size > left ||
	    t->forms_size > left - t->postings_size ||
	    t->positions_size > left - t->postings_size - t->forms_size)
		return NULL;
	t->postings = SEG_HEADER + w->data;
	t->forms_at = t->postings + t->postings_size;
	t->positions = t->forms_at + t->forms_size;
	w->data += t->postings_size + t->forms_size + t->positions_size;
	t->blocks = w->blocks;
	if (t->docs >= BITS_BLOCK)
		w->blocks += seg_blocks(t->docs) + 1;
	return p;
}

static const uint8_t *
read_term(struct segment_walk *w, const uint8_t *p)
{
	struct segment_term *t = &w->term;
	uint64_t docs = 0, codes = 1;
	bool forms;

	memset(t, 0, sizeof *t);
	if ((p = vint_get(p, w->end, &docs)) == NULL)
		return NULL;
	forms = docs & 1;
	docs /= 2;
	if (docs == 0 || docs > w->s->docs)
		return NULL;
	t->field = w->field;
	t->docs = (uint32_t)docs;
	t->number = (uint32_t)w->next;
	if (forms && ((p = vint_get(p, w->end, &codes)) == NULL ||
	    codes == 0 || codes > UINT32_MAX || !seg_positional(t->field)))
		return NULL;
	t->codes = (uint32_t)codes;
	t->forms = codes < SEGMENT_FORMS ? (unsigned)codes : SEGMENT_FORMS;
	t->forms_size = forms;		/* until it is read */
	if (docs == 1)
		return read_one(w, p);
	return read_many(w, p, forms);
}

int
seg_terms_next(struct segment_walk *w, struct err *e)
{
	const uint8_t *p;

	if (w->next >= w->s->terms)
		return 0;
	if (w->next % SEG_GROUP == 0 &&
	    seg_terms(w, w->s, w->next / SEG_GROUP, e) < 0)
		return -1;
	if ((p = read_key(w, w->p)) == NULL || (p = read_term(w, p)) == NULL)
		return seg_damaged(w->s, "a term", e);
	w->p = p;
	w->next++;
	return 1;
}

/* --- found ------------------------------------------------------------- */

/* Is the first term of a group less than key?  1, 0; equal: 0.  begin: the
 * key's first 8 bytes. */
static int
first_less(struct segment_walk *w, uint64_t group, uint64_t begin,
    const uint8_t *key, size_t len, struct err *e)
{
	uint8_t first[SEGMENT_TERM];
	uint64_t it;
	const uint8_t *p;

	p = seg_part(w->s, SEG_TERM_INDEX, SEG_ENTRY * group, 8, e);
	if (p == NULL)
		return -1;
	if ((it = get64_text(p)) != begin)
		return it < begin;
	if (seg_terms(w, w->s, group, e) < 0)
		return -1;
	if (read_key(w, w->p) == NULL)
		return seg_damaged(w->s, "a term", e);
	first[0] = (uint8_t)w->field;
	memcpy(first + 1, w->text, w->len);
	return seg_compare(first, w->len + 1, key, len) < 0;
}

/* To the last group from lo on whose first term is less, or to lo; looks
 * near it first. */
static int
seek_from(struct segment_walk *w, struct segment *s, uint64_t lo,
    const uint8_t *key, size_t len, struct err *e)
{
	uint64_t hi = seg_groups(s->terms), mid, step, begin;
	uint8_t first[8] = { 0 };
	int less;

	w->s = s;
	memcpy(first, key, len < 8 ? len : 8);
	begin = get64_text(first);
	for (step = 1; step < hi - lo && lo > 0; step *= 2) {
		if ((less = first_less(w, lo + step, begin, key, len,
		    e)) < 0)
			return -1;
		if (!less) {
			hi = lo + step;
			break;
		}
		lo += step;
	}
	while (hi > lo + 1) {
		mid = lo + (hi - lo) / 2;
		if ((less = first_less(w, mid, begin, key, len, e)) < 0)
			return -1;
		if (less)
			lo = mid;
		else
			hi = mid;
	}
	return seg_terms(w, s, lo, e);
}

static int
seek(struct segment_walk *w, struct segment *s, const uint8_t *key,
    size_t len, struct err *e)
{
	return seek_from(w, s, 0, key, len, e);
}

static int
compare(const struct segment_walk *w, unsigned field, const char *text,
    size_t len)
{
	if (w->field != field)
		return w->field < field ? -1 : 1;
	return seg_compare(w->text, w->len, text, len);
}

/* The field and as much of a text as a key can have. */
static size_t
make_key(uint8_t key[SEGMENT_TERM], unsigned field, const char *text,
    size_t len)
{
	len = len < SEGMENT_TERM - 1 ? len : SEGMENT_TERM - 1;
	key[0] = (uint8_t)field;
	memcpy(key + 1, text, len);
	return len + 1;
}

int
segment_term(struct segment *s, unsigned field, const char *text, size_t len,
    struct segment_term *t, struct err *e)
{
	uint8_t key[SEGMENT_TERM];
	struct segment_walk w;
	int r, d;

	if (field > UINT8_MAX || len > SEGMENT_TERM - 1)
		return 0;
	if (seek(&w, s, key, make_key(key, field, text, len), e) < 0)
		return -1;
	while ((r = seg_terms_next(&w, e)) == 1) {
		if ((d = compare(&w, field, text, len)) < 0)
			continue;
		if (d == 0)
			*t = w.term;
		return d == 0;
	}
	return r;
}

int
segment_walk(struct segment *s, unsigned field, const char *prefix,
    size_t len, struct segment_walk *w, struct err *e)
{
	uint8_t key[SEGMENT_TERM];

	w->s = s;
	w->next = s->terms;
	if (field > UINT8_MAX || len > sizeof w->prefix)
		return 0;
	if (seek(w, s, key, make_key(key, field, prefix, len), e) < 0)
		return -1;
	w->wanted = field;
	memcpy(w->prefix, prefix, len);
	w->prefix_len = len;
	return 0;
}

int
segment_walk_next(struct segment_walk *w, struct err *e)
{
	size_t n;
	int r, d;

	while ((r = seg_terms_next(w, e)) == 1) {
		n = w->len < w->prefix_len ? w->len : w->prefix_len;
		d = compare(w, w->wanted, w->prefix, w->prefix_len);
		if (d < 0)
			continue;
		if (w->field == w->wanted && n == w->prefix_len &&
		    memcmp(w->text, w->prefix, n) == 0)
			return 1;
		break;
	}
	w->next = w->s->terms;		/* no more */
	return r < 0 ? -1 : 0;
}

int
segment_walk_to(struct segment_walk *w, const char *text, size_t len,
    struct err *e)
{
	uint8_t key[SEGMENT_TERM];
	unsigned i;
	int r;

	/* it may be one of the next few */
	for (i = 0; i < SEG_GROUP / 2; i++)
		if ((r = segment_walk_next(w, e)) != 1 ||
		    seg_compare(w->text, w->len, text, len) >= 0)
			return r;
	if (w->next < w->s->terms && seek_from(w, w->s, w->next / SEG_GROUP,
	    key, make_key(key, w->wanted, text, len), e) < 0)
		return -1;
	while ((r = segment_walk_next(w, e)) == 1)
		if (seg_compare(w->text, w->len, text, len) >= 0)
			break;
	return r;
}

/* --- forms ------------------------------------------------------------- */

int
seg_form_compare(const struct seg_form *a, const struct seg_form *b)
{
	int d = seg_compare(a->text, a->len, b->text, b->len);

	return d != 0 ? d : (int)a->whole - (int)b->whole;
}

const uint8_t *
seg_forms(struct segment *s, const struct segment_term *t, struct err *e)
{
	if (seg_need(s, t->forms_at, t->forms_size, e) < 0)
		return NULL;
	return s->map + t->forms_at;
}

int
segment_form(struct segment *s, const struct segment_term *t,
    const char *term, size_t len, unsigned form, struct buf *word,
    bool *whole, struct err *e)
{
	const uint8_t *p, *end;
	struct seg_form f;
	unsigned i;

	buf_reset(word);
	*whole = false;
	if (t->forms_size == 0 || len > sizeof f.text) {
		buf_add(word, term, len);
		return 0;
	}
	if ((p = seg_forms(s, t, e)) == NULL)
		return -1;
	end = p + t->forms_size;
	for (i = 0; i <= form && i < t->codes; i++)
		if ((p = seg_form(p, end, term, len, &f)) == NULL)
			return seg_damaged(s, "a form", e);
	if (i <= form)
		return seg_damaged(s, "a form's number", e);
	buf_add(word, f.text, f.len);
	*whole = f.whole;
	return 0;
}

/* --- words ------------------------------------------------------------- */

/* The term with this number: ->text, ->term. */
static int
by_number(struct segment_walk *w, struct segment *s, uint64_t number,
    struct err *e)
{
	if (number >= s->terms)
		return seg_damaged(s, "a word", e);
	if (seg_terms(w, s, number / SEG_GROUP, e) < 0)
		return -1;
	while (w->next <= number)
		if (seg_terms_next(w, e) < 0)
			return -1;
	return w->field == SEGMENT_TEXT ? 0 : seg_damaged(s, "a word", e);
}

int
segment_words(struct segment *s, const char *prefix, size_t len,
    int (*fn)(void *, const char *term, size_t, const struct segment_term *,
    struct err *), void *arg, struct err *e)
{
	struct seg_strings x;
	struct segment_walk w;
	size_t n;
	int r, d;

	seg_strings(&x, s, SEG_WORDS);
	if (seg_strings_seek(&x, prefix, len, e) < 0)
		return -1;
	while ((r = seg_strings_next(&x, e)) == 1) {
		n = x.len < len ? x.len : len;
		d = memcmp(x.text, prefix, n);
		if (d < 0 || (d == 0 && x.len < len))
			continue;
		if (d > 0)
			return 0;
		if (by_number(&w, s, x.number, e) < 0 ||
		    fn(arg, w.text, w.len, &w.term, e) < 0)
			return -1;
	}
	return r;
}
