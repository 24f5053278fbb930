/*
 * Inside of a query: its components in the two forms that rows are met with.
 */
#ifndef INDEX_VECTOR_QUERY_H
#define INDEX_VECTOR_QUERY_H

#include "index/vector.h"
#include "index/vector_dot.h"

struct vector_query {
	struct vector_model model;
	size_t wide;
	double scale;			/* of small */
	int32_t sum;			/* of small */
	int8_t *small;			/* own; for the int8 */
	int16_t *fine;			/* own; for the bits */
	int16_t *lut;			/* own; of fine */
	const struct vector_way *way;
};

#endif
