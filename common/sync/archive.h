/*
 * A session's bytes leave this machine once each copy on a remote is proven,
 * and come back.  Its records stay: it is read and searched as before.
 *
 *	each copy is looked at (prove.h); the bytes here are taken away; the
 *	session is marked
 *
 * Whoever is killed in between has lost nothing: the bytes are here, or they
 * were proven, and archive_restore brings what is missing, too.
 *
 * sync_look and sync_ours come before; for several sessions once.
 */
#ifndef SYNC_ARCHIVE_H
#define SYNC_ARCHIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "sync/pull_files.h"

struct stage;
struct sync;

struct archive_how {
	bool dry_run;		/* prove, and take nothing away */
	bool get;		/* read each copy whole */
	unsigned but;		/* 1 << area: those stay as they are */
};

struct archived {
	int64_t files, bytes;	/* proven, and not here any more */
};

/*
 * ERR_BUSY: not all is there yet, with the remedy, or somebody writes;
 * ERR_CORRUPT: a copy is not what it must be; ERR_DENIED: it is on hold.
 * Nothing is taken away then.
 */
int	archive(struct sync *, const struct stage *,
	    const struct archive_how *, struct archived *, struct err *);

/*
 * Files that are not here come from the remote, or from its second one
 * (cold.h).  With some missing the session stays as it is.  dry_run: n and
 * bytes are those that are asked for.
 */
int	archive_restore(struct sync *, const struct stage *, bool dry_run,
	    struct pulled_files *, int (*told)(void *,
	    const struct file_each *, const char *why, struct err *), void *,
	    struct err *);

#endif
