/*
 * Keeping an engine up to date with a store.  What came since the last time is
 * written to the index of the tenant, a batch at a time, and marks move only
 * when the engine has confirmed it: who is killed at any moment does some of it
 * again, which changes nothing.
 *
 * An index that is not there, or another one than was told, is told all, from
 * the beginning.  To make it anew, a second index is filled while searches ask
 * the first; texts that other nodes of the tenant pushed are copied.
 *
 *	push_open; push_scope of each user, and of what is shared; push_end
 */
#ifndef ENGINE_PUSH_H
#define ENGINE_PUSH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/bulk.h"

struct store;

struct push_how {
	bool rebuild;
	int wait_ms;		/* for another process that is at it */
	/* texts so far; nonzero ends it, with the error set */
	int (*progress)(void *, int64_t done, struct err *);
	void (*note)(void *, const char *);	/* what should be known */
	void *arg;
};

struct push;

/*
 * The store is open for writing, and outlives it.  ERR_BUSY: another process
 * is at it.  ERR_VERSION: the index is of other words or vectors than the
 * store's; --rebuild makes it anew.  ERR_EXISTS: somebody else's is there.
 * And those of engine_open and engine_ask.
 */
int	push_open(struct push **, struct store *, const char *engine,
	    const struct push_how *, struct err *);
void	push_close(struct push *);		/* takes NULL */
const struct bulk_counts *push_counts(const struct push *);

/* All of a user, for whom the store is open from within; or what is shared.
 * ERR_ABSENT: the index went meanwhile; push_open makes it. */
int	push_scope(struct push *, struct store *, bool shared, struct err *);
/* All of all users were told; a new index comes in the place of the old. */
int	push_end(struct push *, struct err *);

#endif
