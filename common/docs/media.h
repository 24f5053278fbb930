/*
 * What a document is: by its first bytes where these tell it, else by its
 * name.  A name is believed of text only, and of what is zipped: a picture
 * that is called x.md is a picture.
 */
#ifndef DOCS_MEDIA_H
#define DOCS_MEDIA_H

#include <stdbool.h>
#include <stddef.h>

/* As many bytes as it looks at; fewer are there only when that is all. */
#define MEDIA_HEAD ((size_t)34816)

/* A media type (RFC 2046); "application/octet-stream" if nothing is known. */
const char *media_type(const char *name, const char *head, size_t len);

/* What other files are in, or (packed) one file. */
bool	media_is_archive(const char *type);
bool	media_is_packed(const char *type);
/* Its members can be read only by who may seek. */
bool	media_seeks(const char *type);
/* Source code, by the table of suffixes. */
bool	media_is_code(const char *type);

/* Text for people without a reader of its own: data, logs, tables. */
bool	media_is_text(const char *type);

#endif
