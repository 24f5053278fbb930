/*
 * Positions, one document of a block after the other: who asks for one goes
 * over those before it, but does not go back for the next.
 */
#include "index/segment_rice.h"

#include "base/alloc.h"
#include "index/score.h"

#include <stdlib.h>
#include <string.h>

#define GAPS 2		/* between texts of a document, usually */
#define PLACE_BITS (2 * (RICE_LONG + 32) + 32)	/* most of one, its form too */

uint32_t
seg_room(uint8_t length)
{
	return length < UINT8_MAX ? score_length(length + 1) + GAPS :
	    SEG_POSITION;
}

/* How the forms are kept. */
static const uint8_t *
ready_forms(struct segment_list *l, struct segment_places *x,
    const uint8_t *p, const uint8_t *end)
{
	uint32_t codes = l->t.codes;
	uint64_t usual = 0;

	x->run_k = SEG_FORM_EACH;
	x->form_width = seg_one_of(codes);
	if (codes < 2)
		return p;
	if (p == end)
		return NULL;
	if ((x->run_k = *p++) == SEG_FORM_EACH)
		return p;
	p = vint_get(p, end, &usual);
	if (p == NULL || usual >= codes || x->run_k > RICE_K)
		return NULL;
	x->usual = (uint32_t)usual;
	x->form_width = seg_one_of(codes - 1);
	return p;
}

/* To the first document of the block loaded. */
static int
ready(struct segment_list *l, struct segment_places *x, struct err *e)
{
	uint64_t n = 0, size;
	const uint8_t *p, *begin;
	struct rice_in r;
	uint32_t i;

	if (segment_list_tf(l, e) < 0)
		return -1;
	for (i = 0; i < l->n; i++)
		n += l->tf[i];
	size = (n + 1) * PLACE_BITS / 8 + VINT_MAX + 1;
	size = size < l->size ? size : l->size;
	if (seg_need(l->s, l->at, size, e) < 0)
		return -1;
	begin = l->s->map + l->at;
	if ((p = ready_forms(l, x, begin, begin + size)) == NULL)
		return seg_damaged(l->s, "positions", e);
	x->head = (uint64_t)(p - begin);
	r.p = x->bits = p;
	r.at = 0;
	r.end = x->end = 8 * (size - x->head);
	if (x->run_k != SEG_FORM_EACH)
		x->run = rice_get(&r, x->run_k);
	x->at = r.at;
	x->block = l->block;
	x->next = 0;
	return 0;
}

static void
room(struct segment_places *x, size_t n)
{
	if (n <= x->cap)
		return;
	n += n / 2 + 16;
	x->pos = xreallocarray(x->pos, n, sizeof *x->pos);
	x->code = xreallocarray(x->code, n, sizeof *x->code);
	x->form = xrealloc(x->form, n);
	x->cap = n;
}

static uint32_t
unpack_form(struct segment_places *x, struct rice_in *r)
{
	uint32_t code;

	if (x->run_k == SEG_FORM_EACH)
		return rice_bits(r, x->form_width);
	if (x->run > 0) {
		x->run--;
		return x->usual;
	}
	code = rice_bits(r, x->form_width);
	x->run = rice_get(r, x->run_k);
	return code + (code >= x->usual);
}

/* Those of the next document. */
static int
unpack(struct segment_list *l, struct segment_places *x, struct err *e)
{
	struct rice_in r = { x->bits, x->at, x->end };
	uint32_t n = l->tf[x->next], k, left;
	uint8_t length;
	uint64_t v = 0;

	if (segment_length_of(l->s, l->doc[x->next], &length, e) < 0)
		return -1;
	left = seg_room(length);
	for (k = 0; k < n; k++) {
		x->pos[k] = n - k == 1 ? rice_one_of(&r, left) :
		    rice_get(&r, rice_k_of(left, n - k));
		left -= x->pos[k] < left ? x->pos[k] : left;
		v += x->pos[k];
		if (v > SEG_POSITION)
			return seg_damaged(l->s, "a position", e);
		x->pos[k] = (uint32_t)v;
	}
	for (k = 0; k < n; k++) {
		x->code[k] = l->t.codes < 2 ? 0 : unpack_form(x, &r);
		if (x->code[k] >= l->t.codes)
			return seg_damaged(l->s, "a form's number", e);
	}
	if (r.at > r.end)
		return seg_damaged(l->s, "a position", e);
	x->at = r.at;
	x->next++;
	return 0;
}

int
seg_places(struct segment_list *l, uint32_t i, const uint32_t **pos,
    const uint32_t **code, uint32_t *n, struct err *e)
{
	struct segment_places *x = l->places;

	if (x == NULL) {
		x = l->places = xcalloc(1, sizeof *x);
		x->block = UINT32_MAX;
	}
	if (l->block == UINT32_MAX || i >= l->n)
		return seg_damaged(l->s, "no such posting", e);
	room(x, 1);
	*n = 0;
	if (!seg_positional(l->t.field)) {
		/* none */
	} else if (l->t.docs == 1 && l->t.tf == 1) {
		x->pos[0] = (uint32_t)l->t.positions;
		x->code[0] = 0;
		*n = 1;
	} else {
		if ((x->block != l->block || i < x->next) &&
		    ready(l, x, e) < 0)
			return -1;
		do {
			room(x, l->tf[x->next]);
			if (unpack(l, x, e) < 0)
				return -1;
		} while (x->next <= i);
		*n = l->tf[i];
	}
	*pos = x->pos;
	*code = x->code;
	return 0;
}

int
segment_positions(struct segment_list *l, uint32_t i, const uint32_t **pos,
    const uint8_t **form, uint32_t *n, struct err *e)
{
	const uint32_t *code;
	uint32_t k;

	if (seg_places(l, i, pos, &code, n, e) < 0)
		return -1;
	for (k = 0; k < *n; k++)
		l->places->form[k] = (uint8_t)(code[k] < SEGMENT_FORMS ?
		    code[k] : SEGMENT_FORMS - 1);
	*form = l->places->form;
	return 0;
}
