#include "base/vint.h"

#include "base/buf.h"

uint8_t *
vint_put(uint8_t *p, uint64_t x)
{
	for (; x > 127; x >>= 7)
		*p++ = (uint8_t)(x | 128);
	*p++ = (uint8_t)x;
	return p;
}

void
vint_add(struct buf *b, uint64_t x)
{
	uint8_t *p = (uint8_t *)buf_reserve(b, VINT_MAX);

	b->len += (size_t)(vint_put(p, x) - p);
	b->p[b->len] = '\0';
}

const uint8_t *
vint_long(const uint8_t *p, const uint8_t *end, uint64_t *x)
{
	uint64_t v = 0;
	unsigned shift;

	for (shift = 0; p < end && shift < 64; shift += 7) {
		v |= (uint64_t)(*p & 127) << shift;
		if (*p++ < 128) {
			if (shift == 63 && p[-1] > 1)
				return NULL;
			*x = v;
			return p;
		}
	}
	return NULL;
}
