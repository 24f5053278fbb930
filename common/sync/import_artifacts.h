/*
 * Bytes of artifacts out of an export: each entry is named by its hash, and has
 * to be one that a row in the export wants.  They lie in the scratch folder
 * under numbers until the rows are in.
 *
 * Only import.c and import.h include this.
 */
#ifndef SYNC_IMPORT_ARTIFACTS_H
#define SYNC_IMPORT_ARTIFACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"

struct bundle_file;
struct bundle_reader;
struct store;

struct import_artifacts {
	bool dry_run;			/* nothing is kept */
	struct map by_name;		/* hash, in hexadecimal: its number */
	struct map wanted;		/* those that rows name */
};

struct imported_artifacts {
	int64_t placed;			/* or, of a dry run, in it */
	int64_t left;			/* local_fs is no provider here */
};

void	import_artifacts_init(struct import_artifacts *, bool dry_run);
void	import_artifacts_release(struct import_artifacts *);

/* An entry "blobs/...", in "dir". */
int	import_artifacts_take(struct import_artifacts *, const char *dir,
	    struct bundle_reader *, const struct bundle_file *, struct err *);
/* The rows in some lines. */
int	import_artifacts_rows(struct import_artifacts *, const char *, size_t,
	    struct err *);
/* Does a row want each of them?  ERR_CORRUPT. */
int	import_artifacts_check(const struct import_artifacts *,
	    const char *name, struct err *);
/* When the rows are in. */
int	import_artifacts_place(struct import_artifacts *, struct store *,
	    const char *dir, struct imported_artifacts *, struct err *);

#endif
