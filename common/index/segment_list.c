/*
 * The postings of a term.
 */
#include "index/segment_format.h"

#include "base/alloc.h"
#include "index/rice.h"

#include <stdlib.h>
#include <string.h>

#define PAIRS_AT 14		/* in a block's entry */

void
segment_list(struct segment *s, const struct segment_term *t,
    struct segment_list *l)
{
	l->s = s;
	l->t = *t;
	l->blocks = t->docs < BITS_BLOCK ? 1 :
	    (t->docs + BITS_BLOCK - 1) / BITS_BLOCK;
	l->block = UINT32_MAX;
	l->n = 0;
	l->tf_loaded = false;
	l->pos = NULL;
	l->form = NULL;
	l->room = 0;
}

void
segment_list_release(struct segment_list *l)
{
	free(l->pos);
	free(l->form);
	l->pos = NULL;
	l->form = NULL;
	l->room = 0;
}

/* The entries [block, block + n) of a term that has them. */
static const uint8_t *
entries(struct segment_list *l, uint32_t block, uint32_t n, struct err *e)
{
	return seg_bytes(l->s, SEC_BLOCKS, SEG_ENTRY * (l->t.blocks + block),
	    SEG_ENTRY * (uint64_t)n, e);
}

int
segment_list_last(struct segment_list *l, uint32_t block, uint32_t *doc,
    struct err *e)
{
	const uint8_t *p;

	if (l->t.docs < BITS_BLOCK) {
		if (segment_list_load(l, 0, e) < 0)
			return -1;
		*doc = l->doc[l->n - 1];
		return 0;
	}
	if ((p = entries(l, block, 1, e)) == NULL)
		return -1;
	*doc = get32(p);
	return *doc < l->s->docs ? 0 : seg_damaged(l->s, "a block", e);
}

int
segment_list_seek(struct segment_list *l, uint32_t from, uint32_t doc,
    uint32_t *block, struct err *e)
{
	uint32_t lo = from, hi, mid, last, step = 1;

	if (from >= l->blocks) {
		*block = l->blocks;
		return 0;
	}
	if (segment_list_last(l, from, &last, e) < 0)
		return -1;
	if (last >= doc) {
		*block = from;
		return 0;
	}
	for (lo = from + 1; lo < l->blocks; lo += step, step *= 2) {
		if (segment_list_last(l, lo, &last, e) < 0)
			return -1;
		if (last >= doc)
			break;
		from = lo;
	}
	hi = lo < l->blocks ? lo : l->blocks;
	for (lo = from + 1; lo < hi; ) {
		mid = lo + (hi - lo) / 2;
		if (segment_list_last(l, mid, &last, e) < 0)
			return -1;
		if (last < doc)
			lo = mid + 1;
		else
			hi = mid;
	}
	*block = lo;
	return 0;
}

/* --- loading ----------------------------------------------------------- */

/* The last block, or the only one, of less than 128: vints. */
static int
load_few(struct segment_list *l, const uint8_t *p, const uint8_t *end,
    int64_t before, struct err *e)
{
	bool tf = seg_has_positions(l->t.field);
	uint64_t delta, f;
	uint32_t i;

	for (i = 0; i < l->n; i++) {
		f = 1;
		if ((p = vint_get(p, end, &delta)) == NULL)
			return seg_damaged(l->s, "postings", e);
		if (tf && (delta & 1) && ((p = vint_get(p, end, &f)) == NULL ||
		    f == 0 || f > SEGMENT_TF))
			return seg_damaged(l->s, "postings", e);
		if (tf)
			delta >>= 1;
		if ((delta == 0 && before >= 0) || delta > l->s->docs)
			return seg_damaged(l->s, "postings", e);
		before = (before < 0 ? 0 : before) + (int64_t)delta;
		if (before >= (int64_t)l->s->docs)
			return seg_damaged(l->s, "postings", e);
		l->doc[i] = (uint32_t)before;
		l->tf[i] = (uint32_t)f;
	}
	l->tf_loaded = true;
	return 0;
}

static int
load_full(struct segment_list *l, const uint8_t *p, unsigned width,
    int64_t before, uint32_t last, struct err *e)
{
	uint32_t i, ascends = 1;

	bits_unpack(p, width, l->doc);
	bits_sum(l->doc, before < 0 ? 0 : (uint32_t)before);
	/* a sum that wrapped around is caught here, too */
	for (i = 1; i < BITS_BLOCK; i++)
		ascends &= l->doc[i] > l->doc[i - 1];
	if (!ascends || (before >= 0 && l->doc[0] <= before) ||
	    l->doc[BITS_BLOCK - 1] != last)
		return seg_damaged(l->s, "postings", e);
	l->tf_loaded = false;
	return 0;
}

/* Where a block lies: its postings up to *end, and positions. */
static const uint8_t *
place(struct segment_list *l, uint32_t block, const uint8_t **end,
    uint64_t *positions, struct err *e)
{
	const uint8_t *entry = NULL, *p;
	uint64_t from = 0;

	*positions = 0;
	l->positions_end = l->t.positions_size;
	if (l->t.docs >= BITS_BLOCK) {
		if ((entry = entries(l, block, block + 1 < l->blocks ? 2 : 1,
		    e)) == NULL)
			return NULL;
		from = get32(entry + 4);
		*positions = get32(entry + 8);
		if (block + 1 < l->blocks)
			l->positions_end = get32(entry + SEG_ENTRY + 8);
		l->widths[0] = entry[12];
		l->widths[1] = entry[13];
	}
	if (from > l->t.postings_size || *positions > l->positions_end ||
	    l->positions_end > l->t.positions_size) {
		seg_damaged(l->s, "a block", e);
		return NULL;
	}
	*end = NULL;
	if (l->n < BITS_BLOCK) {
		p = seg_bytes(l->s, SEC_POSTINGS, l->t.postings + from,
		    l->t.postings_size - from, e);
		if (p != NULL)
			*end = p + (l->t.postings_size - from);
		return p;
	}
	if (l->widths[0] > 32 || l->widths[1] > 16) {
		seg_damaged(l->s, "a block", e);
		return NULL;
	}
	return seg_bytes(l->s, SEC_POSTINGS, l->t.postings + from,
	    BITS_BYTES(l->widths[0] + l->widths[1]), e);
}

int
segment_list_load(struct segment_list *l, uint32_t block, struct err *e)
{
	const uint8_t *p, *end;
	uint32_t last;
	int64_t before = -1;

	if (l->block == block)
		return 0;
	if (block >= l->blocks)
		return seg_damaged(l->s, "a block", e);
	l->block = UINT32_MAX;
	l->n = l->t.docs - block * BITS_BLOCK < BITS_BLOCK ?
	    l->t.docs - block * BITS_BLOCK : BITS_BLOCK;
	if (block > 0) {
		if (segment_list_last(l, block - 1, &last, e) < 0)
			return -1;
		before = last;
	}
	if ((p = place(l, block, &end, &l->positions, e)) == NULL)
		return -1;
	if (l->n < BITS_BLOCK) {
		if (load_few(l, p, end, before, e) < 0)
			return -1;
		if (l->t.docs >= BITS_BLOCK &&
		    (segment_list_last(l, block, &last, e) < 0 ||
		    last != l->doc[l->n - 1]))
			return seg_damaged(l->s, "a block", e);
	} else {
		if (segment_list_last(l, block, &last, e) < 0 ||
		    load_full(l, p, l->widths[0], before, last, e) < 0)
			return -1;
		l->tfs = p + BITS_BYTES(l->widths[0]);
	}
	l->block = block;
	l->at_doc = 0;
	l->at_pos = 0;
	return 0;
}

int
segment_list_tf(struct segment_list *l, struct err *e)
{
	uint32_t i;

	(void)e;
	if (l->tf_loaded)
		return 0;
	bits_unpack(l->tfs, l->widths[1], l->tf);
	for (i = 0; i < BITS_BLOCK; i++)
		l->tf[i]++;
	l->tf_loaded = true;
	return 0;
}

/* --- bounds ------------------------------------------------------------ */

unsigned
seg_pair_add(struct segment_pair *pair, unsigned n, unsigned max, uint32_t tf,
    uint8_t length)
{
	unsigned i, k = 0, best = 0;

	for (i = 0; i < n; i++)
		if (pair[i].tf >= tf && pair[i].length <= length)
			return n;
	for (i = 0; i < n; i++)		/* those that the new one covers go */
		if (pair[i].tf > tf || pair[i].length < length)
			pair[k++] = pair[i];
	for (i = k; i > 0 && pair[i - 1].tf > tf; i--)
		pair[i] = pair[i - 1];
	pair[i].tf = tf;
	pair[i].length = length;
	if (++k <= max)
		return k;
	/* by rising frequency, and so by rising length: join the two whose
	 * lengths are nearest */
	for (i = 1; i + 1 < k; i++)
		if (pair[i + 1].length - pair[i].length <
		    pair[best + 1].length - pair[best].length)
			best = i;
	pair[best + 1].length = pair[best].length;
	memmove(pair + best, pair + best + 1, (k - best - 1) * sizeof *pair);
	return k - 1;
}

static int
read_pairs(const uint8_t *p, struct segment_pair pair[SEGMENT_PAIRS])
{
	int i, n = 0;

	for (i = 0; i < SEG_KEPT; i++, p += 2) {
		if (p[0] == 0)
			break;
		pair[n].tf = p[0] == SEG_ANY_TF ? SEGMENT_TF : p[0];
		pair[n++].length = p[1];
	}
	return n;
}

int
segment_bound(struct segment_list *l, uint32_t block,
    struct segment_pair pair[SEGMENT_PAIRS], struct err *e)
{
	struct segment_pair more[SEGMENT_PAIRS + 1];
	const uint8_t *p;
	uint8_t length;
	unsigned n = 0;
	uint32_t i;

	if (l->t.docs >= BITS_BLOCK) {
		if (block == UINT32_MAX)
			p = l->s->map + l->t.pairs_at;
		else if ((p = entries(l, block, 1, e)) == NULL)
			return -1;
		else
			p += PAIRS_AT;
		if ((n = (unsigned)read_pairs(p, pair)) == 0)
			return seg_damaged(l->s, "a bound", e);
		return (int)n;
	}
	if (segment_list_load(l, 0, e) < 0)
		return -1;
	for (i = 0; i < l->n; i++) {
		if (segment_length_of(l->s, l->doc[i], &length, e) < 0)
			return -1;
		n = seg_pair_add(more, n, SEGMENT_PAIRS, l->tf[i], length);
	}
	memcpy(pair, more, n * sizeof *pair);
	return (int)n;
}

/* --- positions --------------------------------------------------------- */

/* The next number; vints are read as if they were bits. */
static int
next_position(const struct segment_list *l, struct rice_in *in, uint64_t *v)
{
	const uint8_t *p;

	if (l->t.docs >= SEG_VINTS)
		return rice_get(in, v);
	p = vint_get(in->p + in->at / 8, in->p + in->end / 8, v);
	if (p == NULL)
		return 0;
	in->at = 8 * (uint64_t)(p - in->p);
	return 1;
}

/* The block's positions, from the document asked for last, or its first. */
static int
positions_open(struct segment_list *l, uint32_t i, struct rice_in *in,
    struct err *e)
{
	uint64_t n = l->positions_end - l->positions;
	unsigned codes = l->t.docs >= SEG_VINTS;
	const uint8_t *p;

	p = seg_bytes(l->s, SEC_POSITIONS, l->t.positions + l->positions, n,
	    e);
	if (p == NULL)
		return -1;
	if (codes && (n < 1 || p[0] > 32))
		return seg_damaged(l->s, "a position", e);
	rice_open(in, p + codes, (size_t)n - codes, codes ? p[0] : 0);
	if (i < l->at_doc)
		l->at_doc = 0;
	if (l->at_doc > 0)
		in->at = l->at_pos;
	return 0;
}

int
segment_positions(struct segment_list *l, uint32_t i, const uint32_t **pos,
    const uint8_t **form, uint32_t *n, struct err *e)
{
	unsigned bits = seg_form_bits(l->t.forms);
	uint64_t v, at = 0, skipped = 0;
	struct rice_in in;
	uint32_t k;

	if (i >= l->n || segment_list_tf(l, e) < 0)
		return seg_damaged(l->s, "a position", e);
	if (positions_open(l, i, &in, e) < 0)
		return -1;
	for (k = l->at_doc; k < i; k++)
		skipped += l->tf[k];
	for (; skipped > 0; skipped--)
		if (!next_position(l, &in, &v))
			return seg_damaged(l->s, "a position", e);
	l->at_doc = i;
	l->at_pos = in.at;
	*n = l->tf[i];
	if (*n > l->room) {
		l->room = *n + *n / 2;
		l->pos = xreallocarray(l->pos, l->room, sizeof *l->pos);
		l->form = xrealloc(l->form, l->room);
	}
	for (k = 0; k < *n; k++) {
		if (!next_position(l, &in, &v))
			return seg_damaged(l->s, "a position", e);
		l->form[k] = (uint8_t)(v & ((1u << bits) - 1));
		at += v >> bits;
		if (l->form[k] >= l->t.forms || v >> bits > UINT32_MAX ||
		    at > UINT32_MAX)
			return seg_damaged(l->s, "a position", e);
		l->pos[k] = (uint32_t)at;
	}
	*pos = l->pos;
	*form = l->form;
	return 0;
}
