/*
 * The turns at hand when a session is cut: some before the segment, as
 * context for its summary, and as many from its beginning as cut_next wants
 * to see.  Private to toc_*.c.
 */
#ifndef TOC_TOC_WINDOW_H
#define TOC_TOC_WINDOW_H

#include <stddef.h>

#include "base/err.h"
#include "toc/toc_work.h"

struct event_iter;

struct toc_window {
	struct toc_work *w;	/* borrowed */
	struct turn *turn;	/* own, with their texts */
	struct place *at;	/* own; beside turn */
	size_t n, cap, at_cap;
	size_t begin;		/* of the segment */
	struct event_iter *it;	/* own; NULL: all was read */
};
#define TOC_WINDOW_INIT(work) { .w = (work) }

/*
 * Turns of a session, by its name, from the first one that may be context
 * for what comes after a place (NULL: from the beginning); begin stands
 * behind that place.
 */
int	toc_window_open(struct toc_window *, const char *session,
	    const struct place *after, struct err *);
/* Up to n turns more. */
int	toc_window_read(struct toc_window *, size_t n, struct err *);
/* The next segment begins n turns later; what no longer can be context
 * goes. */
void	toc_window_go_on(struct toc_window *, size_t n);
void	toc_window_release(struct toc_window *);

#endif
