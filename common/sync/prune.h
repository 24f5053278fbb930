/*
 * Prune: what lies on a remote, and no manifest names any more, goes: segments
 * and packs of pushes that died, or in whose place others came; files under
 * their hashes, and bytes of artifacts, that no row wants; descriptions and
 * pieces of older snapshots; older states (sync_state.h); what was begun and
 * left.
 *
 * It is of a certain age by the remote's own clock, two days at least: a push
 * or a snapshot that is under way names nothing that it put longer ago than
 * that, and takes nothing for granted that others put (journal.h,
 * snapshot_known.h).  The snapshot that was the newest so long ago stays, too,
 * for whoever has begun to pull it.  The manifests are read again when all is
 * listed, and each object is looked at right before it goes, so that one that
 * was put again meanwhile stays.
 *
 * Manifests are never deleted, nor is anything whose name is not known here.
 */
#ifndef SYNC_PRUNE_H
#define SYNC_PRUNE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct sync;

#define PRUNE_LEAST_MS INT64_C(172800000)
#define PRUNE_USUAL_MS INT64_C(604800000)

/* In the order in which they go: what names others first. */
enum prune_what { PRUNE_SNAPSHOT, PRUNE_PIECE, PRUNE_SEGMENT, PRUNE_PACK,
    PRUNE_FILE, PRUNE_BLOB, PRUNE_STATE, PRUNE_CLOCK, PRUNE_UNKNOWN };
extern const char *const prune_whats[];		/* by number */

struct pruned {
	enum prune_what what;	/* unknown: it stays */
	const char *key;	/* borrowed */
	uint64_t size;
	int64_t modified_ms;	/* by the remote's clock */
};

struct prune_how {
	int64_t age_ms;		/* from PRUNE_LEAST_MS on */
	bool dry_run;		/* by our own clock: nothing is put to see
				   the remote's */
	int (*told)(void *, const struct pruned *, struct err *);
	void *arg;
};

struct prune_sums {
	int64_t number;		/* of the last manifest */
	int64_t deleted, bytes;
	int64_t young;		/* named by none, and not that old yet */
	int64_t unknown;
	int64_t unfinished;	/* uploads and temporary files */
};

/*
 * ERR_BUSY: not all that is there was taken in here, so what it needs is not
 * known; ERR_CORRUPT: the newest snapshot cannot be read (repair.h).
 */
int	prune(struct sync *, const struct prune_how *, struct prune_sums *,
	    struct err *);

#endif
