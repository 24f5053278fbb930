/*
 * XML, one piece after the other, by libxml2: nothing is fetched, a DTD that
 * declares entities is refused, and so is what nests deeper than the limits
 * allow (or than 256, which is libxml2's own).  A DTD that is only named is not
 * read; the names of HTML (&nbsp;) are known where there is one, others stay as
 * they are ("&x;").  A text or attribute has at most 10 MB.
 */
#ifndef DOCS_MARKUP_H
#define DOCS_MARKUP_H

#include <stddef.h>
#include <stdint.h>

#include "docs/in.h"
#include "docs/limits.h"

enum markup_what { MARKUP_END, MARKUP_OPEN, MARKUP_CLOSE, MARKUP_TEXT };

/* What to do about elements that are nested too deeply. */
#define MARKUP_FLATTEN "flatten it, or let a filter (memkit.conf(5)) make " \
    "text of it"

struct markup;			/* opaque */
int	markup_open(struct markup **, struct docs_in *,
	    const struct docs_limits *, struct err *);
void	markup_close(struct markup *);		/* takes NULL */

/* The next piece; -1: ERR_INPUT, not well-formed or refused, with its line.
 * An element without content is opened and closed. */
int	markup_next(struct markup *, struct err *);
/* Its name without the prefix, and the name space (URI, "" if none). */
const char *markup_name(const struct markup *);
const char *markup_space(const struct markup *);
int	markup_depth(const struct markup *);	/* of the piece; root: 0 */
/* Of an element that was opened: an attribute by its local name, whatever the
 * name space; borrowed until the next call.  NULL: there is none. */
const char *markup_attr(struct markup *, const char *name);
/* The same of a name space whose URI has this in it. */
const char *markup_attr_in(struct markup *, const char *space,
	    const char *name);
/* Of MARKUP_TEXT; valid UTF-8 without control characters but tab and newline.
 * One text may come in several pieces, blanks of the layout are kept. */
const char *markup_text(const struct markup *, size_t *len);

/* The character that HTML calls so ("nbsp", "#229", "#xe5"), 0: none. */
uint32_t markup_entity(const char *name, size_t len);

/* Before libxml2 is used for anything else: its memory is ours (xmalloc), it
 * opens nothing. */
void	markup_setup(void);

#endif
