/*
 * Bytes of artifacts on a remote: as local_fs has them, sealed by the codec or
 * not, and never opened.  An object is named by their SHA-256
 * ("TENANT/.memkit/blob/ab/ab12...") and is never written over; where a remote
 * is set to packs (pack_put.h) they are in one, as files are, and where it is
 * sealed all of them are.
 */
#ifndef SYNC_ARTIFACT_BYTES_H
#define SYNC_ARTIFACT_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "sync/pack_note.h"

struct sync;

#define ARTIFACT_BYTES "blob"		/* the kind of object */

struct artifact_bytes {
	uint8_t sum[HASH_LEN];
	uint64_t size;
	int fd;				/* where they go; -1: they are only
					   looked at */
	/* the answer */
	bool got;			/* there, and what they must be */
	bool absent;			/* there is no such object */
};

/*
 * Of each of n.  What has no fd is read and compared; without `read` what the
 * remote says of it is enough, where it says something.  -1: nobody knows.
 */
int	artifact_bytes_get(struct sync *, struct artifact_bytes *, size_t n,
	    bool read, struct pack_bad *, struct err *);

#endif
