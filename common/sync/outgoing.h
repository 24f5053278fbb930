/*
 * What a change of this node is to another one: a line of memkit-json(5).
 */
#ifndef SYNC_OUTGOING_H
#define SYNC_OUTGOING_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "store/change.h"

struct event_iter;
struct store;

struct outgoing {
	struct store *st;	/* borrowed */
	int64_t own;		/* number of the node whose values and versions
				   need not say whose they are; 0: all do */
	int64_t first;		/* whose those are that bear no number: they
				   are older than nodes */
	struct event_iter *it;	/* own */
	struct buf room;
};

void	outgoing_init(struct outgoing *, struct store *, int64_t own,
	    int64_t first);
void	outgoing_release(struct outgoing *);

/* Appends the line.  1, 0 its row went since, or it is nothing that travels. */
int	outgoing_line(struct outgoing *, const struct change *, struct buf *,
	    struct err *);

#endif
