/*
 * Who is at work on which artifact: a lock on the byte of TENANT/artifact.lock
 * that has the number of its row.  It ends with the process, however that
 * ends, so a row on its way whose byte is free is one that somebody left.
 *
 * Where the system has open-file locks a provider's program holds them as well,
 * until it ends (blob_net.h).
 *
 * A row is locked before the transaction that makes it visible is committed.
 */
#ifndef BLOB_ARTIFACT_LOCK_H
#define BLOB_ARTIFACT_LOCK_H

#include <stdint.h>

#include "base/err.h"

struct store;

struct artifact_lock {
	int fd;			/* -1: not open */
};
#define ARTIFACT_LOCK_INIT { -1 }

void	artifact_lock_close(struct artifact_lock *);	/* drops all */

/* n rows from seq on; opens the file when it is needed.  1, 0 another process
 * has one of them. */
int	artifact_lock_try(struct artifact_lock *, const struct store *,
	    int64_t seq, int64_t n, struct err *);
void	artifact_lock_drop(struct artifact_lock *, int64_t seq, int64_t n);

#endif
