/*
 * Bringing an index up to date: new rows become a segment, small segments
 * become greater ones, what was forgotten goes.
 */
#ifndef SEARCH_INDEXING_H
#define SEARCH_INDEXING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "search/doc.h"

struct store;

struct indexing {
	int64_t docs;		/* added */
	int64_t gone;		/* left out: forgotten or replaced */
	int64_t merged;		/* documents that were written again */
	int64_t live;		/* documents in the index at the end */
	int64_t segments;	/* at the end */
	int64_t bytes;		/* of their files */
	int64_t vectors;	/* documents alive that have one */
	int64_t vector_bytes;	/* of their files */
	struct err trouble;	/* why not all vectors were made; ERR_NONE:
				   they were, or there is no model */
};

struct indexing_how {
	bool rebuild;		/* from nothing, whatever is there */
	int wait_ms;		/* for another that is at it */
	size_t memory;		/* of a segment in the making; 0: default */
	/* how far: rows done of all; nonzero ends it, with an error set */
	int (*progress)(void *, int64_t done, int64_t all, struct err *);
	/* what was found damaged and is made again; or NULL */
	void (*note)(void *, const char *);
	void *arg;
};

/*
 * The index of a scope: of the store's user's events, nodes, grips, facts or
 * artifacts, or of the tenant's records or facts; with vectors, where the
 * store has a model for them.
 * ERR_BUSY: another process is at it.  What was done before an error stays
 * done.
 */
int	indexing_update(struct store *, enum source,
	    const struct indexing_how *, struct indexing *, struct err *);

/*
 * Every checksum of every segment and of its vectors, and some queries
 * scored in both ways.
 * ERR_INDEX: what is wrong.  No index is a sound one.
 */
int	indexing_verify(struct store *, enum source, struct indexing *,
	    struct err *);

/* Is there one, whatever it is worth? */
bool	indexing_there(const struct store *, enum source);

/* How many rows an index lacks, looking no further than most.  1, or 0:
 * there is none that serves. */
int	indexing_lag(struct store *, enum source, int64_t most, int64_t *rows,
	    struct err *);

#endif
