/*
 * Forgetting, in contents: bullets that rest on what is forgotten go out of
 * every version of every node, and so do words of titles and keywords that
 * nothing else in the version has.  Of what a model said in its own words a
 * bullet goes also when it has such a word that its grips do not have.  Grips
 * stay, and have nothing to show.
 */
#ifndef MEMORY_TOC_FORGET_H
#define MEMORY_TOC_FORGET_H

#include <stdint.h>

#include "base/err.h"

struct store;

/*
 * Inside the transaction that forgets, before the rows go: an event by its
 * row, or (0) all of a session.  The next build makes again what held it.
 */
int	toc_forget(struct store *, int64_t session, int64_t event,
	    struct err *);

#endif
