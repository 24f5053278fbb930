/*
 * A query (search/query.h) in the language of a search engine, for the
 * documents of one source: each group of it a filter, what ranks beside them.
 *
 * Statistics, and so the sources' scores, are those of each source by itself,
 * as with the indexes; so each is asked by itself.  Facts, the tenant's and
 * the user's, are one (SOURCE_FACT).
 *
 * Words are asked of the field that has stems, phrases and beginnings of the
 * one that has words as they stand.
 */
#ifndef ENGINE_QUERY_H
#define ENGINE_QUERY_H

#include <jansson.h>

#include "search/doc.h"
#include "search/query.h"

#define ENGINE_PREFIXES "top_terms_blended_freqs_64"	/* that score */

/* All that must hold, as a list of filters; but: a group that need not, -1
 * none.  Own. */
json_t	*engine_query_filters(const struct query *, enum source, int but);
/* What ranks, as a list of clauses, empty where nothing does; own. */
json_t	*engine_query_terms(const struct query *, enum source);

/* {name: {field: value}}; takes over the value; own. */
json_t	*engine_clause(const char *name, const char *field, json_t *value);
/* {"bool": {how: list}} ("filter", "should", "must_not"); takes over the list;
 * of a should one must hold; own. */
json_t	*engine_bool(const char *how, json_t *list);

#endif
