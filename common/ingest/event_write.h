/*
 * Storing events, a batch at a time, each inside a transaction:
 *
 *	tx_begin; event_add ...; event_flush; tx_end
 */
#ifndef INGEST_EVENT_WRITE_H
#define INGEST_EVENT_WRITE_H

#include "base/err.h"

struct event;
struct store;

struct event_writer;
struct event_writer *event_writer_new(struct store *);	/* borrows it */
void	event_writer_free(struct event_writer *);

/*
 * Store one, with its change row; makes the id if it has none.  1 new, 0
 * the same is there already; -1 ERR_EXISTS: its id is there with other
 * content; ERR_DENIED: a tombstone says that it was forgotten.
 */
int	event_add(struct event_writer *, struct event *, struct err *);
/* Write what is kept for the end of a batch: the sessions' ends. */
int	event_flush(struct event_writer *, struct err *);
/* After a rollback: forget what the writer remembers. */
void	event_writer_clear(struct event_writer *);

#endif
