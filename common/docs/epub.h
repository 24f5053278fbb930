/*
 * Books: EPUB 2 and 3 (ISO/IEC 23736, EPUB Open Container Format).  Chapters
 * come in the order of the spine; a section is what the table of contents
 * calls a file, and the files behind it that it does not name.  They are read
 * as HTML (docs/html.h): not every book is well-formed.
 */
#ifndef DOCS_EPUB_H
#define DOCS_EPUB_H

#include "docs/block.h"
#include "docs/in.h"
#include "docs/limits.h"

int	docs_read_epub(struct docs_in *, const struct docs_sink *,
	    const struct docs_limits *, struct err *);

#endif
