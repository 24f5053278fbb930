/*
 * Contents as a call may see them (store/access.h): all of its user's; where
 * it is bound to a session, the segments of that one and no days to years,
 * which tell of other sessions; and the segments that somebody grafts.  What
 * reads contents for itself, to build or to index them, is toc.h.
 */
#ifndef TOC_TOC_SEE_H
#define TOC_TOC_SEE_H

#include <stdint.h>

#include "base/err.h"
#include "toc/toc.h"

struct grip;

/* As toc_find, toc_get (whoever's), grip_find and toc_of_event, of what may
 * be seen; one's own before others'.  1 found, 0 absent. */
int	toc_see(struct store *, const char *name, struct toc_node *,
	    struct err *);
int	toc_see_id(struct store *, int64_t id, struct toc_node *,
	    struct err *);
int	toc_see_grip(struct store *, const char *id, struct grip *,
	    struct err *);
/* The same of a node that was found: may it be seen?  Sets its graft. */
int	toc_may_see(struct store *, struct toc_node *, struct err *);

/*
 * As toc_each.  With no parent: the years, and after them (or for who is
 * bound, instead of them) the segments that are seen by themselves, in order
 * of time.
 */
int	toc_see_each(struct store *, const struct toc_node *parent,
	    int64_t as_of_ms, int (*fn)(void *, const struct toc_node *,
	    struct err *), void *, struct err *);

/* Before somebody decides something of it.  ERR_DENIED: it is only to be
 * read, or the call is bound to another session. */
int	toc_may_change(struct store *, const struct toc_node *, struct err *);

#endif
