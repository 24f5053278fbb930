/*
 * Legal hold: nothing of a session is taken away until it is released.  It is
 * a property of the session ("hold": the reason, or true), so it travels as all
 * that is set about one.
 */
#ifndef MEMORY_HOLD_H
#define MEMORY_HOLD_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"

struct store;

/* Of this user's session; 1 changed, 0 it was so, -1 (ERR_ABSENT: there is no
 * such session).  reason: UTF-8, NULL none is given. */
int	hold_set(struct store *, const char *session, const char *reason,
	    struct err *);
int	hold_release(struct store *, const char *session, struct err *);

/* By its row: 1 held, 0 not. */
int	hold_has(struct store *, int64_t session, struct err *);
/* The same as an error: ERR_DENIED, naming the session and the remedy. */
int	hold_refuses(struct store *, int64_t session, const char *id,
	    struct err *);
/* Would this tombstone take something of a held session?  1, 0. */
int	hold_has_target(struct store *, const json_t *tombstone, struct err *);

#endif
