/*
 * What a decision about contents does; for toc_edit.c and toc_decide.c alone.
 * All inside a transaction, and of the store's user.
 */
#ifndef TOC_TOC_DECIDE_H
#define TOC_TOC_DECIDE_H

#include "base/err.h"
#include "toc/toc.h"

struct store;

#define TOC_SAYS 16		/* digits of hex */

/* What a version says, the same on all copies. */
void	toc_says(const struct toc_version *, char out[TOC_SAYS + 1]);
/* The events that a node is made of; empty: it is to be made again. */
int	toc_rest(struct store *, int64_t node, char out[2 * TOC_HASH + 1],
	    struct err *);
/* This version counts.  1, or -1. */
int	toc_move(struct store *, const struct toc_node *,
	    const struct toc_version *, struct err *);

/* 1 set, 0 so it was. */
int	toc_set_mark(struct store *, const char *name, enum toc_kind,
	    struct err *);
/* The node whose parents show a mark: itself, or the segment of a grip. */
int	toc_marked_node(struct store *, const char *name, struct toc_node *,
	    struct err *);
/* What the mark is now becomes visible.  1, or -1. */
int	toc_show_mark(struct store *, const char *name,
	    const struct toc_node *, struct err *);

#endif
