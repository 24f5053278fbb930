/*
 * The dictionary of a segment.
 */
#include "index/segment_format.h"

#include <string.h>

int
seg_terms_start(struct segment_walk *x, struct segment *s, uint64_t group,
    struct err *e)
{
	x->s = s;
	x->next = group * SEG_GROUP;
	x->key_len = 0;
	x->p = x->end = NULL;
	if (x->next >= s->terms) {
		x->next = s->terms;
		return 0;
	}
	x->p = seg_group(s, SEC_TERMS, group, &x->end, e);
	if (x->p == NULL)
		return -1;
	if ((x->p = vint_get(x->p, x->end, &x->postings)) == NULL ||
	    (x->p = vint_get(x->p, x->end, &x->positions)) == NULL ||
	    (x->p = vint_get(x->p, x->end, &x->blocks)) == NULL)
		return seg_damaged(s, "a term", e);
	return 0;
}

/* The forms of a term: their number; where they end. */
static const uint8_t *
skip_forms(const uint8_t *p, const uint8_t *end, uint64_t *n)
{
	uint64_t i;

	if ((p = vint_get(p, end, n)) == NULL || *n > SEGMENT_FORMS)
		return NULL;
	for (i = 0; i < *n; i++) {
		if (end - p < 3 || (size_t)(end - p) - 3 < p[2])
			return NULL;
		p += 3 + p[2];
	}
	return p;
}

/* What follows the key of a term. */
static const uint8_t *
read_term(struct segment_walk *x, const uint8_t *p)
{
	struct segment_term *t = &x->term;
	uint64_t docs, size, forms = 0;

	memset(t, 0, sizeof *t);
	t->number = (uint32_t)x->next;
	t->postings = x->postings;
	t->positions = x->positions;
	t->blocks = x->blocks;
	t->field = x->key[0];
	if ((p = vint_get(p, x->end, &docs)) == NULL || docs == 0 ||
	    docs > x->s->docs || (p = vint_get(p, x->end, &size)) == NULL)
		return NULL;
	t->docs = (uint32_t)docs;
	x->postings += size;
	t->postings_size = size;
	t->forms = 1;
	if (seg_has_positions(t->field)) {
		if ((p = vint_get(p, x->end, &size)) == NULL)
			return NULL;
		x->positions += size;
		t->positions_size = size;
		t->forms_at = (uint64_t)(p - x->s->map);
		if ((p = skip_forms(p, x->end, &forms)) == NULL)
			return NULL;
		t->forms = forms > 0 ? (unsigned)forms : 1;
	}
	if (docs >= BITS_BLOCK) {
		if (x->end - p < 2 * SEG_KEPT)
			return NULL;
		t->pairs_at = (uint64_t)(p - x->s->map);
		p += 2 * SEG_KEPT;
		x->blocks += (docs + BITS_BLOCK - 1) / BITS_BLOCK;
	}
	return p;
}

int
seg_terms_next(struct segment_walk *x, struct err *e)
{
	const uint8_t *p;
	size_t shared, own;

	if (x->next >= x->s->terms)
		return 0;
	if (x->next % SEG_GROUP == 0 &&
	    seg_terms_start(x, x->s, x->next / SEG_GROUP, e) < 0)
		return -1;
	p = x->p;
	if (x->end - p < 2)
		return seg_damaged(x->s, "a term", e);
	shared = p[0];
	own = p[1];
	p += 2;
	if (shared > x->key_len || shared + own > sizeof x->key ||
	    shared + own < 1 || own > (size_t)(x->end - p))
		return seg_damaged(x->s, "a term", e);
	memcpy(x->key + shared, p, own);
	x->key_len = shared + own;
	x->text = (const char *)x->key + 1;
	x->len = x->key_len - 1;
	if ((p = read_term(x, p + own)) == NULL)
		return seg_damaged(x->s, "a term", e);
	x->p = p;
	x->next++;
	return 1;
}

/* The first key of a group: its shared part is empty. */
static int
first_key(struct segment_walk *x, struct segment *s, uint64_t group,
    const uint8_t **key, size_t *len, struct err *e)
{
	if (seg_terms_start(x, s, group, e) < 0)
		return -1;
	if (x->end - x->p < 2 || x->p[0] != 0 || x->end - x->p - 2 < x->p[1])
		return seg_damaged(s, "a term", e);
	*key = x->p + 2;
	*len = x->p[1];
	return 0;
}

int
seg_terms_seek(struct segment_walk *x, struct segment *s, const void *key,
    size_t len, struct err *e)
{
	uint64_t lo = 0, hi = (s->terms + SEG_GROUP - 1) / SEG_GROUP, mid;
	const uint8_t *first = NULL;
	size_t n = 0;

	while (hi - lo > 1 && hi > 0) {
		mid = lo + (hi - lo) / 2;
		if (first_key(x, s, mid, &first, &n, e) < 0)
			return -1;
		if (seg_compare(first, n, key, len) <= 0)
			lo = mid;
		else
			hi = mid;
	}
	return seg_terms_start(x, s, lo, e);
}

int
segment_term(struct segment *s, unsigned field, const char *text, size_t len,
    struct segment_term *t, struct err *e)
{
	struct segment_walk x;
	uint8_t key[SEGMENT_TERM];
	int r, d;

	if (len + 1 > sizeof key)
		return 0;
	key[0] = (uint8_t)field;
	memcpy(key + 1, text, len);
	if (seg_terms_seek(&x, s, key, len + 1, e) < 0)
		return -1;
	while ((r = seg_terms_next(&x, e)) == 1) {
		d = seg_compare(x.key, x.key_len, key, len + 1);
		if (d == 0)
			*t = x.term;
		if (d >= 0)
			return d == 0;
	}
	return r;
}

/* --- walking ----------------------------------------------------------- */

int
segment_walk(struct segment *s, unsigned field, const char *prefix,
    size_t len, struct segment_walk *w, struct err *e)
{
	w->prefix_len = len + 1;
	if (len + 1 > sizeof w->prefix)		/* no term is as long */
		return seg_terms_start(w, s, UINT32_MAX, e);
	w->prefix[0] = (uint8_t)field;
	memcpy(w->prefix + 1, prefix, len);
	return seg_terms_seek(w, s, w->prefix, w->prefix_len, e);
}

int
segment_walk_next(struct segment_walk *w, struct err *e)
{
	size_t n;
	int r, d;

	while ((r = seg_terms_next(w, e)) == 1) {
		n = w->key_len < w->prefix_len ? w->key_len : w->prefix_len;
		d = memcmp(w->key, w->prefix, n);
		if (d == 0 && n == w->prefix_len)
			return 1;
		if (d > 0)
			break;
	}
	w->next = w->s->terms;		/* it stays at the end */
	return r < 0 ? -1 : 0;
}

/* --- forms ------------------------------------------------------------- */

int
segment_form(struct segment *s, const struct segment_term *t,
    const char *term, size_t len, unsigned form, struct buf *word,
    bool *whole, struct err *e)
{
	uint64_t end = s->sec[SEC_TERMS].at + s->sec[SEC_TERMS].size, n, i;
	const uint8_t *p = s->map + t->forms_at, *last = s->map + end;

	buf_reset(word);
	*whole = false;
	if (!seg_has_positions(t->field)) {
		buf_add(word, term, len);
		return 0;
	}
	/* its pages were checked when the term was found */
	if ((p = vint_get(p, last, &n)) == NULL)
		return seg_damaged(s, "a form", e);
	if (n == 0) {
		buf_add(word, term, len);
		return 0;
	}
	for (i = 0; i < n && last - p >= 3 && last - p - 3 >= p[2]; i++) {
		if (i == form) {
			if (p[1] > len)
				break;
			*whole = p[0] & 1;
			buf_add(word, term, p[1]);
			buf_add(word, p + 3, p[2]);
			return 0;
		}
		p += 3 + p[2];
	}
	return seg_damaged(s, "a form", e);
}

/* The term with this number, and its text. */
static int
by_number(struct segment *s, uint64_t number, struct segment_walk *x,
    struct err *e)
{
	int r;

	if (number >= s->terms)
		return seg_damaged(s, "a word", e);
	r = seg_terms_start(x, s, number / SEG_GROUP, e);
	while (r >= 0 && x->next <= number)
		r = seg_terms_next(x, e);
	return r < 0 ? -1 : 0;
}

int
segment_words(struct segment *s, const char *prefix, size_t len,
    int (*fn)(void *, const char *term, size_t, const struct segment_term *,
    struct err *), void *arg, struct err *e)
{
	struct seg_strings x;
	struct segment_walk t;
	int r, d;

	seg_strings_init(&x, s, SEC_WORDS);
	r = seg_strings_seek(&x, prefix, len, e);
	while (r >= 0 && (r = seg_strings_next(&x, e)) == 1) {
		d = memcmp(x.text.p, prefix, x.text.len < len ? x.text.len :
		    len);
		if (d > 0)
			break;
		if (d < 0 || x.text.len < len)
			continue;
		if ((r = by_number(s, x.number, &t, e)) == 0)
			r = fn(arg, t.text, t.len, &t.term, e);
		if (r != 0)
			break;
	}
	seg_strings_release(&x);
	return r < 0 ? -1 : 0;
}
