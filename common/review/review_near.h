/*
 * Rows that may be near a change: those that facts about its files and modules
 * rest on, and those that a search for its words finds.  For review_store.c
 * alone.
 */
#ifndef REVIEW_REVIEW_NEAR_H
#define REVIEW_REVIEW_NEAR_H

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"
#include "base/map.h"
#include "base/str.h"
#include "index/language.h"

struct store;
struct review_near;

struct review_near *review_near_new(struct store *, const struct language *);
void	review_near_free(struct review_near *);		/* takes NULL */

/* Read the first 20 rows of a list of ids, of one knowledge base. */
int	review_near_take(struct review_near *, const char *kb,
	    const json_t *ids, struct err *);
/* Find some by the words of a change; those that are long say most. */
int	review_near_search(struct review_near *, const struct map *words,
	    struct err *);

/* Files that were in a row with this one, by the names of the key: i of each
 * is in how many of the rows that are known. */
void	review_near_together(const struct review_near *, const char *path,
	    const struct strv *names, struct map *);
/* Values of a key by its names, of all rows, until there are most. */
void	review_near_values(const struct review_near *,
	    const struct strv *names, size_t most, struct map *);
/* Tags of all rows, as "pattern:TAG", until there are most. */
void	review_near_kinds(const struct review_near *, struct map *,
	    size_t most);

/*
 * Rows near the lines of a file, with how sure that is: half of the words of
 * their titles, two at least, are in the lines; all of them, of a row that
 * names other files.
 */
int	review_near_each(const struct review_near *, const char *path,
	    const struct map *words, int (*fn)(void *, const json_t *,
	    double, struct err *), void *, struct err *);
/* The same of one row; 0: it is not near. */
double	review_near_share(const struct strv *title, const struct map *words);

#endif
