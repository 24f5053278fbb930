/*
 * The bytes of sessions' files, at a push.
 *
 * A file lies under its readable name, TENANT/USER/SESSION/AREA/PATH.  One that
 * is new is put there before the manifest, only where nothing is.  One that
 * took the place of another is put under its hash first, because until the
 * manifest is there the old bytes are those that count, and moved to its name
 * after it; a removed one goes after it, too.  Whoever reads looks under the
 * name, and where other bytes are there, under the hash.  What is to be done
 * after the manifest is in the journal before it, and whoever is killed in
 * between does it the next time.
 *
 * Where the remote is set to packs (pack_put.h) nothing of that is needed:
 * rows name the hash of their bytes, and a pack is never written over.  What
 * lies under a readable name from before that goes when it is changed or
 * removed.
 */
#ifndef SYNC_PUSH_FILES_H
#define SYNC_PUSH_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define PUSH_SETTLE_MS 15000	/* how long a session is kept for that */

struct sync;

struct pushed_files {
	int64_t n, bytes;	/* put */
	int64_t packs;		/* in which some of them are */
	int64_t missing;	/* recorded, but not on the disk */
	int64_t busy;		/* changed while they were read */
};

/* What somebody wrote into the folders himself is recorded. */
int	push_files_scan(struct sync *, struct err *);

/*
 * Those that count and came in here after this change, not by a pull (-1: all
 * that are here), up to change "last", which is that of the manifest to come.
 */
int	push_files(struct sync *, int64_t after, int64_t last,
	    struct pushed_files *, struct err *);

/* One of them, under its readable name, or, where all is sealed, in a pack,
 * which the next manifest names: 1; 0 it is not on the disk any more, or other
 * than its row. */
struct file_each;
int	push_files_put(struct sync *, const struct file_each *, struct err *);
/* The same into a pack, whose end is the caller's. */
struct pack_put;
int	push_files_pack(struct sync *, const struct file_each *,
	    struct pack_put *, struct err *);

/* The same, under this key; once: only where nothing else is (ERR_EXISTS). */
int	push_files_put_as(struct sync *, const struct file_each *,
	    const char *key, bool once, struct err *);
/* Is one on the disk, by its row and its size?  1, 0. */
int	push_files_is_here(struct sync *, const struct file_each *,
	    struct err *);

/* What waits for the manifest that is there now; *n: how much it was. */
int	push_files_settle(struct sync *, int64_t *n, struct err *);
/* Does anything wait?  1, 0. */
int	push_files_wait(struct sync *, struct err *);

/* A row of the audit log: one went into a pack, or came out of one.  Of a
 * sealed tenant its row says which. */
void	push_files_note(const struct sync *, const char *action,
	    const struct file_each *);

/* "TENANT/USER/SESSION/AREA/PATH" */
struct buf;
void	push_files_key(const struct sync *, const struct file_each *,
	    struct buf *);

#endif
