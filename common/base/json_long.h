/*
 * Long strings, kept from a parser that takes them byte by byte: it is given
 * the same text without what is plain in them, and what it made of that gets
 * them back.  It still judges all of the syntax, and reads all escapes.
 */
#ifndef BASE_JSON_LONG_H
#define BASE_JSON_LONG_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct json_long {
	struct buf text;	/* without them */
	struct json_long_part {
		const char *p;		/* borrowed; as it was, in quotes */
		size_t len, escapes;
		size_t nth;		/* of the strings that are no keys */
	} *part;		/* own; in order */
	size_t parts, cap;
};

/* Takes them out of a text, which must stay as it is.  false: there are none,
 * or it is no JSON that could be read. */
bool	json_long_take(struct json_long *, const char *, size_t len);
/* Puts them back into what ->text was read as.  false: it is another one. */
bool	json_long_give(const struct json_long *, json_t *);
void	json_long_release(struct json_long *);

#endif
