/*
 * Rice codes (R. F. Rice, "Some practical universal noiseless coding
 * techniques", 1979): numbers of about one size in about as many bits.  A
 * number is its upper bits as so many ones and a zero, then its lower k bits;
 * one whose upper bits are RICE_LONG or more is RICE_LONG ones and 40 bits.
 * Bits fill bytes from the lowest on.
 */
#ifndef INDEX_RICE_H
#define INDEX_RICE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define RICE_LONG 20
#define RICE_BITS 40		/* of the greatest number */

struct rice_out {
	struct buf *to;		/* borrowed */
	uint64_t acc;
	unsigned bits, k;
};
/* The best k for numbers with this sum. */
unsigned rice_k(uint64_t sum, uint64_t n);
void	rice_start(struct rice_out *, struct buf *, unsigned k);
void	rice_put(struct rice_out *, uint64_t);	/* below 2^RICE_BITS */
void	rice_end(struct rice_out *);

struct rice_in {
	const uint8_t *p;
	uint64_t at, end;	/* bits */
	unsigned k;
};
void	rice_open(struct rice_in *, const uint8_t *, size_t, unsigned k);
int	rice_get(struct rice_in *, uint64_t *);	/* 1, 0: there are no more */

#endif
