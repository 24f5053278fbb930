/*
 * Dictionaries of zstd frames, as compaction makes them and lets them go.
 * Bodies are written with the newest, which is never deleted.
 */
#ifndef STORE_DICT_H
#define STORE_DICT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct store;

/* The newest of those that learned from texts of which one has been
 * forgotten since; 0: none. */
int	dict_stale(struct store *, int64_t *id, struct err *);

/*
 * Train one on the tenant's texts, when there are enough and the store has
 * grown to eight times of what the last one saw, and keep it if texts that
 * it did not see come out at least 3 % smaller.  must: the newest has to be
 * replaced, if need be by the one that we ship.  *id is the new one, or 0.
 * Reads a few thousand bodies.
 */
int	dict_train(struct store *, bool must, int64_t *id, struct err *);
/* Would it be tried? */
int	dict_due(struct store *, bool *due, struct err *);

/* Write single bodies of older dictionaries with the newest, in short
 * transactions. */
int	dict_replace(struct store *, int64_t *bodies, struct err *);

/* Delete those that no row needs. */
int	dict_delete(struct store *, int64_t *n, struct err *);

#endif
