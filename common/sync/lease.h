/*
 * Who writes which session: entries of the manifests.
 *
 * A push takes the sessions that were written for it, one epoch further where
 * another node wrote them last, and may keep them (hold_ms).  Then another
 * node's push of that session is refused until the time is over, or it steals
 * the session; and one whose session was written by another since its last
 * pull is refused until it has pulled.  It is the manifest's number that
 * decides: one that was made without knowing of the other is never added.
 *
 * A held session is free when the observer has seen its entry unchanged for
 * so long by a clock of his own that nobody sets (Lamport, "Time, Clocks, and
 * the Ordering of Events"; Gray and Cheriton, "Leases", 1989).  The clocks of
 * two nodes are never compared.
 */
#ifndef SYNC_LEASE_H
#define SYNC_LEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct sync_manifest;
struct sync;

/* For a manifest that is being filled. */
struct lease_taking {
	struct sync *s;
	struct sync_manifest *m;
	int64_t hold_ms;
	bool steal;
	int64_t held_ms;	/* out: it was refused, because another node
				   holds a session for so long */
};

/* Adds the entry.  ERR_BUSY: another node has the session; the message names
 * it, and what to do. */
int	lease_take_for(void *taking, const char *user, const char *session,
	    struct err *);

/* A manifest for it alone: taken, and held.  With hold_ms 0 it is given
 * back; 0 where it was not ours. */
int	lease_take(struct sync *, const char *user, const char *session,
	    int64_t hold_ms, bool steal, struct err *);
int	lease_drop(struct sync *, const char *user, const char *session,
	    struct err *);
/* All that we hold, for so long from now on; 0 gives them back. */
int	lease_keep(struct sync *, int64_t hold_ms, struct err *);

#endif
