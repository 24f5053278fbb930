/*
 * What is on the disk of a session's files, beside what the rows say; and what
 * somebody wrote there himself is recorded.
 *
 * A file is read only where it does not look as it did (file_index.h): 20,000
 * that were not touched cost a look at each.  One that is written while it is
 * read is left for the next time.  Of a sealed tenant the rows are told, and
 * whether their bytes are there: nobody writes those himself.
 */
#ifndef FILE_FILE_SCAN_H
#define FILE_FILE_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

struct store;

enum file_state {
	FILE_IS_HERE,		/* as the row says */
	FILE_IS_NEW,		/* no row says that it is there */
	FILE_IS_CHANGED,
	FILE_IS_MISSING,	/* it should be there; never a removal */
	FILE_IS_ARCHIVED,	/* its bytes are elsewhere on purpose, or were
				   never here */
	FILE_IS_BEHIND,		/* what is here is older: another copy wrote or
				   removed it since */
	FILE_IS_BUSY,		/* it was being written */
	FILE_IS_REFUSED,	/* none that is taken */
	FILE_IS_REMOVED,
	FILE_STATES
};
extern const char *const file_states[];		/* by number */

struct file_found {
	enum file_state state;
	int area;
	const char *path;	/* borrowed; refused: bytes as they are */
	const char *reason;	/* refused: why; or NULL */
	bool known;		/* size, executable, hash: of the disk, else of
				   the row */
	int64_t size;
	bool exec;
	uint8_t sha256[HASH_LEN];
	int64_t mtime_ms;	/* 0: it is not on the disk */
	int64_t at_ms;		/* of the row; 0: it has none */
	bool clash;		/* changed, or new: somebody else wrote or
				   removed it, which was not known here */
};

struct file_scan {
	bool record;		/* write what is new or changed to the rows,
				   in batches; nothing but that is told
				   unless all is set */
	bool all;		/* tell of all files, not only of what is not
				   as it should be */
	bool removed;		/* and of those that were removed */
	/* May be NULL.  What is recorded is told when it is on the disk. */
	int (*fn)(void *, const struct file_found *, struct err *);
	void *arg;
	int64_t n[FILE_STATES];	/* out: how many of each */
	int64_t clashes, read;	/* out; read: bytes */
};

/* Of this user's session: 1, 0 there is no such session.  With record, the
 * folder is locked meanwhile: ERR_BUSY. */
int	file_scan(struct store *, const char *user, const char *session,
	    struct file_scan *, struct err *);

#endif
