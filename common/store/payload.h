/*
 * Bodies of rows: zstd frames with a dictionary of the store.  Writers use
 * the newest dictionary, readers the one that the row names.
 */
#ifndef STORE_PAYLOAD_H
#define STORE_PAYLOAD_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct store;

/* Appends one frame; *dict is the dictionary it needs. */
int	store_pack(struct store *, struct buf *, const void *, size_t,
	    int64_t *dict, struct err *);
/* The same at another level of zstd than that of a first write. */
int	store_pack_level(struct store *, struct buf *, const void *, size_t,
	    int level, int64_t *dict, struct err *);
/* Appends its content, at most max bytes; ERR_CORRUPT when it is damaged. */
int	store_unpack(struct store *, struct buf *, const void *, size_t,
	    int64_t dict, size_t max, struct err *);

/* Forget the dictionaries that were loaded (after a new one was made). */
void	payload_release(struct store *);

#endif
