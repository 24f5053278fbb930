/*
 * Segments made again of the change log, and put: where one was lost, or where
 * something that is in it was forgotten since.
 */
#ifndef SYNC_REMAKE_H
#define SYNC_REMAKE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "sync/sync_manifest.h"

struct sync;

struct segments {
	struct manifest_segment *v;	/* own */
	size_t n, cap;
};
void	segments_add(struct segments *, const struct manifest_segment *);

/* Names that this copy has, and had: whose segments it can make. */
struct remake {
	struct sync *s;			/* borrowed */
	char own[ULID_LEN + 1];
	struct strv former;		/* own */
};
int	remake_open(struct remake *, struct sync *, struct err *);
void	remake_close(struct remake *);

/* One for the same changes, as it would be now, and its object: 1; 0 it cannot
 * be made here. */
int	remake_segment(const struct remake *, const struct manifest_segment *,
	    struct manifest_segment *now, struct buf *body, struct err *);
int	remake_put(struct sync *, const struct manifest_segment *,
	    const struct buf *body, struct err *);
/* A manifest that names these in the place of those for the same changes. */
int	remake_name(struct sync *, const struct segments *, struct err *);

#endif
