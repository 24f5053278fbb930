/*
 * States (journal_state.h) on a remote: every hundredth manifest has one, which
 * who wrote the manifest puts after it.  It is derived, and may be missing.
 */
#ifndef SYNC_SYNC_STATE_H
#define SYNC_SYNC_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct sync;

#define STATE_EVERY 100

/* A manifest was published: put the state, if it is one of those.  Who cannot
 * leaves it. */
void	sync_state_due(struct sync *);

/*
 * Into a journal that is empty: the newest state that is whole and whose
 * manifest is the one that is there, up to this number.  *number: of it; 0:
 * none.  -1: the remote cannot be asked.
 */
int	sync_state_take(struct sync *, int64_t newest, int64_t *number,
	    bool *sealed, struct err *);

/* What the manifests say, read one by one, beside what is there. */
struct state_check {
	char manifests[480];	/* what is wrong with them; "" nothing */
	int64_t number;		/* of the state that should be there; 0 none */
	const char *why;	/* what is wrong with it; NULL nothing */
	bool absent;		/* it is not there, which is no fault */
	struct buf right;	/* own; what it should be */
};
int	sync_state_check(struct sync *, struct state_check *, struct err *);
void	state_check_release(struct state_check *);
int	sync_state_put(struct sync *, int64_t number, const struct buf *,
	    struct err *);
/* "TENANT/.memkit/state/000000000100" */
void	sync_state_key(const struct sync *, int64_t number, struct buf *);

#endif
