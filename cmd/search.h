/*
 * mem-search: many queries, one that stands, and those that an engine
 * answers.
 */
#ifndef CMD_SEARCH_H
#define CMD_SEARCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "cmd/budget.h"
#include "cmd/out.h"
#include "search/linked.h"
#include "search/query.h"
#include "search/search.h"
#include "store/store.h"

#define SEARCH_QUERY_MAX ((size_t)1 << 20)	/* bytes of a line */

struct engine_finder;
struct found;
struct language;

struct search_run {
	struct store *st;
	const struct language *language;	/* of the texts */
	struct searcher *searcher;	/* own; or */
	struct engine_finder *engine;	/* own */
	struct found *found_by;		/* own; --graph: what is linked */
	struct linker linker;
	struct store_where where;
	struct out out;
	struct search s;
	struct budget budget;
	int64_t query;		/* its number in a batch; 0: the only one */
	int64_t printed;	/* hits */
	int64_t found, refused;	/* queries */
	bool *there;		/* own; of each field, whether a hit had it */
	bool zoned;		/* times are told in the zone of the store */
};

/* What is asked for that an engine cannot tell. */
struct search_asks {
	bool past, watch, graph, all_vectors;
};
/* ERR_USAGE says why not. */
int	search_engine_holds(const struct search_asks *, struct err *);
/* The engine of this name; NULL: that of search.engine, if there is one, and
 * it can tell what is asked for; "": none. */
int	search_engine_open(struct search_run *, const char *name,
	    const struct search_asks *, struct err *);
/* The hits, from wherever: as searcher_run. */
int	search_hits(struct search_run *, struct query *,
	    int (*print)(void *, json_t *, struct err *), int64_t *found,
	    struct err *);

typedef int search_one(struct search_run *, const char *, size_t len,
    const char *heading, struct err *);

/* The queries of a file, a line each ("-": of standard input), with what
 * searches for one and prints; heading: of the query, for text. */
int	search_batch(struct search_run *, const char *file, search_one *,
	    struct err *);

/* Give what comes and matches to print (its arg is the run), until the limit,
 * or somebody ends it. */
int	search_watch(struct search_run *, const struct query *,
	    int (*print)(void *, json_t *, struct err *), struct err *);

/* --graph: search by what is linked, too, as of a time (INT64_MAX: now), and
 * say of a hit as text what links it. */
void	search_graph(struct search_run *, int64_t as_of_ms);
int	search_graph_print(struct out *, const json_t *hit, struct err *);
void	search_graph_end(struct search_run *);

#endif
