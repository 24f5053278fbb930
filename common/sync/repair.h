/*
 * Repair: is all there that the manifests name, and whole?  What is not is
 * put again, as far as it can be made here.
 *
 * A segment of this node, or of a name that it had, is made of the change log
 * again.  Where something was forgotten since, it has another name: a manifest
 * names that in the place of the first one, for the same changes.  Where the
 * log was trimmed, or another node wrote it and all of it was taken in here, a
 * new snapshot has it, and a manifest says that it is in that alone: a new
 * node is whole again, and one that is behind it has to be pulled anew.
 *
 * A snapshot is made anew.  A file is put from the bytes here, under its name,
 * or, where something else lies there, under its hash, and moved as a push
 * does it (push_files.h).  Bytes of artifacts are, too.
 *
 * All manifests are read; one cannot be made again, and whoever has it as a
 * file puts it back.  The state of them (sync_state.h) is.
 */
#ifndef SYNC_REPAIR_H
#define SYNC_REPAIR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct sync;

enum repair_what { REPAIR_MANIFEST, REPAIR_STATE, REPAIR_SEGMENT,
    REPAIR_SNAPSHOT, REPAIR_PIECE, REPAIR_FILE, REPAIR_BLOB };
extern const char *const repair_whats[];	/* by number */

/* What was, or, of a dry run, would be done. */
enum repair_did {
	REPAIR_PUT,		/* it is there again */
	REPAIR_REPLACED,	/* another one is in its place */
	REPAIR_COVERED,		/* a new snapshot has it */
	REPAIR_BROKEN		/* it cannot be made here */
};
extern const char *const repair_dids[];		/* by number */

struct repaired {		/* all borrowed */
	enum repair_what what;
	const char *key;
	const char *why;	/* what is wrong with it */
	enum repair_did did;
	const char *node, *address;	/* who wrote it, and could do better;
					   or NULL */
};

struct repair_how {
	bool dry_run;
	bool get;		/* read all, whatever the remote says of it */
	int (*told)(void *, const struct repaired *, struct err *);
	void *arg;
};

struct repair_sums {
	int64_t number;		/* of the last manifest */
	int64_t segments, pieces, files, artifacts;	/* looked at */
	int64_t damaged, broken;	/* broken: of these, still */
};

/* ERR_EXISTS: what is there is another store's. */
int	repair(struct sync *, const struct repair_how *, struct repair_sums *,
	    struct err *);

/* --- of its files ------------------------------------------------------- */

struct repair_run {
	struct sync *s;
	const struct repair_how *how;
	struct repair_sums *sums;
};
int	repair_tell(struct repair_run *, const struct repaired *, struct err *);
/* repair_files.c, repair_artifacts.c */
int	repair_files(struct repair_run *, struct err *);
int	repair_artifacts(struct repair_run *, struct err *);

#endif
