/*
 * What no index has yet, of all that a call sees, text by text: as long as a
 * user has no index, everything of his.
 */
#ifndef SEARCH_UNREAD_H
#define SEARCH_UNREAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "search/doc.h"
#include "search/seen.h"

struct unread_mark {
	int64_t after[SOURCE_SESSION];	/* what came later, as indexed_mark
				   has it; 0: all */
	int64_t turned;		/* and artifacts that turned after this */
};

struct unread {
	struct seen *seen;		/* borrowed */
	struct unread_mark *mark;	/* own; of each user of it */
	size_t marks;
	bool past;		/* all but events and artifacts as it was at
				   as_of_ms */
	int64_t as_of_ms;
};

/* From the first row of everything on. */
void	unread_init(struct unread *, struct seen *);
void	unread_release(struct unread *);

/* fn returns 0 to go on, 1 to stop; the document is borrowed, and ->who says
 * whose it is.  The caller holds a view of the store. */
int	unread_each(const struct unread *, enum source, int (*fn)(void *,
	    struct doc *, struct err *), void *, struct err *);

/* How many texts (of contents: nodes; of facts: versions; of artifacts: rows),
 * looking no further than most (0: at all); adds to *n. */
int	unread_count(const struct unread *, enum source, int64_t most,
	    int64_t *n, struct err *);

#endif
