/*
 * The bytes of artifacts, at a pull: of each row that says local_fs, and whose
 * bytes are not here; and those go that rows which came have no more.
 */
#ifndef SYNC_PULL_ARTIFACTS_H
#define SYNC_PULL_ARTIFACTS_H

#include <stdint.h>

#include "base/err.h"

struct artifact;
struct sync;

struct pulled_artifacts {
	int64_t n, bytes;	/* fetched */
	int64_t missing;	/* not on the remote, or other ones */
	int64_t left;		/* stay there: local_fs is no provider of this
				   store */
};

/* why: "missing", "different". */
typedef int pull_artifacts_fn(void *, const char *user,
	    const struct artifact *, const char *why, struct err *);

/* told of those that are missing, may be NULL. */
int	pull_artifacts(struct sync *, struct pulled_artifacts *,
	    pull_artifacts_fn *told, void *, struct err *);

/* Are they there, whether here or not?  All that the rows of the store want is
 * read; n and missing are counted. */
int	prove_artifacts(struct sync *, struct pulled_artifacts *,
	    pull_artifacts_fn *told, void *, struct err *);

#endif
