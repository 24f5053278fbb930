/*
 * What a search looks at: the indexes of its scopes, and who makes vectors;
 * open for one search or for many.
 */
#ifndef SEARCH_SEARCHED_H
#define SEARCH_SEARCHED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "search/embedder.h"
#include "search/indexes.h"
#include "search/linked.h"
#include "search/search.h"
#include "search/seen.h"
#include "search/unread.h"

struct searched {
	struct store *st;		/* borrowed, as the search */
	const struct search *s;
	size_t best;			/* candidates looked for in each
					   index; 0: all */
	struct seen seen;		/* of whom it is */
	struct indexes of[SOURCE_SESSION];	/* by source */
	struct unread unread;		/* of the view: what they lack */
	struct linked linked;		/* own; of the query */
	struct embedder *embedder;	/* own; NULL: no vectors */
	bool asked_embedder;
	bool vectors;			/* all that are open have them */
	bool keep;			/* they are used again */
	bool asked;			/* it is not the first search */
};

void	searched_init(struct searched *, struct store *);

/* Is a source asked for, or are sessions, which are found by events? */
bool	searched_wants(const struct search *, enum source);

/* For x->s, before the view of the store is taken; what goes wrong with an
 * index is no reason not to search, and a note says it. */
int	searched_open(struct searched *, struct query *, struct err *);
/* Inside of the view: what is no more, and what may not be seen, is left
 * out. */
int	searched_view(struct searched *, struct query *, struct err *);
/* Release what is held of a query. */
void	searched_forget(struct searched *);
void	searched_close(struct searched *);

/* Pages are checked when they are read first: one may turn out damaged in
 * the middle of a search.  1: go on without what is damaged, 0: it was
 * something else. */
int	searched_give_up(struct searched *, struct query *,
	    const struct err *);

#endif
