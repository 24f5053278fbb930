/*
 * WordprocessingML in a zip (ECMA-376 part 1, 17): .docx, .docm, .dotx.
 * Headings are told by their styles or outline level, items of lists with
 * their depth, tables by rows; one of a single column is a frame, and what is
 * in it is told as if there were none.  Notes and text boxes come behind the
 * paragraph that they belong to, each once.  What was deleted or moved away
 * with changes tracked is left out, what was inserted is not; a table of
 * contents is left out, too, as are headers, footers and comments.
 *
 * Pages are those that the program saw that wrote it (lastRenderedPageBreak),
 * else those that somebody began by hand.
 */
#ifndef DOCS_DOCX_H
#define DOCS_DOCX_H

#include "docs/block.h"
#include "docs/in.h"
#include "docs/limits.h"

int	docs_read_docx(struct docs_in *, const struct docs_sink *,
	    const struct docs_limits *, struct err *);

#endif
