/*
 * Texts that are linked to what a query names, and what links them: a search
 * takes them for candidates, beside those by words and by vectors (fuse.h).
 * Who knows of links is a linker; graph/found.h is one.
 */
#ifndef SEARCH_LINKED_H
#define SEARCH_LINKED_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "base/str.h"

#define LINKED_TEXTS 100	/* of a query; the best are kept */
#define LINKED_WHYS 3		/* of a text; the best are told */

/* A relation of an entity with one that the query names. */
struct linked_why {
	char *named, *entity;	/* own; as they are written most */
	char *entity_id;	/* own */
	char *relation;		/* own; its kind */
	bool inverse;		/* it goes from the entity to what is named */
	double weight;		/* 0 to 1 */
	struct strv evidence;	/* own; ids of texts that say so */
};

struct linked_text {
	char *within, *id;	/* own; knowledge base and record_id, or NULL
				   and event_id */
	double weight;		/* 0 to 1: 1 - the product of 1 - the weight
				   of each thing that links it */
	size_t why[LINKED_WHYS], whys;	/* the best first */
	size_t last;		/* why + 1, that was added last */
	double why_weight[LINKED_WHYS];
};

struct linked {
	struct linked_why *why;		/* own */
	size_t whys, why_cap;
	struct linked_text *text;	/* own; of linked_ready: the best
					   first */
	size_t texts, text_cap;
	struct map by_id;
};

/* {0} has none. */
void	linked_release(struct linked *);	/* empty then */

/* One more, whose members are to be filled; until the next call. */
struct linked_why *linked_why(struct linked *);
/* A text that was not added before: its number. */
size_t	linked_text(struct linked *, const char *within, const char *id);
/* One more thing that links a text: so much, and why.  The same again, right
 * after it, counts no more. */
void	linked_add(struct linked *, size_t text, double weight, size_t why);
/* Keep the best. */
void	linked_ready(struct linked *);

/* The number of a text, or SIZE_MAX. */
size_t	linked_find(const struct linked *, const char *within,
	    const char *id);
/* [{"named", "entity", "entity_id", "relation", "inverse", "weight",
 * "evidence"}, ...]; own. */
json_t	*linked_json(const struct linked *, size_t text);

/* What a search asks: before it takes its view of the store; in it, for what
 * is linked with the words of a query (linked_ready is called after it). */
struct linker {
	int (*before)(void *, struct err *);
	int (*ask)(void *, const char *, size_t len, struct linked *,
	    struct err *);
	void *arg;
};

#endif
