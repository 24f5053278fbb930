/*
 * Events of sessions that were forgotten.  A session of a million of them
 * cannot go in one short transaction; so its row goes, with which nothing shows
 * them any more, and is noted here, and they follow in batches.  Whoever is
 * killed leaves a note that the next one goes on with.
 */
#ifndef STORE_FORGETTING_H
#define STORE_FORGETTING_H

#include <stdint.h>

#include "base/err.h"

struct store;

#define FORGETTING_SOME 2000	/* events that go in one transaction */
#define FORGETTING_NOW 10000	/* while somebody waits for something else */

/* Inside the transaction in which its row goes. */
int	forgetting_add(struct store *, int64_t session, int64_t user,
	    struct err *);

/* Events that are still there, of forgotten sessions. */
int	forgetting_left(struct store *, int64_t *events, struct err *);

/*
 * Take at most so many events away, in transactions of FORGETTING_SOME; what
 * they free is zeroed.  0 nothing is left, 1 something is.  progress: what is
 * left, or NULL.  Afterwards db_settle, if *gone is not 0.
 */
int	forgetting_go_on(struct store *, int64_t most, int64_t *gone,
	    void (*progress)(int64_t left), struct err *);

/* The events of a session (its row), at most so many, inside a transaction
 * (db_scrub before it): how many went.  A pack that they shared with others is
 * written anew once. */
int	forgetting_events(struct store *, int64_t session, int64_t most,
	    int64_t *gone, struct err *);
/* Their ids, out of contents: grips have nothing to show from now on, and
 * segments tell only when they were. */
int	forgetting_ids(struct store *, int64_t session, struct err *);
/* One, by its row; none is none. */
int	forgetting_event(struct store *, int64_t seq, struct err *);

#endif
