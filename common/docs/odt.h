/*
 * Texts of OpenDocument (ISO/IEC 26300, 1.2 and 1.3): .odt, .ott.  Headings
 * with their outline level, items with their depth, tables by rows; notes and
 * text boxes come behind the paragraph that they belong to.  Deleted text that
 * changes keep is left out, as are annotations and tables of contents.  Pages
 * are told where the document says where they break.
 */
#ifndef DOCS_ODT_H
#define DOCS_ODT_H

#include "docs/block.h"
#include "docs/in.h"
#include "docs/limits.h"

int	docs_read_odt(struct docs_in *, const struct docs_sink *,
	    const struct docs_limits *, struct err *);

#endif
