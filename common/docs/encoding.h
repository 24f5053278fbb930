/*
 * The bytes of a document as UTF-8, while they are read and in constant memory:
 * lines end in \n, control characters but tab and newline are left out, U+FFFD
 * stands for each bad byte and is counted in the replaced of where the bytes
 * come from.
 *
 * What they are in is told by a byte order mark (UTF-8, 16, 32), else by the
 * name that the document or whoever has it gives (charset), else they are UTF-8
 * if the 64 kB after the first byte that is not ASCII are, else in the
 * fallback.  A name that iconv(3) does not know is none, but the fallback's,
 * which is ERR_USAGE when it is needed.
 */
#ifndef DOCS_ENCODING_H
#define DOCS_ENCODING_H

#include <stdbool.h>
#include <stddef.h>

#include "docs/in.h"

struct docs_decode;			/* opaque; what out reads from */

/* feeds: form feeds stay.  from is borrowed and outlives it; its charset and
 * fallback are what counts. */
struct docs_decode *docs_decode_new(struct docs_in *from, bool feeds,
	    struct docs_in *out);
void	docs_decode_free(struct docs_decode *);	/* takes NULL */

/* The charset that HTML or XML tells in its first bytes: a declaration or a
 * meta element.  As docs_decode_html uses it before the first byte is read. */
#define DOCS_CHARSET_MAX 40
bool	docs_charset_find(const char *, size_t len,
	    char out[DOCS_CHARSET_MAX]);
/* Look for that in the first 4 kB when there is no from->charset. */
void	docs_decode_html(struct docs_decode *);

#endif
