/*
 * Pieces that a new snapshot need not put again: those that are there, and
 * stay: of the newest snapshot, or put lately.  Others somebody may be about
 * to delete (prune.h).
 */
#ifndef SYNC_SNAPSHOT_KNOWN_H
#define SYNC_SNAPSHOT_KNOWN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/map.h"

struct sync;

struct snapshot_known {
	struct map names;		/* in hexadecimal */
};

/* One listing, and what tells the remote's time.  Release it in any case. */
int	snapshot_known_load(struct snapshot_known *, struct sync *,
	    struct err *);
void	snapshot_known_release(struct snapshot_known *);
/* struct snapshot_how's known. */
bool	snapshot_known(void *, const uint8_t name[HASH_LEN]);

#endif
