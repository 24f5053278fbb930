/*
 * Versions of records that another node wrote, or put down as it came.
 */
#ifndef INGEST_RECORD_MERGE_H
#define INGEST_RECORD_MERGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct record_row;
struct stamp;
struct store;

/*
 * Inside a transaction: one takes its place by time and node, and what comes
 * behind it is stored once more.  1 new (*seq), 0 it is there; *clash: it and
 * one that is here were written without knowing each other, and are not the
 * same.
 */
int	record_merge(struct store *, const struct record_row *,
	    const char *user, const struct stamp *, int64_t *seq, bool *clash,
	    struct err *);

#endif
