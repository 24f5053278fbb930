/*
 * Positions.  They are found by their number, bit by bit, so that a phrase
 * that looks at one document of a block does not unpack the others.
 */
#include "index/segment_format.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* Widths of the positions, and how many come before each document. */
static int
ready(struct segment_list *l, struct segment_places *x, struct err *e)
{
	uint32_t groups = (l->n + SEG_WIDTH_DOCS - 1) / SEG_WIDTH_DOCS, i, g;
	uint64_t head, bits = 0;
	const uint8_t *p;
	unsigned width;

	if (segment_list_tf(l, e) < 0)
		return -1;
	for (i = 0, x->before[0] = 0; i < l->n; i++)
		x->before[i + 1] = x->before[i] + l->tf[i];
	if (l->size < 1 || seg_need(l->s, l->at, 1, e) < 0)
		return seg_damaged(l->s, "positions", e);
	p = l->s->map + l->at;
	head = *p == SEG_WIDTHS ? 1 + groups : 1;
	if (head > l->size)
		return seg_damaged(l->s, "positions", e);
	if (seg_need(l->s, l->at, head, e) < 0)
		return -1;
	for (g = 0; g < groups; g++) {
		width = *p == SEG_WIDTHS ? p[1 + g] : *p;
		if (width > 32)
			return seg_damaged(l->s, "positions", e);
		x->width[g] = (uint8_t)width;
		x->bit[g] = bits;
		i = (g + 1) * SEG_WIDTH_DOCS;
		bits += (uint64_t)width * (x->before[i < l->n ? i : l->n] -
		    x->before[g * SEG_WIDTH_DOCS]);
	}
	x->form_width = seg_form_width(l->t.codes);
	x->bits = p + head;
	x->forms = x->bits + (bits + 7) / 8;
	x->bytes = head + (bits + 7) / 8 +
	    ((uint64_t)x->before[l->n] * x->form_width + 7) / 8;
	if (x->bytes > l->size)
		return seg_damaged(l->s, "positions", e);
	if (seg_need(l->s, l->at, x->bytes, e) < 0)
		return -1;
	x->block = l->block;
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

static int
unpack(struct segment_list *l, struct segment_places *x, uint32_t i,
    struct err *e)
{
	unsigned g = i / SEG_WIDTH_DOCS, width = x->width[g];
	unsigned fw = x->form_width;
	uint32_t from = x->before[i], n = x->before[i + 1] - from, k, code;
	uint64_t bit, v = 0;

	bit = x->bit[g] + (uint64_t)width *
	    (from - x->before[g * SEG_WIDTH_DOCS]);
	for (k = 0; k < n; k++, bit += width) {
		v += seg_bits(x->bits, bit, width);
		if (v > SEG_POSITION)
			return seg_damaged(l->s, "a position", e);
		x->pos[k] = (uint32_t)v;
	}
	if (fw == 0) {
		memset(x->code, 0, n * sizeof *x->code);
		memset(x->form, 0, n);
		return 0;
	}
	for (k = 0, bit = (uint64_t)from * fw; k < n; k++, bit += fw) {
		code = seg_bits(x->forms, bit, fw);
		if (code >= l->t.codes)
			return seg_damaged(l->s, "a form's number", e);
		x->code[k] = code;
		x->form[k] = (uint8_t)(code < SEGMENT_FORMS ? code :
		    SEGMENT_FORMS - 1);
	}
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
	if (seg_positional(l->t.field)) {
		if (l->t.docs == 1 && l->t.tf == 1) {
			x->pos[0] = (uint32_t)l->t.positions;
			x->code[0] = x->form[0] = 0;
			*n = 1;
		} else {
			if (x->block != l->block && ready(l, x, e) < 0)
				return -1;
			room(x, l->tf[i]);
			if (unpack(l, x, i, e) < 0)
				return -1;
			*n = l->tf[i];
		}
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

	if (seg_places(l, i, pos, &code, n, e) < 0)
		return -1;
	*form = l->places->form;
	return 0;
}
