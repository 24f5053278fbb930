/*
 * How events are read: one statement, or several whose rows are merged by
 * time.
 *
 * Only event_read.c and event_scan.c include this.
 */
#ifndef MEMORY_EVENT_ITER_H
#define MEMORY_EVENT_ITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "memory/event.h"
#include "store/pack.h"

struct db_query;

/* Places in a row that others than event_show look at. */
enum { EVENT_SEQ, EVENT_TS, EVENT_ID, EVENT_SESSION = 13, EVENT_USER = 15 };

#define COLUMNS \
	"SELECT e.seq, e.ts, e.id, e.type, e.role, s.name, u.name, a.name, " \
	"e.dict, e.body, e.pack, e.off, e.len, e.session, e.key, e.user, " \
	"e.agent "
#define JOINS \
	"CROSS JOIN session s ON s.seq = e.session " \
	"CROSS JOIN user u ON u.id = e.user " \
	"LEFT JOIN agent a ON a.id = e.agent "

/* The graft by which a row is seen; "" none. */
struct seen_by {
	char graft[ULID_LEN + 1];
	bool noted;		/* its reading is in the audit log */
};

/* Rows in the order of the scan. */
struct stream {
	struct db_query *q;	/* own */
	bool keys;		/* q tells (seq, ts, id, session, user) alone */
	bool grafted;		/* what a graft shows, and nothing else */
	enum { STREAM_ASK, STREAM_HEAD, STREAM_END } state;
	int64_t seq, ts_ms;	/* of its first row that was not shown; seq: of
				   keys */
	uint8_t id[ULID_BYTES];
	struct seen_by by;
};

struct event_iter {
	struct store *st;	/* borrowed */
	struct db_query *q;	/* the row that is shown; own, but of a
				   stream */
	bool checked;		/* rows of q are asked for: may they be seen */
	struct stream *v;	/* own; those that are merged */
	size_t n, cap;
	struct event_query eq;	/* of the merged: what keys do not tell */
	int64_t agent;
	struct db_query *row;	/* own; one of a stream of keys */
	struct event ev;
	struct seen_by by;	/* the row */
	struct buf body, ad;	/* ad: what a sealed one is bound to */
	struct buf list;	/* bound to the query */
	struct packs packs;
	int64_t left;		/* of the limit; -1: none */
	uint8_t mid[ULID_BYTES];	/* event_around: bound to the query */
};

struct event_iter *event_iter_new(struct store *);

/* May the row of q be seen, and by what? */
bool	event_seen(struct store *, struct db_query *q, int64_t session,
	    int64_t user, struct seen_by *);

/* The next row of those that are merged: 1, and it is it->q. */
int	event_merge_next(struct event_iter *, struct err *);
void	event_merge_end(struct event_iter *);

#endif
