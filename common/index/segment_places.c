/*
 * Positions, one document of a block after the other: who asks for one goes
 * over those before it, but does not go back for the next.
 */
#include "index/segment_rice.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* To the first document of the block loaded. */
static int
ready(struct segment_list *l, struct segment_places *x, struct err *e)
{
	uint64_t n = 0, size;
	const uint8_t *p;
	uint32_t i;

	if (segment_list_tf(l, e) < 0)
		return -1;
	for (i = 0; i < l->n; i++)
		n += l->tf[i];
	x->form_width = seg_form_width(l->t.codes);
	x->head = SEG_PLACE_HEAD + (n * x->form_width + 7) / 8;
	if (x->head > l->size)
		return seg_damaged(l->s, "positions", e);
	/* no code has more than RICE_LONG + 32 bits */
	size = x->head + n * (RICE_LONG + 32) / 8 + 1;
	size = size < l->size ? size : l->size;
	if (seg_need(l->s, l->at, size, e) < 0)
		return -1;
	p = l->s->map + l->at;
	x->first_k = p[0];
	x->gap_k = p[1];
	if (x->first_k > RICE_K || x->gap_k > RICE_K)
		return seg_damaged(l->s, "positions", e);
	x->forms = p + SEG_PLACE_HEAD;
	x->bits = p + x->head;
	x->at = 0;
	x->end = 8 * (size - x->head);
	x->block = l->block;
	x->next = x->before = 0;
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

/* Those of the next document. */
static int
unpack(struct segment_list *l, struct segment_places *x, struct err *e)
{
	struct rice_in r = { x->bits, x->at, x->end };
	uint32_t n = l->tf[x->next], k;
	uint64_t v;

	v = rice_get(&r, x->first_k);
	for (k = 0; v <= SEG_POSITION; v += rice_get(&r, x->gap_k)) {
		x->pos[k++] = (uint32_t)v;
		if (k == n)
			break;
	}
	if (k < n || r.at > r.end)
		return seg_damaged(l->s, "a position", e);
	x->at = r.at;
	x->before += n;
	x->next++;
	return 0;
}

/* And of what form they are. */
static int
unpack_forms(struct segment_list *l, struct segment_places *x, uint32_t n,
    struct err *e)
{
	uint64_t bit = (uint64_t)(x->before - n) * x->form_width;
	uint32_t k, code;

	if (x->form_width == 0) {
		memset(x->code, 0, n * sizeof *x->code);
		memset(x->form, 0, n);
		return 0;
	}
	for (k = 0; k < n; k++, bit += x->form_width) {
		code = seg_bits(x->forms, bit, x->form_width);
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
	if (!seg_positional(l->t.field)) {
		/* none */
	} else if (l->t.docs == 1 && l->t.tf == 1) {
		x->pos[0] = (uint32_t)l->t.positions;
		x->code[0] = x->form[0] = 0;
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
		if (unpack_forms(l, x, *n, e) < 0)
			return -1;
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
