/*
 * Rows that lost a secret after they were stored.  An event keeps its id and
 * gets a new row, behind which the old body is overwritten, so that whoever
 * derives something meets it again; a tombstone (target "redacted") says that
 * of two bodies with this id the one counts that is a mask of the other
 * (mask.h).  So it holds on each copy, whichever comes first.
 *
 * Values of sessions, and versions of records, are told apart by their stamps,
 * and need no tombstone.
 */
#ifndef INGEST_REDACTED_H
#define INGEST_REDACTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/ulid.h"

struct event;
struct record_row;
struct store;

/* Inside a transaction.  1 new, 0 it was known.  also: the id that the event
 * would be given now, or NULL. */
int	redacted_mark(struct store *, const char *event, const char *also,
	    struct err *);
/* Is this event known as one that lost something?  1, 0.  As another one's
 * id of today: 2. */
int	redacted_has(struct store *, int64_t user, const char *event,
	    struct err *);

/* When an event (of a user, by number), or a record (KB/RECORD_ID, user 0)
 * lost something last; 0: never. */
int	redacted_at(struct store *, int64_t user, const char *id, int64_t *at,
	    struct err *);

/*
 * Inside a transaction: the row `old` (of the store's user) becomes one with
 * this body; what was made of it is forgotten.  ev: id, text and rest; its seq
 * is set.
 */
int	redacted_event(struct store *, int64_t old, struct event *,
	    struct err *);

/* The same of a version of a record: it, and those after it, become new rows,
 * with this JSON for it. */
int	redacted_record(struct store *, int64_t seq, const char *json,
	    size_t len, struct err *);
/* The same of a value of a session: in its place. */
int	redacted_value(struct store *, int64_t seq, const char *value,
	    struct err *);

#endif
