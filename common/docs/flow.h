/*
 * The blocks of HTML from its elements, for whoever parses it: HTML
 * (docs/html.h), XHTML in books.  Scripts, styles, navigation and what is
 * hidden are left out; a table that holds headings, lists or tables is layout,
 * and what is in it is told as if there were none.
 */
#ifndef DOCS_FLOW_H
#define DOCS_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "docs/block.h"
#include "docs/limits.h"

#define FLOW_LISTS 32

struct flow {
	const struct docs_sink *sink;	/* borrowed */
	size_t most;			/* of a paragraph */
	size_t skip;			/* elements that are open in one that is
					   left out, with it */
	struct buf text, row;
	bool blank;			/* before what comes next */
	bool fresh;			/* a list item has no text yet */
	bool in_title;
	int heading;			/* level, 0: none */
	size_t pre;
	int64_t list[FLOW_LISTS];	/* number of the last item; -1: none */
	size_t lists;
	size_t tables;			/* that are open */
	bool layout;			/* the outermost one is */
	bool thead;
	bool in_cell;
	size_t cells, heads;		/* of the row; heads: <th> */
};

void	flow_init(struct flow *, const struct docs_sink *,
	    const struct docs_limits *);
void	flow_release(struct flow *);

/* Names in small letters, without prefix.  attr: the value of one of the
 * element, NULL: it has none. */
typedef const char *flow_attr(void *, const char *name);
int	flow_open(struct flow *, const char *name, flow_attr *, void *arg,
	    struct err *);
int	flow_close(struct flow *, const char *name, struct err *);
/* UTF-8 */
int	flow_text(struct flow *, const char *, size_t len, struct err *);
int	flow_end(struct flow *, struct err *);

#endif
