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
	/* component i is about scale * (128 * high[i] + low[i]): two
	 * products of int8 give what one of int16 by int8 would */
	double scale;
	int8_t *high, *low;		/* own; for the int8 */
	int32_t high_sum, low_sum;
	int16_t *fine;			/* own; for the bits */
	int16_t *lut;			/* own; of fine */
	const struct vector_way *way;
};

#endif
