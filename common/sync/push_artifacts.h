/*
 * The bytes of artifacts, at a push: those that this copy's disk has and whose
 * rows go with the manifest to come, put before it (artifact_bytes.h).
 */
#ifndef SYNC_PUSH_ARTIFACTS_H
#define SYNC_PUSH_ARTIFACTS_H

#include <stdint.h>

#include "base/err.h"

struct artifact;
struct artifacts;
struct pack_put;
struct sync;

struct pushed_artifacts {
	int64_t n, bytes;	/* put */
	int64_t missing;	/* not on the disk, or not what they were */
};

/* Those that came in here after this change, not by a pull (-1: all that are
 * here). */
int	push_artifacts(struct sync *, int64_t after,
	    struct pushed_artifacts *, struct err *);

/* One of them, whatever is known to be there; pack: for those that go into
 * one, whose end is the caller's.  1; 0 its bytes are not here. */
int	push_artifacts_again(struct sync *, struct artifacts *,
	    const struct artifact *, struct pack_put *, struct err *);
/* Are they, by their size? */
int	push_artifacts_is_here(struct artifacts *, const struct artifact *,
	    struct err *);

#endif
