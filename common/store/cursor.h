/*
 * How far a source outside the store has been read.  Cursors travel through
 * the pipe as records and are kept in the transaction of what came before
 * them, so that a killed pipe goes on where the store stops.
 */
#ifndef STORE_CURSOR_H
#define STORE_CURSOR_H

#include <stdint.h>

#include "base/err.h"

struct store;

struct cursor {
	int64_t offset;		/* bytes of whole lines read */
	char prefix_hash[65];	/* of what was read, as the reader makes it */
	int64_t inode, size;	/* 0: not told */
	char *state;		/* own; the reader's, or NULL */
};

/* 1 found (cursor_release), 0 never read. */
int	cursor_get(struct store *, const char *source, struct cursor *,
	    struct err *);
int	cursor_put(struct store *, const char *source, const struct cursor *,
	    struct err *);
int	cursor_each(struct store *, int (*fn)(void *, const char *source,
	    const struct cursor *), void *, struct err *);
void	cursor_release(struct cursor *);

#endif
