/*
 * The indexes that a search asks about one source, as if they were one: that
 * of the call's own user (or of the tenant), and of those who let it read by
 * grafts.  What may not be seen is dead in them.
 *
 * A part is a segment of any of them, its number tells of which.  Those of
 * other users are read as they are: what they lack is read from the store, and
 * a call writes nothing that is another's.
 */
#ifndef SEARCH_INDEXES_H
#define SEARCH_INDEXES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "index/rank.h"
#include "index/vector.h"
#include "search/cands.h"
#include "search/indexed.h"
#include "search/query.h"
#include "search/seen.h"

struct indexes_one {
	struct indexed x;
	size_t who;		/* of seen */
	uint64_t stamp;		/* of its manifest, before it was read */
	bool open;
};

struct indexes {
	struct store *st;		/* borrowed */
	struct seen *seen;		/* borrowed */
	enum source source;
	struct indexes_one **one;	/* own; not all are open */
	size_t n, cap;
	/* of indexes_join: their parts, one after the other */
	struct rank_part *part;		/* own */
	struct vector_part *vector;	/* own; beside part; NULL: none */
	uint32_t *of;			/* own; of each part, number in one */
	size_t parts;
	int64_t vectors;		/* documents alive that have one */
	/* of the query asked */
	struct rank *rank;		/* own */
	struct rank_filter *filter;	/* own */
	size_t filters;
	struct buf values;		/* what the filters' values point to */
	const struct query *q;		/* borrowed */
	bool also;			/* more must hold than the query asks */
};

void	indexes_init(struct indexes *, struct seen *, enum source);
void	indexes_close(struct indexes *);
/* The index of a user; NULL: none is open. */
struct indexed *indexes_of(const struct indexes *, size_t who);
/* Where it would be. */
struct indexes_one *indexes_place(struct indexes *, size_t who);
void	indexes_drop(struct indexes_one *);

/* Once what may be seen was marked in all (indexed_see): they are one now. */
void	indexes_join(struct indexes *, bool vectors);
/* How many documents alive have a piece (of all: ->vectors). */
int	indexes_piece_df(struct indexes *, uint32_t piece, uint32_t *df,
	    struct err *);

/* Look a query up, and add them to the statistics of cands. */
int	indexes_ask(struct indexes *, const struct query *, struct cands *,
	    struct err *);
void	indexes_forget(struct indexes *);	/* the query */
/* Add these documents, which are in the order of their places. */
int	indexes_add(struct indexes *, const struct rank_hit *, size_t n,
	    struct cands *, struct err *);
/* Once the tail has counted, too: add the best k (or how many there are). */
int	indexes_find(struct indexes *, size_t k, struct cands *, struct err *);
int	indexes_count(struct indexes *, int64_t most, struct cands *,
	    struct err *);

#endif
