/*
 * For live*.c alone: the values that facts of the live flow have, so that not
 * every statement looks at every fact for one that it touches.  It may know a
 * value that no fact has any more, but misses none.
 */
#ifndef LTM_LIVE_VALUES_H
#define LTM_LIVE_VALUES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"

struct store;

struct live_values {
	struct map known;
	struct map users;		/* that were read */
	int looks;
};
#define LIVE_VALUES_INIT { .known = MAP_INIT, .users = MAP_INIT }
void	live_values_release(struct live_values *);

/*
 * May a fact of the store's user have this value (other: as its other one)?
 * 1, 0, -1.  The first times in a run it may; then all facts of the user are
 * read once.
 */
int	live_values_may(struct live_values *, struct store *, bool other,
	    const char *value, struct err *);
/* A fact of this user has this body from now on. */
void	live_values_add(struct live_values *, int64_t user,
	    const json_t *body);

#endif
