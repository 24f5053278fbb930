/*
 * Files of a session where keeping them costs less: under another storage class
 * of the remote (remote.NAME.coldClass), or copied to a second remote
 * (remote.NAME.cold), under the same keys.
 *
 * A class is changed by reading each object and putting it again, for which
 * this node takes the session (lease.h): what another one publishes under
 * that name meanwhile is never replaced.  A copy leaves the first remote as it
 * is: its own rules may expire what lies there.
 *
 * A pack (packfile.h) has files of many sessions, and one class: what is in
 * packs stays as it is under a class, and is copied to a second remote.  Where
 * the first one is sealed nothing can be cold: all of it is in packs, and a
 * copy would be in clear.
 */
#ifndef SYNC_COLD_H
#define SYNC_COLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "sync/pull_files.h"

struct buf;
struct stage;
struct sync;

/* What goes there is called so in the session's property, as JSON.
 * ERR_USAGE: neither is set up, or it is none. */
int	cold_where(const struct sync *, struct buf *json, struct err *);

/*
 * sync_look and sync_ours come before.  ERR_BUSY: not all is on the remote yet,
 * or another node has the session; ERR_CORRUPT: a copy is not what it must
 * be.  What was done stays done, and is not done again.
 */
struct cooled {
	int64_t files, bytes;
};
int	cold_session(struct sync *, const struct stage *, bool dry_run,
	    unsigned but, struct cooled *, struct err *);

/* Is there a second remote? */
bool	cold_has_second(const struct sync *);
/* What the first one has lost comes from the second, and is put back. */
int	cold_restore(struct sync *, const struct stage *,
	    struct pulled_files *, int (*told)(void *,
	    const struct file_each *, const char *why, struct err *), void *,
	    struct err *);

#endif
