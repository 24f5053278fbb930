/*
 * Rows of the files of a session: a history, as that of values (variable.h).
 * Each says what the file was from then on, or that it was removed; the last
 * in the order of their stamps (store/node.h) counts, wherever it is read.
 *
 * In a sealed tenant path and hash are sealed with the session's key, and rows
 * are found by a name that is made of the path with it; where the key is gone,
 * so are the rows.
 */
#ifndef FILE_FILE_ROW_H
#define FILE_FILE_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "file/file_path.h"
#include "store/node.h"

struct store;

/* file.local: what this copy had of it on its own disk. */
enum file_local {
	FILE_ELSEWHERE,		/* never: another copy wrote it */
	FILE_HERE,		/* it was so; a removal: it was done */
	FILE_TRIMMED		/* it was so, and was taken away on purpose */
};

struct file_row {
	int64_t seq;
	int area;
	const char *path;	/* borrowed */
	int64_t size;		/* bytes */
	bool removed;		/* and then nothing of the content */
	bool exec;		/* may be executed */
	uint8_t sha256[HASH_LEN];
	enum file_local local;
	int64_t key;		/* it is sealed with; 0: in clear */
	uint8_t disk[HASH_LEN];	/* sealed, and local: what its bytes are named
				   by on this disk (file_sealed.h) */
	struct stamp s;
};

/* Is it the same content, or both removed? */
bool	file_row_same(const struct file_row *, const struct file_row *);

/* The row that counts, and the newest of those that were so here.  1, 0 there
 * is none; path stays the caller's. */
int	file_row_last(struct store *, int64_t session, int area,
	    const char *path, struct file_row *, struct err *);
int	file_row_here(struct store *, int64_t session, int area,
	    const char *path, struct file_row *, struct err *);

/* Did two write it without knowing each other, and nobody since?  1, 0. */
int	file_row_contested(struct store *, int64_t session, int area,
	    const char *path, struct err *);

/* Did who wrote this row know of the one of at_ms, itself or by others that it
 * follows?  1, 0. */
int	file_row_follows(struct store *, int64_t session,
	    const struct file_row *, int64_t at_ms, struct err *);

/* Is there a row with these bytes that no other one took the place of: that
 * counts, or is contested?  1, 0.  Reads all rows. */
int	file_row_wanted(struct store *, const uint8_t sha256[HASH_LEN],
	    struct err *);

/*
 * Inside a transaction: append what a file is now on this node, with its
 * change.  It counts, whatever the clock says; s.base_ms is the caller's, the
 * rest of the stamp, and seq, are filled in.
 */
int	file_row_put(struct store *, int64_t session, struct file_row *,
	    struct err *);
/* The same of a row with its stamp, of whatever node.  1 new, 0 it is there;
 * *clash: as variable_merge. */
int	file_row_merge(struct store *, int64_t session,
	    const struct file_row *, bool *clash, struct err *);
int	file_row_set_local(struct store *, int64_t seq, enum file_local,
	    struct err *);
/* Sealed: it is so here, under f->disk. */
int	file_row_set_here(struct store *, int64_t session,
	    const struct file_row *f, struct err *);

/* No bytes are here: the rows are another copy's (a snapshot). */
int	file_row_elsewhere(struct store *, struct err *);

/* All that count of one session, removed ones too, by area and path in the
 * order of their bytes; fn returns 0 to go on, 1 to stop. */
int	file_row_each(struct store *, int64_t session,
	    int (*fn)(void *, const struct file_row *, struct err *), void *,
	    struct err *);
/* Of each path the newest row that was so here, if its bytes still are. */
int	file_row_each_here(struct store *, int64_t session,
	    int (*fn)(void *, const struct file_row *, struct err *), void *,
	    struct err *);
/* The greatest number of all rows; and has a session one of a greater number
 * than this: 1, 0. */
int	file_row_newest(struct store *, int64_t *seq, struct err *);
int	file_row_since(struct store *, int64_t session, int64_t seq,
	    struct err *);

/* --- of all sessions: what a push has to look at ------------------------ */

struct file_each {
	const char *user, *session;	/* borrowed, as row.path */
	struct file_row row;
};

/*
 * The files that count, of all sessions (after < 0), or those that have a
 * change (store/change.h) after this number that is this node's own: written
 * here, or imported; removed ones too.  By user,
 * session, area and path.  Local says what the rows know: a scan (file_scan.h)
 * first brings them up to what is on the disk.  No row may be written
 * meanwhile.
 */
int	file_each(struct store *, int64_t after,
	    int (*fn)(void *, const struct file_each *, struct err *), void *,
	    struct err *);
/* One row, shown to fn: 1, 0 there is none of this number, -1. */
int	file_find(struct store *, int64_t seq,
	    int (*fn)(void *, const struct file_each *, struct err *), void *,
	    struct err *);

/* The contents that other rows of the same file have, whoever wrote them: fn
 * for each, which returns 0 to go on. */
int	file_each_other(struct store *, int64_t seq,
	    int (*fn)(void *, const uint8_t sha256[HASH_LEN], struct err *),
	    void *, struct err *);

#endif
