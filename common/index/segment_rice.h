/*
 * Rice codes (R. F. Rice, "Some practical universal noiseless coding
 * techniques", 1979): a number's upper bits as so many ones and a zero, then
 * its lower k bits.  One whose upper bits are RICE_LONG or more is RICE_LONG
 * ones and 32 bits.  Bits fill bytes from the lowest on.  Private to
 * segment_*.c.
 */
#ifndef INDEX_SEGMENT_RICE_H
#define INDEX_SEGMENT_RICE_H

#include "index/segment_format.h"

#define RICE_LONG 24
#define RICE_K 30		/* greatest k */

/* --- reading ----------------------------------------------------------- */

/* SEG_PAD bytes can be read after the end. */
struct rice_in {
	const uint8_t *p;
	uint64_t at, end;	/* bits */
};

static inline unsigned
rice_ones(uint64_t w)
{
#ifdef __GNUC__
	return w == UINT64_MAX ? 64 : (unsigned)__builtin_ctzll(~w);
#else
	unsigned n = 0;

	for (; w & 1; w >>= 1)
		n++;
	return n;
#endif
}

/* n <= 32 bits; beyond the end: anything. */
static inline uint32_t
rice_bits(struct rice_in *r, unsigned n)
{
	uint32_t v;

	if (r->at > r->end)
		return 0;
	v = seg_bits(r->p, r->at, n);
	r->at += n;
	return v;
}

/* Check ->at against ->end when all is read; nothing is read beyond. */
static inline uint32_t
rice_get(struct rice_in *r, unsigned k)
{
	uint64_t w;
	unsigned q;

	if (r->at > r->end)
		return 0;
	w = get64(r->p + r->at / 8) >> (r->at % 8);
	q = rice_ones(w);
	if (q >= RICE_LONG) {
		r->at += RICE_LONG;
		return rice_bits(r, 32);
	}
	r->at += q + 1;
	/* of the 57 bits there are at least 33 left */
	w = w >> (q + 1) & ((UINT64_C(1) << k) - 1);
	r->at += k;
	return (uint32_t)((uint64_t)q << k | w);
}

/*
 * One of the numbers below `room`, or any other after the code of room
 * itself: codes of two lengths, the shorter ones for the less (truncated
 * binary).
 */
static inline uint32_t
rice_one_of(struct rice_in *r, uint32_t room)
{
	unsigned width = bits_width(room + 1) - 1;
	uint32_t fewer = (UINT32_C(2) << width) - (room + 1), v, more;

	if (r->at > r->end)
		return 0;
	more = seg_bits(r->p, r->at, width + 1);
	v = more & ((UINT32_C(1) << width) - 1);
	r->at += width + (v >= fewer);
	if (v >= fewer)
		v = (v << 1 | more >> width) - fewer;
	return v == room ? rice_bits(r, 32) : v;
}

/* k for the first of n gaps that have so much room together. */
static inline unsigned
rice_k_of(uint32_t room, uint32_t n)
{
	unsigned width = bits_width(room / (n + 1));

	return width > 0 ? width - 1 : 0;
}

/* --- writing ----------------------------------------------------------- */

/* The k that takes the fewest bits. */
unsigned rice_k(const uint32_t *, size_t n);

struct rice_out {
	struct buf *to;		/* borrowed */
	uint64_t acc;
	unsigned n;
};

static inline void
rice_put_bits(struct rice_out *o, uint64_t v, unsigned width)
{
	o->acc |= v << o->n;	/* n is less than 32 */
	o->n += width;
	if (o->n < 32)
		return;
	put32((uint8_t *)buf_reserve(o->to, 4), (uint32_t)o->acc);
	o->to->len += 4;
	o->acc >>= 32;
	o->n -= 32;
}

static inline void
rice_put(struct rice_out *o, uint32_t v, unsigned k)
{
	uint32_t q = v >> k;

	if (q >= RICE_LONG) {
		rice_put_bits(o, (1u << RICE_LONG) - 1, RICE_LONG);
		rice_put_bits(o, v, 32);
	} else if (q + 1 + k <= 32) {
		v &= (UINT32_C(1) << k) - 1;
		rice_put_bits(o, ((UINT64_C(1) << q) - 1) |
		    (uint64_t)v << (q + 1), q + 1 + k);
	} else {
		rice_put_bits(o, (1u << q) - 1, q + 1);
		rice_put_bits(o, v & ((UINT32_C(1) << k) - 1), k);
	}
}

static inline void
rice_put_one_of(struct rice_out *o, uint32_t v, uint32_t room)
{
	unsigned width = bits_width(room + 1) - 1;
	uint32_t fewer = (UINT32_C(2) << width) - (room + 1);
	uint32_t code = v < room ? v : room;

	if (code < fewer) {
		rice_put_bits(o, code, width);
	} else {
		code += fewer;
		rice_put_bits(o, code >> 1 | (uint64_t)(code & 1) << width,
		    width + 1);
	}
	if (v >= room)
		rice_put_bits(o, v, 32);
}

static inline void
rice_end(struct rice_out *o)
{
	buf_reserve(o->to, 4);
	put32((uint8_t *)o->to->p + o->to->len, (uint32_t)o->acc);
	o->to->len += (o->n + 7) / 8;
	o->to->p[o->to->len] = '\0';
	o->acc = o->n = 0;
}

#endif
