/*
 * Backup and restore: a store, or one tenant of it, as a bundle.
 *
 * In it, named as in the store: the file "memkit", each tenant's memory.db
 * as it was at one moment, and, where asked for, the configuration (with
 * processors and rules of one's own) and the keys; and bytes of artifacts of
 * local_fs (backup_blobs.h).  What can be made again stays out.
 */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "store/store.h"

#define BACKUP_KIND "backup"

struct backup_config {
	const char *dir;	/* of the store */
	const char *who;	/* makes it: for the audit log */
	const char *tenant;	/* NULL: all */
	bool config, keys;	/* too */
	bool artifacts;		/* bytes of artifacts that are in the folder of
				   a tenant, too */
	bool dry_run;		/* restore: check all of it, keep nothing */
	/* What is being done, for a terminal; may be NULL. */
	void (*progress)(const char *what, const char *which);
};

/*
 * Write a backup; writers of the store go on meanwhile.  A copy of each
 * database is made in the store's folder first, so it needs as much room
 * again; a row in the audit log of each tenant is written before the first
 * byte leaves.  *told is the record that says what was written; own.
 */
int	backup_write(const struct backup_config *, int fd, const char *name,
	    json_t **told, struct err *);

/*
 * Read a backup into a folder that is absent or empty, or, with a tenant
 * named, that tenant into a store that does not have it.  Everything is
 * taken apart and checked in a folder of its own there before anything
 * gets its name; the file "memkit", which makes it a store, comes last.
 * The store keeps the id that it had.  ERR_EXISTS: something is there.
 */
int	backup_read(const struct backup_config *, const struct store_where *,
	    int fd, const char *name, json_t **told, struct err *);

#endif
