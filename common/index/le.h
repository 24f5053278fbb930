/*
 * Numbers of a file: little endian, without alignment.
 */
#ifndef INDEX_LE_H
#define INDEX_LE_H

#include <stdint.h>
#include <string.h>

static inline uint32_t
le32_get(const void *at)
{
	const uint8_t *p = at;

	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

static inline uint64_t
le64_get(const void *at)
{
	const uint8_t *p = at;

	return (uint64_t)le32_get(p) | (uint64_t)le32_get(p + 4) << 32;
}

static inline float
lef_get(const void *at)
{
	uint32_t bits = le32_get(at);
	float f;

	memcpy(&f, &bits, sizeof f);
	return f;
}

static inline void
le32_put(void *at, uint32_t x)
{
	uint8_t *p = at;

	p[0] = (uint8_t)x;
	p[1] = (uint8_t)(x >> 8);
	p[2] = (uint8_t)(x >> 16);
	p[3] = (uint8_t)(x >> 24);
}

static inline void
le64_put(void *at, uint64_t x)
{
	le32_put(at, (uint32_t)x);
	le32_put((uint8_t *)at + 4, (uint32_t)(x >> 32));
}

static inline void
lef_put(void *at, float f)
{
	uint32_t bits;

	memcpy(&bits, &f, sizeof bits);
	le32_put(at, bits);
}

#endif
