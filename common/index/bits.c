#include "index/bits.h"

#include <string.h>

/*
 * Value i lies in lane i % 4, as the (i / 4)-th of it; each lane is a row of
 * 32-bit words, and the words of the four lanes alternate.
 */
void
bits_pack(const uint32_t in[BITS_BLOCK], unsigned width, uint8_t *out)
{
	unsigned lane, i, bit, at;
	uint64_t acc;
	uint32_t w;

	for (lane = 0; lane < 4 && width > 0; lane++) {
		acc = 0;
		bit = at = 0;
		for (i = lane; i < BITS_BLOCK; i += 4) {
			acc |= (uint64_t)in[i] << bit;
			bit += width;
			if (bit < 32)
				continue;
			w = (uint32_t)acc;
			out[16 * at + 4 * lane] = (uint8_t)w;
			out[16 * at + 4 * lane + 1] = (uint8_t)(w >> 8);
			out[16 * at + 4 * lane + 2] = (uint8_t)(w >> 16);
			out[16 * at + 4 * lane + 3] = (uint8_t)(w >> 24);
			at++;
			acc >>= 32;
			bit -= 32;
		}
	}
}

uint32_t
bits_at(const uint8_t *p, unsigned width, unsigned i)
{
	unsigned bit = i / 4 * width, k;
	uint64_t acc = 0;

	if (width == 0)
		return 0;
	p += 16 * (bit / 32) + 4 * (i % 4);
	for (k = 0; k < 4; k++)
		acc |= (uint64_t)p[k] << 8 * k;
	if (bit % 32 + width > 32)
		for (k = 0; k < 4; k++)
			acc |= (uint64_t)p[16 + k] << (32 + 8 * k);
	return (uint32_t)(acc >> bit % 32 & ((UINT64_C(1) << width) - 1));
}

#if defined __GNUC__ && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

typedef uint32_t v4 __attribute__((vector_size(16)));

static inline v4
load(const uint8_t *p)
{
	v4 v;

	memcpy(&v, p, sizeof v);
	return v;
}

/* width is a constant in each caller, and the loop unrolls. */
static inline __attribute__((always_inline)) void
unpack(const uint8_t *p, unsigned width, uint32_t *out)
{
	const uint32_t m = width == 32 ? UINT32_MAX :
	    (UINT32_C(1) << width) - 1;
	const v4 mask = { m, m, m, m };
	v4 w = load(p), x;
	unsigned i, bit = 0;

#if !defined __clang__
#pragma GCC unroll 32
#else
#pragma unroll
#endif
	for (i = 0; i < 32; i++) {
		x = w >> bit;
		bit += width;
		if (bit >= 32) {
			bit -= 32;
			if (i < 31)
				w = load(p += 16);
			if (bit > 0 && i < 31)
				x |= w << (width - bit);
		}
		x &= mask;
		memcpy(out + 4 * i, &x, sizeof x);
	}
}

void
bits_unpack(const uint8_t *p, unsigned width, uint32_t out[BITS_BLOCK])
{
#define CASE(n) case n: unpack(p, n, out); return;
#define CASE8(n) CASE(n) CASE(n + 1) CASE(n + 2) CASE(n + 3) \
	CASE(n + 4) CASE(n + 5) CASE(n + 6) CASE(n + 7)
	switch (width) {
	CASE8(1) CASE8(9) CASE8(17) CASE8(25)
	default:
		memset(out, 0, BITS_BLOCK * sizeof *out);
	}
}

void
bits_sum(uint32_t v[BITS_BLOCK], uint32_t base)
{
	const v4 zero = { 0 }, one = { 1, 1, 1, 1 };
	v4 before = { base, base, base, base }, x;
	unsigned i;

	for (i = 0; i < BITS_BLOCK; i += 4) {
		memcpy(&x, v + i, sizeof x);
		x += one;
#if defined __clang__
		x += __builtin_shufflevector(zero, x, 0, 4, 5, 6);
		x += __builtin_shufflevector(zero, x, 0, 1, 4, 5);
#else
		x += __builtin_shuffle(zero, x, (v4){ 0, 4, 5, 6 });
		x += __builtin_shuffle(zero, x, (v4){ 0, 1, 4, 5 });
#endif
		x += before;
		memcpy(v + i, &x, sizeof x);
		before = (v4){ x[3], x[3], x[3], x[3] };
	}
}

#else

void
bits_unpack(const uint8_t *p, unsigned width, uint32_t out[BITS_BLOCK])
{
	unsigned i;

	for (i = 0; i < BITS_BLOCK; i++)
		out[i] = bits_at(p, width, i);
}

void
bits_sum(uint32_t v[BITS_BLOCK], uint32_t base)
{
	unsigned i;

	for (i = 0; i < BITS_BLOCK; i++)
		base = v[i] += base + 1;
}

#endif
