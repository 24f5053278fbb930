/*
 * Forgetting, in contents: bullets that rest on what is forgotten go out of
 * every version of every node, and so do words of titles and keywords that
 * nothing else in the version has.  Of what a model said in its own words a
 * bullet goes also when it has such a word that its grips do not have.  Grips
 * stay, and have nothing to show; with a session the ids of events go from
 * them.
 */
#ifndef TOC_TOC_FORGET_H
#define TOC_TOC_FORGET_H

#include <stdint.h>

#include "base/err.h"

struct store;

/*
 * Inside the transaction that forgets, before the rows go: an event by its
 * row, or (0) all of a session.  The next build makes again what held it.
 */
int	toc_forget(struct store *, int64_t session, int64_t event,
	    struct err *);
/*
 * All of a session, without a look at its texts, whatever their number: its
 * segments are emptied, and above them goes each word that no bullet which
 * stays has.  So more than has to go may go, until the next build.  Ids stay
 * until its events have gone (store/forgetting.h).
 */
int	toc_forget_whole(struct store *, int64_t session, struct err *);

#endif
