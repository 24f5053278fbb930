/*
 * What a call may see (store/access.h), of things that are named: whose they
 * are, and of when, is looked up here.
 */
#ifndef MEMORY_GRANTED_H
#define MEMORY_GRANTED_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/ulid.h"
#include "store/graft.h"

struct store;

/* After access_look.  An event of a user: 1; 0: it is not there, or may not
 * be seen.  *by as that of access_may. */
int	granted_event(struct store *, int64_t user,
	    const uint8_t id[ULID_BYTES], unsigned kind,
	    const struct graft **by, struct err *);

/*
 * After access_look.  May all that a session has of a kind be seen, whatever
 * it is of?  By a graft of a range it may not.
 */
int	granted_whole(struct store *, unsigned kind, int64_t user,
	    int64_t session, const struct graft **by);

/* By which graft something of a session is about to be shown, "" for none;
 * the audit log tells of it. */
void	granted_id(struct store *, int64_t session, const struct graft *by,
	    char out[ULID_LEN + 1]);

#endif
