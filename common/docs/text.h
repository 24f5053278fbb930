/*
 * Plain text: paragraphs with blank lines between them.  A heading is a line
 * that is underlined (=== first level, --- second, others below), or one that
 * stands alone and is numbered (2.1 Scope) or says Chapter, Part, Section,
 * Appendix.  After a form feed comes the next page.
 */
#ifndef DOCS_TEXT_H
#define DOCS_TEXT_H

#include "docs/block.h"
#include "docs/in.h"
#include "docs/limits.h"

int	docs_read_text(struct docs_in *, const struct docs_sink *,
	    const struct docs_limits *, struct err *);

#endif
