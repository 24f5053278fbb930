/*
 * Bytes of artifacts of local_fs in a backup: "tenants/FOLDER/blobs/KEY" for
 * each that a row says to be in the tenant's folder.  What lies in a folder
 * elsewhere (artifact.localFs.dir) stays out.
 *
 * Only backup.c and restore.c include this.
 */
#ifndef STORE_BACKUP_BLOBS_H
#define STORE_BACKUP_BLOBS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct bundle;
struct db;

struct backup_blobs {
	struct bundle *b;
	const char *dir;	/* of the store */
	const char *folder;	/* of the tenant */
	const char *scratch;	/* on the same disk: objects are linked there,
				   so that one that is deleted meanwhile can
				   still be read */
	int64_t linked;		/* so far, of all tenants */
	int64_t n, missing;	/* the answer */
};
int	backup_blobs_add(struct backup_blobs *, struct db *copy,
	    struct err *);

/* Is it such a path?  Its folder replaces what is in the buffer. */
bool	backup_blobs_path(const char *, struct buf *folder);

/* Of a restored tenant: whose bytes did not come are elsewhere, and what
 * others began is theirs.  blobs: its folder of them. */
int	backup_blobs_settle(struct db *, const char *blobs, struct err *);

#endif
