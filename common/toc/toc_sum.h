/*
 * A segment from the turns of a window: what it is called, what it is made
 * of, and what it says.  Private to toc_*.c.
 */
#ifndef TOC_TOC_SUM_H
#define TOC_TOC_SUM_H

#include "base/err.h"
#include "toc/toc_window.h"
#include "toc/toc_work.h"

/* The n turns at win->begin, which rest on nothing after seen_ms, after
 * `back` turns of context; all but what it says. */
void	toc_sum_begin(const struct toc_window *, const char *session,
	    size_t back, size_t n, int64_t seen_ms, struct segment_new *);
/* What it says, and its grips. */
int	toc_sum_up(const struct toc_window *, size_t back, size_t n,
	    struct segment_new *, struct err *);
void	segment_new_release(struct segment_new *);

#endif
