/*
 * Are objects that their hashes name on a remote, and whole?
 */
#ifndef SYNC_WHOLE_H
#define SYNC_WHOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

struct sync;

enum whole_is { WHOLE_YES, WHOLE_ABSENT, WHOLE_OTHER };

struct whole {
	const char *kind;		/* "segment", "piece": borrowed */
	uint8_t name[HASH_LEN];
	uint64_t size;			/* bytes of the object, as they were
					   named; it may not be more */
	enum whole_is is;		/* the answer */
};

/*
 * Of each of n, so many at once as the remote can take.  get: all are read;
 * else, where the remote keeps the size and the SHA-256 of each, these are
 * asked for.  -1: it cannot be told.
 */
int	whole_check(struct sync *, struct whole *, size_t n, bool get,
	    struct err *);
/* For people. */
const char *whole_why(enum whole_is);

#endif
