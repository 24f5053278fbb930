/*
 * Where a segment ends: at a pause, when it is full, or when the subject
 * changes.
 *
 * A session is cut from its beginning, a segment at a time.  Where one ends
 * depends on its own turns and on some that follow, never on what was before:
 * so a session that was cut as it grew is cut as if all of it had been there
 * at once, and an event that comes late changes nothing before the segment
 * whose `seen` it falls into.
 */
#ifndef TOC_CUT_H
#define TOC_CUT_H

#include <stddef.h>
#include <stdint.h>

#include "toc/turn.h"

struct cut {
	int64_t gap_ms;		/* a pause that ends a segment */
	uint32_t tokens;	/* most of a segment (turn_tokens) */
	int64_t back_ms;	/* how far back its summary may look */
	uint32_t back_tokens;
};
#define CUT_INIT { 30 * 60 * 1000, 4000, 5 * 60 * 1000, 500 }

/*
 * How many of the turns (n > 0, in order, of one session, read by turn_read)
 * belong to the segment that begins with the first: at least 1.  *seen is how
 * many of them that rests on.  When it is greater than n the turns ended
 * before it could be told; then ask again with more, if there are more.  A
 * turn counts for a token at least, so that no more than tokens + 1 turns are
 * ever needed.  A clock that goes back
 * is no pause.
 */
size_t	cut_next(const struct cut *, const struct turn *, size_t n,
	    size_t *seen);

/*
 * How many of the n turns before a segment that begins at this time are
 * context for its summary: the last ones, while they are of the last back_ms
 * and of back_tokens in all.
 */
size_t	cut_back(const struct cut *, const struct turn *before, size_t n,
	    int64_t begin_ms);

#endif
