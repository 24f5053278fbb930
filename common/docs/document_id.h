/*
 * What a document is called: its path, or the beginning of a long one with a
 * hash of all of it.  An id holds no control character (store/name.h), so
 * neither does a path.
 */
#ifndef DOCS_DOCUMENT_ID_H
#define DOCS_DOCUMENT_ID_H

#include <stddef.h>

#include "base/buf.h"

#define DOCS_ID_MAX 255		/* bytes */

/* A name, or a part of one, appended: bytes that are no UTF-8, and control
 * characters, as %XX. */
void	docs_put_plain(struct buf *, const char *, size_t len);

void	docs_id_of(char id[DOCS_ID_MAX + 1], const char *path);

#endif
