/*
 * The bytes of artifacts, as they were put: opened if they are sealed, and
 * compared with what is known of them.
 */
#ifndef ARTIFACT_ARTIFACT_READ_H
#define ARTIFACT_ARTIFACT_READ_H

#include "artifact/artifacts.h"

/*
 * The plain bytes [from, from + len); len 0: to the end.  They come in order,
 * and count when it returned 0: of what is not sealed the whole is compared
 * with its SHA-256 at its end, a part is not.  ERR_CORRUPT: they are not what
 * was put; ERR_ABSENT: they, or the key, are not there; ERR_USAGE: the range is
 * beyond the end; else as artifacts_readable.
 */
int	artifact_read(struct artifacts *, const struct artifact *,
	    uint64_t from, uint64_t len, blob_sink *, void *, struct err *);

/*
 * Read it all, and compare.  1 it is right, 0 it is not, or not there: *why
 * says it, and the row becomes unavailable; one that was, and is right again,
 * becomes what it was.  a shows it.  -1 as artifacts_readable, or nobody knows.
 */
int	artifact_verify(struct artifacts *, struct artifact *, struct err *why,
	    struct err *);

/* Set or take back "unavailable", as somebody found it: 1 changed, 0 it was
 * so, or is on its way elsewhere.  Others do not hear of it: they have eyes of
 * their own, and may know where the bytes went. */
int	artifact_found(struct artifacts *, struct artifact *, bool there,
	    struct err *);

/* Was its row settled since it was read?  1, and a is as it is now; 0. */
int	artifact_moved(struct artifacts *, struct artifact *, struct err *);

#endif
