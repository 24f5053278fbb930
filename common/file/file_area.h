/*
 * Local files of sessions: where they are, and how they are taken away or come
 * back.  file_put.h takes them in, file_scan.h says what is there.
 */
#ifndef FILE_FILE_AREA_H
#define FILE_FILE_AREA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"

struct store;

/* The number of this user's session, which is made, with its change, if it is
 * not there.  A transaction.  ERR_DENIED: it was forgotten. */
int	file_session(struct store *, const char *session, int64_t *seq,
	    struct err *);

/*
 * The absolute path of a session's folder, of an area (-1: none) or of a file
 * in it (NULL: none); the folders that lead there are made.
 */
int	file_place(struct store *, const char *session, int area,
	    const char *path, struct buf *, struct err *);

/*
 * Folders of sessions, and indexes of users, that were forgotten by the
 * tombstones after this one (tombstone.seq; 0: any).  After their
 * transaction.  What cannot be removed
 * is an error, and is left for the next time with 0.
 */
int	file_forget(struct store *, int64_t after, struct err *);
/* Is one of them there?  1, and the number of its tombstone; 0. */
int	file_forgotten(struct store *, int64_t *seq, struct err *);

/* --- taken away, brought back ------------------------------------------ */

/*
 * Several files of one session in one go: each call looks, file_work_end does
 * it.  The folder is locked from the first to the last (ERR_BUSY).
 */
struct file_work;

/* 1; 0 there is no such session. */
int	file_work_new(struct file_work **, struct store *, const char *user,
	    const char *session, struct err *);
/* Rows and bytes; before it nothing was done. */
int	file_work_end(struct file_work *, struct err *);
/* After it: how many were not adopted, because a file is where a folder has to
 * be. */
int64_t	file_work_left(const struct file_work *);
void	file_work_free(struct file_work *);	/* takes NULL */

/*
 * A recorded removal, of one that is missing or archived, too; of one that has
 * no row only the bytes.  1; 0 there is none; -1: ERR_DENIED, the session is on
 * hold.
 */
int	file_remove(struct file_work *, int area, const char *path,
	    struct err *);

/*
 * The bytes alone: the row stays, and the file is archived.  1; 0 no bytes are
 * here.  ERR_ABSENT: it has no row; ERR_EXISTS: what is here is not what was
 * recorded; ERR_DENIED: the session is on hold.  Of a file that another copy
 * removed since, bytes that were recorded here go, too.
 */
int	file_trim(struct file_work *, int area, const char *path,
	    struct err *);

/*
 * Bytes that were brought from elsewhere, in a file of the same file system,
 * which are on the disk and have this hash.  1: they go where they belong; 0:
 * they are not what counts, or something is there that no row knows of (a scan
 * records it): the file stays where it was.  In a sealed tenant they are sealed
 * already, by file_seal_new, which said what disk is; else disk is NULL.
 * from_dir is borrowed until file_work_end.
 */
int	file_adopt(struct file_work *, int area, const char *path,
	    int from_dir, const char *from, const uint8_t sha256[HASH_LEN],
	    const uint8_t *disk, struct err *);

#endif
