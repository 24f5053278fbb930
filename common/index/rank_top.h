/*
 * The search for the best k in one segment after the other; between
 * rank_top.c, which goes through the segments, and rank_window.c, which
 * reads the lists of one.  Private to them.
 */
#ifndef INDEX_RANK_TOP_H
#define INDEX_RANK_TOP_H

#include "index/rank_check.h"
#include "index/rank_heap.h"

#define RANK_WINDOW 4096	/* documents whose scores are summed at once;
				   the square of 64 */
#define RANK_BATCH 256		/* candidates that are asked for at once */
#define RANK_STEP BITS_BLOCK	/* that come at once */

struct scored {
	struct rank_list l;
	double weighted;	/* weight * idf */
	double max;		/* bound of the whole list */
	double bound;		/* in this window */
	uint32_t block;		/* whose scores these are */
	double score[BITS_BLOCK];
};

struct top {
	struct rank *r;
	struct score_table table;
	double *weighted;		/* own; of each term of the match */
	struct rank_heap heap;
	bool slow;
	/* of the part that is searched */
	size_t part;
	struct rank_checks *checks;
	const uint8_t *lengths;
	uint32_t docs, from, end;	/* [from, end) is looked at */
	bool ties;		/* an equal score may still win */
	struct scored *list;		/* own */
	struct scored **by_max;		/* own; the greatest bound first */
	struct scored **order;		/* own; the same in a window */
	double *rest;		/* own; of each place in the order on: bounds */
	int n;
	uint32_t cands, batch;
	struct top_window {
		double acc[RANK_WINDOW];
		uint64_t seen[RANK_WINDOW / 64];
		uint64_t any;	/* a bit for each of seen */
	} *w;			/* own; NULL until needed; 0 between windows */
	/* what the lists that are read gave, ascending documents */
	uint32_t cand[RANK_BATCH + RANK_STEP];
	double sum[RANK_BATCH + RANK_STEP];
};

/* A score must be greater. */
static inline double
top_cut(const struct top *t)
{
	if (t->heap.n < t->heap.k)
		return -1;
	return t->heap.hit[0].score - (t->ties ? SCORE_UNIT : 0);
}

/* A document with its score: one of the best, if it holds.  scored: a term
 * gave it that score. */
int	top_offer(struct top *, uint32_t doc, double score, bool scored,
	    struct err *);

/* The lists of a part are open: read them. */
int	top_windows(struct top *, struct err *);

#endif
