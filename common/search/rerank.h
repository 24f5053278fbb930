/*
 * The best events by what they and their neighbours say, ranked again by a
 * few features, linear, by hand:
 *
 *	score = 4 base + 2 question + 4 cover + pairs + tells + first
 *	base = sum / the best sum
 *	question = h of the event before, where that is a question
 *	cover = idf of the query's terms that stand in the event or beside it
 *	    / idf of all
 *	pairs = share of the query's pairs of terms that follow each other,
 *	    with no more than one word between them
 *	tells = 1, or 0 if it is a question itself
 *	first = 1 if nothing was said before it in its session
 *
 * Nothing is read for it but columns and postings.
 */
#ifndef SEARCH_RERANK_H
#define SEARCH_RERANK_H

#include "search/fuse.h"

#define RERANK_BEST 50
#define RERANK_BASE 4.0
#define RERANK_QUESTION 2.0
#define RERANK_COVER 4.0
#define RERANK_PAIRS 1.0
#define RERANK_TELLS 1.0
#define RERANK_FIRST 1.0

/* turn[0 ... n): candidates, best first by their sums. */
int	rerank(struct fuse *, const size_t *turn, size_t n, struct err *);

#endif
