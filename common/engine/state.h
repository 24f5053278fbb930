/*
 * How much of a store an engine has: of each user, and of what is shared, the
 * marks up to which it was told and said so.  A small file of the tenant's,
 * index/engine/NAME, sealed as its indexes are; without it all is told once
 * more, which is right, and takes longer.
 */
#ifndef ENGINE_STATE_H
#define ENGINE_STATE_H

#include <stdbool.h>

#include "base/err.h"
#include "base/lock.h"
#include "base/map.h"
#include "base/ulid.h"
#include "engine/feed.h"
#include "engine/mapping.h"
#include "index/blockfile.h"

struct store;

struct engine_state {
	/* of the index that the marks are of; "": there are none */
	char generation[ENGINE_GENERATION + 1];
	char node[ULID_LEN + 1];	/* who told */
	bool fresh;	/* nothing of ours was in the index before */
	struct feed_mark shared;
	struct map users;		/* name to struct feed_mark, own */
	/* own affairs */
	struct lock lock;
	struct blockfile_key key;
	char *path;			/* own */
};

/* One process at a time: ERR_BUSY.  What is there is read; note is told of a
 * file that is of no use.  engine_state_close in any case. */
int	engine_state_open(struct engine_state *, struct store *,
	    const char *engine, int wait_ms, void (*note)(void *,
	    const char *), void *, struct err *);
/* Only what is there; no lock. */
int	engine_state_read(struct engine_state *, struct store *,
	    const char *engine, struct err *);
void	engine_state_close(struct engine_state *);

/* Of a user: made if need be. */
struct feed_mark *engine_state_user(struct engine_state *, const char *);
/* All marks are of the beginning, and of this index. */
void	engine_state_begin(struct engine_state *, const char *generation,
	    const char *node, bool fresh);
int	engine_state_write(struct engine_state *, struct err *);

#endif
