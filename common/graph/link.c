/*
 * What an entity is linked to, how much that weighs, and where it is said.
 */
#include "graph/link.h"

#include "base/alloc.h"
#include "base/ulid.h"
#include "store/db.h"
#include "store/store.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CRITICAL 10.83		/* of chi squared, one in a thousand */
#define FEW 50			/* texts that tell nothing of chance */
#define LEAST 0.01

/* --- weights ----------------------------------------------------------- */

static double
part(double seen, double expected)
{
	return seen > 0 && expected > 0 ? seen * log(seen / expected) : 0;
}

/* n texts have both, a and b each, of all; twice the sum over the four cells,
 * 0 where both are there less than chance has it. */
double
graph_ratio(double n, double a, double b, double all)
{
	double g;

	if (all < a + b - n)
		all = a + b - n;
	if (all <= 0 || n * all <= a * b)
		return 0;
	g = part(n, a * b / all) + part(a - n, a * (all - b) / all) +
	    part(b - n, (all - a) * b / all) +
	    part(all - a - b + n, (all - a) * (all - b) / all);
	return g > 0 ? 2 * g : 0;
}

/* a and b texts name the ends, n say the relation. */
static double
weigh(const struct graph *g, bool near, uint32_t n, uint32_t a, uint32_t b)
{
	double r;

	if (!near)
		return (double)n / (n + 1.0);
	r = graph_ratio(n, a, b, (double)g->docs);
	return r <= 0 && g->docs < FEW ? LEAST : r / (r + CRITICAL);
}

/* --- links ------------------------------------------------------------- */

static bool
same(const struct graph_link *l, const struct graph_node *to,
    const char *kind, bool in)
{
	return l->to == to && l->in == in && strcmp(l->kind, kind) == 0;
}

static void
add(struct graph *g, struct graph_links *all, size_t file,
    const struct graph_edge *edge, struct graph_node *to, bool many)
{
	const char *kind = g->file[file].kinds.v[edge->kind];
	bool proposed = *kind == SUM_PROPOSED;
	struct graph_link *l;
	size_t i;

	kind += proposed;
	/* an entity of one row has one edge of a kind each way, and one that
	 * was proposed */
	for (i = to->members > 1 || many || proposed ? 0 : all->n; i < all->n
	    && !same(&all->v[i], to, kind, edge->in); i++)
		;
	if (i == all->n) {
		all->v = xgrow(all->v, all->n, &all->cap, sizeof *all->v);
		l = &all->v[all->n++];
		memset(l, 0, sizeof *l);
		l->to = to;
		l->kind = kind;
		l->in = edge->in;
		l->near = edge->kind == GRAPH_NEAR;
	}
	l = &all->v[i];
	l->n += edge->seen.n;
	if (proposed)
		l->proposed += edge->seen.n;
	if (edge->seen.first_ms != 0 && (l->first_ms == 0 ||
	    edge->seen.first_ms < l->first_ms))
		l->first_ms = edge->seen.first_ms;
	if (edge->seen.last_ms != 0 && (l->last_ms == 0 ||
	    edge->seen.last_ms > l->last_ms))
		l->last_ms = edge->seen.last_ms;
	l->where = xgrow(l->where, l->wheres, &l->cap, sizeof *l->where);
	l->where[l->wheres].file = file;
	l->where[l->wheres].proposed = proposed;
	l->where[l->wheres++].in = edge->seen;
}

/* One of a row that is not looked up yet. */
struct guess {
	size_t edge;
	double weight;
};

static int
by_guess(const void *a, const void *b)
{
	const struct guess *x = a, *y = b;

	return x->weight != y->weight ? (x->weight > y->weight ? -1 : 1) :
	    x->edge < y->edge ? -1 : x->edge > y->edge;
}

static int
by_weight(const void *a, const void *b)
{
	const struct graph_link *x = a, *y = b;
	int r;

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	if ((r = strcmp(x->to->key, y->to->key)) != 0 ||
	    (r = strcmp(x->kind, y->kind)) != 0)
		return r;
	return (x->in > y->in) - (x->in < y->in);
}

static void
clear(struct graph_links *all)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		free(all->v[i].where);
	all->n = 0;
}

void
graph_links_release(struct graph_links *all)
{
	clear(all);
	free(all->v);
	memset(all, 0, sizeof *all);
}

/* Into a list of at most so many that is sorted. */
static void
put_guess(struct guess *v, size_t *n, size_t most, struct guess now)
{
	size_t i;

	if (*n == most && (most == 0 || by_guess(&now, &v[most - 1]) >= 0))
		return;
	if (*n < most)
		(*n)++;
	for (i = *n - 1; i > 0 && by_guess(&now, &v[i - 1]) < 0; i--)
		v[i] = v[i - 1];
	v[i] = now;
}

/* The edges that are told, best first, as far as counts tell; most: 0 all. */
static int
sort(struct graph *g, const struct graph_member *m,
    const struct graph_edges *edges, size_t most, struct guess *v, size_t *n,
    struct err *e)
{
	const struct graph_edge *edge;
	struct graph_node like = { 0 };
	struct graph_count c;
	struct guess now;
	size_t i;

	for (i = *n = 0; i < edges->n; i++) {
		edge = &edges->v[i];
		if (graph_count_get(&g->file[m->file], edge->other, &c, e) < 0)
			return -1;
		like.n = c.n;
		like.kind = c.kind;
		like.strong = c.strong;
		now.edge = i;
		now.weight = weigh(g, edge->kind == GRAPH_NEAR,
		    edge->seen.n, m->row.in.n, c.n);
		/* of several files one may not tell enough */
		if (g->files == 1 && (now.weight <= 0 || !graph_tells(g,
		    &like)))
			continue;
		if (most > 0)
			put_guess(v, n, most, now);
		else
			v[(*n)++] = now;
	}
	if (most == 0)
		qsort(v, *n, sizeof *v, by_guess);
	return 0;
}

static int
read_member(struct graph *g, struct graph_node *x, size_t i, size_t most,
    struct graph_links *all, struct err *e)
{
	const struct graph_member *m = &x->member[i];
	struct graph_file *f = &g->file[m->file];
	struct graph_edges edges = { 0 };
	const struct graph_edge *edge;
	struct guess *v = NULL;
	struct graph_node *to;
	size_t k, n = 0;
	int r;

	r = graph_edges_read(f, m->row.id, &edges, e);
	if (r == 0) {
		v = xreallocarray(NULL, edges.n + 1, sizeof *v);
		r = sort(g, m, &edges, most, v, &n, e);
	}
	/* those that were proposed join those that are there */
	for (k = 0; k < 2 * n && r >= 0; k++) {
		edge = &edges.v[v[k % n].edge];
		f->damaged = f->damaged || edge->kind >= f->kinds.n;
		if (edge->kind >= f->kinds.n)
			r = err_set(e, ERR_INDEX, "the graph is damaged; run "
			    "mem-graph build --rebuild");
		else if ((*f->kinds.v[edge->kind] == SUM_PROPOSED) ==
		    (k >= n) && (r = graph_node_of_row(g, m->file,
		    edge->other, &to, e)) == 1 && to != x &&
		    graph_tells(g, to))
			add(g, all, m->file, edge, to, x->members > 1);
	}
	free(v);
	graph_edges_release(&edges);
	return r < 0 ? -1 : 0;
}

int
graph_links(struct graph *g, struct graph_node *x, size_t most,
    struct graph_links *all, struct err *e)
{
	size_t i, n = 0;

	clear(all);
	for (i = 0; i < x->members; i++)
		if (read_member(g, x, i, most, all, e) < 0)
			return -1;
	for (i = 0; i < all->n; i++) {
		all->v[i].weight = weigh(g, all->v[i].near, all->v[i].n,
		    x->n, all->v[i].to->n);
		if (all->v[i].weight > 0)
			all->v[n++] = all->v[i];
		else
			free(all->v[i].where);
	}
	all->n = n;
	if (n > 0)
		qsort(all->v, n, sizeof *all->v, by_weight);
	return 0;
}

/* --- evidence ---------------------------------------------------------- */

static int
event_id(struct graph *g, int64_t row, struct buf *id, struct err *e)
{
	char name[ULID_LEN + 1];
	struct db_query *q;
	const void *p;
	size_t n;
	int r;

	if ((q = db_sql(g->st->db, e, "SELECT id FROM event WHERE seq = "
	    ":row")) == NULL)
		return -1;
	db_int(q, ":row", row);
	if ((r = db_row(q, e)) == 1 && ((p = db_get_blob(q, 0, &n)) == NULL ||
	    n != ULID_BYTES))
		r = 0;
	if (r == 1) {
		ulid_from_bytes(name, p);
		buf_adds(id, name);
	}
	db_end(q);
	return r;
}

static int
record_id(struct graph *g, int64_t row, struct buf *kb, struct buf *id,
    struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(g->st->db, e, "SELECT k.name, r.id FROM record r "
	    "JOIN kb k ON k.id = r.kb WHERE r.seq = :row")) == NULL)
		return -1;
	db_int(q, ":row", row);
	if ((r = db_row(q, e)) == 1) {
		buf_adds(kb, db_get_text(q, 0));
		buf_adds(id, db_get_text(q, 1));
	}
	db_end(q);
	return r;
}

int
graph_text(struct graph *g, size_t file, int64_t row, struct buf *kb,
    struct buf *id, struct err *e)
{
	buf_reset(kb);
	buf_reset(id);
	return g->file[file].records ? record_id(g, row, kb, id, e) :
	    event_id(g, row, id, e);
}

static int
add_all(struct graph *g, size_t file, const struct seen_in *in,
    struct strv *ids, struct err *e)
{
	struct buf kb = BUF_INIT, id = BUF_INIT;
	int64_t rows[GRAPH_ROWS];
	size_t i, n = seen_in_rows(in, rows);
	int r = 0;

	for (i = 0; i < n && r >= 0; i++) {
		if ((r = graph_text(g, file, rows[i], &kb, &id, e)) != 1)
			continue;
		if (g->file[file].records) {
			buf_addc(&kb, '/');
			buf_add(&kb, id.p, id.len);
		}
		if (!strv_has(ids, kb.len > 0 ? kb.p : id.p))
			strv_add(ids, kb.len > 0 ? kb.p : id.p);
	}
	buf_release(&kb);
	buf_release(&id);
	return r < 0 ? -1 : 0;
}

int
graph_node_evidence(struct graph *g, const struct graph_node *x,
    struct strv *ids, struct err *e)
{
	size_t i;
	int r = 0;

	for (i = 0; i < x->members && r == 0; i++)
		r = add_all(g, x->member[i].file, &x->member[i].row.in, ids,
		    e);
	return r;
}

static int
add_wheres(struct graph *g, const struct graph_link *l, bool proposed,
    struct strv *ids, struct err *e)
{
	size_t i;
	int r = 0;

	for (i = 0; i < l->wheres && r == 0; i++)
		if (!proposed || l->where[i].proposed)
			r = add_all(g, l->where[i].file, &l->where[i].in, ids,
			    e);
	return r;
}

int
graph_link_evidence(struct graph *g, const struct graph_link *l,
    struct strv *ids, struct err *e)
{
	return add_wheres(g, l, false, ids, e);
}

int
graph_link_proposed(struct graph *g, const struct graph_link *l,
    struct strv *ids, struct err *e)
{
	return add_wheres(g, l, true, ids, e);
}
