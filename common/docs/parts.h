/*
 * The members of a document that is a zip: OPC (ECMA-376 part 2), ODF, EPUB.
 * They are read by name, in whatever order the document wants them.
 *
 * The bytes of the document are kept (docs/spool.h); its small texts are
 * unpacked once when it is opened, a large one whenever it is asked for, a
 * piece at a time.  Refused, with the reason (ERR_INPUT): what has no whole
 * central directory, is encrypted, has a name twice or one that leads out, a
 * link, more entries than the limits allow, and what unpacks to more than
 * they do (bytes, ratio), counted over all that is read.
 */
#ifndef DOCS_PARTS_H
#define DOCS_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "docs/in.h"
#include "docs/limits.h"

struct parts;			/* opaque */

/* Reads all of the input; the limits are borrowed. */
int	parts_open(struct parts **, struct docs_in *,
	    const struct docs_limits *, struct err *);
void	parts_close(struct parts *);			/* takes NULL */

/* By its name, case ignored where there is no such one: OPC has it so. */
bool	parts_has(const struct parts *, const char *name);

/* The bytes of one, in order; 1, 0 there is none.  Several may be open.  One
 * that is asked for more than a few times is refused: a slide that is shown a
 * million times says nothing new. */
int	parts_begin(struct parts *, const char *name, struct docs_in **,
	    struct err *);
void	parts_end(struct docs_in *);			/* takes NULL */

/* All of it, appended, if it has no more than limits->part; 1, 0, -1. */
int	parts_read(struct parts *, const char *name, struct buf *,
	    struct err *);

/*
 * The name of the part that a reference in another one means: relative to its
 * folder, or to the top with a slash in front; what is behind # or ? is left
 * out.  1, 0 it leads out or to another host.
 */
int	parts_path(struct buf *, const char *from, const char *ref,
	    bool percent);

#endif
