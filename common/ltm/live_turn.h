/*
 * For live.c alone: a run, and what it makes of one turn.
 */
#ifndef LTM_LIVE_TURN_H
#define LTM_LIVE_TURN_H

#include <stdint.h>

#include "base/err.h"
#include "ltm/live_ask.h"
#include "ltm/live_mark.h"
#include "ltm/live_put.h"
#include "ltm/live_rules.h"

struct event_iter;

struct live {
	struct live_put put;
	struct live_rules rules;
	struct live_ask *ask;		/* own; NULL: no model is asked */
	struct event_iter *it, *around;	/* own */
	struct live_mark mark;
};

/*
 * Inside a transaction, the store being that of its user: by rules, if it is
 * beyond the mark, and what a model proposed of it.  One that is there no more
 * says nothing.
 */
int	live_turn(struct live *, int64_t seq, struct err *);

#endif
