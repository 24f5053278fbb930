/*
 * What a search finds by a graph: texts that are evidence of what is linked
 * to what its query names (search/linked.h).
 *
 * Each entity that the query names leads to the best FOUND_LINKS that it is
 * linked to.  A text that says such a relation, of weight w, is linked by
 * w / log2(1 + n), n texts that name the other entity: one that is everywhere
 * tells little.  A text that names that entity, and says no more, is linked by
 * half of it.  Of either those count that the graph keeps (sum.h).
 *
 * The graph is what the call sees (graph.h), in the view of the search.
 */
#ifndef GRAPH_FOUND_H
#define GRAPH_FOUND_H

#include <stdint.h>

#include "base/err.h"
#include "search/linked.h"

#define FOUND_LINKS 64

struct store;
struct found;

/* as_of_ms: INT64_MAX now. */
struct found *found_new(struct store *, int64_t as_of_ms);
void	found_free(struct found *);		/* takes NULL */

/* A struct linker's, with the found as its arg. */
int	found_before(void *, struct err *);
int	found_ask(void *, const char *text, size_t len, struct linked *,
	    struct err *);

#endif
