/*
 * Old versions of contents: taken away on demand, and by nothing else.  With
 * them go the grips that no version names any more and nobody marked.
 */
#ifndef TOC_TOC_PRUNE_H
#define TOC_TOC_PRUNE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct store;

/* Of each node its newest `keep` (> 0) versions stay, and the live one; a
 * transaction for each user.  *n: how many there are to go, or (not dry)
 * went. */
int	toc_prune(struct store *, int64_t keep, bool dry, int64_t *n,
	    struct err *);

#endif
