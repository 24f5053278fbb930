/*
 * The lines of a document in UTF-8, one after the other.
 */
#ifndef DOCS_LINES_H
#define DOCS_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "docs/encoding.h"
#include "docs/limits.h"

struct docs_lines {
	struct docs_in in;		/* UTF-8 */
	struct docs_decode *decode;	/* own */
	size_t most;			/* bytes of a line */
	struct buf room;		/* own */
	size_t at;
	bool ended;
};

/* feeds: as in docs/encoding.h; from is borrowed and outlives it. */
void	docs_lines_init(struct docs_lines *, struct docs_in *from,
	    const struct docs_limits *, bool feeds);
void	docs_lines_release(struct docs_lines *);

/* The next line without its end, borrowed until the next call.  One that is
 * longer than the limit comes as several, cut at a blank where there is one.
 * 1, 0 the end, -1. */
int	docs_lines_next(struct docs_lines *, const char **p, size_t *len,
	    struct err *);

/* What is to come, without taking it: 64 kB where there are as many. */
#define DOCS_PEEK ((size_t)64 << 10)
int	docs_lines_peek(struct docs_lines *, const char **p, size_t *len,
	    struct err *);
/* So much of what was peeked at. */
void	docs_lines_skip(struct docs_lines *, size_t n);

#endif
