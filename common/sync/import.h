/*
 * Taking an export in (export.h): an ingest of its records, in batches, after
 * all of it was looked through.  Again is nothing new, and so whoever was
 * interrupted does it again.
 *
 * As with a change segment (segment_apply.h) events are a union, values and
 * versions keep their stamps and find their places, and what was forgotten on
 * either side stays so.  It may be of any store: whoever names the file wants
 * it.  The bytes of files come behind their rows, where those count and were
 * never here.
 */
#ifndef SYNC_IMPORT_H
#define SYNC_IMPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "sync/file_batch.h"
#include "sync/import_artifacts.h"
#include "sync/segment_apply.h"

struct store;

struct import_config {
	bool dry_run;		/* all of it in one transaction, undone */
	/* Told of clashes, and of what was refused; may be NULL. */
	applied_fn *told;
	/* Told of files that did not go where they belong, or in whose way
	 * others were; may be NULL. */
	file_batch_fn *file;
	void *arg;
	/* of so many records, for a terminal; may be NULL */
	void (*progress)(int64_t, int64_t);
};

struct imported {
	struct applied sums;
	int64_t rejected;	/* beside conflicts and what was forgotten */
	struct file_batch_sums files;
	struct imported_artifacts artifacts;
	int64_t size_bytes;	/* of all that is in it */
};

/*
 * From a descriptor to its end; name is of it, for messages.  ERR_CORRUPT: it
 * is cut off, altered, or not ours; ERR_INPUT: a bundle of another kind;
 * ERR_VERSION: made by a newer memkit.  With these nothing was taken in.
 */
int	import_read(struct store *, const struct import_config *, int fd,
	    const char *name, struct imported *, struct err *);

#endif
