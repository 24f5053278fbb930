/*
 * The strings that cells of a workbook share (ECMA-376 part 1, 18.4), by
 * number.  Where they are large they stand in a file.
 */
#ifndef DOCS_XLSX_STRING_H
#define DOCS_XLSX_STRING_H

#include "docs/ooxml.h"
#include "docs/spool.h"

struct xlsx_strings {
	struct spool text;	/* of all, one after the other */
	int64_t *end;		/* own; where each ends in it */
	size_t n, cap;
	const struct docs_limits *limits;
	struct buf now;		/* the one that was read last */
};

void	xlsx_strings_init(struct xlsx_strings *, const struct docs_limits *);
void	xlsx_strings_release(struct xlsx_strings *);
/* ERR_INPUT when there are more than limits->part / 8. */
int	xlsx_strings_load(struct xlsx_strings *, struct ooxml *, struct err *);
/* 1, 0 there is none, -1.  Borrowed until the next. */
int	xlsx_strings_get(struct xlsx_strings *, int64_t i, const char **,
	    size_t *len, struct err *);

/* An element of this kind (si, is), to its end, appended: runs of text
 * without what stands above them to tell how they sound; _x000A_ and the like
 * are characters. */
int	xlsx_string_read(struct markup *, struct buf *, size_t most,
	    struct err *);

#endif
