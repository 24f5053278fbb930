/*
 * Letters and digits of ASCII, in a row, as most of a text is: where it ends,
 * and its small letters, 16 bytes at a time where the processor can.
 */
#ifndef INDEX_ASCII_H
#define INDEX_ASCII_H

#include <stdbool.h>
#include <stddef.h>
#if defined(__SSE2__) && defined(__GNUC__)
#include <emmintrin.h>
#endif

struct ascii_row {
	size_t len;
	bool capital;		/* one follows a letter or digit */
	bool small;		/* there is a small letter */
};

static inline bool
ascii_in(char c, char first, char last)
{
	return c >= first && c <= last;
}

/* The bytes from at on, one by one. */
static inline void
ascii_rest(const char *p, size_t most, char *to, size_t at,
    struct ascii_row *r)
{
	char c;

	for (; at < most; at++) {
		c = p[at];
		if (ascii_in(c, 'A', 'Z'))
			r->capital |= at > 0;
		else if (ascii_in(c, 'a', 'z'))
			r->small = true;
		else if (!ascii_in(c, '0', '9'))
			break;
		to[at] = (char)(c | 0x20);	/* a digit has it */
	}
	r->len = at;
}

#if defined(__SSE2__) && defined(__GNUC__)
/* Which of 16 bytes are within [first, first + n), as bits; n < 128. */
static inline unsigned
ascii_bits(__m128i x, char first, int n)
{
	__m128i y = _mm_sub_epi8(x, _mm_set1_epi8((char)(first + 128)));

	return (unsigned)_mm_movemask_epi8(_mm_cmpgt_epi8(
	    _mm_set1_epi8((char)(n - 128)), y));
}

/*
 * The row that p begins with, of at most `most` bytes.  to has room for so
 * many; what it gets behind the row means nothing.
 */
static inline struct ascii_row
ascii_row(const char *p, size_t most, char *to)
{
	struct ascii_row r = { 0, false, false };
	unsigned capitals, letters, in, out;
	size_t at = 0;
	__m128i x;

	for (; most - at >= 16; at += 16) {
		x = _mm_loadu_si128((const __m128i *)(const void *)(p + at));
		capitals = ascii_bits(x, 'A', 26);
		letters = ascii_bits(x, 'a', 26);
		out = ~(capitals | letters | ascii_bits(x, '0', 10)) & 0xffff;
		in = out == 0 ? 0xffff : (out & (0 - out)) - 1;
		_mm_storeu_si128((__m128i *)(void *)(to + at),
		    _mm_or_si128(x, _mm_set1_epi8(0x20)));
		r.capital |= (capitals & in & (at == 0 ? ~1u : ~0u)) != 0;
		r.small |= (letters & in) != 0;
		if (out != 0) {
			r.len = at + (size_t)__builtin_ctz(out);
			return r;
		}
	}
	ascii_rest(p, most, to, at, &r);
	return r;
}
#else
static inline struct ascii_row
ascii_row(const char *p, size_t most, char *to)
{
	struct ascii_row r = { 0, false, false };

	ascii_rest(p, most, to, 0, &r);
	return r;
}
#endif

#endif
