/*
 * Making contents: what the change log tells of is noted down as sessions to
 * look at again; these are cut into segments and summed up; then the periods
 * above, from the day to the year, are made from what lies in them.
 *
 * The result is a function of the events (and of marks and moves): contents
 * that were made bit by bit are those that are made at once, but for the
 * numbers of versions.  Each transaction leaves them whole; a run that was
 * killed is gone on with by the next.
 */
#ifndef TOC_TOC_BUILD_H
#define TOC_TOC_BUILD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "toc/chat.h"

struct store;

struct toc_build_how {
	bool rebuild;		/* look at everything again, whatever the
				   change log says */
	bool one_user;		/* the store's; else each of the tenant */
	int wait_ms;		/* for another that is at it */
	/* sessions done of all; nonzero ends it, with an error set */
	int (*progress)(void *, int64_t done, int64_t all, struct err *);
	void *arg;
};

struct toc_build {
	int64_t users;		/* that there was something to do for */
	int64_t sessions;	/* looked at */
	int64_t segments;	/* summed up */
	int64_t versions;	/* written, of nodes of all levels */
	int64_t same;		/* made again, and found to be as they were */
	int64_t gone;		/* nodes that hold nothing any more */
	int64_t grips;		/* named by what was summed up */
	bool asked;		/* a model was configured, and cost: */
	struct chat_spent spent;
	int64_t fallbacks;	/* nodes that it could not sum up */
	struct err trouble;	/* why not, the first time */
};

/*
 * Bring contents up to date.  The store is open for writing.  ERR_BUSY:
 * another process is at it.  What was done before an error stays done.
 */
int	toc_build(struct store *, const struct toc_build_how *,
	    struct toc_build *, struct err *);

/* Is there something of what the call may see that was not looked at?  *n is
 * 1, or 0. */
int	toc_lag(struct store *, int64_t *n, struct err *);

#endif
