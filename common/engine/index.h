/*
 * The indexes of a tenant in an engine: the alias that searches ask, the one
 * index that it stands for, and others that are in the making or were left by
 * somebody who died at it.
 */
#ifndef ENGINE_INDEX_H
#define ENGINE_INDEX_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "engine/ask.h"
#include "engine/mapping.h"

struct engine_index {
	struct engine *engine;		/* borrowed */
	char *alias;			/* own */
	char *name;			/* own; what the alias is of; NULL:
					   there is none */
	struct engine_meta meta;	/* of that */
	bool several;			/* of others, too */
};

/* What there is now: 1, 0 there is none.  ERR_EXISTS: the name is that of an
 * index of somebody else's, or the alias is of several, unless they are asked
 * for. */
int	engine_index_find(struct engine_index *, struct engine *,
	    const char *tenant, bool several, struct err *);
void	engine_index_release(struct engine_index *);

/* Make one of this meta; the alias is not moved.  *name is own. */
int	engine_index_make(struct engine_index *, const struct engine_meta *,
	    char **name, struct err *);
/* Is it still what was made?  Else ERR_EXISTS: it went, and an engine makes
 * one of its own of what is written to none. */
int	engine_index_check(struct engine_index *, const char *name,
	    const struct engine_meta *, struct err *);
/* From now on searches ask this one, at once, and what the alias was of before
 * is deleted. */
int	engine_index_use(struct engine_index *, const char *name,
	    const struct engine_meta *, struct err *);
/* The same where there was none.  1: another was quicker; this one is deleted,
 * and ->name is the other's. */
int	engine_index_first(struct engine_index *, const char *name,
	    const struct engine_meta *, struct err *);
/* One that no alias has is deleted; no error if it cannot be. */
void	engine_index_drop(struct engine_index *, const char *name);
/* All such of ours, but the one of this meta, that this node left, or anybody
 * a day ago. */
void	engine_index_sweep(struct engine_index *, const struct engine_meta *);
/* What was written is found by searches. */
int	engine_index_refresh(struct engine_index *, const char *name,
	    struct err *);
/* How many documents a query (JSON) finds.  ERR_NET, here and below: not all
 * shards of the index answer. */
int	engine_index_count(struct engine_index *, const char *name,
	    const char *query, int64_t *n, struct err *);

/* All documents that a query finds, a page at a time, in no order; fields: a
 * JSON list of those that are wanted, NULL all.  fn returns 0 to go on.  The
 * source is borrowed, and was written by others.
 */
int	engine_index_scan(struct engine_index *, const char *name,
	    const char *query, const char *fields,
	    int (*fn)(void *, const char *id, const json_t *source,
	    struct err *), void *, struct err *);

#endif
