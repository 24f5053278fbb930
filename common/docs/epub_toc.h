/*
 * The names of a book's files, as its table of contents has them: the
 * navigation of EPUB 3, or the NCX of EPUB 2.
 */
#ifndef DOCS_EPUB_TOC_H
#define DOCS_EPUB_TOC_H

#include "base/map.h"
#include "docs/partxml.h"

struct epub_toc {
	struct map labels;	/* by part; own strings */
	const char *part;	/* that is read; borrowed */
	const struct docs_limits *limits;
	bool in_toc;
	struct buf label;	/* of the NCX */
};

void	epub_toc_init(struct epub_toc *, const struct docs_limits *);
void	epub_toc_release(struct epub_toc *);
/* One of them, or no part of the book: then nothing is added. */
int	epub_toc_load(struct epub_toc *, struct parts *, const char *part,
	    struct err *);
const char *epub_toc_get(const struct epub_toc *, const char *part);

#endif
