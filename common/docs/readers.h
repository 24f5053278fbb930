/*
 * Who reads what: the readers of documents by their media types.
 */
#ifndef DOCS_READERS_H
#define DOCS_READERS_H

#include "docs/block.h"
#include "docs/in.h"
#include "docs/limits.h"

typedef int docs_reader(struct docs_in *, const struct docs_sink *,
    const struct docs_limits *, struct err *);

/* NULL: there is none; it takes a filter, or is left out. */
docs_reader *docs_reader_of(const char *media_type);

#endif
