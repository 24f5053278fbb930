/*
 * Bodies of rows: zstd frames with a dictionary of the store.  Writers use
 * the newest dictionary, readers the one that the row names.  None is made of
 * sealed rows: theirs is the one that every store begins with.
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

/*
 * The same of a row of a sealed tenant: the frame is sealed with its key,
 * bound to ad (sealed.h); key 0 is clear.  store_unpack_row: 1; 0 the key is
 * gone, and so is the row.
 */
int	store_pack_row(struct store *, struct buf *, const void *, size_t,
	    int64_t key, const struct buf *ad, int64_t *dict, struct err *);
int	store_unpack_row(struct store *, struct buf *, const void *, size_t,
	    int64_t dict, int64_t key, const struct buf *ad, size_t max,
	    struct err *);

/* Make room for dictionaries, which are loaded as they are needed. */
void	payload_begin(struct store *);
/* Forget the dictionaries that were loaded (after a new one was made). */
void	payload_release(struct store *);

#endif
