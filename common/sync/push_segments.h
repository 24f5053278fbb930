/*
 * The segments of a push: made and put, several at once.
 */
#ifndef SYNC_PUSH_SEGMENTS_H
#define SYNC_PUSH_SEGMENTS_H

#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

struct sync;

/*
 * All that is not there of the changes of a node: our own (former NULL), or
 * one that this copy was; up to this one (0: all there is).  What was put is
 * in the journal (journal_ready) until a manifest names it.
 */
int	push_segments(struct sync *, const char *node, const char *former,
	    int64_t to, struct err *);

/* The object of a segment's text, into an empty body; its name and its size
 * into *seg, and the SHA-256 of its bytes. */
struct buf;
struct manifest_segment;
int	push_segment_pack(struct sync *, const struct buf *text,
	    struct manifest_segment *, struct buf *body,
	    uint8_t sum[HASH_LEN], struct err *);

#endif
