/*
 * Positions of a block on their way into a segment, and their forms.
 */
#include "index/segment_write.h"

#include "base/alloc.h"
#include "index/segment_rice.h"

#define FORMS_COUNTED 256	/* of more, each has its number */

unsigned
rice_k(const uint32_t *v, size_t n)
{
	uint64_t sum = 0, cost, least = UINT64_MAX;
	unsigned k, best = 0, mean;
	size_t i;

	for (i = 0; i < n; i++)
		sum += v[i];
	mean = n == 0 ? 0 : bits_width((uint32_t)(sum / n));
	/* it is near the mean: two below it for the usual distribution */
	for (k = mean > 2 ? mean - 2 : 0; k <= mean && k <= RICE_K; k++) {
		for (i = 0, cost = n * (uint64_t)(k + 1); i < n; i++)
			cost += v[i] >> k < RICE_LONG ? v[i] >> k :
			    RICE_LONG + 32;
		if (cost < least) {
			least = cost;
			best = k;
		}
	}
	return best;
}

/* The positions of a document. */
static void
put_place(struct rice_out *o, const uint32_t *pos, uint32_t n, uint8_t length)
{
	uint32_t left = seg_room(length), before = 0, gap;

	for (; n > 0; n--, before = *pos++) {
		gap = *pos - before;
		if (n == 1)
			rice_put_one_of(o, gap, left);
		else
			rice_put(o, gap, rice_k_of(left, n));
		left -= gap < left ? gap : left;
	}
}

/* The form that most of the block's positions have. */
static uint32_t
usual_form(const struct seg_writer *w)
{
	uint32_t count[FORMS_COUNTED] = { 0 }, best = 0, f;
	size_t i;

	for (i = 0; i < w->places; i++)
		count[w->code[i]]++;
	for (f = 1; f < w->forms; f++)
		if (count[f] > count[best])
			best = f;
	return best;
}

/* How forms take less room: with w->run between those that are not the usual
 * one, as Rice codes of what is returned, or SEG_FORM_EACH. */
static unsigned
find_runs(struct seg_writer *w, uint32_t *usual)
{
	uint64_t cost = 8;
	size_t i, n = 0;
	unsigned k;

	if (w->forms > FORMS_COUNTED)
		return SEG_FORM_EACH;
	*usual = usual_form(w);
	if (w->run_cap < w->places + 1) {
		w->run_cap = 2 * w->places + BITS_BLOCK;
		w->run = xreallocarray(w->run, w->run_cap, sizeof *w->run);
	}
	w->run[0] = 0;
	for (i = 0; i < w->places; i++) {
		if (w->code[i] == *usual)
			w->run[n]++;
		else
			w->run[++n] = 0;
	}
	k = rice_k(w->run, n + 1);
	for (i = 0; i <= n; i++)
		cost += (w->run[i] >> k) + 1 + k;
	cost += n * seg_one_of(w->forms - 1);
	return cost < w->places * seg_one_of(w->forms) ? k : SEG_FORM_EACH;
}

static void
put_form(struct seg_writer *w, struct rice_out *o, uint32_t code, unsigned k,
    uint32_t usual, const uint32_t **run)
{
	if (k == SEG_FORM_EACH) {
		rice_put_bits(o, code, seg_one_of(w->forms));
	} else if (code != usual) {
		rice_put_bits(o, code - (code > usual),
		    seg_one_of(w->forms - 1));
		rice_put(o, *++*run, k);
	}
}

void
seg_put_places(struct seg_writer *w, struct buf *b)
{
	const uint32_t *pos = w->pos, *code = w->code, *run = NULL;
	struct rice_out o = { b, 0, 0 };
	unsigned run_k = SEG_FORM_EACH;
	uint32_t i, k, usual = 0;

	if (w->forms > 1) {
		run_k = find_runs(w, &usual);
		buf_addc(b, (int)run_k);
	}
	if (run_k != SEG_FORM_EACH) {
		vint_add(b, usual);
		run = w->run;
		rice_put(&o, *run, run_k);
	}
	for (i = 0; i < w->n; i++) {
		put_place(&o, pos, w->tf[i], w->lengths[w->doc[i]]);
		pos += w->tf[i];
		for (k = 0; k < w->tf[i] && w->forms > 1; k++)
			put_form(w, &o, *code++, run_k, usual, &run);
	}
	rice_end(&o);
}
