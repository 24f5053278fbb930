/*
 * Facts by a language model, beside the rules: turns of users on which no rule
 * decided anything are shown to it (toc/asker.h; settings live.*), some at a
 * time, never of two users together, and its proposals are held against them
 * (ltm/live_check.h).
 *
 * It is asked outside of any transaction.  When it fails it is asked no more in
 * this run: the turns from `first` on are for another one.
 */
#ifndef LTM_LIVE_ASK_H
#define LTM_LIVE_ASK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "ltm/live.h"
#include "ltm/live_check.h"
#include "ltm/live_rules.h"
#include "memory/event.h"

struct live_ask;

/* As the configuration has it; rules and sums are borrowed.  1 open, 0 no
 * model is named. */
int	live_ask_open(struct live_ask **, const struct store *,
	    const struct live_rules *, struct live_model_sums *,
	    struct err *);
void	live_ask_free(struct live_ask *);		/* takes NULL */
const char *live_ask_model(const struct live_ask *);

/* Must it be asked about the turns that it was given, before one of this user
 * may join them? */
bool	live_ask_full(const struct live_ask *, int64_t user);
/* One more turn. */
void	live_ask_turn(struct live_ask *, const struct event *, int64_t user);
/* Asks, if there is a turn.  tries counts what LIVE_TRIES bounds, from run to
 * run. */
void	live_ask(struct live_ask *, int64_t *tries);

/* Is it asked no more?  *first is the row of the first event that it was not
 * asked about. */
bool	live_ask_ended(const struct live_ask *, int64_t *first);
/* What it proposed since live_ask_forget; of an event, in its order: how
 * many, *at on. */
size_t	live_ask_of(const struct live_ask *, int64_t seq,
	    const struct live_proposal **at);
void	live_ask_forget(struct live_ask *);

#endif
