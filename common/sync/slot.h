/*
 * Requests to a remote that are under way at once, each with a slot: a struct
 * of the caller's that begins with a struct slot.
 */
#ifndef SYNC_SLOT_H
#define SYNC_SLOT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "sync/remote.h"

struct slot {
	enum { SLOT_FREE, SLOT_BUSY, SLOT_DONE } state;
	bool head;		/* that is what was asked */
	union {			/* all but op are the caller's */
		struct remote_op op;	/* that of the others */
		struct remote_head head;
		struct remote_get get;
		struct remote_put put;
	} u;
	struct buf key, more;	/* own; of the object, and the caller's */
};

/* Begin what ->u has; busy until it is done. */
void	slot_head(struct remote *, struct slot *);
void	slot_get(struct remote *, struct slot *);
void	slot_put(struct remote *, struct slot *);

struct slots {
	struct remote *remote;	/* borrowed */
	char *v;		/* own; zeroed, but for the buffers */
	size_t size;		/* of one */
	int n;
};

void	slots_init(struct slots *, struct remote *, int n, size_t size);
void	slots_release(struct slots *);	/* none is busy */

void	*slots_at(const struct slots *, int i);
void	*slots_unused(const struct slots *);	/* NULL: there is none */

/* Each that is done is shown, free again, so that it may ask once more.  How
 * many are busy; -1 as fn, and those that were not shown are still done. */
int	slots_collect(struct slots *, int (*fn)(void *, void *slot,
	    struct err *), void *, struct err *);
bool	slots_any_done(const struct slots *);

/* Wait until none is busy; what goes wrong meanwhile is nobody's question. */
void	slots_drain(struct slots *);

#endif
