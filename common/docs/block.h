/*
 * A document as its reader tells it: what is known of it, and its pieces in
 * the order in which they are read.
 */
#ifndef DOCS_BLOCK_H
#define DOCS_BLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum docs_kind {
	DOCS_HEADING,	/* number: its level, 1 is the document's own */
	DOCS_PARAGRAPH,
	DOCS_ITEM,	/* of a list; number: its depth, from 1 */
	DOCS_ROW,	/* of a table: cells with a tab between them; number:
			   1 for the row that names the columns, else 0 */
	DOCS_CODE,	/* verbatim: lines stay as they are; number: 1 where a
			   function or type begins, else 0 */
	DOCS_PAGE,	/* what follows is on this page (of a book, slides),
			   from 1; the text is its label or empty */
	DOCS_SECTION	/* what follows is in this sheet or chapter file; text:
			   its name.  Headings begin anew */
};

struct docs_block {
	enum docs_kind kind;
	int64_t number;
	const char *text;	/* UTF-8, valid, without NUL and control
				   characters but tab and newline; borrowed */
	size_t len;
};

/* What is told once; the first that is not empty counts.  Times as the format
 * writes them, made RFC 3339 where it is not; tags one after the other. */
enum docs_meta { DOCS_TITLE, DOCS_AUTHOR, DOCS_LANGUAGE, DOCS_CREATED,
    DOCS_MODIFIED, DOCS_TAG, DOCS_META_N };

struct docs_sink {
	/* 0 to go on, -1. */
	int (*block)(void *, const struct docs_block *, struct err *);
	int (*meta)(void *, enum docs_meta, const char *, size_t len,
	    struct err *);
	void *arg;
};

/* What readers use most.  Of what is told once control characters are taken
 * out. */
int	docs_tell(const struct docs_sink *, enum docs_kind, int64_t number,
	    const char *, size_t len, struct err *);
int	docs_told(const struct docs_sink *, enum docs_meta, const char *,
	    size_t len, struct err *);
/* A time as base/date.h reads machines' (what is none is not told), and tags
 * with commas or semicolons between them. */
int	docs_told_time(const struct docs_sink *, enum docs_meta, const char *,
	    size_t len, struct err *);
int	docs_told_tags(const struct docs_sink *, const char *, size_t len,
	    struct err *);

#endif
