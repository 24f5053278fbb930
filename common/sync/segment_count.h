/*
 * How many records of each type there are in lines, and the last line of a
 * change segment, which says so, with the SHA-256 of all bytes before it.
 *
 * Only segmentfile.c and import.c include this.
 */
#ifndef SYNC_SEGMENT_COUNT_H
#define SYNC_SEGMENT_COUNT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/hash.h"

#define SEGMENT_TYPES 10

struct segment_counts {
	int64_t n[SEGMENT_TYPES];	/* the last: of types not known here */
	int64_t records;
};

/* Of whole lines.  0; -1: one does not begin with a type, or with that of a
 * head or an end. */
int	segment_count(struct segment_counts *, const char *, size_t);
void	segment_end_put(const struct segment_counts *,
	    const uint8_t sum[HASH_LEN], struct buf *);

#endif
