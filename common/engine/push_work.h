/*
 * A push on its way.  Private to push*.c.
 */
#ifndef ENGINE_PUSH_WORK_H
#define ENGINE_PUSH_WORK_H

#include "base/str.h"
#include "engine/index.h"
#include "engine/push.h"
#include "engine/state.h"
#include "search/embedder.h"

/* A document without its vector, or one that is gone. */
struct push_item {
	size_t id, end, text;	/* ends in ids, docs and texts */
	int64_t at;
	bool gone;
};

struct push {
	struct store *st;		/* borrowed */
	const struct push_how *how;	/* borrowed */
	struct engine *engine;		/* own */
	struct engine_index index;
	struct engine_state state;
	struct engine_meta meta;	/* of what is written to */
	char *target;			/* own; the alias, or a new index */
	bool aside;			/* a new index */
	char node[ULID_LEN + 1];
	struct embedder *embedder;	/* own; NULL: no vectors */
	struct engine_doc doc;
	struct bulk bulk;
	struct bulk_counts counts;
	int64_t saved_ms;		/* of the state */
	int64_t strange;		/* not copied: none of ours */
	/* what waits for its vector */
	struct push_item *item;		/* own */
	size_t items, cap;
	struct buf ids, docs, texts;
	int8_t *vector;			/* own; room for those of all items */
	float *scale;			/* own */
	struct buf id, text;
	/* of the scope at work */
	const char *user;		/* NULL: what is shared */
	bool first;
	struct strv lost[FEED_LOST];
	int64_t lost_at[FEED_LOST];
	size_t losses;
	struct map told;		/* _ids of grips */
};

/* --- push_doc.c --- */

/* One that is told; they wait until push_embed, bulk_send follows. */
int	push_doc(void *, struct doc *, const struct engine_more *,
	    struct err *);
int	push_gone(void *, enum source, const char *id,
	    const struct engine_more *, struct err *);
int	push_embed(struct push *, struct err *);

/* --- push_lost.c --- */

int	push_lost(void *, enum feed_lost, const char *value, int64_t at,
	    struct err *);
/* Look for all that was lost, and mark it as gone. */
int	push_find_lost(struct push *, struct err *);
/* Of an index: texts that other nodes pushed, and what is gone for all. */
int	push_copy(struct push *, const char *from, struct err *);

#endif
