/*
 * Pull where the tenant is not there yet: all of it is built in a temporary
 * store, from the newest snapshot and what came after it, and moved into place
 * when it is whole.  It is a node of its own then.
 */
#ifndef SYNC_PULL_FRESH_H
#define SYNC_PULL_FRESH_H

#include "base/err.h"
#include "sync/pull.h"

struct sync;

/* Is the tenant absent, so that this can be done? */
int	pull_fresh_may(const struct store *);

/*
 * s: of a store that was opened as STORE_FOLDER.  A get that broke off goes on
 * the next time.  ERR_BUSY: somebody made the tenant meanwhile.
 */
int	pull_fresh(struct sync *s, const struct pull_how *, struct pulled *,
	    struct err *);

#endif
