/*
 * All hits of a search, a page at a time: the engine keeps a place for us
 * between one page and the next.
 */
#ifndef ENGINE_SCROLL_H
#define ENGINE_SCROLL_H

#include <stdint.h>

#include "base/json.h"
#include "engine/ask.h"

struct engine_scroll {
	struct engine *engine;	/* borrowed */
	const char *keep;	/* borrowed; how long it keeps it: "2m" */
	json_t *page;		/* own; the last answer; it has hits.hits */
	char *id;		/* own; of the place */
	int64_t total;		/* hits that there are, as it says */
	int64_t had;		/* of them in all pages until now */
	int64_t last;		/* of them in the last */
};

/* The first page: where is "/NAME/_search", body the question in JSON, whose
 * answer is of all shards or none. */
int	engine_scroll_first(struct engine_scroll *, const char *where,
	    const struct buf *body, struct err *);
/* The next: 1; 0: there is none, but it is the caller's to see whether all
 * were had; -1. */
int	engine_scroll_next(struct engine_scroll *, struct err *);
/* The place is given up.  Takes one that never began. */
void	engine_scroll_end(struct engine_scroll *);

#endif
