/*
 * The stretch of a text that shows best why it was found, on one line, with
 * the matched words marked: "... the **refresh token** expires ...".  Stars
 * of the text that could be taken for marks are left out.
 */
#ifndef MEMORY_SNIPPET_H
#define MEMORY_SNIPPET_H

#include "base/buf.h"
#include "index/match.h"
#include "memory/doc.h"

#define SNIPPET_BYTES 240	/* of text, marks not counted */

/*
 * Append it.  worth: of each term of the match, say its idf.  Reads the text
 * once; looks at the first 4,096 matches of each piece.
 */
void	snippet_add(struct buf *, const struct doc *, const struct match *,
	    const double *worth, struct tokens *);

#endif
