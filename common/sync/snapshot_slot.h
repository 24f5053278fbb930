/*
 * Pieces on their way to a remote or from it: so many at once as it can take
 * and memory allows, each with its key and the bytes of its object.
 *
 * Only snapshot_put.c and snapshot_get.c include this.
 */
#ifndef SYNC_SNAPSHOT_SLOT_H
#define SYNC_SNAPSHOT_SLOT_H

#include "base/buf.h"
#include "sync/remote.h"
#include "sync/snapshot_own.h"

struct snapshot_slots;

struct snapshot_slot {
	union {
		struct remote_op op;	/* the first of both */
		struct remote_put put;
		struct remote_get get;
	} u;
	struct snapshot_slots *of;
	size_t i;			/* which piece */
	struct buf key, frame;
	uint8_t sum[HASH_LEN];		/* of the object that is put */
};

struct snapshot_slots {
	struct remote *remote;		/* these two borrowed */
	const struct snapshot_how *how;
	void *user;
	struct snapshot_slot *slot;	/* own */
	int n;
	bool failed;
	struct err why;			/* of the first that failed */
};

/* Nothing was made: release is all the same right. */
#define SNAPSHOT_SLOTS_INIT { .remote = NULL }
void	snapshot_slots_make(struct snapshot_slots *, struct remote *,
	    const struct snapshot_how *, const struct snapshot *, void *user);
/* What is still on its way comes to its end, or, where the remote was
 * stopped, is dropped. */
void	snapshot_slots_release(struct snapshot_slots *);

/* One that is free, once it can be had; NULL with an error. */
struct snapshot_slot *snapshot_slots_next(struct snapshot_slots *,
	    struct err *);
/* It is for this piece: its key is made, its operation empty. */
void	snapshot_slot_begin(struct snapshot_slot *, size_t i,
	    const char *prefix, const struct snapshot_piece *,
	    void (*done)(struct remote_op *));
/* For done: it came or went, or did not, of which the first is kept. */
void	snapshot_slot_went(struct snapshot_slot *);
void	snapshot_slot_failed(struct snapshot_slot *, const struct err *);
/* Until none is on its way; -1 if one failed. */
int	snapshot_slots_drain(struct snapshot_slots *, struct err *);

#endif
