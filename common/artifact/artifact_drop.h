/*
 * Artifacts away: the row says so, the bytes go, the row says that they went.
 */
#ifndef ARTIFACT_ARTIFACT_DROP_H
#define ARTIFACT_ARTIFACT_DROP_H

#include "artifact/artifacts.h"

/*
 * 0: deleted, or it was; a shows it.  ARTIFACT_IN_USE: something refers to it,
 * or its session is on hold; ARTIFACT_NOT_READY, _DELETE_IN_FLIGHT: another
 * process is at it.  Where the bytes could not be taken away the row is
 * delete_failed, and the error is the provider's.
 */
int	artifact_drop(struct artifacts *, struct artifact *, struct err *);
/* What keeps it from being deleted, without doing so: 0, or -1 as above. */
int	artifact_may_drop(struct artifacts *, const struct artifact *,
	    struct err *);

/* The second half, of one that is deleting or delete_failed and locked by this
 * process: its bytes, then the row. */
int	artifact_drop_bytes(struct artifacts *, struct artifact *,
	    struct err *);

/* Bytes of the journal: away unless a row needs them, and out of it. */
int	artifact_drop_noted(struct artifacts *, const struct artifact_byte *,
	    struct err *);

#endif
