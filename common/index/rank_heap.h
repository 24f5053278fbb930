/*
 * The best k hits seen so far, the worst of them at hand.  Private to rank*.c.
 */
#ifndef INDEX_RANK_HEAP_H
#define INDEX_RANK_HEAP_H

#include "index/rank.h"

struct rank_heap {
	const struct rank_part *part;	/* borrowed */
	bool *after;			/* borrowed; of a part: is its
					   every key greater than those of
					   all parts before? */
	size_t k;
	struct rank_hit *hit;		/* own; hit[0] is the worst */
	size_t n, cap;
	bool damaged;			/* a key could not be read */
};

void	rank_heap_add(struct rank_heap *, double score, uint32_t part,
	    uint32_t doc);
/* Best first; what is in ->hit is then in order. */
void	rank_heap_sort(struct rank_heap *);

#endif
