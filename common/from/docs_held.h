/*
 * The chunks of the document that docs-read is in the middle of: a document
 * that turns out to be none, or that ends who reads it, leaves nothing behind.
 * So they go on when the document comes that names them, and not before.
 * They are in memory up to a bound, then in a file without a name.
 */
#ifndef FROM_DOCS_HELD_H
#define FROM_DOCS_HELD_H

#include <stddef.h>

#include "base/err.h"
#include "docs/document_id.h"
#include "docs/spool.h"

struct docs_held {
	struct spool lines;
	char id[DOCS_ID_MAX + 1];	/* of the document */
};

void	docs_held_init(struct docs_held *);
void	docs_held_release(struct docs_held *);

/* One more, a line of JSON; those of another document are forgotten.  -1:
 * ERR_INPUT, there is no room for them. */
int	docs_held_add(struct docs_held *, const char *id, const char *,
	    size_t len, struct err *);
/* This document is told of: its chunks, in their order. */
int	docs_held_each(const struct docs_held *, const char *id,
	    int (*fn)(void *, const char *, size_t len, struct err *), void *,
	    struct err *);
void	docs_held_forget(struct docs_held *);

#endif
