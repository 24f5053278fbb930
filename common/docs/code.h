/*
 * Source code: a block for each thing that stands at its top level, or in a
 * class, namespace or the like there, with the comment in front of it.  There
 * is no parser: brackets are counted outside of strings and comments, or
 * columns and blank lines are looked at, as the language has it.  Where that is
 * wrong a block is too large or too small, and nothing is lost.
 */
#ifndef DOCS_CODE_H
#define DOCS_CODE_H

#include "docs/block.h"
#include "docs/in.h"
#include "docs/limits.h"

/* By in->name's suffix, case ignored; of another one blank lines tell.  Which
 * files are source code, media.h says. */
int	docs_read_code(struct docs_in *, const struct docs_sink *,
	    const struct docs_limits *, struct err *);

#endif
