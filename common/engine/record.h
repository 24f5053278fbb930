/*
 * The record that an engine has of a text: is it that of the document, and
 * what words are in it.
 */
#ifndef ENGINE_RECORD_H
#define ENGINE_RECORD_H

#include <jansson.h>
#include <stdbool.h>

#include "engine/access.h"
#include "search/doc.h"

/* Its kind, its names and times are those of the document. */
bool	engine_record_is(const json_t *record, const struct engine_found *);

/* The same record with its type and names first, as ours have them: an engine
 * keeps no order; own. */
json_t	*engine_record_order(json_t *);

/* Fills a doc that was released, for snippets and for what is nearly the
 * same; it borrows of both. */
void	engine_record_doc(struct doc *, json_t *record,
	    const struct engine_found *);

#endif
