/*
 * Grafts made, listed, revoked, and as they travel (store/graft.h says what
 * they are).
 *
 * A row never changes but that it is revoked, once, for good: so copies that
 * saw the same rows have the same, whichever came first, and where two
 * revoked one the earlier time counts.
 */
#ifndef MEMORY_GRAFTING_H
#define MEMORY_GRAFTING_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "store/graft.h"

struct store;

extern const char *const graft_kinds[];	/* names, by bit; NULL-ended */

/* Strings are borrowed. */
struct graft_row {
	int64_t seq;
	char id[ULID_LEN + 1];
	const char *session, *user;	/* whose it is */
	enum graft_to to;
	const char *to_name;		/* a session or a user; else "" */
	unsigned kinds;
	int64_t since_ms, until_ms;	/* GRAFT_SINCE, GRAFT_UNTIL: of all
					   times */
	int64_t expires_ms;		/* or GRAFT_NEVER */
	int64_t created_ms;
	int64_t revoked_ms;		/* 0: it is not */
	const char *by;			/* who made it */
};

/* "events,contents" to a set, "user:NAME", "session:ID" or "tenant" to a
 * receiver; ERR_USAGE. */
int	graft_kinds_parse(const char *, unsigned *, struct err *);
int	graft_to_parse(const char *, struct graft_row *, struct err *);

/*
 * A new one of a session of this user; kinds, receiver, range and expiry are
 * the caller's, the rest is filled.  A transaction.  ERR_ABSENT: there is no
 * such session; ERR_DENIED: the call is bound; ERR_USAGE: it would let nobody
 * read anything.
 */
int	graft_make(struct store *, struct graft_row *, struct err *);
/* By its id, from now on; whose session it is of may, unbound.  A
 * transaction.  1; 0 it was, already; ERR_ABSENT: there is none, or it is none
 * of his. */
int	graft_revoke(struct store *, const char *id, struct err *);

struct graft_query {
	const char *session;		/* of one alone (session_seen.h); or
					   NULL */
	bool in, out;			/* that were received, and count; that
					   were given, all of them */
};
/* In the order in which they came here; fn as in session_each. */
int	graft_each(struct store *, const struct graft_query *,
	    int (*fn)(void *, const struct graft_row *, struct err *), void *,
	    struct err *);
/* The record; own. */
json_t	*graft_json(const struct graft_row *);

/* --- as they travel ---------------------------------------------------- */

/* The line of a row, appended: 1, 0 it is not there, or its session is not. */
int	graft_line(struct store *, int64_t seq, struct buf *, struct err *);
/*
 * A graft record that came from another copy, inside a transaction.  1 new, or
 * revoked by it; 0 nothing new in it; ERR_INPUT; ERR_EXISTS: its id is there
 * with other content; ERR_DENIED: the session was forgotten.
 */
int	graft_add(struct store *, const json_t *, struct err *);
/* A session is about to be forgotten, inside the transaction: nobody reads it
 * any more, nor by it. */
int	graft_forget(struct store *, int64_t user, int64_t session,
	    const char *name, struct err *);

#endif
