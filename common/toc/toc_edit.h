/*
 * What somebody decides about contents: which version of a node counts, what
 * is to be seen first or not at all.  It outlives every build, and all above
 * what was changed is made again by the next one.
 */
#ifndef TOC_TOC_EDIT_H
#define TOC_TOC_EDIT_H

#include <stdint.h>

#include "base/err.h"
#include "toc/toc.h"

struct store;

/*
 * An older version of a node counts again, until its events change.
 * 1 done, 0 it counts already; -1 ERR_ABSENT: there is no such version.
 */
int	toc_rollback(struct store *, const struct toc_node *,
	    int64_t version, struct err *);

/*
 * Mark a node by name, or by the id of a grip the bullets that rest on it;
 * kind 0 takes the mark away.  1 done, 0 it was so; -1 ERR_ABSENT: there is
 * nothing of that name.
 */
int	toc_mark(struct store *, const char *name, enum toc_kind,
	    struct err *);

/* --- of other copies of the store (decision.h), inside a transaction --- */

struct decided;
/* What it is about becomes what was decided last; what is not here waits. */
int	toc_decided(struct store *, const struct decided *, struct err *);

/* After a build, for the store's user: versions that were waited for count.
 * A transaction, if there is anything to ask.  1 some were moved, 0. */
int	toc_move_all(struct store *, struct err *);

#endif
