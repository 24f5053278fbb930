/*
 * A pack: the bytes of many files of sessions in one object of a remote, where
 * an object each would cost more.  memkit-remote(5) has its form: an index,
 * and the bytes of the files behind it, one behind the other in its order.
 * The index is one frame of zstd over lines of JSON; the first says what it
 * is, each further one has the SHA-256 and the size of a file, so that where
 * its bytes begin follows from the sizes before it.
 *
 * Files have no names there: rows name the SHA-256 of their bytes.
 */
#ifndef SYNC_PACKFILE_H
#define SYNC_PACKFILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"

#define PACK_KIND "pack"
#define PACK_FORMAT 1
/* Plain bytes of a pack, about; a larger file is one by itself.  So large that
 * a request costs nothing beside its bytes (10 ms a request are a tenth of it
 * at 1 Gbit/s), so small that three of them on their way are no memory. */
#define PACK_TARGET ((uint64_t)8 << 20)
/* Files from here on lie by themselves, where they are in clear: a request for
 * each is a hundredth of what their bytes cost, and they can be read by their
 * names. */
#define PACK_SMALL ((uint64_t)1 << 20)
#define PACK_FILES 16384
#define PACK_INDEX_MAX 2097152		/* bytes of an index, packed or not */

struct pack_member {
	uint8_t sha256[HASH_LEN];
	uint64_t size;
	uint64_t offset;	/* behind the end of the index */
};

struct packfile {
	struct pack_member *v;	/* own */
	size_t n, cap;
	uint64_t bytes;		/* of all */
};
#define PACKFILE_INIT { NULL, 0, 0, 0 }
void	packfile_release(struct packfile *);
void	packfile_clear(struct packfile *);

/* One more; there are at most PACK_FILES. */
void	packfile_add(struct packfile *, const uint8_t sha256[HASH_LEN],
	    uint64_t size);
/* The index, appended. */
void	packfile_write(const struct packfile *, struct buf *);
/*
 * Of an index alone, all of it, into an empty one; release it in any case.
 * ERR_CORRUPT: it is none, or not as packfile_write makes it; ERR_VERSION: a
 * newer memkit made it.
 */
int	packfile_read(struct packfile *, const void *, size_t, struct err *);

#endif
