/*
 * Ranking over segments: the documents that a match asks for, the best k of
 * them by BM25, exactly those that scoring every document would give.
 *
 * Windowed MaxScore over block bounds: S. Ding and T. Suel, "Faster top-k
 * document retrieval using block-max indexes", 2011; A. Mallia et al., "An
 * experimental study of index compression and DAAT query processing
 * methods", 2019.  Everything that must hold is asked inside, so that a
 * filter never costs a hit its place.
 */
#ifndef INDEX_RANK_H
#define INDEX_RANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "index/match.h"
#include "index/score.h"
#include "index/segment.h"

enum rank_filter_kind {
	RANK_VALUES,	/* has one of these values */
	RANK_RANGE,	/* a column's number is in [min, end) */
	RANK_ASK	/* the index does not know: rank_ask */
};

struct rank_value {
	unsigned field;
	const char *text;	/* borrowed */
	size_t len;
	bool prefix;		/* of all that begin so */
};

struct rank_filter {
	enum rank_filter_kind kind;
	const struct rank_value *value;	/* borrowed */
	size_t values;
	unsigned column;
	int64_t min, end;
};

struct rank_part {
	struct segment *s;		/* borrowed */
	const uint64_t *dead;		/* borrowed; a bit for each document
					   that is gone, or is not to be seen;
					   no others.  NULL: none */
};

/* Does a filter hold for a document?  1, 0, -1. */
typedef int rank_ask(void *, size_t part, uint32_t doc, int filter,
    struct err *);

struct rank;

/*
 * Everything given is borrowed until rank_close.  filter: those that the
 * match names, `filters` of them, and after them others, `also` many, all of
 * which must hold, too.  A document alive is in one part only.
 */
int	rank_open(struct rank **, const struct match *,
	    const struct rank_filter *, size_t filters, size_t also,
	    const struct rank_part *, size_t parts, rank_ask *, void *arg,
	    struct err *);
void	rank_close(struct rank *);		/* takes NULL */

/* What these parts add to the statistics; df has a place for each term. */
int	rank_stats(struct rank *, struct score_scope *, int64_t *df,
	    struct err *);

struct rank_hit {
	double score;
	uint32_t part, doc;
};

/*
 * The best k, best first, equal ones in the order of their keys; *out is the
 * caller's.  scope and df are of all that is searched, here or elsewhere.
 * slow: score everything (what a search is compared with).
 */
int	rank_top(struct rank *, const struct score_params *,
	    const struct score_scope *, const int64_t *df, size_t k, bool slow,
	    struct rank_hit **out, size_t *n, struct err *);

/* How many hold; counts no further than most (0: all). */
int	rank_count(struct rank *, int64_t most, int64_t *n, struct err *);

/*
 * Do all groups but this one hold for a document, and the other filters?
 * 1, 0, -1.  Documents of a part are best asked for in ascending order, here
 * and below.
 */
int	rank_allows(struct rank *, int group, uint32_t part, uint32_t doc,
	    struct err *);

/* Positions of a term (no prefix) in a document, ascending, borrowed until
 * the next call; 0 of them when it has none. */
int	rank_positions(struct rank *, uint32_t part, uint32_t doc, size_t term,
	    const uint32_t **pos, uint32_t *n, struct err *);

/* Frequency of each term in a document, and its length, packed. */
int	rank_terms(struct rank *, uint32_t part, uint32_t doc, uint32_t *tf,
	    uint8_t *length, struct err *);

#endif
