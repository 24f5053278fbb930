/*
 * What an event has beside its columns; for the files doc*.c alone.
 */
#ifndef SEARCH_DOC_OWN_H
#define SEARCH_DOC_OWN_H

#include "search/doc.h"

/* It is read when it is asked for first; borrowed.  NULL: there is none. */
const json_t *doc_json(struct doc *);
const char *doc_meta(struct doc *, const char *key);

#endif
