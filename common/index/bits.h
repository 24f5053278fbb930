/*
 * Numbers packed into bits: blocks of 128 in four lanes of 32 (the layout of
 * Lemire and Boytsov, "Decoding billions of integers per second through
 * vectorization", 2015, "SIMD-BP128" without its deltas).  The same bytes on
 * every machine.
 */
#ifndef INDEX_BITS_H
#define INDEX_BITS_H

#include <stddef.h>
#include <stdint.h>

#define BITS_BLOCK 128
#define BITS_BYTES(width) (16 * (size_t)(width))	/* of a packed block */

/* 0 to 32. */
static inline unsigned
bits_width(uint32_t max)
{
#ifdef __GNUC__
	return max == 0 ? 0 : 32 - (unsigned)__builtin_clz(max);
#else
	unsigned n = 0;

	for (; max > 0; max >>= 1)
		n++;
	return n;
#endif
}

/* How many of them are set. */
static inline uint32_t
bits_ones(uint64_t x)
{
#ifdef __GNUC__
	return (uint32_t)__builtin_popcountll(x);
#else
	uint32_t n = 0;

	for (; x != 0; x &= x - 1)
		n++;
	return n;
#endif
}

/* out: BITS_BYTES(width).  in and out need no alignment. */
void	bits_pack(const uint32_t in[BITS_BLOCK], unsigned width, uint8_t *out);
void	bits_unpack(const uint8_t *, unsigned width, uint32_t out[BITS_BLOCK]);
/* One of them. */
uint32_t bits_at(const uint8_t *, unsigned width, unsigned i);
/* v[i] += v[i - 1] + 1, from base on; wraps like unsigned numbers do. */
void	bits_sum(uint32_t v[BITS_BLOCK], uint32_t base);

#endif
