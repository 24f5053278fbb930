/*
 * Which names are one, beyond their keys (name.h): what somebody decided.
 *
 *	merge A B	A is another name of B
 *	split NAME	it is itself, and joined with nothing that no decision
 *			joins it with; ends what merged it, and what was
 *			merged into it
 *
 * They are decisions (memory/decision.h) of the user, which travel between
 * copies of a store and are not touched by a graph that is made anew:
 * "mark", about "graph:" and 16 hexadecimal digits, with the names in the
 * value.
 *
 * Without one, a bare identifier or file is one with the qualified name that
 * ends so ("TokenStore", "auth.TokenStore"; "jwt.c", "src/auth/jwt.c"), as
 * long as all that end so are ends of the longest.
 */
#ifndef GRAPH_ALIAS_H
#define GRAPH_ALIAS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/map.h"
#include "base/str.h"

struct store;

struct aliases {
	struct map to;		/* key -> a number of `keys` */
	struct map split;	/* keys */
	struct strv keys;	/* own */
};

/* A call that is bound to a session has none. */
int	aliases_read(struct aliases *, struct store *, struct err *);
void	aliases_release(struct aliases *);

/* The key that a key stands for: itself where nobody said anything. */
const char *aliases_to(const struct aliases *, const char *key);
bool	aliases_is_split(const struct aliases *, const char *key);
/* All keys that stand for this one, it among them; added. */
void	aliases_of(const struct aliases *, const char *to, struct strv *);

/* Decide, in a transaction of its own; into NULL: split. */
int	alias_decide(struct store *, const char *key, const char *into,
	    struct err *);

#endif
