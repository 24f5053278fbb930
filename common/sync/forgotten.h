/*
 * What was forgotten, or lost a secret, on a remote: segments that have it are
 * made again without it, or, where they cannot be (the change log was trimmed,
 * or another node wrote them), a new snapshot is in their place, as repair.h
 * does it; a new snapshot takes the place of the old one; and what nothing
 * names any more goes, by the rules of prune.h.
 *
 * A node that is behind a segment which only a snapshot has has to be pulled
 * anew; where its writer does this himself first, that is not needed.
 */
#ifndef SYNC_FORGOTTEN_H
#define SYNC_FORGOTTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "sync/prune.h"

struct sync;

struct forgotten_how {
	bool dry_run;
	bool now;		/* objects go whatever their age: nobody else
				   pushes meanwhile */
	int (*told)(void *, const struct pruned *, struct err *);
	void *arg;
};

struct forgotten_sums {
	int64_t number;		/* of the last manifest */
	int64_t segments;	/* looked at */
	int64_t replaced;	/* made again without it */
	int64_t covered;	/* in a snapshot alone from now on */
	bool snapshot;		/* a new one was put */
	int64_t files;		/* of sessions, under their readable names,
				   deleted */
	struct prune_sums pruned;	/* young: they go by a prune, when they
					   are two days old */
};

/* After a push.  ERR_BUSY, ERR_ABSENT as of prune and push_snapshot. */
int	forgotten(struct sync *, const struct forgotten_how *,
	    struct forgotten_sums *, struct err *);

/* All below the tenant's folder: also what is not below .memkit. */
struct remote_entry;
int	forgotten_list(struct sync *, int (*found)(void *,
	    const struct remote_entry *, struct err *), void *, struct err *);

/* Does the line of a segment tell of what was forgotten here?  1, 0. */
int	forgotten_line(struct sync *, const char *line, size_t, struct err *);

#endif
