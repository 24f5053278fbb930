/*
 * The newest rows of the tables that grow.  Whoever has seen them all has
 * nothing to look for: that is told by one small statement, where reading
 * the rows would take large ones.  Numbers are never used twice; one can go
 * back when the newest row is forgotten.
 */
#ifndef STORE_NEWEST_H
#define STORE_NEWEST_H

#include <stdint.h>

#include "base/err.h"

struct store;

struct newest {
	int64_t event, record, tombstone;	/* seq; 0: there are none */
};

/* Of all users of the tenant. */
int	newest_rows(struct store *, struct newest *, struct err *);

#endif
