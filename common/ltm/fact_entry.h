/*
 * Facts as search sees them: versions that count, of the tenant or of the
 * store's user.  Left out are verdicts, what is gone, and what has ended; one
 * that begins later is there, to be counted, and is no hit yet.
 */
#ifndef LTM_FACT_ENTRY_H
#define LTM_FACT_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "ltm/fact.h"

struct store;

/* Whose: of the user of that number, of the tenant 0, of nobody -1. */
int64_t	fact_owner(const struct store *, bool own);

/*
 * Those whose row is later than after, and those that a later row ends only
 * some day; in no order.  as_of_ms: FACT_NOW, or a time: what held then, and
 * after is 0.  fn returns 0 to go on.  The caller holds a view of the store.
 */
int	fact_entries(struct store *, bool own, int64_t after,
	    int64_t as_of_ms, int (*fn)(void *, const struct fact *,
	    struct err *), void *, struct err *);
/* One of them by its row, as at a time: 1; 0 it is not there. */
int	fact_entry(struct store *, int64_t seq, int64_t as_of_ms,
	    int (*fn)(void *, const struct fact *, struct err *), void *,
	    struct err *);

/*
 * Each row later than after, in their order, and before it the version that it
 * followed, as of row 0; counts: is it one of the above?
 */
int	fact_each_row(struct store *, bool own, int64_t after,
	    int (*fn)(void *, const struct fact *, bool counts, int64_t row,
	    struct err *), void *, struct err *);

/* The greatest row of all facts of the tenant; one probe. */
int	fact_newest(struct store *, int64_t *seq, struct err *);
/* Rows later than after, looking no further than most (0: at all). */
int	fact_count_after(struct store *, bool own, int64_t after,
	    int64_t most, int64_t *n, struct err *);

#endif
