/*
 * The tail: what no index holds yet (as long as there is none: everything),
 * read from the store and matched text by text.
 */
#ifndef MEMORY_TAIL_H
#define MEMORY_TAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "memory/cands.h"
#include "memory/query.h"

struct store;

struct tail {
	int64_t event_after;	/* rows stored later; 0: all */
	int64_t record_after;
	unsigned sources;	/* bits 1 << SOURCE_EVENT, 1 << SOURCE_KB */
	const char *session;	/* events of no other match, though they
				   count; or NULL */
	bool past;		/* records as they were at as_of_ms */
	int64_t as_of_ms;
	bool first_only;	/* stop at the first that matches; what was
				   counted is then worth nothing */
};

/* Counts and adds; the caller holds one view of the store (tx_read). */
int	tail_scan(struct store *, const struct tail *, struct cands *,
	    struct err *);

#endif
