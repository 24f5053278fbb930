/*
 * Sessions that a call may see, by name.
 *
 * A name means one's own session; where there is none (for a bound call: but
 * the one that it is bound to), those of that name that others granted
 * (store/graft.h).  The id of a graft names its session, too.
 */
#ifndef MEMORY_SESSION_SEEN_H
#define MEMORY_SESSION_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct store;

struct session_ref {
	int64_t seq, user;	/* rows */
};

struct session_refs {
	struct session_ref *v;	/* own */
	size_t n, cap;
};
void	session_refs_release(struct session_refs *);

/* Those of a name, whatever a graft covers of them; access_session tells.
 * None is no error.  Looks (access_look). */
int	session_seen(struct store *, const char *name, struct session_refs *,
	    struct err *);

/*
 * The session that somebody means: this name, or the one that may be seen
 * whose name begins so (with four bytes or more).  1 found, *id own; 0 none;
 * -1 ERR_USAGE when several begin so.
 */
int	session_resolve(struct store *, const char *given, char **id,
	    struct err *);
/*
 * The same of an option, which says what the call is about: one that a bound
 * call may not see is ERR_DENIED, in words that are the same for all of them,
 * with a row in the audit log.
 */
int	session_asked(struct store *, const char *given, char **id,
	    struct err *);

/*
 * May something of a session of this user be changed, or made?  A bound call
 * writes to its own alone; and who reads a session of another user does not
 * make one of its name by mistake.  0; ERR_DENIED.
 */
int	session_writable(struct store *, const char *name, struct err *);

#endif
