/*
 * Words sorted into terms: by stem, then by themselves, so that those of one
 * stem stand side by side, in the order of its forms.
 */
#include "index/segment_invert.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define FEW_FORMS 16	/* merged by looking at each */

/* A document of a word. */
struct place {
	uint32_t doc, tf, code;		/* code: which form it is */
	size_t at;			/* in pos */
};

/* A term on its way. */
struct postings {
	const uint32_t *number;		/* borrowed; of documents */
	uint32_t docs;			/* 0: they came in order */
	struct buf chain;
	struct place *place, *sorted;	/* own */
	size_t n, cap, sorted_cap;
	uint32_t *pos, *code;		/* own */
	size_t places, pos_cap, code_cap;
	struct seg_form *form;		/* own */
	size_t *begin;			/* own; of each form's places */
	size_t forms_cap;
	uint32_t *slot;			/* own; of each document */
	uint64_t *mixed;		/* own */
	size_t mixed_cap;
};

/* --- one word ---------------------------------------------------------- */

static void
place_add(struct postings *p, uint32_t doc, uint32_t code)
{
	struct place *x;

	p->place = xgrow(p->place, p->n, &p->cap, sizeof *p->place);
	x = &p->place[p->n++];
	x->doc = p->number[doc];
	x->tf = 0;
	x->code = code;
	x->at = p->places;
}

static void
read_values(struct postings *p, const uint8_t *q, const uint8_t *end)
{
	uint32_t doc = 0;
	uint64_t x = 0;

	while (q < end) {
		q = vint_get(q, end, &x);
		doc += (uint32_t)x;
		place_add(p, doc - 1, 0);
		p->place[p->n - 1].tf = 1;
	}
}

static void
read_places(struct postings *p, const uint8_t *q, const uint8_t *end,
    uint32_t code)
{
	uint32_t doc = 0, pos = 0;
	uint64_t x = 0;

	while (q < end) {
		q = vint_get(q, end, &x);
		if (x & 1) {
			doc += (uint32_t)(x >> 1);
			place_add(p, doc - 1, code);
			q = vint_get(q, end, &x);
			pos = (uint32_t)x;
		} else {
			pos += (uint32_t)(x >> 1);
		}
		p->pos = xgrow(p->pos, p->places, &p->pos_cap,
		    sizeof *p->pos);
		p->pos[p->places++] = pos;
		p->place[p->n - 1].tf++;
	}
}

static int
by_doc(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->doc != y->doc)
		return x->doc < y->doc ? -1 : 1;
	return (x->code > y->code) - (x->code < y->code);
}

/* Documents that came in another order than their keys'. */
static void
sort_places(struct postings *p, size_t from)
{
	size_t i, n = p->n - from, k = 0;

	if (n < p->docs / 16) {
		qsort(p->place + from, n, sizeof *p->place, by_doc);
		return;
	}
	if (p->slot == NULL)
		p->slot = xcalloc(p->docs, sizeof *p->slot);
	if (p->sorted_cap < n) {
		p->sorted_cap = 2 * n;
		p->sorted = xreallocarray(p->sorted, p->sorted_cap,
		    sizeof *p->sorted);
	}
	memcpy(p->sorted, p->place + from, n * sizeof *p->sorted);
	for (i = 0; i < n; i++)
		p->slot[p->sorted[i].doc] = (uint32_t)i + 1;
	for (i = 0; i < p->docs; i++)
		if (p->slot[i] != 0) {
			p->place[from + k++] = p->sorted[p->slot[i] - 1];
			p->slot[i] = 0;
		}
}

static void
read_word(struct postings *p, const struct invert *v,
    const struct invert_word *w, uint32_t code)
{
	const uint8_t *q;
	size_t from = p->n;

	invert_chain(v, w, &p->chain);
	q = (const uint8_t *)p->chain.p;
	if (seg_positional(w->field))
		read_places(p, q, q + p->chain.len, code);
	else
		read_values(p, q, q + p->chain.len);
	if (p->docs > 0 && p->n - from > 1)
		sort_places(p, from);
}

/* --- several words of one term ----------------------------------------- */

/* By document, then by form. */
static void
merge_places(struct postings *p, uint32_t forms)
{
	size_t at[FEW_FORMS], i;
	struct place *swap;
	uint32_t k, first;

	if (forms > FEW_FORMS) {
		qsort(p->place, p->n, sizeof *p->place, by_doc);
		return;
	}
	if (p->sorted_cap < p->cap) {
		p->sorted_cap = p->cap;
		p->sorted = xreallocarray(p->sorted, p->sorted_cap,
		    sizeof *p->sorted);
	}
	memcpy(at, p->begin, forms * sizeof *at);
	for (i = 0; i < p->n; i++) {
		for (k = 0, first = forms; k < forms; k++)
			if (at[k] < p->begin[k + 1] && (first == forms ||
			    p->place[at[k]].doc < p->place[at[first]].doc))
				first = k;
		p->sorted[i] = p->place[at[first]++];
	}
	swap = p->place;
	p->place = p->sorted;
	p->sorted = swap;
	i = p->cap;
	p->cap = p->sorted_cap;
	p->sorted_cap = i;
}

static int
by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* A document with several forms, n of them: by position, then by form. */
static int
write_mixed(struct postings *p, const struct place *x, size_t n,
    struct seg_writer *w, struct err *e)
{
	size_t all = 0, i, k, to = 0;
	uint32_t *pos;

	for (i = 0; i < n; i++)
		all += x[i].tf;
	if (p->mixed_cap < all) {
		p->mixed_cap = 2 * all;
		p->mixed = xreallocarray(p->mixed, p->mixed_cap,
		    sizeof *p->mixed);
	}
	for (i = 0; i < n; i++)
		for (k = 0; k < x[i].tf; k++)
			p->mixed[to++] = (uint64_t)p->pos[x[i].at + k] << 32 |
			    x[i].code;
	qsort(p->mixed, all, sizeof *p->mixed, by_number);
	all = all < SEGMENT_TF ? all : SEGMENT_TF;
	if (p->code_cap < 2 * all) {
		p->code_cap = 4 * all;
		p->code = xreallocarray(p->code, p->code_cap,
		    sizeof *p->code);
	}
	pos = p->code + all;
	for (i = 0; i < all; i++) {
		pos[i] = (uint32_t)(p->mixed[i] >> 32);
		p->code[i] = (uint32_t)p->mixed[i];
	}
	return seg_writer_posting(w, x->doc, (uint32_t)all, pos, p->code, e);
}

static int
write_places(struct postings *p, uint32_t forms, struct seg_writer *w,
    struct err *e)
{
	const struct place *x;
	size_t i, n;
	uint32_t k;

	for (i = 0; i < p->n; i += n) {
		x = &p->place[i];
		for (n = 1; i + n < p->n && x[n].doc == x->doc; n++)
			;
		if (n > 1) {
			if (write_mixed(p, x, n, w, e) < 0)
				return -1;
			continue;
		}
		for (k = 0; k < x->tf && forms > 1; k++) {
			p->code = xgrow(p->code, k, &p->code_cap,
			    sizeof *p->code);
			p->code[k] = x->code;
		}
		if (seg_writer_posting(w, x->doc, x->tf, p->places == 0 ?
		    NULL : p->pos + x->at, p->code, e) < 0)
			return -1;
	}
	return 0;
}

/* --- terms ------------------------------------------------------------- */

/* The first bytes of field and stem decide nearly always. */
struct sorted {
	uint64_t begin;
	const struct invert_word *w;
};

static const char *
stem_of(const struct invert_word *w)
{
	return w->stem != NULL ? w->stem : invert_text(w);
}

static int
term_compare(const struct sorted *x, const struct sorted *y)
{
	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return seg_compare(stem_of(x->w), x->w->stem_len, stem_of(y->w),
	    y->w->stem_len);
}

static int
by_term(const void *a, const void *b)
{
	const struct sorted *x = a, *y = b;
	int d = term_compare(x, y);

	if (d == 0)
		d = seg_compare(invert_text(x->w), x->w->len,
		    invert_text(y->w), y->w->len);
	return d != 0 ? d : (int)x->w->whole - (int)y->w->whole;
}

static struct sorted *
sort_words(const struct invert *v)
{
	struct sorted *all = xcalloc(v->words + 1, sizeof *all);
	size_t i, k;
	const char *stem;

	for (i = 0; i < v->words; i++) {
		all[i].w = invert_at(v, i);
		stem = stem_of(all[i].w);
		all[i].begin = all[i].w->field;
		for (k = 0; k < 7; k++)
			all[i].begin = all[i].begin << 8 |
			    (k < all[i].w->stem_len ? (uint8_t)stem[k] : 0);
	}
	if (v->words > 1)
		qsort(all, v->words, sizeof *all, by_term);
	return all;
}

/* n words of one term. */
static int
write_term(const struct invert *v, struct postings *p, const struct sorted *x,
    uint32_t n, struct seg_writer *w, struct err *e)
{
	char key[SEGMENT_TERM];
	const struct invert_word *word;
	uint32_t i, forms = n;

	if (p->forms_cap < n) {
		p->forms_cap = 2 * (size_t)n;
		p->form = xreallocarray(p->form, p->forms_cap,
		    sizeof *p->form);
		p->begin = xreallocarray(p->begin, p->forms_cap + 1,
		    sizeof *p->begin);
	}
	if (n == 1 && !x->w->whole && x->w->stem == NULL)
		forms = 0;
	p->n = p->places = 0;
	for (i = 0; i < n; i++) {
		word = x[i].w;
		if (forms > 0) {
			p->form[i].len = word->len;
			p->form[i].whole = word->whole;
			memcpy(p->form[i].text, invert_text(word), word->len);
		}
		p->begin[i] = p->n;
		read_word(p, v, word, i);
	}
	p->begin[n] = p->n;
	if (n > 1)
		merge_places(p, n);
	key[0] = (char)x->w->field;
	memcpy(key + 1, stem_of(x->w), x->w->stem_len);
	seg_writer_term(w, key, x->w->stem_len + 1u, p->form, forms);
	return write_places(p, forms, w, e) < 0 ? -1 :
	    seg_writer_term_end(w, e);
}

int
invert_write(const struct invert *v, const uint32_t *number, uint32_t docs,
    struct seg_writer *w, struct err *e)
{
	struct postings p = { .number = number, .docs = docs };
	struct sorted *all = sort_words(v);
	size_t i, n;
	int r = 0;

	buf_init(&p.chain);
	for (i = 0; i < v->words && r == 0; i += n) {
		for (n = 1; i + n < v->words &&
		    term_compare(&all[i], &all[i + n]) == 0; n++)
			;
		r = write_term(v, &p, &all[i], (uint32_t)n, w, e);
	}
	buf_release(&p.chain);
	free(p.place);
	free(p.sorted);
	free(p.pos);
	free(p.code);
	free(p.form);
	free(p.begin);
	free(p.slot);
	free(p.mixed);
	free(all);
	return r;
}
