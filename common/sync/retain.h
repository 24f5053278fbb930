/*
 * A policy (policy.h) is carried out: by the age of each session, which is that
 * of its last event or file, or of its return, whichever is later.
 *
 * Of a session, what is to be deleted goes first, the rest is archived, then
 * cold.  One on hold is left as it is, and so is one with a file that no row
 * knows yet: that is what it was used for last.  What cannot be done is told
 * and left for the next time.
 */
#ifndef SYNC_RETAIN_H
#define SYNC_RETAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct policy;
struct store;
struct sync;

enum retain_verb { RETAIN_DELETE, RETAIN_ARCHIVE, RETAIN_COLD, RETAIN_VERBS };
extern const char *const retain_verbs[];	/* by number */

struct retained {
	enum retain_verb verb;
	const char *user, *session;	/* borrowed */
	int64_t last_ms;		/* by which it is so old */
	int area;			/* delete: of which; else -1 */
	int64_t files, bytes;
	const char *why;	/* it was not done; NULL: it was */
	bool held;		/* because of a hold */
};

struct retain_how {
	bool dry_run;
	bool get;		/* archive: read each copy whole */
	int64_t now_ms;
	int (*told)(void *, const struct retained *, struct err *);
	void *arg;
};

struct retain_sums {
	int64_t done[RETAIN_VERBS];	/* sessions; delete: areas of one */
	int64_t held, refused;
};

/*
 * s NULL: no remote is set up; then nothing is archived or cold (ERR_USAGE).
 * What changed is pushed at the end.
 */
int	retain(struct store *, struct sync *s, const struct policy *,
	    const struct retain_how *, struct retain_sums *, struct err *);

#endif
