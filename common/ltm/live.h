/*
 * The live flow: long-term facts from what users say, turn by turn.  It is
 * the consumer "ltm" of the change log.  How far it has read is the row of the
 * last event, in meta ("live"), in the transaction of what it wrote; so a run
 * that was killed is gone on with, and each event is read once.
 *
 * A fact is known by whose it is and by its key, as one that is put down by
 * hand with --key.  It holds from the time of the turn on.  What is said
 * again makes it surer; another value is its next version and ends the one
 * before; what was said earlier than the version that counts changes
 * nothing.  Each version names the events that it rests on and a grip
 * (toc/grip.h) for each, and goes with any of these (live_forget).
 *
 * Where a model is named, it is shown what the rules left (ltm/live_ask.h).
 * How far is another row of meta ("live_asked"): so a model that fails keeps
 * neither the rules nor the change log waiting.
 */
#ifndef LTM_LIVE_H
#define LTM_LIVE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "ltm/ltm.h"

struct store;
struct fact;

#define LIVE_CONSUMER "ltm"
/* Wrong answers of a model to the same turns, in as many runs, until they are
 * passed over. */
#define LIVE_TRIES 3

/* Why a proposal is dropped. */
enum live_drop {
	LIVE_DROP_FORM,		/* a key is missing, or has controls in it */
	LIVE_DROP_LONG,
	LIVE_DROP_KIND,		/* no rule has it */
	LIVE_DROP_EVENT,	/* it was not shown */
	LIVE_DROP_QUOTE,	/* it does not stand there */
	LIVE_DROP_UNSAID,	/* it does, but not among what is said */
	LIVE_DROP_SUPPORT,	/* its words do not stand there */
	LIVE_DROP_UNSURE,
	LIVE_DROP_AGAIN,	/* the turn has one of its key */
	LIVE_DROP_MANY,		/* beyond what a turn, or an answer, may give */
	LIVE_DROPS
};
extern const char *const live_drops[];	/* names, by number */

/* Of a model, where one is named. */
struct live_model_sums {
	int64_t turns;		/* that it was shown, and answered */
	int64_t calls, failed;
	int64_t tokens;		/* both ways; guessed where it is not told */
	int64_t proposed, taken;
	int64_t dropped[LIVE_DROPS];
	int64_t given_up;	/* turns that it answered wrongly too often */
	int64_t left;		/* turns of users that it was not asked about
				   yet */
	struct err trouble;	/* why not */
};

struct live_sums {
	int64_t events;		/* read */
	int64_t turns;		/* of users, among them */
	int64_t found;		/* what the rules took */
	int64_t vetoed;		/* and gave up again */
	int64_t echoed;		/* that a program or a model had said */
	int64_t late;		/* older than what is known, or known */
	int64_t inserted, updated, retracted;
	bool asked;		/* a model is named, and it said: */
	struct live_model_sums model;
};

struct live_how {
	bool dry_run;		/* nothing is kept; no model is asked */
	bool by_rules;		/* nor now */
	bool rebuild;		/* read all events again */
	int wait_ms;		/* for another run */
	/* After a batch; nonzero ends it, with an error set. */
	int (*progress)(void *, int64_t events, struct err *);
	/* As ltm_how has it; of each user of the tenant. */
	int (*changed)(void *, enum ltm_change, const struct fact *before,
	    const struct fact *after, struct err *);
	void *arg;
};

/* All users of the tenant.  ERR_BUSY: another process runs one. */
int	live_run(struct store *, const struct live_how *, struct live_sums *,
	    struct err *);

/* The grips of a fact, as records, added to a list; 0 it has none, 1. */
int	live_grips(struct store *, const struct fact *, json_t *out,
	    struct err *);

/* Inside the transaction that forgets, before the rows go: an event, or all
 * of a session; the other is NULL. */
int	live_forget(struct store *, const char *event, const char *session,
	    struct err *);

#endif
