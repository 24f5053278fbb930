/*
 * What a paragraph of Markdown says, without its marks: emphasis, code spans,
 * links, images, HTML, entities and escapes as CommonMark has them, so far as
 * the text depends on it.
 */
#ifndef DOCS_MD_INLINE_H
#define DOCS_MD_INLINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * Appended to out: a line's end is a blank, a hard one a newline.  Links are
 * "text", or, with urls, "text (URL)" if the URL has a scheme and is not the
 * text; images their description.  A link by reference keeps its text.
 */
void	md_inline(struct buf *out, const char *, size_t len, bool urls);

/* A block of HTML: tags, comments, scripts and styles out, lines kept. */
void	md_html(struct buf *out, const char *, size_t len);

#endif
