/*
 * Contents as search sees them: the nodes that hold something, with what
 * they show, and the grips that segments name, with their excerpts.  Left
 * out is what is hidden, or lies in what is hidden, and a grip whose event
 * was forgotten.  A grip is shown once: of the segment that it belongs to.
 */
#ifndef TOC_TOC_ENTRY_H
#define TOC_TOC_ENTRY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "toc/grip.h"
#include "toc/toc.h"

struct store;

struct toc_entry {
	bool is_grip;
	char id[TOC_NAME_MAX + 4];	/* "toc:day:...", "grip:..." */
	struct toc_node node;		/* of a grip: its segment */
	struct toc_version version;	/* of a node */
	struct grip grip;		/* of a grip */
	struct buf text;	/* a node's as toc_body.h has it, without
				   hidden bullets; the excerpt of a grip */
	const char *user;
	const char *session;		/* of a segment; NULL: of none */
};

struct toc_reader;

/* as_of_ms: TOC_NOW, or a time whose versions are read. */
int	toc_reader_open(struct toc_reader **, struct store *,
	    int64_t as_of_ms, struct err *);
void	toc_reader_close(struct toc_reader *);		/* takes NULL */

/*
 * Those of nodes whose number (toc_node.touched) is greater than after, in
 * the order of these numbers; the entry is borrowed until the next one.  fn
 * returns 0 to go on.  The caller holds a view of the store.
 */
int	toc_reader_each(struct toc_reader *, bool grips, int64_t after,
	    int (*fn)(void *, const struct toc_entry *, struct err *),
	    void *, struct err *);
/*
 * Each node after *from, in the order of these numbers, there or not; or each
 * segment, and after it those of its grips that are there.  Where fn returns
 * nonzero for a node that ends it, before the node; *from is the last one that
 * is done.  The caller holds a view of the store.
 */
struct toc_reach {
	int64_t touched, id;
};
int	toc_reader_after(struct toc_reader *, bool grips,
	    struct toc_reach *from, int (*fn)(void *,
	    const struct toc_entry *, bool there, struct err *), void *,
	    struct err *);
/* One that toc_reader_each shows, by its id: 1; 0 it is not there. */
int	toc_reader_find(struct toc_reader *, const char *id,
	    const struct toc_entry **, struct err *);
/* Its record, toc_node or grip; own. */
json_t	*toc_reader_json(struct toc_reader *, const struct toc_entry *,
	    struct err *);

/* The greatest number of a node of the store's user; 0: there are no
 * contents.  One probe. */
int	toc_touched(struct store *, int64_t *n, struct err *);
/* Their sum for all users of the tenant: another one when anything was
 * touched. */
int	toc_touched_all(struct store *, int64_t *n, struct err *);
/* Nodes (of grips: segments) with a greater number than after, looking no
 * further than most (0: at all). */
int	toc_count_touched(struct store *, bool grips, int64_t after,
	    int64_t most, int64_t *n, struct err *);

#endif
