/*
 * For live*.c alone: what was found in a turn becomes facts.
 */
#ifndef LTM_LIVE_PUT_H
#define LTM_LIVE_PUT_H

#include "ltm/live.h"
#include "ltm/live_check.h"
#include "ltm/live_read.h"
#include "ltm/live_values.h"
#include "memory/event.h"

struct live_put {
	struct store *st;		/* its user is who said it */
	const struct live_how *how;
	struct live_sums *sums;
	struct live_values values;	/* own */
};

/* Inside a transaction. */
int	live_put(struct live_put *, const struct event *,
	    const struct live_find *, struct err *);
/* The same of what the model of this name proposed.  Where a rule's fact says
 * the same, that is left alone. */
int	live_propose(struct live_put *, const struct event *,
	    const struct live_proposal *, const char *model, struct err *);

#endif
