/*
 * Which keys are one.
 */
#include "graph/link.h"

#include <stdint.h>
#include <string.h>

static int
take_key(void *arg, const struct graph_row *row, struct err *e)
{
	(void)e;
	if (!strv_has(arg, row->key))
		strv_add(arg, row->key);
	return 0;
}

int
graph_keys_ending(struct graph *g, const char *tail, struct strv *keys,
    struct err *e)
{
	size_t i;
	int r = 0;

	for (i = 0; i < g->files && r == 0; i++)
		r = graph_row_each(&g->file[i], tail, take_key, keys, e);
	return r;
}

static bool
is_end(const char *key, const char *of)
{
	size_t n = strlen(key), m = strlen(of);

	return n == m ? strcmp(key, of) == 0 : n < m && (of[m - n - 1] == '.' ||
	    of[m - n - 1] == '/') && strcmp(of + m - n, key) == 0;
}

/* The keys that end as this one does, where all are ends of the longest, which
 * comes first; else this one alone. */
static int
qualified(struct graph *g, const char *key, enum graph_kind kind,
    struct strv *keys, struct err *e)
{
	const char *tail = graph_name_tail(kind, key), *longest = key;
	struct strv all = STRV_INIT;
	size_t i;
	int r = 0;

	if (tail == NULL)
		tail = key;
	if (kind == GRAPH_IDENT || kind == GRAPH_FILE || kind == GRAPH_MODULE)
		r = graph_keys_ending(g, tail, &all, e);
	for (i = 0; i < all.n; i++)
		if (strlen(all.v[i]) > strlen(longest))
			longest = all.v[i];
	for (i = 0; i < all.n; i++)
		if (!is_end(all.v[i], longest) || aliases_is_split(&g->aliases,
		    all.v[i]))
			longest = NULL, i = all.n;
	if (longest == NULL || !is_end(key, longest) || aliases_is_split(
	    &g->aliases, key) || aliases_is_split(&g->aliases, tail)) {
		strv_add(keys, key);
	} else {
		strv_add(keys, longest);
		for (i = 0; i < all.n; i++)
			if (strcmp(all.v[i], longest) != 0)
				strv_add(keys, all.v[i]);
		if (!strv_has(keys, tail))
			strv_add(keys, tail);
	}
	strv_release(&all);
	return r < 0 ? -1 : 0;
}

static void
put(struct strv *keys, const char *key)
{
	if (!strv_has(keys, key))
		strv_add(keys, key);
}

static int
take_kind(void *arg, const struct graph_row *row, struct err *e)
{
	enum graph_kind *kind = arg;

	(void)e;
	*kind = row->kind;
	return 1;
}

/* What it is in all files; where no row has it, what qualified names that end
 * so are.  GRAPH_KINDS: there is nothing of it. */
static int
kind_of(struct graph *g, const char *key, enum graph_kind *kind,
    struct err *e)
{
	struct graph_row row;
	bool there = false;
	size_t i;
	int r;

	*kind = GRAPH_TERM;
	for (i = 0; i < g->files; i++) {
		if ((r = graph_row_find(&g->file[i], key, &row, e)) < 0)
			return -1;
		if (r == 0)
			continue;
		there = true;
		if (row.kind > *kind)
			*kind = row.kind;
		graph_row_release(&row);
	}
	if (!there)
		*kind = GRAPH_KINDS;
	for (i = 0; i < g->files && *kind == GRAPH_KINDS; i++)
		if (graph_row_each(&g->file[i], key, take_kind, kind, e) < 0)
			return -1;
	return 0;
}

/* Ends of which nobody said anything go with the first that is said to be
 * another: those, where this is one of them. */
static int
add_ends(struct graph *g, const char *key, struct strv *keys, struct err *e)
{
	struct strv ends = STRV_INIT;
	const struct aliases *a = &g->aliases;
	const char *first = NULL;
	enum graph_kind kind;
	size_t i;
	int r = kind_of(g, key, &kind, e);

	if (r == 0)
		r = qualified(g, key, kind, &ends, e);
	for (i = 0; i < ends.n && first == NULL; i++)
		if (aliases_to(a, ends.v[i]) != ends.v[i])
			first = ends.v[i];
	if (aliases_to(a, key) == key || (first != NULL && strcmp(key, first)
	    == 0))
		for (i = 0; i < ends.n; i++)
			if (ends.v[i] == first || aliases_to(a, ends.v[i]) ==
			    ends.v[i])
				put(keys, ends.v[i]);
	strv_release(&ends);
	return r;
}

/* Is a better than b to tell an entity by?  One that others lead to, then the
 * longest. */
static bool
is_head(const struct strv *led, const char *a, const char *b)
{
	bool x = strv_has(led, a), y = strv_has(led, b);
	size_t n = strlen(a), m = strlen(b);

	return x != y ? x : n != m ? n > m : strcmp(a, b) < 0;
}

/* Whichever of them this is. */
static int
keys_of(struct graph *g, const char *key, struct strv *keys, struct err *e)
{
	struct strv own = STRV_INIT, led = STRV_INIT;
	size_t i, k, head = SIZE_MAX;
	const char *to;
	char *was;
	int r = 0;

	strv_add(keys, key);
	for (i = 0; i < keys->n && r == 0; i++) {
		to = aliases_to(&g->aliases, keys->v[i]);
		if (to != keys->v[i])
			put(&led, to);
		aliases_of(&g->aliases, to, &own);
		for (k = 0; k < own.n; k++)
			put(keys, own.v[k]);
		strv_release(&own);
		r = add_ends(g, keys->v[i], keys, e);
	}
	strv_sort(keys);
	for (i = 0; i < keys->n; i++)
		if (aliases_to(&g->aliases, keys->v[i]) == keys->v[i] &&
		    (head == SIZE_MAX || is_head(&led, keys->v[i],
		    keys->v[head])))
			head = i;
	if (head != SIZE_MAX) {
		was = keys->v[0];
		keys->v[0] = keys->v[head];
		keys->v[head] = was;
	}
	strv_release(&led);
	return r;
}

int
graph_keys(struct graph *g, const char *key, enum graph_kind kind,
    struct strv *keys, struct err *e)
{
	return g->aliases.to.n == 0 ? qualified(g, key, kind, keys, e) :
	    keys_of(g, key, keys, e);
}
