/*
 * Sentences with holes: "{value} has {count} bugs[, mostly {kinds}]".  What
 * stands in brackets is left out when a hole in it has nothing to fill it.
 * What fills a hole is never looked at for holes.
 */
#ifndef TEXT_TEMPLATE_H
#define TEXT_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * Show each hole (0 to go on).  0, the first nonzero of fn, or -1 with the
 * place where a brace or a bracket has no other, in *at.
 */
int	template_holes(const char *, int (*fn)(void *, const char *name,
	    size_t len, size_t at), void *, size_t *at);

/* Appends it; put appends what fills a hole, and is false when there is
 * nothing.  false: a hole outside of brackets stayed empty. */
bool	template_fill(struct buf *, const char *, bool (*put)(void *,
	    struct buf *, const char *name, size_t len), void *);

#endif
