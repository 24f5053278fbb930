/*
 * Taking a change segment in: an ingest of its records, in one transaction
 * with the note how far its node is here now.  So a segment is in as a whole
 * or not at all, and again is nothing new.
 *
 * Events are a union by their ids: one that is here with other content is
 * refused and counted.  Of a value or a record that two nodes wrote without
 * knowing each other both stay, and the later one (time, then node) counts
 * everywhere.  What was forgotten stays so, whatever comes first.
 */
#ifndef SYNC_SEGMENT_APPLY_H
#define SYNC_SEGMENT_APPLY_H

#include <stdint.h>

#include "base/err.h"

struct ingest_result;
struct segmentfile;
struct store;

struct applied {
	int64_t records, stored, duplicate;
	int64_t conflicts;	/* events that are here with other content */
	int64_t forgotten;	/* what is refused because it was forgotten */
	int64_t clashes;	/* of the stored: written on both sides */
};

/* Told of conflicts and clashes, before the commit; -1 undoes it all. */
typedef int applied_fn(void *, const struct ingest_result *, struct err *);

/*
 * 1 taken in, 0 it was here already.  ERR_ABSENT: changes between what is here
 * and this segment are missing; the message names them.  ERR_VERSION: a record
 * of a kind that this version does not know.  ERR_EXISTS: it is from this very
 * node, which knows nothing of it: the store is an older copy of itself and
 * has to become a node of its own (node_renew).
 *
 * Whether this store wants the memory of that one (head.store_id, tenant) is
 * the caller's to decide.  Secrets are not looked for again.
 */
int	segment_apply(struct store *, const struct segmentfile *,
	    struct applied *, applied_fn *, void *, struct err *);

#endif
