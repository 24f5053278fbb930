/*
 * A short word as three numbers: of two words of one length these are equal
 * if the words are.  A memory of words compares and hashes them so, which
 * costs a few instructions where a loop over bytes costs dozens.
 */
#ifndef INDEX_WORDKEY_H
#define INDEX_WORDKEY_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define WORDKEY_MAX 24		/* bytes of a word */

struct wordkey {
	uint64_t a, b, c;
};

/* Of n bytes, 1 to WORDKEY_MAX; no others are read.  What is read twice does
 * no harm. */
static inline struct wordkey
wordkey(const char *p, size_t n)
{
	const unsigned char *u = (const unsigned char *)p;
	struct wordkey k = { 0, 0, 0 };
	uint32_t first, last;

	if (n >= 8) {
		memcpy(&k.a, p, 8);
		memcpy(&k.b, p + n - 8, 8);
		if (n > 16)
			memcpy(&k.c, p + 8, 8);
	} else if (n >= 4) {
		memcpy(&first, p, 4);
		memcpy(&last, p + n - 4, 4);
		k.a = first | (uint64_t)last << 32;
	} else {
		k.a = u[0] | (uint64_t)u[n / 2] << 8 |
		    (uint64_t)u[n - 1] << 16;
	}
	return k;
}

static inline int
wordkey_same(const struct wordkey *x, const struct wordkey *y)
{
	return ((x->a ^ y->a) | (x->b ^ y->b) | (x->c ^ y->c)) == 0;
}

/* All of its bits are as good as others; it is no defence against who makes
 * words for it, and need not be: a memory has one place for each hash. */
static inline uint32_t
wordkey_hash(const struct wordkey *k, size_t n)
{
	uint64_t h = (k->a ^ (uint64_t)n << 56) *
	    UINT64_C(0x9E3779B97F4A7C15);

	h = (h ^ h >> 32 ^ k->b) * UINT64_C(0xC2B2AE3D27D4EB4F);
	h = (h ^ h >> 32 ^ k->c) * UINT64_C(0x165667B19E3779F9);
	return (uint32_t)(h >> 32);
}

#endif
