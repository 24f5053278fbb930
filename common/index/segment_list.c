/*
 * The postings of a term.  Pages that were checked cost a look at a bit;
 * nothing is copied but what is unpacked.
 */
#include "index/segment_rice.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define SAFE_WIDTH 24	/* 128 gaps of it and a document are below 2^32 */

void
segment_list(struct segment *s, const struct segment_term *t,
    struct segment_list *l)
{
	l->s = s;
	l->t = *t;
	l->blocks = seg_blocks(t->docs);
	l->block = UINT32_MAX;
	l->n = 0;
	l->tf_loaded = false;
	l->entry = NULL;
	l->places = NULL;
}

void
segment_list_release(struct segment_list *l)
{
	if (l->places != NULL) {
		free(l->places->pos);
		free(l->places->code);
		free(l->places->form);
	}
	free(l->places);
	l->places = NULL;
}

/* --- blocks ------------------------------------------------------------ */

/* That of a block, and those after it; that of all comes after the last. */
static inline const uint8_t *
entry_of(struct segment_list *l, uint32_t block, struct err *e)
{
	if (l->entry == NULL && (l->entry = seg_part(l->s, SEG_BLOCKS,
	    SEG_BLOCK * l->t.blocks, SEG_BLOCK * ((uint64_t)l->blocks + 1),
	    e)) == NULL)
		return NULL;
	assert(block <= l->blocks);
	return l->entry + SEG_BLOCK * (size_t)block;
}

int
segment_list_last(struct segment_list *l, uint32_t block, uint32_t *doc,
    struct err *e)
{
	const uint8_t *p;
	uint32_t last;

	if (l->t.docs < BITS_BLOCK) {
		if (segment_list_load(l, 0, e) < 0)
			return -1;
		*doc = l->doc[l->n - 1];
		return 0;
	}
	if ((p = entry_of(l, block, e)) == NULL)
		return -1;
	if ((last = get32(p)) >= l->s->docs)
		return seg_damaged(l->s, "a block", e);
	*doc = last;
	return 0;
}

int
segment_list_seek(struct segment_list *l, uint32_t from, uint32_t doc,
    uint32_t *block, struct err *e)
{
	uint32_t lo = from, hi = from, step = 1, mid, last;

	/* lo: all before it end too early; hi: it does not, or is no more */
	while (hi < l->blocks) {
		if (segment_list_last(l, hi, &last, e) < 0)
			return -1;
		if (last >= doc)
			break;
		lo = hi + 1;
		hi = l->blocks - hi > step ? hi + step : l->blocks;
		step *= 2;
	}
	while (lo < hi) {
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

/* Documents one by one, after `before`. */
static int
load_rice(struct segment_list *l, const uint8_t *p, const uint8_t *end,
    uint32_t n, uint32_t before, struct err *e)
{
	bool positional = seg_positional(l->t.field);
	struct rice_in r = { p + 1, 0, 8 * (uint64_t)(end - p - 1) };
	uint64_t doc = before == UINT32_MAX ? 0 : (uint64_t)before + 1;
	uint32_t i;

	if (p == end || *p > RICE_K)
		return seg_damaged(l->s, "a block", e);
	for (i = 0; i < n; i++, doc++) {
		doc += i == 0 && before == UINT32_MAX ?
		    rice_one_of(&r, l->s->docs) : rice_get(&r, *p);
		l->doc[i] = (uint32_t)doc;
		l->tf[i] = positional ? rice_get(&r, 0) + 1 : 1;
		if (doc >= l->s->docs || l->tf[i] - 1 >= SEGMENT_TF)
			return seg_damaged(l->s, "a posting", e);
	}
	if ((r.at + 7) / 8 != r.end / 8)
		return seg_damaged(l->s, "a block", e);
	l->n = n;
	l->tf_loaded = true;
	return 0;
}

/* Upper bits of the values that are wider; *most: the greatest. */
static const uint8_t *
put_wide(const uint8_t *p, const uint8_t *end, unsigned n, unsigned width,
    uint32_t v[BITS_BLOCK], uint32_t *most)
{
	uint64_t x = 0, high, all = 0;
	uint32_t max = 0;
	unsigned i = 0;

	for (; n > 0; n--) {
		p = vint_get(p, end, &x);
		high = (x & 3) + 1;
		if (high == 4) {
			p = vint_get(p, end, &high);
			high += 4;
		}
		if (p == NULL || x >> 2 >= BITS_BLOCK - i)
			return NULL;
		i += (unsigned)(x >> 2);
		v[i] |= (uint32_t)high << width;
		max = v[i] > max ? v[i] : max;
		all |= high;
	}
	*most = max;
	return all > SEGMENT_DOCS >> width ? NULL : p;
}

static int
load_packed(struct segment_list *l, const uint8_t *p, const uint8_t *end,
    unsigned width, unsigned wide, uint32_t before, struct err *e)
{
	uint32_t *doc = l->doc, i, most = 0;

	if ((uint64_t)(end - p) < BITS_BYTES(width) + BITS_BYTES(l->tf_width))
		return seg_damaged(l->s, "a block", e);
	l->packed = p + BITS_BYTES(width);
	l->tf_loaded = false;
	l->n = BITS_BLOCK;
	bits_unpack(p, width, doc);
	p = put_wide(l->packed + BITS_BYTES(l->tf_width), end, wide, width,
	    doc, &most);
	l->wide = p;
	l->end = end;
	if (p == NULL || (l->wide_n == 0 && p != end))
		return seg_damaged(l->s, "a block", e);
	bits_sum(doc, before);
	if (width <= SAFE_WIDTH && most >> SAFE_WIDTH == 0)
		return 0;
	/* no gap is over 2^31: a sum that wrapped goes down */
	for (i = 1; i < BITS_BLOCK && doc[i] > doc[i - 1]; i++)
		;
	if (i < BITS_BLOCK || (before != UINT32_MAX && doc[0] <= before))
		return seg_damaged(l->s, "a block", e);
	return 0;
}

/* A block that has an entry. */
static int
load_block(struct segment_list *l, uint32_t block, struct err *e)
{
	uint32_t before = UINT32_MAX, from, to, last;
	const uint8_t *p, *end;
	uint64_t at;
	uint32_t head;
	int bytes, r;

	p = entry_of(l, block > 0 ? block - 1 : 0, e);
	if (p == NULL)
		return -1;
	if (block > 0) {
		before = get32(p);
		p += SEG_BLOCK;
	}
	last = get32(p);
	from = get32(p + 4);
	to = get32(p + SEG_BLOCK + 4);
	if (from > to || to > l->t.postings_size ||
	    to - from < SEG_BLOCK_HEAD || last >= l->s->docs)
		return seg_damaged(l->s, "a block", e);
	if (seg_need(l->s, l->t.postings + from, to - from, e) < 0)
		return -1;
	p = l->s->map + l->t.postings + from;
	end = p + (to - from);
	head = get32(p);
	p += SEG_BLOCK_HEAD;
	l->tf_width = head >> 5 & 31;
	l->wide_n = head >> 17 & 127;
	bytes = (int)(head >> 24);
	if (bytes > SEG_OFFSET || bytes > end - p || l->tf_width > 16)
		return seg_damaged(l->s, "a block", e);
	at = get64(p) & ((UINT64_C(1) << 8 * bytes) - 1);
	p += bytes;
	if (at > l->t.positions_size)
		return seg_damaged(l->s, "a block", e);
	l->at = l->t.positions + at;
	l->size = l->t.positions_size - at;
	if (block < l->t.docs / BITS_BLOCK)
		r = load_packed(l, p, end, head & 31, head >> 10 & 127,
		    before, e);
	else
		r = load_rice(l, p, end, l->t.docs % BITS_BLOCK, before, e);
	if (r == 0 && l->doc[l->n - 1] != last)
		return seg_damaged(l->s, "a block", e);
	return r;
}

int
segment_list_load(struct segment_list *l, uint32_t block, struct err *e)
{
	const uint8_t *p;
	int r = 0;

	if (l->block == block)
		return 0;
	l->block = UINT32_MAX;
	if (block >= l->blocks)
		return seg_damaged(l->s, "a block's number", e);
	l->at = l->t.positions;
	l->size = l->t.positions_size;
	if (l->t.docs == 1) {
		l->doc[0] = l->t.doc;
		l->tf[0] = l->t.tf;
		l->n = 1;
		l->tf_loaded = true;
	} else if (l->t.docs < BITS_BLOCK) {
		if (seg_need(l->s, l->t.postings, l->t.postings_size, e) < 0)
			return -1;
		p = l->s->map + l->t.postings;
		r = load_rice(l, p, p + l->t.postings_size, l->t.docs,
		    UINT32_MAX, e);
	} else {
		r = load_block(l, block, e);
	}
	if (r == 0)
		l->block = block;
	return r;
}

int
segment_list_tf(struct segment_list *l, struct err *e)
{
	uint32_t i, most = 0;

	if (l->block == UINT32_MAX)
		return seg_damaged(l->s, "no block", e);
	if (l->tf_loaded)
		return 0;
	bits_unpack(l->packed, l->tf_width, l->tf);
	if (l->wide_n > 0 && (put_wide(l->wide, l->end, l->wide_n,
	    l->tf_width, l->tf, &most) != l->end || most >= SEGMENT_TF))
		return seg_damaged(l->s, "a block", e);
	for (i = 0; i < BITS_BLOCK; i++)
		l->tf[i]++;
	l->tf_loaded = true;
	return 0;
}

/* --- bounds ------------------------------------------------------------ */

/* Of a list that has no entries. */
static int
bound_short(struct segment_list *l, struct segment_pair *pair, struct err *e)
{
	struct seg_front front;
	const uint8_t *lengths;

	if (segment_list_load(l, 0, e) < 0 ||
	    segment_lengths(l->s, &lengths, e) < 0)
		return -1;
	seg_front_docs(&front, l->tf, l->doc, l->n, lengths);
	memcpy(pair, front.pair, front.n * sizeof *pair);
	return (int)front.n;
}

int
segment_bound(struct segment_list *l, uint32_t block,
    struct segment_pair pair[SEGMENT_PAIRS], struct err *e)
{
	const uint8_t *p;
	int n;

	if (l->t.docs < BITS_BLOCK)
		return bound_short(l, pair, e);
	/* that of all comes after the last */
	p = entry_of(l, block == UINT32_MAX ? l->blocks : block, e);
	if (p == NULL)
		return -1;
	for (n = 0, p += 8; n < SEGMENT_PAIRS && p[2 * n] > 0; n++) {
		pair[n].tf = seg_tf(p[2 * n]);
		pair[n].length = p[2 * n + 1];
	}
	return n > 0 ? n : seg_damaged(l->s, "a bound", e);
}
