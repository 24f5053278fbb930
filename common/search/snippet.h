/*
 * The stretch of a text that shows best why it was found, on one line, with
 * the matched words marked: "... the **refresh token** expires ...".  Stars
 * of the text that could be taken for marks are left out.
 */
#ifndef SEARCH_SNIPPET_H
#define SEARCH_SNIPPET_H

#include "base/buf.h"
#include "index/match.h"
#include "search/doc.h"

#define SNIPPET_BYTES 240	/* of text, marks not counted */

/*
 * Append it.  worth: of each term of the match, say its idf.  Reads the text
 * once; looks at the first 4,096 matches of each piece.
 */
void	snippet_add(struct buf *, const struct doc *, const struct match *,
	    const double *worth, struct tokens *);

/*
 * Append a text that has no more than `bytes` (some tens, at the least)
 * whole, and of a longer one the part that shows best why it was found, with
 * "..." where it was cut; never more than `bytes`.  No marks, and the text's
 * own stars stay; runs of white space are one blank.  1 whole, 0 cut.
 */
int	snippet_cut(struct buf *, const char *, size_t len, size_t bytes,
	    const struct match *, const double *worth, struct tokens *);

#endif
