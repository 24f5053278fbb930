/*
 * Values that somebody set about a session, as a history: each has its time
 * and the node that wrote it (store/node.h), and the last one counts.
 */
#ifndef MEMORY_VARIABLE_H
#define MEMORY_VARIABLE_H

#include <stdint.h>

#include "base/err.h"

struct stamp;
struct store;

enum { VARIABLE_WORKING, VARIABLE_PROPERTY };	/* variable.kind */

/* 1 there (*value own; NULL: it was unset), 0 never set. */
int	variable_get(struct store *, int64_t session, int kind,
	    const char *name, char **value, struct err *);
/* Append a value with its change unless it is the newest already; inside a
 * transaction.  1 appended, 0 not. */
int	variable_set(struct store *, int64_t session, int kind,
	    const char *name, const char *value, struct err *);
/* The row of a value, with its change. */
int	variable_append(struct store *, int64_t session, int kind,
	    const char *name, const char *value, const struct stamp *,
	    struct err *);

#endif
