/*
 * The bytes of sessions' files, at a pull: of what counts now and is not here.
 * They are looked for in packs, then under their name, then under their hash.
 */
#ifndef SYNC_PULL_FILES_H
#define SYNC_PULL_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "sync/file_batch.h"

struct sync;

struct pulled_files {
	int64_t n, bytes;	/* fetched */
	int64_t removed;	/* here, because they were removed elsewhere */
	int64_t kept;		/* something else is here, and stays */
	int64_t missing;	/* not on the remote, or other ones */
};

/* Which of them. */
struct pull_which {
	/* NULL: of all sessions, but of those whose bytes are left where they
	 * are (memory/stage.h); else of this one, those that are missing and
	 * those that were taken away here, too */
	const char *user, *session;
	bool archived;		/* of all: and of those that are archived */
	bool count;		/* only n and bytes */
	bool by_name;		/* there are no packs: of a second remote */
};

/* which NULL: of all.  told, of each that is missing, and of bytes that were
 * moved aside ("kept as PATH") because others' count, may be NULL. */
int	pull_files(struct sync *, const struct pull_which *,
	    struct pulled_files *, file_batch_fn *told, void *, struct err *);

#endif
