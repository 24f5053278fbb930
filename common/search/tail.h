/*
 * The tail: what no index holds yet (as long as there is none: everything),
 * read from the store and matched text by text.
 */
#ifndef SEARCH_TAIL_H
#define SEARCH_TAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "search/cands.h"
#include "search/query.h"
#include "search/unread.h"

struct store;

struct embedder;
struct kept;

/* What ranking asks of a text besides its words; one for each candidate. */
struct tail_row {
	int64_t session;	/* of an event: its row */
	int64_t ts_ms;		/* INDEXED_NO_TIME: it has none */
	uint32_t traits;	/* doc_traits */
	float scale;		/* of its vector; 0: it has none */
	bool matches;		/* the query */
	bool allowed;		/* but for its plain words */
};

struct tail_rows {
	struct embedder *embedder;	/* borrowed; NULL: no vectors */
	struct tail_row *row;		/* own; as many as candidates */
	size_t n, cap;
	int8_t *q;			/* own; wide components of each */
	size_t wide, q_cap;
	int64_t vectors[SOURCE_SESSION];	/* texts that have one */
	uint32_t *df[SOURCE_SESSION];	/* own; of each piece; or NULL */
	struct buf text;
	/* those whose vectors are still to be made */
	struct buf texts;
	struct tail_wait {
		size_t end;		/* in texts */
		size_t row;
		bool own;		/* it is the call's own user's */
	} *wait;			/* own */
	size_t waiting, batch;
	struct store *st;		/* borrowed */
	struct kept *kept[SOURCE_SESSION];	/* own; made before; or NULL */
	bool done;			/* all of the user's were seen */
};
void	tail_rows_init(struct tail_rows *, struct store *,
	    struct embedder *);
void	tail_rows_release(struct tail_rows *);

struct tail {
	struct unread unread;	/* what is not indexed */
	unsigned sources;	/* bits 1 << SOURCE_... */
	struct tail_rows *rows;	/* all texts become candidates, whether they
				   match or not, and here is more of them; or
				   NULL */
	bool first_only;	/* stop at the first that matches; what was
				   counted is then worth nothing */
};

/* How many texts of a scope of a user, seen or not (of contents: nodes; of
 * facts: versions; of artifacts: rows, and turns are not looked at) came after
 * a mark, looking no further than most (0: at all). */
int	tail_count(struct store *, enum source, int64_t after, int64_t most,
	    int64_t *n, struct err *);

/* Counts and adds what is seen; the caller holds one view of the store
 * (tx_read). */
int	tail_scan(const struct tail *, struct cands *, struct err *);

#endif
