/*
 * The elements of an XML text that have one of some names, one at a time,
 * as JSON; what is around them is not kept, so memory is bounded by the
 * largest one.
 *
 * An element without attributes and children is its text, a string.  Else it
 * is an object: attributes as "@name", children by their names (an array
 * where one name comes more than once), its own text as "#text".  One that is
 * asked for is always an object, and has in "^" the elements that it stands
 * in, outermost first, as objects of "#name" and their attributes.
 *
 * Nothing is fetched and nothing expanded: a DTD inside the text is refused,
 * one that is only named is not read, and references to entities that it may
 * declare stay as they are ("&copy;").
 */
#ifndef BASE_XML_H
#define BASE_XML_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define XML_ELEMENT_BYTES ((size_t)16 << 20)	/* largest element */
#define XML_TAG_BYTES ((size_t)1 << 20)	/* longest tag or comment, about */
#define XML_LEVELS 48			/* deepest nesting */

/* element is borrowed; NULL: it was too large.  line is where it ends, from
 * 1.  Nonzero ends the reading. */
typedef int	xml_element(void *, const json_t *element, int64_t line,
		    struct err *);

/*
 * Read a file from its place on.  names ends with NULL; an element within
 * another one that is asked for is a part of it.  Returns what fn returned
 * last, or -1: ERR_INPUT for what is not well-formed, or refused; what came
 * before it was handed out.
 */
int	xml_each(int fd, const char *name, const char *const *names,
	    xml_element *fn, void *arg, struct err *);

/* The same from memory; name is for messages. */
int	xml_each_mem(const char *, size_t len, const char *name,
	    const char *const *names, xml_element *fn, void *arg,
	    struct err *);

/* The text of a value: its own when it is a string, else its "#text"; "" of
 * what has none.  Borrowed. */
const char *xml_text(const json_t *);

#endif
