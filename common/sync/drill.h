/*
 * A restore drill: the memory is built from a remote alone, in a temporary
 * store, and compared with what is here.  It tells whether, how much later
 * (recovery time), and how much less of it (recovery point) one would have.
 */
#ifndef SYNC_DRILL_H
#define SYNC_DRILL_H

#include <stdint.h>

#include "base/err.h"

struct store;
struct sync;

/* Of what is here and should be there: event, session, value, record,
 * artifact, tombstone. */
typedef int drill_fn(void *, const char *what, const char *user,
	    const char *id, const char *why, struct err *);

struct drilled {
	int64_t number;			/* of the last manifest */
	int64_t events, values, records, tombstones;	/* compared */
	int64_t missing, different;
	int64_t behind;			/* changes that were not pushed yet, and
					   are left out */
	int64_t rpo_ms;			/* age of the oldest of them; 0 none */
	int64_t rto_ms;			/* how long the restore took */
	int64_t files;			/* fetched, and what they must be */
	int64_t artifacts;		/* compared; of local_fs the bytes,
					   too */
	int64_t received;		/* bytes */
};

/* fn is told of each that is missing or different. */
int	drill(struct sync *, drill_fn *fn, void *arg, struct drilled *,
	    struct err *);

/* The comparison alone: with what came here after change `after` left out. */
int	drill_compare(struct store *here, struct store *there, int64_t after,
	    drill_fn *fn, void *arg, struct drilled *, struct err *);

#endif
