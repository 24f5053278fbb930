/*
 * Files out of packs (packfile.h), by their SHA-256: in the order in which
 * they lie there, those that are near each other by one range.  A range has
 * no hash of its own; each file's is compared, so what was damaged is told,
 * and looked for in the other packs that have it.
 *
 * At most about 34 MB of memory.
 */
#ifndef SYNC_PACK_GET_H
#define SYNC_PACK_GET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "sync/pack_note.h"

struct sync;

struct pack_want {
	uint8_t sha256[HASH_LEN];
	uint64_t size;
	/* the answer */
	bool got;
	/* ours */
	int64_t pack;			/* where it was looked for last, */
	bool again;			/* and is looked for once more */
	uint64_t offset;
};

struct pack_get {
	struct pack_want *want;
	size_t n;
	/* Bytes of one, from `at` on; they count once that is `got`.  They may
	 * come again, from 0 on.  NULL: they are only compared. */
	int (*take)(void *, size_t i, const void *, size_t, uint64_t at,
	    struct err *);
	void *arg;
	struct pack_bad *bad;		/* NULL: not told */
};

/* Is it in a pack, as far as is known (pack_note_all)?  1, 0. */
int	pack_want(struct sync *, struct pack_want *,
	    const uint8_t sha256[HASH_LEN], uint64_t size, struct err *);
/* Those that are in packs, and are what they must be, are got. */
int	pack_get(struct sync *, const struct pack_get *, struct err *);
/*
 * The same by what the remote says of each pack (its size, and its SHA-256 as
 * far as it keeps that and we know it), which has to name the file: one
 * request a pack.  Where it keeps none, or `read` is set, they are read, and
 * the index of each pack.
 */
int	pack_prove(struct sync *, const struct pack_get *, bool read,
	    struct err *);

#endif
