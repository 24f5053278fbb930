/*
 * Bytes that are kept for a while: in memory up to a bound, then in a file
 * without a name, which goes with the process.
 */
#ifndef DOCS_SPOOL_H
#define DOCS_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct spool {
	struct buf end;		/* what is not in the file */
	size_t most;		/* bytes of it */
	int fd;			/* -1: there is no file */
	int64_t filed;		/* bytes in the file */
};

void	spool_init(struct spool *, size_t most);
void	spool_release(struct spool *);

int64_t	spool_len(const struct spool *);
int	spool_add(struct spool *, const void *, size_t, struct err *);
/* Up to n bytes from a place on: how many, fewer at the end only; -1. */
int64_t	spool_read(const struct spool *, int64_t at, void *, size_t n,
	    struct err *);

#endif
