/*
 * HTML as it is found, by libxml2's parser for it: nothing is fetched.  Which
 * elements say what: docs/flow.h.
 */
#ifndef DOCS_HTML_H
#define DOCS_HTML_H

#include "docs/block.h"
#include "docs/in.h"
#include "docs/limits.h"

int	docs_read_html(struct docs_in *, const struct docs_sink *,
	    const struct docs_limits *, struct err *);

#endif
