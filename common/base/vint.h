/*
 * Numbers in groups of seven bits, the least first; all bytes but the last have
 * the highest bit (LEB128).  The same bytes on every machine.
 */
#ifndef BASE_VINT_H
#define BASE_VINT_H

#include <stddef.h>
#include <stdint.h>

struct buf;

#define VINT_MAX 10		/* most bytes of one */

/* Returns the end of what was written, at most VINT_MAX bytes on. */
uint8_t	*vint_put(uint8_t *, uint64_t);
void	vint_add(struct buf *, uint64_t);	/* appended */

/* For vint_get. */
const uint8_t *vint_long(const uint8_t *, const uint8_t *end, uint64_t *);

/* Returns the end of what was read, or NULL: it goes beyond end, or has more
 * than 64 bits.  p may be NULL: stays so.  Most have one byte. */
static inline const uint8_t *
vint_get(const uint8_t *p, const uint8_t *end, uint64_t *v)
{
	if (p == NULL)
		return NULL;
	if (p < end && *p < 128) {
		*v = *p;
		return p + 1;
	}
	return vint_long(p, end, v);
}

#endif
