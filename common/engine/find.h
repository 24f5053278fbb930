/*
 * A search in an engine: the same query, the same options, the same hits in
 * kind and form as search/search.h has of the store, of what all copies of it
 * put there (mem-index --to).  mem-query(7) names what is otherwise.
 */
#ifndef ENGINE_FIND_H
#define ENGINE_FIND_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"
#include "search/query.h"
#include "search/search.h"

struct engine_finder;
struct store;

/* Borrows the store; nothing is asked yet.  Errors are those of engine_open,
 * and ERR_USAGE: what is named is no search engine. */
int	engine_finder_open(struct engine_finder **, struct store *,
	    const char *name, struct err *);
void	engine_finder_close(struct engine_finder *);	/* takes NULL */

/*
 * As searcher_run; search.h's past is not possible.  ERR_ABSENT: the engine
 * has nothing of this tenant; ERR_VERSION: its words are those of another
 * memkit, or of another language; else what engine_ask says.
 */
int	engine_finder_run(struct engine_finder *, struct query *,
	    const struct search *, int (*fn)(void *, json_t *, struct err *),
	    void *, int64_t *found, struct err *);

#endif
