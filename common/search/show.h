/*
 * The best candidates as hits, in order; those whose text is nearly that of
 * a better one (text/near.h) are folded into it: "same" has the ids of the
 * first SEARCH_SAME of them, "same_n" is how many there are.  Of a document
 * the best chunk is a hit, and the others are told with it in the same way
 * ("chunks", "chunks_n"), but where chunks are asked for.  Sessions are not
 * folded, nor is anything where all hits are asked for.
 */
#ifndef SEARCH_SHOW_H
#define SEARCH_SHOW_H

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"
#include "search/cands.h"
#include "search/search.h"
#include "search/seen.h"


/* How many candidates there should be for a search: 0, all. */
size_t	show_wants(const struct search *);

/*
 * Shows them to fn.  had: how many were looked for in each source; when so
 * many were found, and folded they are less than the search's limit, nothing
 * is shown: 1, it is to be called again with show_more(had).
 */
int	show_hits(struct seen *, const struct search *, const struct cands *,
	    size_t had, int (*fn)(void *, json_t *, struct err *), void *,
	    struct err *);
size_t	show_more(size_t had);

#endif
