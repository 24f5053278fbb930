/*
 * Bounds of scores that do not depend on the statistics: a score grows with
 * the frequency and falls with the length, so those (frequency, length) pairs
 * bound it that no other pair covers with more of one and less of the other.
 * (Mallia, Siedlaczek and Suel, "An experimental study of index compression
 * and DAAT query processing methods", 2019, keep scores instead; these would
 * have to be made anew when the average length moves.)
 */
#include "index/score.h"
#include "index/segment_format.h"

#include <string.h>

#define SMALL 32	/* frequencies below it go through a table */

uint8_t
seg_tf_pack(uint32_t tf)
{
	unsigned shift = 4;

	if (tf < 128)
		return (uint8_t)tf;
	/* the first value of four bits that is not less */
	while (tf > UINT32_C(15) << shift)
		shift++;
	return (uint8_t)(8 * (shift + 12) +
	    ((tf + (UINT32_C(1) << shift) - 1) >> shift) - 8);
}

/* About how much such a pair scores, for the usual parameters and lengths;
 * whole numbers, so that it is the same on every machine. */
static uint64_t
value(uint32_t tf, uint8_t length)
{
	uint64_t norm = 138 + UINT64_C(92) * score_length(length) / 64;

	return ((uint64_t)tf << 28) / (((uint64_t)tf << 8) + norm);
}

/* What the better of two neighbours grows by when they are joined. */
static uint64_t
loss(const struct segment_pair *a, const struct segment_pair *b)
{
	uint64_t x = value(a->tf, a->length), y = value(b->tf, b->length);

	return value(b->tf, a->length) - (x > y ? x : y);
}

static unsigned
shrink(struct segment_pair *pair, unsigned n, unsigned to)
{
	unsigned i, best;
	uint64_t least, x;

	for (; n > to; n--) {
		least = UINT64_MAX;
		for (i = best = 0; i + 1 < n; i++) {
			x = loss(&pair[i], &pair[i + 1]);
			if (x < least) {
				least = x;
				best = i;
			}
		}
		pair[best].tf = pair[best + 1].tf;
		memmove(pair + best + 1, pair + best + 2,
		    (n - best - 2) * sizeof *pair);
	}
	return n;
}

/* Into out, from the greatest frequency down; *least is the shortest yet. */
static void
take(struct segment_pair *out, unsigned *n, uint32_t tf, unsigned length,
    unsigned *least)
{
	if (length >= *least)
		return;
	*least = length;
	out[*n].tf = tf;
	out[(*n)++].length = (uint8_t)length;
}

void
seg_front_docs(struct seg_front *f, const uint32_t *tf, const uint32_t *doc,
    uint32_t n, const uint8_t *lengths)
{
	struct segment_pair all[SMALL + BITS_BLOCK];
	unsigned least[SMALL], shortest = 256, many = 0, got = 0, k;
	uint64_t big[BITS_BLOCK], x;
	uint32_t i;

	for (k = 0; k < SMALL; k++)
		least[k] = 256;
	for (i = 0; i < n; i++) {
		if (tf[i] < SMALL) {
			if (lengths[doc[i]] < least[tf[i]])
				least[tf[i]] = lengths[doc[i]];
			continue;
		}
		/* descending by frequency, ascending by length */
		x = (uint64_t)tf[i] << 8 | (255u - lengths[doc[i]]);
		for (k = many++; k > 0 && big[k - 1] < x; k--)
			big[k] = big[k - 1];
		big[k] = x;
	}
	for (k = 0; k < many; k++)
		take(all, &got, (uint32_t)(big[k] >> 8),
		    255u - (big[k] & 255), &shortest);
	for (k = SMALL; k-- > 0; )
		take(all, &got, k, least[k], &shortest);
	for (k = 0; k < got / 2; k++) {
		struct segment_pair swap = all[k];

		all[k] = all[got - 1 - k];
		all[got - 1 - k] = swap;
	}
	f->n = shrink(all, got, SEGMENT_PAIRS);
	memcpy(f->pair, all, f->n * sizeof *all);
}

void
seg_front_add(struct seg_front *to, const struct seg_front *f)
{
	struct segment_pair all[2 * SEGMENT_PAIRS];
	unsigned a = to->n, b = f->n, n = 0, i, shortest = 256;
	const struct segment_pair *p;
	bool first;

	/* both rise by frequency: from behind, the greater one first */
	while (a > 0 || b > 0) {
		first = b == 0 || (a > 0 &&
		    (to->pair[a - 1].tf > f->pair[b - 1].tf ||
		    (to->pair[a - 1].tf == f->pair[b - 1].tf &&
		    to->pair[a - 1].length <= f->pair[b - 1].length)));
		p = first ? &to->pair[--a] : &f->pair[--b];
		take(all, &n, p->tf, p->length, &shortest);
	}
	for (i = 0; i < n; i++)
		to->pair[i] = all[n - 1 - i];
	to->n = shrink(to->pair, n, SEGMENT_PAIRS);
}
