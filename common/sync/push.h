/*
 * Push: what came in here goes to a remote.
 *
 * Segments are put first, then a manifest that names them.  Whenever a push
 * dies, the next one goes on: what was put is known, or is put again under
 * the same name.  Where somebody else holds
 * a session that was written here it says so (ERR_BUSY), and nothing is lost.
 */
#ifndef SYNC_PUSH_H
#define SYNC_PUSH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "sync/push_artifacts.h"
#include "sync/push_files.h"

struct sync;

struct push_how {
	bool steal;		/* take sessions that others hold */
	int64_t wait_ms;	/* for those, at most */
	int64_t hold_ms;	/* keep the sessions that were written for so
				   long after; 0: they are free at once */
	bool dry_run;		/* only count */
	bool snapshot;		/* put one, whether it is due or not */
};

struct pushed {
	int64_t changes, segments;	/* that were new there */
	int64_t sessions;		/* written in them */
	int64_t number;			/* of the last manifest */
	bool published;			/* it is ours, and new */
	bool snapshot;			/* one was put */
	struct pushed_files files;
	struct pushed_artifacts artifacts;
};

/* Until everything up to its begin is there. */
int	push(struct sync *, const struct push_how *, struct pushed *,
	    struct err *);

/* How far the remote is behind, by the journal alone; NULL: nothing is there
 * yet. */
struct behind {
	int64_t changes;	/* of this node, under any name that it had,
				   not there */
	int64_t since_ms;	/* when the oldest of them came; 0 none */
	int64_t newest;		/* change that there is */
};
struct journal;
struct store;
int	push_behind(struct store *, struct journal *, struct behind *,
	    struct err *);

/*
 * Sessions that have changes of this node after one: fn for each, in the
 * order of user and session.
 */
int	push_sessions(struct store *, int64_t after, int (*fn)(void *,
	    const char *user, const char *session, struct err *), void *,
	    struct err *);

#endif
