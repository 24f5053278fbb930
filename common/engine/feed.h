/*
 * What an engine has still to be told of a store: texts that came since marks,
 * as they are now, and what is no more.  One feed is of a user, or of what the
 * tenant shares.
 *
 * It is read a part at a time, each in a view of its own, so that nobody waits
 * for an engine that is slow.  A mark says what was read; who has told the
 * engine, and was heard, keeps it and goes on from there.  What is told twice
 * is told the same way.
 */
#ifndef ENGINE_FEED_H
#define ENGINE_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "engine/doc.h"
#include "store/inside.h"

struct store;

enum feed_part { FEED_GONE, FEED_EVENTS, FEED_RECORDS, FEED_CONTENTS,
    FEED_GRIPS, FEED_FACTS, FEED_ARTIFACTS, FEED_TURNS, FEED_PARTS };
extern const char *const feed_parts[];	/* "gone" ...; NULL at end */

/* The last row of each part that was read: tombstones, rows, what nodes are
 * numbered by (toc_node.touched).  All 0: nothing was. */
struct feed_mark {
	int64_t after[FEED_PARTS];
	int64_t forgot;		/* up to when his memory was forgotten */
};

/* All that has a value is to go: of a session of the user, of the user up to a
 * time, of a document, of the row of a fact ("NODE/ROW"), grips of a node but
 * those that were told since. */
enum feed_lost { FEED_SESSION, FEED_USER, FEED_DOCUMENT, FEED_ROW, FEED_NODE,
    FEED_LOST };

/* Who is told.  Nonzero ends it, with the error set. */
struct feed_to {
	int (*doc)(void *, struct doc *, const struct engine_more *,
	    struct err *);
	int (*gone)(void *, enum source, const char *id,
	    const struct engine_more *, struct err *);
	int (*lost)(void *, enum feed_lost, const char *value, int64_t at,
	    struct err *);
	bool (*full)(void *);		/* enough for one view */
	void *arg;
};

struct feed {
	struct store *st;	/* borrowed; from within */
	bool shared;
	const char *node;	/* borrowed */
	struct feed_mark mark;
	/* own affairs */
	bool first;		/* the engine has nothing of it */
	unsigned part;
	int64_t contents;	/* the node within the number of the mark */
	int64_t began, newest;	/* rows of knowledge bases: after the one, up
				   to the other */
	/* the document that the last chunk was of */
	struct buf of;		/* "KB/DOCUMENT_ID" */
	struct map places;
	int64_t of_at;
	bool of_there;
};

/* The store is open for the user, or shared: for anybody.  first: the engine
 * has nothing of this scope that could have to go. */
void	feed_init(struct feed *, struct store *, bool shared,
	    const struct feed_mark *, const char *node, bool first);
void	feed_release(struct feed *);

/* Some more: 1 there may be others, 0 that was all.  ->mark is then what was
 * told; the caller holds no view. */
int	feed_read(struct feed *, const struct feed_to *, struct err *);
/* Has it anything to tell?  A few small statements.  1, 0. */
int	feed_waits(struct feed *, struct err *);

#endif
