/*
 * Whose memory a call sees, and how much of it: its own user's, and of those
 * who let it read by grafts what these say.
 *
 * A search reads the memory of each from within (store/inside.h), and asks
 * here about every text before it is counted, ranked or shown: what may not
 * be seen is in no number.  store/access.h has the rules.
 */
#ifndef SEARCH_SEEN_H
#define SEARCH_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "search/doc.h"
#include "store/inside.h"

/* A session of which something may be seen. */
struct seen_session {
	int64_t row;		/* 0: the one that the call is bound to, which
				   has no row yet */
	char *name;		/* own; NULL until seen_name */
};

struct seen_user {
	struct inside in;	/* his memory */
	int64_t user;		/* row; 0: he has none yet */
	char *name;		/* own */
	bool whole;		/* all of it is seen */
	struct seen_session *session;	/* own; else of these something is, in
				   the order of their rows */
	size_t sessions, cap;
};

struct seen {
	struct store *st;	/* borrowed */
	struct seen_user **user;	/* own; the call's own first.  A number
				   stays the same user's until seen_release */
	size_t users, cap;
	bool plain;		/* all of its own user's, and nothing else */
};

void	seen_init(struct seen *, struct store *);
void	seen_release(struct seen *);

/* What it is now; of the view that is open, if one is. */
int	seen_look(struct seen *, struct err *);

/* The name of the i-th session of a user; borrowed.  NULL failed. */
const char *seen_name(struct seen *, size_t who, size_t i, struct err *);

/* How much of a session is seen, of what a source has. */
enum seen_part { SEEN_NONE, SEEN_SOME, SEEN_ALL };
enum seen_part seen_session(const struct seen *, size_t who, enum source,
	    int64_t row);
/* What a graft must let read of it: GRAFT_... */
unsigned seen_kind(enum source);
/* Is anything that a user has in a source? */
bool	seen_any(const struct seen *, size_t who, enum source);

/*
 * May a text be seen?  1, 0, -1.  *by (may be NULL) is the graft that lets
 * it, NULL it is one's own; borrowed until the next seen_look.
 */
int	seen_doc(struct seen *, const struct doc *, const struct graft **by,
	    struct err *);
/* The same of what is known of it: the row of its session (0: of none), and
 * [start, end) of its time. */
int	seen_row(struct seen *, size_t who, enum source, int64_t session,
	    int64_t start_ms, int64_t end_ms, const struct graft **by);
/* And of facts by the name of the session; NULL: of none. */
int	seen_fact(struct seen *, size_t who, const char *session,
	    const struct graft **by, struct err *);

/* How many there are in some sources (bits 1 << SOURCE_...) is about to be
 * told: what grafts let read of them is in it, and in the audit log. */
void	seen_counted(struct seen *, unsigned sources);

#endif
