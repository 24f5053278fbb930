/*
 * From the items of a query to what is matched; between query.c, which
 * finds the items, and query_build.c.
 */
#ifndef SEARCH_QUERY_BUILD_H
#define SEARCH_QUERY_BUILD_H

#include "search/query.h"

enum item_kind { ITEM_WORD, ITEM_PREFIX, ITEM_PHRASE, ITEM_FIELD };

struct item {
	enum item_kind kind;
	bool not, must;		/* had a minus, a plus */
	bool or;		/* OR joins it with the one before */
	const char *text;	/* borrowed from the query */
	size_t len;
	int field;		/* of ITEM_FIELD */
};

/* A new, empty field; its number. */
int	query_add_field(struct query *, enum field_kind);
/* Roles and sources are a closed set; one that is none would find nothing in
 * silence: ERR_USAGE. */
int	query_value_check(enum field_kind, const char *, struct err *);

/* Each plain word gets a plus, but for stop words among others. */
void	query_demand(struct query *, struct item *, size_t n);

void	query_build(struct query *, const struct item *, size_t n);

#endif
