/*
 * Packs (packfile.h) out of files, on their way to a remote: each file that is
 * added goes into the one that is made just now; one that is full is put,
 * while the next is made.  What was put is in the journal, for the manifest
 * to come (pack_put_name).
 *
 * At most about 26 MB of memory.  A file larger than a pack is copied, and
 * where it is sealed, sealed, into a scratch folder of the store first, which
 * has to have the room.
 */
#ifndef SYNC_PACK_PUT_H
#define SYNC_PACK_PUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/seal.h"

struct pack_put;
struct sync;
struct sync_manifest;

struct packed {
	int64_t packs;
	int64_t files, bytes;		/* in them */
};

/* Does a file of so many bytes go into a pack of this remote? */
bool	pack_put_takes(const struct sync *, uint64_t size);

struct pack_put *pack_put_new(struct sync *, struct packed *);
/* Whatever the journal knows to be there may be damaged: put it again. */
void	pack_put_again(struct pack_put *);
/* Waits for what is on its way, and drops what was not put; takes NULL. */
void	pack_put_free(struct pack_put *);

/* Are these bytes in a pack that is known, or that is being made?  1, 0. */
int	pack_put_has(struct pack_put *, const uint8_t sha256[HASH_LEN],
	    struct err *);
/* All bytes of a file, which must have this hash and size: 1; 0 it has not.
 * It is read at once.  name is for messages. */
int	pack_put_add(struct pack_put *, int fd, const uint8_t sha256[HASH_LEN],
	    uint64_t size, const char *name, struct err *);
/* The same of bytes that somebody gives, who may be asked twice; they lie
 * nowhere in clear. */
int	pack_put_add_of(struct pack_put *, seal_source *, void *,
	    const uint8_t sha256[HASH_LEN], uint64_t size, const char *name,
	    struct err *);
/* The last one goes, too, and all are there. */
int	pack_put_end(struct pack_put *, struct err *);

/* Those that were put, and are in no manifest yet, into this one. */
int	pack_put_name(struct sync *, struct sync_manifest *, struct err *);

#endif
