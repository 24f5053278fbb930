/*
 * A sum is added to a graph's file.  Its entities get the numbers of the file,
 * its pairs are laid out by entity, and what an entity has already is merged
 * with them.
 */
#include "graph/file.h"

#include "base/alloc.h"
#include "store/db.h"

#include <stdlib.h>
#include <string.h>

struct half {
	int64_t other;		/* in the file */
	uint32_t pair;		/* in the sum */
	bool in;
};

struct adding {
	struct graph_file *g;		/* borrowed, as s */
	const struct sum *s;
	int64_t *id;			/* own; of each entity */
	struct graph_count *count;	/* own; as it is now */
	uint32_t *kind;			/* own; of each kind of the sum */
	uint32_t *from;			/* own; where halves of one begin */
	struct half *half;		/* own */
	struct graph_edges had, all;
	struct buf b;
	bool fresh;			/* the file has nothing yet */
};

static int
put_kind(struct adding *a, int64_t id, const char *name, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(a->g->db, e, "INSERT INTO kind VALUES (:id, :name)"))
	    == NULL)
		return -1;
	db_int(q, ":id", id);
	db_text(q, ":name", name);
	return db_run(q, e);
}

static int
add_kinds(struct adding *a, struct err *e)
{
	const struct sum *s = a->s;
	struct strv *kinds = &a->g->kinds;
	struct map had = MAP_INIT;
	union map_value *v;
	size_t i;
	int made, r = 0;

	a->kind = xcalloc(s->kinds.n + 1, sizeof *a->kind);
	for (i = 0; i < kinds->n; i++)
		map_put(&had, kinds->v[i], &made)->i = (int64_t)i;
	for (i = 0; i < s->kinds.n && r == 0; i++) {
		v = map_put(&had, s->kinds.e[i].key, &made);
		if (made) {
			v->i = (int64_t)kinds->n;
			r = put_kind(a, v->i, s->kinds.e[i].key, e);
			strv_add(kinds, s->kinds.e[i].key);
		}
		a->kind[i] = (uint32_t)v->i;
	}
	map_release(&had);
	return r;
}

/* --- entities ---------------------------------------------------------- */

struct form {
	const char *p;
	uint32_t n;
};

static int
by_count(const void *a, const void *b)
{
	const struct form *x = a, *y = b;

	return x->n != y->n ? (x->n > y->n ? -1 : 1) : strcmp(x->p, y->p);
}

static void
put_forms(struct buf *b, const struct sum_entity *x,
    const struct graph_row *had)
{
	struct form f[2 * GRAPH_FORMS];
	size_t i, k, n = 0;

	for (i = 0; had != NULL && i < had->forms.n; i++) {
		f[n].p = had->forms.v[i];
		f[n++].n = had->form_n[i];
	}
	for (i = 0; i < x->nforms; i++) {
		for (k = 0; k < n && strcmp(f[k].p, x->form[i].p) != 0; k++)
			;
		if (k < n) {
			f[k].n += x->form[i].n;
		} else {
			f[n].p = x->form[i].p;
			f[n++].n = x->form[i].n;
		}
	}
	qsort(f, n, sizeof *f, by_count);
	buf_reset(b);
	for (i = 0; i < n && i < GRAPH_FORMS; i++)
		buf_addf(b, "%s%u %s", i > 0 ? "\n" : "", (unsigned)f[i].n,
		    f[i].p);
}

/* It was counted when its text was added, and nothing is new. */
static bool
is_as_it_was(const struct sum_entity *x)
{
	int k;

	for (k = 0; k < GRAPH_KINDS; k++)
		if (x->kinds[k] > 0)
			return false;
	return x->in.n == 0 && x->strong == 0;
}

static int
add_entity(struct adding *a, size_t i, int64_t *next, struct err *e)
{
	const struct sum_entity *x = &a->s->entity[i];
	uint32_t kinds[GRAPH_KINDS], strong = x->strong, k;
	struct graph_row had = { 0 };
	struct seen_in in = x->in;
	struct buf forms = BUF_INIT;
	struct db_query *q;
	int r = a->fresh ? 0 : graph_row_find(a->g, x->key, &had, e);

	if (r < 0)
		return -1;
	if (is_as_it_was(x)) {
		a->id[i] = r == 1 ? had.id : 0;
		a->count[i].n = had.in.n;
		a->count[i].kind = had.kind;
		a->count[i].strong = had.strong > 0;
		graph_row_release(&had);
		return 0;
	}
	if (r == 0 && x->in.n == 0)
		return 0;		/* other rules read it then */
	a->id[i] = r == 1 ? had.id : (*next)++;
	if (r == 1) {
		strong += had.strong;
		seen_in_merge(&in, &had.in);
	}
	for (k = 0; k < GRAPH_KINDS; k++)
		kinds[k] = x->kinds[k] + (r == 1 ? had.kinds[k] : 0);
	put_forms(&forms, x, r == 1 ? &had : NULL);
	buf_reset(&a->b);
	graph_row_pack(&a->b, &in, kinds);
	a->count[i].n = in.n;
	a->count[i].kind = graph_kind_of(kinds);
	a->count[i].strong = strong > 0;
	if ((q = db_sql(a->g->db, e, "INSERT INTO entity (id, key, tail, "
	    "strong, forms, seen) VALUES (:id, :key, :tail, :strong, :forms, "
	    ":seen) ON CONFLICT (id) DO UPDATE SET tail = :tail, "
	    "strong = :strong, forms = :forms, seen = :seen")) != NULL) {
		db_int(q, ":id", a->id[i]);
		db_text(q, ":key", x->key);
		db_text(q, ":tail", graph_name_tail(a->count[i].kind,
		    x->key));
		db_int(q, ":strong", strong);
		db_text(q, ":forms", forms.p);
		db_blob(q, ":seen", a->b.p, a->b.len);
		r = db_run(q, e);
	} else {
		r = -1;
	}
	graph_row_release(&had);
	buf_release(&forms);
	return r;
}

static int
add_entities(struct adding *a, struct err *e)
{
	int64_t next;
	size_t i;

	if (db_number(a->g->db, e, "SELECT max(id) FROM entity", 0, &next) < 0)
		return -1;
	a->fresh = next == 0;
	next++;
	a->id = xcalloc(a->s->entities + 1, sizeof *a->id);
	a->count = xcalloc(a->s->entities + 1, sizeof *a->count);
	for (i = 0; i < a->s->entities; i++)
		if (add_entity(a, i, &next, e) < 0)
			return -1;
	return 0;
}

/* --- counts ------------------------------------------------------------ */

struct place {
	int64_t id;
	size_t entity;
};

static int
by_id(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static int
put_chunk(struct adding *a, int64_t chunk, const struct place *v, size_t n,
    struct err *e)
{
	uint8_t body[GRAPH_CHUNK * 4] = { 0 };
	struct db_query *q;
	const void *p;
	size_t i, len;
	int r;

	if ((q = db_sql(a->g->db, e, "SELECT body FROM count WHERE chunk = "
	    ":chunk")) == NULL)
		return -1;
	db_int(q, ":chunk", chunk);
	if ((r = db_row(q, e)) == 1 && (p = db_get_blob(q, 0, &len)) != NULL)
		memcpy(body, p, len < sizeof body ? len : sizeof body);
	db_end(q);
	for (i = 0; i < n; i++)
		graph_count_pack(body + v[i].id % GRAPH_CHUNK * 4,
		    &a->count[v[i].entity]);
	if (r < 0 || (q = db_sql(a->g->db, e, "INSERT OR REPLACE INTO count "
	    "VALUES (:chunk, :body)")) == NULL)
		return -1;
	db_int(q, ":chunk", chunk);
	db_blob(q, ":body", body, sizeof body);
	return db_run(q, e);
}

static int
add_counts(struct adding *a, struct err *e)
{
	size_t n = a->s->entities, i, from;
	struct place *v = xcalloc(n + 1, sizeof *v);
	int r = 0;

	for (i = n = 0; i < a->s->entities; i++)
		if (a->id[i] != 0) {
			v[n].id = a->id[i];
			v[n++].entity = i;
		}
	qsort(v, n, sizeof *v, by_id);
	for (from = 0; from < n && r == 0; from = i) {
		for (i = from; i < n && v[i].id / GRAPH_CHUNK ==
		    v[from].id / GRAPH_CHUNK; i++)
			;
		r = put_chunk(a, v[from].id / GRAPH_CHUNK, v + from, i - from,
		    e);
	}
	free(v);
	return r;
}

/* --- relations --------------------------------------------------------- */

/* Of an entity that the file does not have nothing can be told. */
static bool
counts(const struct adding *a, const struct sum_pair *p)
{
	return p->in.n > 0 && a->id[p->a] != 0 && a->id[p->b] != 0;
}

/* Halves of each entity in a row: counted, then put in their places. */
static void
lay_out(struct adding *a)
{
	const struct sum *s = a->s;
	uint32_t *at = xcalloc(s->entities + 2, sizeof *at), k;
	const struct sum_pair *p;
	size_t i;
	int end;

	a->from = xcalloc(s->entities + 2, sizeof *a->from);
	a->half = xreallocarray(NULL, 2 * s->pairs + 1, sizeof *a->half);
	for (i = 0; i < s->pairs; i++) {
		if (!counts(a, &s->pair[i]))
			continue;
		a->from[s->pair[i].a + 1]++;
		a->from[s->pair[i].b + 1]++;
	}
	for (i = 0; i < s->entities; i++)
		a->from[i + 1] += a->from[i];
	memcpy(at, a->from, (s->entities + 1) * sizeof *at);
	for (i = 0; i < s->pairs; i++)
		for (end = 0, p = &s->pair[i]; end < 2 && counts(a, p);
		    end++) {
			k = at[end ? p->b : p->a]++;
			a->half[k].other = a->id[end ? p->a : p->b];
			a->half[k].pair = (uint32_t)i;
			a->half[k].in = end && p->kind != GRAPH_NEAR;
		}
	free(at);
}

static int
compare(const struct graph_edge *x, const struct graph_edge *y)
{
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->other != y->other)
		return x->other < y->other ? -1 : 1;
	return (x->in > y->in) - (x->in < y->in);
}

static int
by_place(const void *x, const void *y)
{
	return compare(x, y);
}

static void
merge(struct graph_edges *all, const struct graph_edges *had)
{
	size_t i, n;

	for (i = 0; i < had->n; i++) {
		all->v = xgrow(all->v, all->n, &all->cap, sizeof *all->v);
		all->v[all->n++] = had->v[i];
	}
	qsort(all->v, all->n, sizeof *all->v, by_place);
	for (i = n = 0; i < all->n; i++)
		if (n > 0 && compare(&all->v[n - 1], &all->v[i]) == 0)
			seen_in_merge(&all->v[n - 1].seen, &all->v[i].seen);
		else
			all->v[n++] = all->v[i];
	all->n = n;
}

static int
add_edges(struct adding *a, size_t i, struct err *e)
{
	const struct sum_pair *p;
	struct graph_edge *g;
	struct db_query *q;
	uint32_t k;

	a->all.n = a->had.n = 0;
	for (k = a->from[i]; k < a->from[i + 1]; k++) {
		a->all.v = xgrow(a->all.v, a->all.n, &a->all.cap,
		    sizeof *a->all.v);
		g = &a->all.v[a->all.n++];
		p = &a->s->pair[a->half[k].pair];
		g->other = a->half[k].other;
		g->kind = a->kind[p->kind];
		g->in = a->half[k].in;
		g->seen = p->in;
	}
	if (a->all.n == 0)
		return 0;
	if (!a->fresh && graph_edges_read(a->g, a->id[i], &a->had, e) < 0)
		return -1;
	merge(&a->all, &a->had);
	buf_reset(&a->b);
	graph_edges_pack(&a->b, &a->all);
	if ((q = db_sql(a->g->db, e, "INSERT INTO edge (id, body) VALUES "
	    "(:id, :body) ON CONFLICT (id) DO UPDATE SET body = :body")) ==
	    NULL)
		return -1;
	db_int(q, ":id", a->id[i]);
	db_blob(q, ":body", a->b.p, a->b.len);
	return db_run(q, e);
}

static int
put_meta(struct adding *a, const char *name, int64_t value, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(a->g->db, e, "INSERT OR REPLACE INTO meta VALUES "
	    "(:name, :value)")) == NULL)
		return -1;
	db_text(q, ":name", name);
	db_int(q, ":value", value);
	return db_run(q, e);
}

static int
add(struct adding *a, const struct graph_mark *m, struct err *e)
{
	size_t i;

	if (add_kinds(a, e) < 0 || add_entities(a, e) < 0 ||
	    add_counts(a, e) < 0)
		return -1;
	lay_out(a);
	for (i = 0; i < a->s->entities; i++)
		if (add_edges(a, i, e) < 0)
			return -1;
	return put_meta(a, "row", m->row, e) < 0 ||
	    put_meta(a, "tombstone", m->tombstone, e) < 0 ||
	    put_meta(a, "docs", m->docs, e) < 0 ||
	    put_meta(a, "proposed", m->proposed, e) < 0 ||
	    put_meta(a, "proposals", m->proposals, e) < 0 ? -1 : 0;
}

int
graph_file_add(struct graph_file *g, const struct sum *s,
    const struct graph_mark *m, struct err *e)
{
	struct adding a = { .g = g, .s = s, .b = BUF_INIT };
	int r;

	if (tx_begin(g->db, e) < 0)
		return -1;
	r = db_scrub(g->db, e);
	if (r == 0)
		r = add(&a, m, e);
	r = tx_end(g->db, r, e);
	if (r == 0)
		g->mark = *m;
	free(a.id);
	free(a.count);
	free(a.kind);
	free(a.from);
	free(a.half);
	graph_edges_release(&a.had);
	graph_edges_release(&a.all);
	buf_release(&a.b);
	return r;
}
