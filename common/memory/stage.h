/*
 * Stages in the life of a session's files: active, their bytes are here and
 * on remotes; archived, they are on remotes alone; cold, there they are where
 * keeping costs less and getting more.  Records stay in any case.
 *
 * Both are properties of the session, "state" and "cold", so they travel as
 * all that is set about one.  A copy of the store that pulls leaves the bytes
 * of such a session where they are; one that has them keeps them until it
 * archives them itself.
 */
#ifndef MEMORY_STAGE_H
#define MEMORY_STAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct store;

struct stage {
	char *user, *session;	/* own */
	int64_t seq;		/* of the session */
	/* the latest of its last event, its last file, and when it became
	 * active again; 0: it has none */
	int64_t last_ms;
	int64_t file_ms;	/* its last file; 0 none */
	bool archived, held;
	char *cold;		/* own; the property as JSON, or NULL, */
	int64_t cold_ms;	/* and since when */
};
void	stage_release(struct stage *);

/* 1, 0 there is no such session. */
int	stage_find(struct store *, const char *user, const char *session,
	    struct stage *, struct err *);
/* All that have or had files, of all users; fn may write. */
int	stage_each(struct store *, int (*fn)(void *, const struct stage *,
	    struct err *), void *, struct err *);
/* Set it, with a row of the audit log that has this detail.  1 changed, 0 it
 * was so.  active ends cold, too. */
int	stage_archive(struct store *, const struct stage *, const char *detail,
	    struct err *);
int	stage_cool(struct store *, const struct stage *, const char *cold,
	    const char *detail, struct err *);
int	stage_active(struct store *, const struct stage *, const char *detail,
	    struct err *);

#endif
