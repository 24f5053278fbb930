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
	size_t edge;		/* where it begins */
	double weight;
	int64_t row;
	uint32_t kind;
	enum graph_kind is;
};

/* The edges of a member that are told, best first. */
struct guesses {
	struct buf body;	/* own */
	struct guess *v;	/* own */
	size_t n, file;
};

static void
guesses_release(struct guesses *s)
{
	buf_release(&s->body);
	free(s->v);
}

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

/* As far as counts tell; most: 0 all. */
static int
guess(struct graph *g, const struct graph_member *m, size_t most,
    struct guesses *s, struct err *e)
{
	struct graph_file *f = &g->file[m->file];
	struct graph_node like = { 0 };
	struct graph_edge edge;
	struct graph_count c;
	const uint8_t *p, *end;
	struct guess now;
	size_t cap = most;

	memset(s, 0, sizeof *s);
	buf_init(&s->body);
	s->file = m->file;
	if (graph_edges_body(f, m->row.id, &s->body, e) < 0)
		return -1;
	s->v = xreallocarray(NULL, most + 1, sizeof *s->v);
	p = (const uint8_t *)s->body.p;
	for (end = p + s->body.len; p < end; ) {
		now.edge = (size_t)(p - (const uint8_t *)s->body.p);
		if ((p = graph_edge_skim(&edge, p, end)) == NULL) {
			f->damaged = true;
			return graph_is_damaged(e);
		}
		if (graph_count_get(f, edge.other, &c, e) < 0)
			return -1;
		like.n = c.n;
		like.kind = now.is = c.kind;
		like.strong = c.strong;
		now.row = edge.other;
		now.kind = edge.kind;
		now.weight = weigh(g, edge.kind == GRAPH_NEAR, edge.seen.n,
		    m->row.in.n, c.n);
		/* of several files one may not tell enough */
		if (g->files == 1 && (now.weight <= 0 || !graph_tells(g,
		    &like)))
			continue;
		if (most > 0) {
			put_guess(s->v, &s->n, most, now);
		} else {
			s->v = xgrow(s->v, s->n, &cap, sizeof *s->v);
			s->v[s->n++] = now;
		}
	}
	if (most == 0)
		qsort(s->v, s->n, sizeof *s->v, by_guess);
	return 0;
}

/* The entity of a guess is looked up, and linked where it tells. */
static int
settle(struct graph *g, struct graph_node *x, const struct guesses *s,
    const struct guess *at, int (*look_up)(struct graph *, size_t, int64_t,
    struct graph_node **, struct err *), struct graph_links *all,
    struct err *e)
{
	const uint8_t *from = (const uint8_t *)s->body.p;
	struct graph_file *f = &g->file[s->file];
	struct graph_edge edge;
	struct graph_node *to;
	int r;

	if (graph_edge_unpack(&edge, from + at->edge, from + s->body.len) ==
	    NULL) {
		f->damaged = true;
		return graph_is_damaged(e);
	}
	r = look_up(g, s->file, at->row, &to, e);
	if (r == 1 && to != x && graph_tells(g, to))
		add(g, all, s->file, &edge, to, x->members > 1);
	return r < 0 ? -1 : 0;
}

/* A kind of relations that a model proposed; -1: there is none such. */
static int
is_proposed(struct graph_file *f, uint32_t kind, struct err *e)
{
	if (kind < f->kinds.n)
		return *f->kinds.v[kind] == SUM_PROPOSED;
	f->damaged = true;
	return graph_is_damaged(e);
}

static int
read_member(struct graph *g, struct graph_node *x, size_t i, size_t most,
    struct graph_links *all, struct err *e)
{
	const struct graph_member *m = &x->member[i];
	const struct guess *at;
	struct guesses s;
	size_t k;
	int is, r = guess(g, m, most, &s, e);

	/* those that were proposed join those that are there */
	for (k = 0; k < 2 * s.n && r == 0; k++) {
		at = &s.v[k % s.n];
		is = is_proposed(&g->file[m->file], at->kind, e);
		if (is < 0)
			r = -1;
		else if (is == (k >= s.n))
			r = settle(g, x, &s, at, graph_node_of_row, all, e);
	}
	guesses_release(&s);
	return r;
}

static void
set_weight(const struct graph *g, const struct graph_node *x,
    struct graph_link *l)
{
	l->weight = weigh(g, l->near, l->n, x->n, l->to->n);
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
		set_weight(g, x, &all->v[i]);
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

/* --- the first of them ------------------------------------------------- */

/* Is what counts tell of a row all that it is?  Not of what joins others, and
 * what a model proposed joins what is there. */
static bool
is_plain(const struct graph *g, const struct graph_node *x)
{
	const struct strv *kinds = &g->file[0].kinds;
	size_t i;

	for (i = 0; i < kinds->n && *kinds->v[i] != SUM_PROPOSED; i++)
		;
	return i == kinds->n && g->files == 1 && x->members == 1 &&
	    g->aliases.to.n == 0;
}

static bool
may_join(enum graph_kind kind)
{
	return kind == GRAPH_IDENT || kind == GRAPH_FILE || kind ==
	    GRAPH_MODULE;
}

/* Those that may join others, and those that were met, are looked up in their
 * order; the rest, whose weights are known, comes to the front and waits. */
static int
settle_some(struct graph *g, struct graph_node *x, struct guesses *s,
    struct graph_links *all, struct err *e)
{
	size_t i, n = 0;

	for (i = 0; i < s->n; i++)
		if (is_proposed(&g->file[0], s->v[i].kind, e) < 0)
			return -1;
		else if (!may_join(s->v[i].is) &&
		    !graph_node_met(g, 0, s->v[i].row))
			s->v[n++] = s->v[i];
		else if (settle(g, x, s, &s->v[i], graph_node_of_row, all, e) <
		    0)
			return -1;
	s->n = n;
	for (i = 0; i < all->n; i++)
		set_weight(g, x, &all->v[i]);
	return 0;
}

/* The best from place i on comes there. */
static void
draw_best(struct graph_links *all, size_t i)
{
	struct graph_link was = all->v[i];
	size_t k, best = i;

	for (k = i + 1; k < all->n; k++)
		if (by_weight(&all->v[k], &all->v[best]) < 0)
			best = k;
	all->v[i] = all->v[best];
	all->v[best] = was;
}

/* Guesses that weigh as much as the best may come before it. */
static int
tell_each(struct graph *g, struct graph_node *x, struct guesses *s,
    struct graph_links *all,
    int (*fn)(void *, const struct graph_link *, struct err *), void *arg,
    struct err *e)
{
	size_t i = 0, k = 0, was;
	int r = settle_some(g, x, s, all, e);

	while (r == 0 && (i < all->n || k < s->n)) {
		if (i < all->n)
			draw_best(all, i);
		if (k < s->n && (i == all->n || s->v[k].weight >=
		    all->v[i].weight)) {
			was = all->n;
			/* what one after it joined was itself before */
			r = settle(g, x, s, &s->v[k], graph_node_met(g, 0,
			    s->v[k].row) ? graph_node_alone :
			    graph_node_of_row, all, e);
			k++;
			if (all->n > was)
				set_weight(g, x, &all->v[was]);
		} else if (all->v[i].weight > 0) {
			r = fn(arg, &all->v[i++], e);
		} else {
			break;
		}
	}
	return r;
}

int
graph_links_each(struct graph *g, struct graph_node *x, size_t most,
    int (*fn)(void *, const struct graph_link *, struct err *), void *arg,
    struct err *e)
{
	struct graph_links all = { 0 };
	struct guesses s;
	size_t i;
	int r;

	if (most > 0 && is_plain(g, x)) {
		if ((r = guess(g, x->member, most, &s, e)) == 0)
			r = tell_each(g, x, &s, &all, fn, arg, e);
		guesses_release(&s);
	} else {
		r = graph_links(g, x, most, &all, e);
		for (i = 0; i < all.n && r == 0; i++)
			r = fn(arg, &all.v[i], e);
	}
	graph_links_release(&all);
	return r;
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
