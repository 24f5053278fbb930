/*
 * Markdown: the blocks of CommonMark 0.31 and the tables of GFM, in one pass.
 * Paragraphs of quotes are paragraphs; a heading within a quote or a list is
 * none.  What an HTML block says is a paragraph, or a heading if it is one.
 * Numbers of an ordered list stay in front of their items.  References of links
 * are not resolved: that needs the end of the text.
 */
#ifndef DOCS_MARKDOWN_H
#define DOCS_MARKDOWN_H

#include "docs/block.h"
#include "docs/in.h"
#include "docs/limits.h"

int	docs_read_markdown(struct docs_in *, const struct docs_sink *,
	    const struct docs_limits *, struct err *);

#endif
