/*
 * Of the journal: files that were put and are in no manifest yet, and what is
 * to be done once they are.
 */
#ifndef SYNC_JOURNAL_FILE_H
#define SYNC_JOURNAL_FILE_H

#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

struct journal;

enum journal_what {
	JOURNAL_PUT,		/* it is under its name: nothing */
	JOURNAL_MOVE,		/* it is under its hash: to its name */
	JOURNAL_DELETE		/* it goes */
};

struct journal_file {
	enum journal_what what;
	const char *key;	/* borrowed */
	int64_t seq;		/* row of the file */
	uint8_t sha256[HASH_LEN];	/* of its bytes, if any */
	int64_t last;		/* the manifest goes up to this change */
};

/* Several in one transaction: begin, then what follows, then end with the
 * result so far. */
int	journal_begin(struct journal *, struct err *);
int	journal_end(struct journal *, int r, struct err *);

/* Takes the place of what is there of this key. */
int	journal_file_add(struct journal *, const struct journal_file *,
	    struct err *);
/* 1 it was put with these bytes; 0, or so long ago that what is under its
 * hash may be gone (journal.h). */
int	journal_file_has(struct journal *, const char *key,
	    const uint8_t sha256[HASH_LEN], struct err *);
int	journal_file_drop(struct journal *, const char *key, struct err *);
/* Is there one to be moved or deleted?  1, 0. */
int	journal_file_waits(struct journal *, struct err *);
/* Those to be moved or deleted after a manifest up to this change: fn for
 * each, which may add and drop. */
int	journal_file_due(struct journal *, int64_t upto, int (*fn)(void *,
	    const struct journal_file *, struct err *), void *, struct err *);
/* Those that were put, with a manifest up to this change, need no row. */
int	journal_file_trim(struct journal *, int64_t upto, struct err *);

#endif
