/*
 * The styles of paragraphs of a WordprocessingML document (ECMA-376 part 1,
 * 17.7): what a style makes of a paragraph, by itself or by what it is based
 * on.
 */
#ifndef DOCS_DOCX_STYLE_H
#define DOCS_DOCX_STYLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"
#include "docs/ooxml.h"

struct docx_style {
	int64_t outline;	/* level from 0; 9: of text; -1: not said */
	int64_t list;		/* numId; 0: none, -1: not said */
	int64_t depth;		/* ilvl; -1: not said */
	bool title;		/* the document's */
	bool contents;		/* a line of a table of contents */
	bool code;
	size_t based_on;	/* index + 1; 0: none */
};

struct docx_styles {
	struct docx_style *v;	/* own */
	size_t n, cap;
	struct map ids;		/* of index + 1 */
	size_t usual;		/* index + 1, of paragraphs that name none */
	const struct docs_sink *to;	/* borrowed; is told the language */
	int64_t most;
};

void	docx_styles_init(struct docx_styles *);
void	docx_styles_release(struct docx_styles *);
int	docx_styles_load(struct docx_styles *, struct ooxml *, struct err *);
/* What a paragraph of this style is; NULL: it names none.  A chain that leads
 * back to itself ends. */
struct docx_style docx_styles_get(const struct docx_styles *, const char *id);

/* numPr: the list that it puts a paragraph into.  To its end. */
int	docx_numbering(struct markup *, struct docx_style *, struct err *);

#endif
