/*
 * What was forgotten, as tombstones tell it (forget.h).
 */
#ifndef MEMORY_TOMBSTONE_H
#define MEMORY_TOMBSTONE_H

#include <stdint.h>

#include "base/err.h"

struct store;

/* tombstone.target; 4 is a fact's, which does not travel (fact_forget.c). */
enum tombstone { TOMBSTONE_EVENT = 1, TOMBSTONE_SESSION, TOMBSTONE_RECORD,
    TOMBSTONE_USER = 5, TOMBSTONE_REDACTED };

/* 1: a session, or an event, of this user was forgotten; or a record
 * (KB/RECORD_ID). */
int	tombstone_has_session(struct store *, int64_t user, const char *id,
	    struct err *);
int	tombstone_has_event(struct store *, int64_t user, const char *id,
	    struct err *);
int	tombstone_has_record(struct store *, const char *id, struct err *);
/* 1: a record was forgotten whose id (KB/RECORD_ID) begins so. */
int	tombstone_has_below(struct store *, const char *begin, struct err *);

#endif
