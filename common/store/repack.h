/*
 * Events into packs, each user's in order of time.
 */
#ifndef STORE_REPACK_H
#define STORE_REPACK_H

#include <stdint.h>

#include "base/err.h"

struct store;

struct repack_sums {
	int64_t events, packs;		/* packed; made */
	int64_t content_bytes;		/* what is in them, unpacked */
	int64_t pack_bytes;		/* and packed */
	int64_t freed_bytes;		/* of single bodies that went */
};

/*
 * Pack all events that are in no pack, and those of packs up to the one
 * numbered fence anew (0: of none).  What does not fill a block stays as it
 * is.  Short transactions; who runs it keeps others from doing the same.
 * ERR_BUSY: writers did not let it in.
 */
int	repack(struct store *, int64_t fence, void (*progress)(int64_t events),
	    struct repack_sums *, struct err *);

/* How many events that is, those of a last block not full included. */
int	repack_todo(struct store *, int64_t fence, int64_t *events,
	    struct err *);

#endif
