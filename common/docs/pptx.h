/*
 * PresentationML in a zip (ECMA-376 part 1, 19): .pptx, .pptm, .ppsx, .potx.
 * A slide is a page, in the order of the presentation, its title the page's
 * label and a heading: of level 1 on a title slide, else 2; " (hidden)" is
 * said behind the label of one that is.  Then come bullets with their depth,
 * tables, other texts, diagrams, and the notes.  What stands on every slide
 * (date, footer, number) is left out.
 */
#ifndef DOCS_PPTX_H
#define DOCS_PPTX_H

#include "docs/block.h"
#include "docs/in.h"
#include "docs/limits.h"

int	docs_read_pptx(struct docs_in *, const struct docs_sink *,
	    const struct docs_limits *, struct err *);

#endif
