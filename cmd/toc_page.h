/*
 * Contents as a page for people.  Text of others is escaped: it shows as it
 * is, whatever it holds.
 */
#ifndef CMD_TOC_PAGE_H
#define CMD_TOC_PAGE_H

#include <jansson.h>

#include "base/buf.h"
#include "memory/event.h"
#include "toc/toc.h"

/* Each appends to the page.  A node's children, or the events of a segment,
 * come between its begin and its end.  Where the event of a bullet is there,
 * the record's bullet names it by "event_id". */
struct page {
	void (*head)(struct buf *, const char *user, const char *zone);
	void (*begin)(struct buf *, const struct toc_node *,
	    const json_t *rec);
	void (*event)(struct buf *, const struct event *);
	void (*end)(struct buf *, const struct toc_node *);
	void (*foot)(struct buf *);
};

extern const struct page page_html, page_md;

#endif
