/*
 * Entities: the rows of all files that are one, put together.
 */
#include "graph/link.h"

#include "base/alloc.h"
#include "base/hash.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* --- entities ---------------------------------------------------------- */

/* A row that was read already. */
struct had {
	size_t file;
	struct graph_row row;	/* own, until it is taken */
};

static void
row_name(struct graph *g, size_t file, int64_t id)
{
	buf_reset(&g->key);
	buf_addf(&g->key, "%zu:%" PRId64, file, id);
}

static void
count(struct graph_node *x)
{
	const struct graph_row *row, *best = NULL;
	size_t i;

	for (i = 0; i < x->members; i++) {
		row = &x->member[i].row;
		if (best == NULL || row->form_n[0] > best->form_n[0] ||
		    (row->form_n[0] == best->form_n[0] && strcmp(
		    row->forms.v[0], best->forms.v[0]) < 0))
			best = row;
		x->n += row->in.n;
		x->strong += row->strong;
		if (row->kind > x->kind)
			x->kind = row->kind;
		/* rows of knowledge bases may have no time */
		if (row->in.first_ms != 0 && (x->first_ms == 0 ||
		    row->in.first_ms < x->first_ms))
			x->first_ms = row->in.first_ms;
		if (row->in.last_ms != 0 && (x->last_ms == 0 ||
		    row->in.last_ms > x->last_ms))
			x->last_ms = row->in.last_ms;
	}
	x->name = best->forms.v[0];
}

void
graph_node_free(struct graph_node *x)
{
	size_t i;

	for (i = 0; i < x->members; i++)
		graph_row_release(&x->member[i].row);
	free(x->member);
	free(x->key);
	free(x);
}

static int
node_add(struct graph *g, struct graph_node *x, const char *key,
    struct had *had, struct err *e)
{
	struct graph_row row;
	size_t i;
	int r = 0, made;

	for (i = 0; i < g->files && r >= 0; i++) {
		if (had != NULL && had->file == i && had->row.key != NULL &&
		    strcmp(had->row.key, key) == 0) {
			row = had->row;
			memset(&had->row, 0, sizeof had->row);
		} else if ((r = graph_row_find(&g->file[i], key, &row, e)) !=
		    1) {
			continue;
		}
		x->member = xgrow(x->member, x->members, &x->cap,
		    sizeof *x->member);
		x->member[x->members].file = i;
		x->member[x->members++].row = row;
		row_name(g, i, row.id);
		map_put(&g->rows, g->key.p, &made)->p = x;
	}
	map_put(&g->nodes, key, &made)->p = x;
	return r < 0 ? -1 : 0;
}

static struct graph_node *
node_new(struct graph *g, const char *key)
{
	struct graph_node *x = xcalloc(1, sizeof *x);
	uint8_t hash[HASH_LEN];

	g->node = xgrow(g->node, g->n, &g->cap, sizeof *g->node);
	x->number = g->n;
	g->node[g->n++] = x;
	x->key = xstrdup(key);
	hash_mem(x->key, strlen(x->key), hash);
	memcpy(x->id, "entity:", 7);
	hex_encode(x->id + 7, hash, 8);
	return x;
}

/* A key of a row that is there: its entity.  had may be NULL. */
static int
node_of(struct graph *g, const char *key, enum graph_kind kind,
    struct had *had, struct graph_node **out, struct err *e)
{
	union map_value *v = map_get(&g->nodes, key);
	struct strv keys = STRV_INIT;
	struct graph_node *x;
	size_t i;
	int r;

	if (v != NULL)
		return *out = v->p, 1;
	if (graph_name_tail(kind, key) == NULL && kind != GRAPH_IDENT &&
	    kind != GRAPH_FILE && kind != GRAPH_MODULE && g->aliases.to.n ==
	    0) {
		strv_add(&keys, key);
	} else if (graph_keys(g, key, kind, &keys, e) < 0) {
		strv_release(&keys);
		return -1;
	}
	x = node_new(g, keys.v[0]);
	for (i = 0, r = 0; i < keys.n && r == 0; i++)
		r = node_add(g, x, keys.v[i], had, e);
	strv_release(&keys);
	if (r < 0)
		return -1;
	if (x->members == 0) {
		x->name = x->key;
		return 0;
	}
	count(x);
	*out = x;
	return 1;
}

/* A key that rows have, it or one that stands for the same. */
static int
find_key(struct graph *g, const char *key, struct graph_node **out,
    struct err *e)
{
	struct strv keys = STRV_INIT;
	struct graph_row row;
	enum graph_kind kind;
	size_t i, k;
	int r = 0;

	strv_add(&keys, key);
	if (g->aliases.to.n > 0)
		aliases_of(&g->aliases, aliases_to(&g->aliases, key), &keys);
	for (k = 0; k < keys.n && r == 0; k++)
		for (i = 0; i < g->files && r == 0; i++)
			if ((r = graph_row_find(&g->file[i], keys.v[k], &row,
			    e)) == 1) {
				kind = row.kind;
				graph_row_release(&row);
				r = node_of(g, keys.v[k], kind, NULL, out, e);
				break;
			}
	strv_release(&keys);
	return r;
}

struct by_id {
	struct graph *g;
	const char *id;
	struct graph_node *found;
};

static int
is_id(void *arg, const struct graph_row *row, struct err *e)
{
	struct by_id *b = arg;
	struct graph_node *x;
	int r = node_of(b->g, row->key, row->kind, NULL, &x, e);

	if (r == 1 && strcmp(x->id, b->id) == 0)
		b->found = x;
	return r < 0 ? -1 : b->found != NULL;
}

static int
find_id(struct graph *g, const char *id, struct graph_node **out,
    struct err *e)
{
	struct by_id b = { g, id, NULL };
	size_t i;
	int r = 0;

	for (i = 0; i < g->files && r == 0; i++)
		r = graph_row_each(&g->file[i], NULL, is_id, &b, e);
	*out = b.found;
	return r;
}

int
graph_find(struct graph *g, const char *name, struct graph_node **out,
    struct err *e)
{
	static const enum graph_kind ways[] = { GRAPH_RECORD, GRAPH_SERVICE,
	    GRAPH_NAME, GRAPH_FILE, GRAPH_IDENT };
	struct buf key = BUF_INIT;
	size_t len = strlen(name), i;
	int r = 0;

	if (strncmp(name, "entity:", 7) == 0 && hex_is(name + 7, 16))
		return find_id(g, name, out, e);
	for (i = 0; i < sizeof ways / sizeof *ways && r == 0 && len <=
	    GRAPH_NAME_MAX; i++) {
		graph_name_key(&key, ways[i], name, len);
		if (key.len > 0)
			r = find_key(g, key.p, out, e);
	}
	/* a bare name that is only said qualified */
	if (r == 0 && len <= GRAPH_NAME_MAX) {
		struct strv all = STRV_INIT;

		if (key.len > 0)
			r = graph_keys_ending(g, key.p, &all, e);
		if (r == 0 && all.n > 0 && (r = find_key(g, all.v[0], out,
		    e)) == 1 && map_get(&g->nodes, key.p) == NULL)
			r = 0;
		strv_release(&all);
	}
	buf_release(&key);
	return r;
}

bool
graph_tells(const struct graph *g, const struct graph_node *x)
{
	if (x->strong > 0 || x->kind > GRAPH_NAME)
		return true;
	return x->kind == GRAPH_NAME ? x->n > 1 : x->n > 2 &&
	    (g->docs < 50 || x->n <= g->docs / 5);
}

struct take_all {
	struct graph *g;
	struct graph_node **v;
	size_t n, cap;
	struct map got;
};

static int
take_node(void *arg, const struct graph_row *row, struct err *e)
{
	struct take_all *t = arg;
	struct graph_node *x;
	int made, r = node_of(t->g, row->key, row->kind, NULL,
	    &x, e);

	if (r != 1 || !graph_tells(t->g, x))
		return r < 0 ? -1 : 0;
	map_put(&t->got, x->key, &made);
	if (made) {
		t->v = xgrow(t->v, t->n, &t->cap, sizeof *t->v);
		t->v[t->n++] = x;
	}
	return 0;
}

static int
by_key(const void *a, const void *b)
{
	const struct graph_node *const *x = a, *const *y = b;

	return strcmp((*x)->key, (*y)->key);
}

int
graph_all(struct graph *g, struct graph_node ***v, size_t *n, struct err *e)
{
	struct take_all t = { .g = g, .got = MAP_INIT };
	size_t i;
	int r = 0;

	for (i = 0; i < g->files && r == 0; i++)
		r = graph_row_each(&g->file[i], NULL, take_node, &t, e);
	map_release(&t.got);
	if (t.n > 0)
		qsort(t.v, t.n, sizeof *t.v, by_key);
	*v = t.v;
	*n = t.n;
	return r;
}

bool
graph_node_met(struct graph *g, size_t file, int64_t id)
{
	row_name(g, file, id);
	return map_get(&g->rows, g->key.p) != NULL;
}

int
graph_node_of_row(struct graph *g, size_t file, int64_t id,
    struct graph_node **out, struct err *e)
{
	struct had had = { .file = file };
	union map_value *v;
	struct buf key = BUF_INIT;
	int r;

	row_name(g, file, id);
	if ((v = map_get(&g->rows, g->key.p)) != NULL)
		return *out = v->p, 1;
	if ((r = graph_row_get(&g->file[file], id, &had.row, e)) != 1)
		return r;
	buf_adds(&key, had.row.key);
	r = node_of(g, key.p, had.row.kind, &had, out, e);
	graph_row_release(&had.row);
	buf_release(&key);
	return r;
}

int
graph_node_alone(struct graph *g, size_t file, int64_t id,
    struct graph_node **out, struct err *e)
{
	struct graph_row row;
	int r = graph_row_get(&g->file[file], id, &row, e);

	if (r != 1)
		return r;
	*out = node_new(g, row.key);
	(*out)->member = xgrow(NULL, 0, &(*out)->cap, sizeof *(*out)->member);
	(*out)->member[0].file = file;
	(*out)->member[0].row = row;
	(*out)->members = 1;
	count(*out);
	return 1;
}
