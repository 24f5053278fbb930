/*
 * A standing query: what matches it as it is stored, and nothing that was
 * there before.
 */
#ifndef SEARCH_WATCH_H
#define SEARCH_WATCH_H

#include <jansson.h>

#include "base/err.h"
#include "search/query.h"
#include "search/search.h"

struct store;
struct watch;

/*
 * Begins after what is stored now.  The query is not relaxed; of the search,
 * sources (events and records), context and bare count.  All are
 * borrowed until watch_close.
 */
int	watch_open(struct watch **, struct store *, const struct query *,
	    const struct search *, struct err *);

/*
 * Shows what came since the last look, in the order in which it was stored
 * (events, then the newest versions of records in the order of kb and id),
 * as search_run does but without a score; fn: 0 to go on, 1 enough, -1.
 * Costs as much as there is new.  Returns 1 enough, 0, -1.
 */
int	watch_look(struct watch *, int (*fn)(void *, json_t *, struct err *),
	    void *, struct err *);
void	watch_close(struct watch *);	/* takes NULL */

#endif
