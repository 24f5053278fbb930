/*
 * A state: all that follows from the manifests up to one of them, as text, so
 * that a new node need not read each of them.  memkit-remote(5) has the form:
 * lines of JSON, the same for the same manifests, and the SHA-256 of them.
 */
#ifndef SYNC_JOURNAL_STATE_H
#define SYNC_JOURNAL_STATE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct journal;

#define STATE_FORMAT 1
#define STATE_MAX ((size_t)256 << 20)		/* bytes that are believed */

/* Of what the journal has; appended. */
int	journal_state_write(struct journal *, const char *tenant, struct buf *,
	    struct err *);
/* Into one that is empty; leases are seen from now on.  ERR_CORRUPT says what
 * is wrong; ERR_VERSION: a newer memkit made it.  Nothing is changed then. */
int	journal_state_read(struct journal *, const char *tenant,
	    const char *, size_t, struct err *);

#endif
