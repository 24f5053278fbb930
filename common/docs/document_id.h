/*
 * What a document is called: its path, or the beginning of a long one with a
 * hash of all of it.
 */
#ifndef DOCS_DOCUMENT_ID_H
#define DOCS_DOCUMENT_ID_H

#define DOCS_ID_MAX 255		/* bytes */

void	docs_id_of(char id[DOCS_ID_MAX + 1], const char *path);

#endif
