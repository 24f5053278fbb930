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
 * (memory/grip.h) for each, and goes with any of these (live_forget).
 */
#ifndef MEMORY_LIVE_H
#define MEMORY_LIVE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "memory/ltm.h"

struct store;
struct fact;

#define LIVE_CONSUMER "ltm"

struct live_sums {
	int64_t events;		/* read */
	int64_t turns;		/* of users, among them */
	int64_t found;		/* what the rules took */
	int64_t vetoed;		/* and gave up again */
	int64_t echoed;		/* that a program or a model had said */
	int64_t late;		/* older than what is known, or known */
	int64_t inserted, updated, retracted;
};

struct live_how {
	bool dry_run;		/* nothing is kept */
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
