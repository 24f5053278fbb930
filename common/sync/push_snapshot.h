/*
 * The snapshots of a push.
 */
#ifndef SYNC_PUSH_SNAPSHOT_H
#define SYNC_PUSH_SNAPSHOT_H

#include <stddef.h>

#include "base/err.h"

struct manifest_segment;
struct strv;
struct sync;

/* Is one worth its bytes?  1, 0. */
int	push_snapshot_due(struct sync *, struct err *);

/* Is all here that only the newest snapshot has, so that another one may take
 * its place?  1, 0. */
int	push_snapshot_may(struct sync *, struct err *);

/*
 * Put one, and a manifest that names it.  lost: of these nodes it is all that
 * there will be, up to what is in it; NULL: of none.  ERR_ABSENT: it may not
 * take the place of the one that there is.
 */
int	push_snapshot(struct sync *, const struct strv *lost, struct err *);
/* The same: these segments, of which all is here, are lost, and it is in
 * their place. */
int	push_snapshot_holes(struct sync *, const struct manifest_segment *,
	    size_t n, struct err *);

#endif
