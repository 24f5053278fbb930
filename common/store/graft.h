/*
 * Grafts: what somebody lets others read of a session.  Rows of memory.db
 * that are never deleted; one that was revoked stays so.
 *
 * A graft only lets read: what its readers write stays theirs.
 */
#ifndef STORE_GRAFT_H
#define STORE_GRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/ulid.h"

#define GRAFT_NEVER INT64_MAX	/* it does not expire */
/* The range of one that has none. */
#define GRAFT_SINCE DATE_MIN
#define GRAFT_UNTIL (DATE_MAX + 1)

enum graft_to { GRAFT_SESSION, GRAFT_USER, GRAFT_TENANT };

/* What of a session; bits of a set. */
#define GRAFT_EVENT	1U
#define GRAFT_CONTENTS	2U	/* segments, grips */
#define GRAFT_FACT	4U
#define GRAFT_VARIABLE	8U
#define GRAFT_FILE	16U
#define GRAFT_ARTIFACT	32U
#define GRAFT_ALL	63U
/* What has times: a range leaves the other kinds out. */
#define GRAFT_TIMED	(GRAFT_EVENT | GRAFT_CONTENTS)

struct store;

struct graft {
	int64_t seq;
	char id[ULID_LEN + 1];
	int64_t user;			/* row of whose session it is */
	int64_t session;		/* its row */
	unsigned kinds;
	int64_t since_ms, until_ms;	/* of times in [since, until) */
	int64_t expires_ms;		/* or GRAFT_NEVER */
	bool noted;			/* its reading is in the audit log */
};

/* Those that this call may read by, in the order of their sessions; own. */
struct grafts {
	struct graft *v;
	size_t n, cap;
	size_t last;		/* first of the session that was asked for */
};
void	grafts_release(struct grafts *);

/*
 * For statements, as JSON: the sessions, by row, of those that cover one of
 * these kinds (of one user); the ranges of those of one session, as pairs.
 */
void	grafts_sessions(const struct grafts *, unsigned kinds, struct buf *);
void	grafts_sessions_of(const struct grafts *, unsigned kinds,
	    int64_t user, struct buf *);
void	grafts_ranges(struct grafts *, unsigned kinds, int64_t session,
	    struct buf *);

/* Whose sessions they are, by number; own. */
struct graft_users {
	int64_t *v;
	size_t n, cap;
};
void	grafts_users(const struct grafts *, unsigned kinds,
	    struct graft_users *);
void	graft_users_release(struct graft_users *);

/* Has it not expired? */
bool	graft_counts(const struct graft *);
/* Those of a session: where the first is, and how many. */
size_t	grafts_of(struct grafts *, int64_t session, size_t *n);
/* What they cover that count now; *first (may be NULL): one of them, or
 * NULL. */
unsigned grafts_kinds(struct grafts *, int64_t session,
	    const struct graft **first);

/*
 * Those that count now: to the tenant, to this user, to the session (its
 * name, NULL none) of this user; but not of sessions that are the user's own
 * where no session is named, for those he sees anyway.
 */
int	grafts_load(struct store *, int64_t user, const char *user_name,
	    const char *session, struct grafts *, struct err *);

#endif
