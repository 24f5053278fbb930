/*
 * Pull: what others pushed is taken in here.
 *
 * Every object is compared with the hash that the manifest names it by, each
 * segment goes in as a whole, and whoever is interrupted goes on where he
 * was.  Nothing that is here is overwritten: segment_apply.h has how two that
 * wrote the same are reconciled.
 */
#ifndef SYNC_PULL_H
#define SYNC_PULL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "sync/pull_artifacts.h"
#include "sync/pull_files.h"
#include "sync/segment_apply.h"

struct sync;

struct pull_how {
	bool merge;		/* take another store's memory in, too, though
				   there is something here */
	/* Told of what two nodes wrote without knowing each other, and of
	 * events that are here with other content; may be NULL. */
	applied_fn *told;
	/* Told of files that are not there as they should be; may be NULL. */
	int (*no_file)(void *, const struct file_each *, const char *why,
	    struct err *);
	/* The same of artifacts. */
	pull_artifacts_fn *no_artifact;
	void *arg;
	bool rows_only;		/* no bytes of files, nor of artifacts */
	bool no_artifacts;	/* no bytes of artifacts */
	bool archived;		/* into an empty tenant: bytes of archived
				   sessions, too */
};

struct pulled {
	int64_t number;		/* of the last manifest */
	bool snapshot;		/* one was taken (pull_fresh.h) */
	int64_t segments;
	struct applied sums;
	struct pulled_files files;
	struct pulled_artifacts artifacts;
};

/*
 * ERR_ABSENT: there is nothing, or what is needed is no more there;
 * ERR_EXISTS: it is another store's memory, or this is an older copy of a
 * node that went on; the message has the remedy.
 */
int	pull(struct sync *, const struct pull_how *, struct pulled *,
	    struct err *);

#endif
