/*
 * A text that is said to follow from others: how many of its words, compared
 * by their stems and weighed by how rare they are (text/rare.h), stand in
 * these.
 */
#ifndef TOC_CLAIM_H
#define TOC_CLAIM_H

#include <stdbool.h>
#include <stddef.h>

#include "toc/turn.h"

struct claim {
	struct turn turn;	/* owns text, which is cleaned
				   (summary_clean) */
	double *weight;		/* own; of each word, 0: counts no more */
	double all;		/* sum at first */
};

void	claim_init(struct claim *, struct turn_reader *, const char *text);
void	claim_release(struct claim *);

/* The weight that words find of what is not found yet; take: it is, then. */
double	claim_found(struct claim *, const struct turn_word *, size_t n,
	    bool take);
/* Are all of its numbers found? */
bool	claim_numbers(const struct claim *);

#endif
