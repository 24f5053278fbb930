/*
 * Bytes of sessions' files out of an export: each entry has to be one that a
 * row in the export names, and what that row says.  They lie in the scratch
 * folder under numbers until the rows are in.
 *
 * Only import.c includes this.
 */
#ifndef SYNC_IMPORT_FILES_H
#define SYNC_IMPORT_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "sync/file_batch.h"

struct bundle_file;
struct bundle_reader;
struct import_member;
struct seal_key;
struct store;

struct import_files {
	const char *user;		/* whose those are that do not say */
	bool dry_run;			/* nothing is kept */
	struct import_member *v;	/* own */
	size_t n, cap;
	struct map by_path;		/* to v */
	int64_t rows;
	struct seal_key *key;		/* own; entries lie sealed with it */
};

void	import_files_init(struct import_files *, const char *user,
	    bool dry_run);
/* Into a sealed tenant: nothing of an entry lies anywhere in clear, sealed with
 * a key that nobody else has until it is known whose session's it is. */
int	import_files_seal(struct import_files *, struct err *);
void	import_files_release(struct import_files *);

/* An entry, in "dir". */
int	import_files_take(struct import_files *, const char *dir,
	    struct bundle_reader *, const struct bundle_file *, struct err *);
/* The rows in some lines, when all entries were taken. */
int	import_files_rows(struct import_files *, const char *, size_t,
	    struct err *);
/* Is each of them as the row says that counts?  ERR_CORRUPT. */
int	import_files_check(const struct import_files *, const char *name,
	    struct err *);

/* What somebody wrote here is known before others' files come. */
int	import_files_scan(const struct import_files *, struct store *,
	    struct err *);
/* When the rows are in: how many would go into place; and do it. */
int	import_files_count(struct import_files *, struct store *,
	    struct file_batch_sums *, struct err *);
int	import_files_place(struct import_files *, struct store *,
	    const char *dir, struct file_batch_sums *, file_batch_fn *,
	    void *, struct err *);

#endif
