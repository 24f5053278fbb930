/*
 * Access: may this call do this to that.  All who hand something out, or
 * change it, ask here first; nobody else knows the rules.
 *
 * A call is of a tenant, a user, and perhaps bound to a session.  In a store
 * with credentials (credential.h) these are the credential's; an option or a
 * variable that names others is refused, but to an administrator.  A store
 * without is its owner's, who may name any; MEM_SESSION binds there, too.
 *
 * What is visible from where (memkit(7) has the same table):
 *
 *	of a session	an event, a segment of contents, a grip, a variable, a
 *			file, a fact or an artifact of one
 *	of a period	a day, week, month or year of contents
 *	of a user	a fact, or an artifact, of no session
 *	of the tenant	a record, a fact of the tenant
 *
 * What may not be seen looks as if it was not there, in the same words.  What
 * can be seen is scored and counted as if it was all there is.
 */
#ifndef STORE_ACCESS_H
#define STORE_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "store/credential.h"
#include "store/graft.h"

struct store;
struct store_where;

enum access_tier { ACCESS_SESSION, ACCESS_PERIOD, ACCESS_USER,
    ACCESS_TENANT };
/* From where it is looked at. */
enum access_from {
	ACCESS_ALL,	/* by its user, unbound */
	ACCESS_BOUND,	/* bound to its session (or it is of none) */
	ACCESS_BESIDE,	/* bound to another session of the same user */
	ACCESS_GRAFT,	/* by a graft */
	ACCESS_OTHER	/* by another user */
};
enum access_action { ACCESS_READ = 1, ACCESS_WRITE = 2 };

/* The table: bits of what may be done. */
unsigned access_table(enum access_tier, enum access_from);

struct access {
	bool owner;		/* the store has no credentials */
	bool trial;		/* nobody calls: access_try */
	struct credential by;	/* own; where it has: whose call it is */
	bool alone;		/* of inside.h: all of its user's, and nothing
				   by grafts */
	/* what it sees, once it was asked for */
	bool loaded;
	int64_t version;	/* of the database as it was then */
	int64_t session;	/* row of the one it is bound to; 0: it is not
				   there */
	struct grafts grafts;	/* own */
	int64_t missed;		/* asked for by id, and not there to be seen */
};

struct access_object {
	enum access_tier tier;
	unsigned kind;			/* GRAFT_...: of ACCESS_SESSION */
	int64_t user;			/* row; 0 of the tenant */
	int64_t session;		/* row; 0 of none */
	int64_t start_ms, end_ms;	/* [start, end): what it is of */
};

/* --- who calls: for store_open ----------------------------------------- */

/*
 * Before the tenant is opened, of a store of format 2: finds out who calls
 * and fills tenant, user, session and who of the store.  need: RIGHT_...
 * that the call takes, all of them.  ERR_DENIED, in words that do not depend
 * on what is there; a row of the audit log tells of it.
 */
int	access_enter(struct store *, const struct store_where *asked,
	    unsigned need, struct err *);
/* The same of a store of its owner. */
void	access_own(struct store *);
/* ERR_DENIED: the call is bound to a session, and what it takes a right for is
 * of the whole tenant. */
int	access_whole(struct store *, unsigned need, struct err *);
void	access_free(struct access *);	/* takes NULL */
/*
 * From now on the store, which was opened inside of a call, is as a call of
 * its user would have it, bound to a session (NULL: to none), with no right
 * but to read.  For who tries what others may see: what is denied, or read by
 * a graft, is in no log.
 */
void	access_try(struct store *, const char *session);

/* Before something leaves that took long: does the credential still count?
 * ERR_DENIED. */
int	access_still(struct store *, struct err *);
/* May the call do more than it was opened for?  ERR_DENIED says which right
 * is missing, for what: "to write records of the tenant". */
int	access_needs(struct store *, unsigned right, const char *what,
	    struct err *);
bool	access_has(const struct store *, unsigned right);

/* --- what it may see --------------------------------------------------- */

/* Looked up again when the database has changed; of the view that is open, if
 * one is. */
int	access_look(struct store *, struct err *);
/* After access_look.  All of its user's and nothing else's: nothing needs to
 * be left out, nothing to be added. */
bool	access_plain(const struct store *);
/* Is it bound to a session? */
bool	access_bound(const struct store *);

/*
 * After access_look: 1 it may, 0 not.  *by (may be NULL) is the graft that it
 * may read by, else NULL; borrowed, until the next access_look.
 */
int	access_may(struct store *, enum access_action,
	    const struct access_object *, const struct graft **by);
/* May anything of this kind be read of a session?  The same, of no time: of
 * a graft of a range only a part may be. */
int	access_session(struct store *, unsigned kind, int64_t user,
	    int64_t session, const struct graft **by);

/* Something of a session is about to be shown by this graft of it: a row of the
 * audit log, once a call. */
void	access_shown(struct store *, int64_t session, const char *graft);
/* Something was asked for by its id that is not there, or not to be seen: a
 * call of a credential, or a bound one, leaves how often in the audit log when
 * the store is closed. */
void	access_missed(struct store *);
void	access_over(struct store *);	/* for store_close */

/* A row of the audit log that says what was denied; what goes wrong there
 * changes nothing. */
void	access_denied(struct store *, const char *action, const char *object,
	    const char *detail);

#endif
