/*
 * Today's rules for secrets, applied to what was stored before: events, values
 * and titles of sessions, records, facts, decisions, what is said of artifacts.
 * redacted.h does the work on a row.
 */
#ifndef ADMIN_REDACTING_H
#define ADMIN_REDACTING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"

struct store;

struct redacting_how {
	int64_t since_ms, until_ms;	/* [since, until): of events when they
					   were, of the rest when it was
					   stored */
	const char *session;	/* of the store's user; NULL: all, and what is
				   of no session */
	bool one_user;		/* the store's user alone; what is the tenant's
				   stays */
	bool dry_run;
	/* a session on hold, of which nothing is changed; or NULL */
	void (*held)(void *, const char *session);
	void (*progress)(void *, int64_t looked_at);
	void *arg;
};

struct redacting_sums {
	int64_t looked_at;	/* rows */
	int64_t events, values, records, facts, decisions, artifacts;
				/* that lost something */
	int64_t held;		/* rows that would have, and are on hold */
	struct map kinds;	/* own; secrets by kind, in ->i */
};

/*
 * ERR_INPUT: a rule of the store's own is bad.  Short transactions; what was
 * done before an error stays done.  Afterwards db_settle.
 */
int	redacting(struct store *, const struct redacting_how *,
	    struct redacting_sums *, struct err *);
void	redacting_sums_release(struct redacting_sums *);

#endif
