/*
 * The parts of a feed.  Private to feed*.c.
 *
 * Each is called inside a view, reads on from its mark and moves it: 1 who is
 * told has enough; 0 there is no more; -1.
 */
#ifndef ENGINE_FEED_WORK_H
#define ENGINE_FEED_WORK_H

#include "engine/feed.h"

struct feed_run {
	struct feed *f;
	const struct feed_to *to;
	struct doc doc;
	int r;			/* 1: it is full */
};

typedef int feed_part_fn(struct feed_run *, struct err *);
feed_part_fn feed_gone, feed_events, feed_records, feed_contents, feed_grips,
    feed_facts, feed_artifacts, feed_turns;

/* ->doc is what is told; record is taken over, and NULL is an error that is
 * set. */
int	feed_tell(struct feed_run *, struct engine_more *, json_t *record,
	    struct err *);
/* Is it full?  Then it is, from now on. */
bool	feed_full(struct feed_run *);

#endif
