/*
 * Front matter: what stands between two lines of --- (YAML) or +++ (TOML) at
 * the head of a text.  Of both only scalars of the first level and plain lists
 * of them are read (title, author, date, tags, lang and their like); what
 * nests, and what is written over several lines, is passed over.
 */
#ifndef DOCS_FRONT_H
#define DOCS_FRONT_H

#include "docs/block.h"

/* Bytes of it at p, which is the head of the text and all that is looked at;
 * 0: there is none.  -1: the sink. */
int64_t	front_read(const char *p, size_t len, const struct docs_sink *,
	    struct err *);

#endif
