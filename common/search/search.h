/*
 * Search: a query in, hits out, best first.
 */
#ifndef SEARCH_SEARCH_H
#define SEARCH_SEARCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "search/query.h"

struct linker;
struct store;

enum search_mode {
	SEARCH_HYBRID,		/* words, vectors, neighbours (search/fuse.h) */
	SEARCH_TEXT,		/* words alone, BM25 as it is */
	SEARCH_VECTOR		/* what means the same */
};

struct search {
	enum search_mode mode;
	int64_t recent_days;	/* what is so old counts three quarters of what
				   is new, at the end half; 0: age is nothing */
	unsigned sources;	/* bits 1 << SOURCE_... */
	int64_t limit;		/* 0: all hits */
	int64_t context;	/* neighbours of an event or a chunk, each way;
				   0: none */
	bool count;		/* only how many there are */
	bool first;		/* only whether there is one */
	bool explain;		/* hits say why they scored so */
	bool bare;		/* hits without record and snippet */
	bool past;		/* records and contents as they were at
				   as_of_ms, by a look at all of them; events:
				   query_as_of */
	int64_t as_of_ms;
	bool chunks;		/* of documents all chunks are hits, not the
				   best of each */
	const struct linker *linker;	/* NULL: nothing is linked; not with
				   SEARCH_TEXT, count and first */
	bool fold;		/* texts that are nearly the same as that of a
				   better hit are told with it */
};

#define SEARCH_SAME 10		/* ids of those that a hit tells */
#define SEARCH_FOLD 1000	/* texts looked at for folding; what comes
				   after them is shown as it is */

/*
 * Asks for less when too little holds the whole query (query_relax), but not
 * with count or first: those are asked for a yes or no.  q->notes may grow.
 *
 * Shows hits to fn, best first, ties in the order of ids: {"type": "hit",
 * "id", "source", "score", "snippet", "why", "record", "context", "same",
 * "same_n", "chunks", "chunks_n", "linked"}; borrowed.
 * *found is the number of all hits, shown or not (1 with first).  1 found,
 * 0 none.  One view of the store, whatever is written meanwhile.
 */
int	search_run(struct store *, struct query *, const struct search *,
	    int (*fn)(void *, json_t *, struct err *), void *, int64_t *found,
	    struct err *);

/*
 * Many searches of one store: indexes stay open from one to the next, and
 * are opened anew only when there are others.  Each search has a view of its
 * own, and so sees all that was written before it.
 */
struct searcher;
struct searcher *searcher_open(struct store *);	/* borrows it */
int	searcher_run(struct searcher *, struct query *, const struct search *,
	    int (*fn)(void *, json_t *, struct err *), void *, int64_t *found,
	    struct err *);		/* as search_run */
void	searcher_close(struct searcher *);	/* takes NULL */

#endif
