/*
 * Adding a manifest: only behind the last one that there is, so that what it
 * rests on (who has which session) was true when it was made.
 *
 *	read what is new; let the caller say what he adds; put it where there
 *	is none of that number; if there is one, read it, and so on
 */
#ifndef SYNC_PUBLISH_H
#define SYNC_PUBLISH_H

#include "base/err.h"
#include "sync/sync_manifest.h"

struct sync;

/*
 * Called with all manifests in the journal, once for each attempt: add
 * segments and leases to one that is empty.  1 publish it, 0 there is nothing
 * to publish, -1.  What it names was put before.
 */
typedef int publish_fn(void *, struct sync_manifest *, struct err *);

/*
 * 1 published, 0 there was nothing to.  An answer that was lost is settled by
 * looking for the name of this push.  ERR_BUSY: others were faster again and
 * again.
 */
int	publish(struct sync *, publish_fn *, void *, struct err *);

#endif
