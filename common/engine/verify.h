/*
 * Has an engine what a store has?  Of each source of a user, and of what is
 * shared, the texts are counted on both sides, and some are compared.
 */
#ifndef ENGINE_VERIFY_H
#define ENGINE_VERIFY_H

#include <stdint.h>

#include "base/err.h"
#include "search/doc.h"

struct store;
struct verify;

struct verified {
	enum source source;	/* never SOURCE_OWN: it is SOURCE_FACT */
	const char *user;	/* NULL: what is shared */
	int64_t stored;		/* texts of the store */
	int64_t held;		/* of the engine */
	int64_t others;		/* of these, that other nodes pushed last */
	int64_t compared;
	const char *wrong;	/* the _id of one that says something else,
				   or is not there; or NULL */
};

/* Is it as it should be?  What others pushed may be more than is here. */
int	verified_right(const struct verified *);

/* ERR_ABSENT: the engine has no index of the tenant. */
int	verify_open(struct verify **, struct store *, const char *engine,
	    struct err *);
void	verify_close(struct verify *);		/* takes NULL */

/* As push_scope; fn of each source that has anything, here or there. */
int	verify_scope(struct verify *, struct store *, bool shared,
	    int (*fn)(void *, const struct verified *, struct err *), void *,
	    struct err *);

#endif
