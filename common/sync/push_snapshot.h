/*
 * The snapshots of a push.
 */
#ifndef SYNC_PUSH_SNAPSHOT_H
#define SYNC_PUSH_SNAPSHOT_H

#include "base/err.h"

struct strv;
struct sync;

/* Is one worth its bytes?  1, 0. */
int	push_snapshot_due(struct sync *, struct err *);

/*
 * Put one, and a manifest that names it.  lost: of these nodes it is all that
 * there will be, up to what is in it; NULL: of none.
 */
int	push_snapshot(struct sync *, const struct strv *lost, struct err *);

#endif
