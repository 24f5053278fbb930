/*
 * The segments of a push: made and put, several at once.
 */
#ifndef SYNC_PUSH_SEGMENTS_H
#define SYNC_PUSH_SEGMENTS_H

#include <stdint.h>

#include "base/err.h"

struct sync;

/*
 * All that is not there of the changes of a node: our own (former NULL), or
 * one that this copy was; up to this one (0: all there is).  What was put is
 * in the journal (journal_ready) until a manifest names it.
 */
int	push_segments(struct sync *, const char *node, const char *former,
	    int64_t to, struct err *);

#endif
