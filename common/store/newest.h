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

/*
 * The newest event of each user, where there are several: else whoever knows
 * all of his own would read over what the others wrote since.  meta has
 * "newest/USER"; "newest.upto", the newest row that was taken note of; and
 * "newest.floor", up to which nothing is known.  An event that came otherwise
 * is behind upto, or is found before the next is noted, and lifts the floor
 * over itself; so these numbers say too much at worst.
 */

/* Has this user events behind a row?  0 none, 1 maybe. */
int	newest_may(struct store *, int64_t user, int64_t after, struct err *);
/* He wrote events, the newest of them last; nobody took note of any from first
 * on, all of this transaction.  Inside it. */
int	newest_wrote(struct store *, int64_t user, int64_t first,
	    int64_t last, struct err *);

#endif
