/*
 * The state of an import of bug records: for bug_*.c and issue.c
 * alone.
 */
#ifndef FROM_BUG_WORK_H
#define FROM_BUG_WORK_H

#include "from/bug_import.h"

#include <stdio.h>
#include <sys/types.h>

struct bug_slot {
	uint64_t hash, n;	/* of an id, not 0; which record has it */
};

struct bug_import {
	struct bug bug;
	struct buf held;	/* records not in spool yet */
	FILE *spool;		/* own, or NULL */
	uint64_t n;		/* records in both */
	struct bug_slot *slot;	/* own; the ids, open addressing */
	size_t nslot, nids;
	unsigned char *gone;	/* own; bits: records that gave way */
	size_t ngone;		/* bytes */
	int64_t truncated;	/* records in which something was cut */
	int64_t values;		/* met so far, against the limit */
	int64_t bytes;		/* the same */
	int64_t outer;		/* from_bugs_outer */
};

/* Make it, once. */
void	from_bugs_ready(struct from *);

/* One more value, whatever becomes of it; -1: it is one too many. */
int	bug_count_value(struct from *, struct err *);
/* A table that begins at a byte of fd, where it stands
 * (bug_table.c). */
int	bug_read_table(struct from *, int fd, off_t at, char sep,
	    struct err *);

#endif
