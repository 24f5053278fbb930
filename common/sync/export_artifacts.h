/*
 * Bytes of artifacts in an export: of local_fs, as far as they are here, under
 * "blobs/" and their SHA-256; as they are, sealed or not.
 *
 * Only export.c and import*.c include this.
 */
#ifndef SYNC_EXPORT_ARTIFACTS_H
#define SYNC_EXPORT_ARTIFACTS_H

#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "sync/export.h"

struct bundle;
struct store;

#define EXPORT_BLOBS "blobs/"

struct exported_artifacts {
	int64_t n;		/* whose bytes are in it */
	int64_t missing;	/* of local_fs, and whose bytes are not */
};

/* The rows that belong into it, in an order of what they are; user 0: of
 * all. */
int	export_artifacts_each(struct store *, const struct export_config *,
	    int64_t user, int (*fn)(void *, int64_t seq, struct err *),
	    void *, struct err *);
/* Their bytes. */
int	export_artifacts_add(struct store *, const struct export_config *,
	    int64_t user, struct bundle *, struct exported_artifacts *,
	    struct err *);

#endif
