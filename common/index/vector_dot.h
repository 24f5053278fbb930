/*
 * The two sums that a scan is made of.  All ways to compute one give the
 * same integers; nothing saturates (|q| <= 128, wide <= 4096).
 */
#ifndef INDEX_VECTOR_DOT_H
#define INDEX_VECTOR_DOT_H

#include <stddef.h>
#include <stdint.h>

/*
 * out[i] = sum of row i times q: n rows, `stride` bytes from one to the next,
 * of `wide` components, a multiple of 64.  sum is that of q.
 */
typedef void vector_dots(const int8_t *rows, size_t stride, size_t n,
	    const int8_t *q, int32_t sum, size_t wide, int32_t *out);

/*
 * out[i] = sum of q, each component with the sign that row i has for it (a
 * bit set is plus): n rows of wide / 8 bytes.  |q| <= 4095.  lut is what
 * vector_lut made of q.
 */
typedef void vector_signs(const uint8_t *rows, size_t n, const int16_t *q,
	    const int16_t *lut, size_t wide, int32_t *out);

struct vector_way {
	const char *name;
	vector_dots *dots;
	vector_signs *signs;
};

/* Ways that this machine knows, the best one first, the plain one last. */
size_t	vector_ways(const struct vector_way **);

/* wide / 8 tables of 256 sums, one for each byte of a row. */
void	vector_lut(const int16_t *q, size_t wide, int16_t *lut);

#endif
