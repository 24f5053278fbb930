/*
 * A user's memory whole, from within a call that may see only a part of it,
 * or is another user's: for who makes what follows from it (an index), and for
 * who asks access.h about each thing before it is told (a search).
 */
#ifndef STORE_INSIDE_H
#define STORE_INSIDE_H

#include "store/access.h"
#include "store/store.h"

struct inside {
	struct store st;	/* shares the database, and the view of it */
	struct access access;
};

/* user: row, 0 there is none yet; name is borrowed, as the store is.  Nothing
 * is to be released. */
void	inside_of(struct inside *, struct store *, int64_t user,
	    const char *name);
/* Of the store's own user. */
void	inside_own(struct inside *, struct store *);

#endif
