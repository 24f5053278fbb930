/*
 * The text of a document as its reader meets it, in runs, made into blocks:
 * paragraphs, rows of tables, and what stands aside (notes, text boxes),
 * which comes behind the paragraph that it was met in.  Blanks that follow
 * each other are one, but in code; what is empty is not told.
 */
#ifndef DOCS_PROSE_H
#define DOCS_PROSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "docs/block.h"
#include "docs/limits.h"

struct prose {
	const struct docs_sink *to;		/* borrowed */
	const struct docs_limits *limits;	/* borrowed */
	enum docs_kind kind;	/* of the paragraph */
	int64_t number;
	struct buf text;	/* own, all: the paragraph so far */
	struct buf cell, row;
	struct buf aside;
	int tables;		/* that are open, one in the other */
	int asides;		/* the same */
	int64_t empty;		/* cells since the last one with text */
	bool silent;		/* the paragraph is not to be told */
	bool dropped;		/* the row is not to be told */
	bool header;		/* the row names the columns */
	int64_t pages;		/* breaks that wait for the paragraph's end */
	int64_t page;		/* 0: they are not known */
	int64_t told;		/* bytes */
	bool join;		/* lines of code are paragraphs there */
	bool held;		/* such ones wait for more */
};

void	prose_init(struct prose *, const struct docs_sink *,
	    const struct docs_limits *);
void	prose_release(struct prose *);

/* What the paragraph is, before its text; DOCS_PARAGRAPH until it is told. */
int	prose_kind(struct prose *, enum docs_kind, int64_t number,
	    struct err *);
/* Control characters become blanks; a paragraph or row that grows over
 * limits->line is told in several. */
int	prose_add(struct prose *, const char *, size_t, struct err *);
/* A tab, the end of a line: '\t', '\n'.  In a table they are blanks. */
int	prose_mark(struct prose *, int c, struct err *);
/* The paragraph ends; in a table its text goes to the cell. */
int	prose_end(struct prose *, struct err *);
/* At the end of a document whose lines of code are joined. */
int	prose_settle(struct prose *, struct err *);

/* A table in a table becomes text of the cell that it stands in; text that is
 * in no row, as a caption, a paragraph before the next. */
int	prose_table(struct prose *, struct err *);
int	prose_table_end(struct prose *, struct err *);
int	prose_row(struct prose *, bool header, struct err *);
void	prose_row_drop(struct prose *);
/* A cell ends; it stands there so many times, as rows of empty ones do. */
int	prose_cell_end(struct prose *, int64_t times, struct err *);
int	prose_row_end(struct prose *, struct err *);

void	prose_aside(struct prose *);
void	prose_aside_end(struct prose *);

/* The pages are known, and this is the first; a new one begins. */
int	prose_pages(struct prose *, struct err *);
int	prose_page(struct prose *, struct err *);

/* A block by itself, its blanks made one. */
int	prose_tell(struct prose *, enum docs_kind, int64_t number,
	    const char *, size_t, struct err *);

#endif
