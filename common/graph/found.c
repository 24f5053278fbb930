#include "graph/found.h"

#include "base/alloc.h"
#include "graph/link.h"
#include "graph/text.h"
#include "store/access.h"
#include "store/db.h"
#include "store/store.h"
#include "text/language_conf.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct found {
	struct store *st;		/* borrowed */
	int64_t as_of_ms;
	struct graph *g;		/* own; of the last question */
	int64_t version, own;		/* of the database, then: what others
					   wrote, and this call */
};

/* --- what a text names ------------------------------------------------- */

static int
find_all(struct graph *g, const struct sum *s,
    struct graph_node *named[GRAPH_NAMED], struct err *e)
{
	struct graph_node *x;
	size_t i, k, n = 0;
	int r;

	for (i = 0; i < s->entities && n < GRAPH_NAMED; i++) {
		if ((r = graph_find(g, s->entity[i].key, &x, e)) < 0)
			return -1;
		for (k = 0; r == 1 && k < n && named[k] != x; k++)
			;
		if (r == 1 && k == n)
			named[n++] = x;
	}
	return (int)n;
}

int
graph_in_text(struct graph *g, const char *p, size_t len,
    struct graph_node *named[GRAPH_NAMED], struct err *e)
{
	const struct language *l;
	struct text *t;
	struct sum s;
	int n;

	if (language_configured(g->st, &l, e) < 0)
		return -1;
	t = text_new(l);
	sum_init(&s);
	sum_text(&s, 1, 0);
	text_read(t, &s, p, len, -1, 0);
	n = find_all(g, &s, named, e);
	text_free(t);
	sum_release(&s);
	return n;
}

/* --- what is linked to it ---------------------------------------------- */

struct finding {
	struct graph *g;
	struct linked *out;
	struct map texts;	/* "FILE:ROW" -> text + 1; 0: it is gone */
	struct buf key, kb, id;
};

/* A row's text: 1, 0 it is gone. */
static int
text_of(struct finding *f, size_t file, int64_t row, size_t *text,
    struct err *e)
{
	union map_value *v;
	int made, r;

	buf_reset(&f->key);
	buf_addf(&f->key, "%zu:%" PRId64, file, row);
	v = map_put(&f->texts, f->key.p, &made);
	if (made) {
		r = graph_text(f->g, file, row, &f->kb, &f->id, e);
		if (r < 0)
			return -1;
		if (r == 1)
			v->i = (int64_t)linked_text(f->out,
			    f->g->file[file].records ? f->kb.p : NULL,
			    f->id.p) + 1;
	}
	*text = (size_t)v->i - 1;
	return v->i > 0;
}

/* told: their ids are the evidence. */
static int
add_rows(struct finding *f, size_t file, const struct seen_in *in,
    double weight, size_t why, bool told, struct err *e)
{
	int64_t rows[GRAPH_ROWS];
	size_t i, n = seen_in_rows(in, rows), text;
	const struct linked_text *t;
	int r;

	for (i = 0; i < n; i++) {
		if ((r = text_of(f, file, rows[i], &text, e)) < 0)
			return -1;
		if (r == 0)
			continue;
		linked_add(f->out, text, weight, why);
		if (!told)
			continue;
		t = &f->out->text[text];
		buf_reset(&f->key);
		if (t->within != NULL)
			buf_addf(&f->key, "%s/", t->within);
		buf_adds(&f->key, t->id);
		strv_add(&f->out->why[why].evidence, f->key.p);
	}
	return 0;
}

static int
add_link(struct finding *f, const struct graph_node *named,
    const struct graph_link *l, struct err *e)
{
	struct linked_why *w = linked_why(f->out);
	const struct graph_node *to = l->to;
	double weight = l->weight / log2(1 + (double)to->n);
	size_t why = f->out->whys - 1, i;
	int r = 0;

	w->named = xstrdup(named->name);
	w->entity = xstrdup(to->name);
	w->entity_id = xstrdup(to->id);
	w->relation = xstrdup(l->kind);
	w->inverse = l->in;
	w->weight = l->weight;
	for (i = 0; i < l->wheres && r == 0; i++)
		r = add_rows(f, l->where[i].file, &l->where[i].in, weight,
		    why, true, e);
	for (i = 0; i < to->members && r == 0; i++)
		r = add_rows(f, to->member[i].file, &to->member[i].row.in,
		    weight / 2, why, false, e);
	return r;
}

static int
add_named(struct finding *f, struct graph_node *named, struct err *e)
{
	struct graph_links links = { 0 };
	size_t i;
	int r = graph_links(f->g, named, FOUND_LINKS, &links, e);

	for (i = 0; i < links.n && i < FOUND_LINKS && r == 0; i++)
		r = add_link(f, named, &links.v[i], e);
	graph_links_release(&links);
	return r;
}

static int
find(struct graph *g, const char *p, size_t len, struct linked *out,
    struct err *e)
{
	struct finding f = { .g = g, .out = out, .texts = MAP_INIT };
	struct graph_node *named[GRAPH_NAMED];
	int i, n = graph_in_text(g, p, len, named, e), r = n < 0 ? -1 : 0;

	buf_init(&f.key);
	buf_init(&f.kb);
	buf_init(&f.id);
	for (i = 0; i < n && r == 0; i++)
		r = add_named(&f, named[i], e);
	map_release(&f.texts);
	buf_release(&f.key);
	buf_release(&f.kb);
	buf_release(&f.id);
	return r;
}

/* --- for a search ------------------------------------------------------ */

struct found *
found_new(struct store *st, int64_t as_of_ms)
{
	struct found *f = xcalloc(1, sizeof *f);

	f->st = st;
	f->as_of_ms = as_of_ms;
	return f;
}

void
found_free(struct found *f)
{
	if (f != NULL)
		graph_close(f->g);
	free(f);
}

int
found_before(void *arg, struct err *e)
{
	struct found *f = arg;

	return f->as_of_ms != INT64_MAX ? 0 : graph_bring(f->st, e);
}

static void
drop(struct found *f)
{
	graph_close(f->g);
	f->g = NULL;
}

/* A file that is read is locked for who would bring it up. */
static bool
is_memory(const struct graph *g)
{
	size_t i;

	for (i = 0; i < g->files; i++)
		if (g->file[i].path != NULL)
			return false;
	return true;
}

/* One in memory serves as long as nobody wrote; grafts may end without
 * that. */
static int
open_graph(struct found *f, struct err *e)
{
	struct graph_how how = { .as_of_ms = f->as_of_ms };
	int64_t now;

	if (db_number(f->st->db, e, "PRAGMA data_version", 0, &now) < 0)
		return -1;
	if (f->g != NULL && now == f->version && f->own == tx_number(
	    f->st->db) && f->st->access->grafts.n == 0)
		return 0;
	drop(f);
	f->version = now;
	f->own = tx_number(f->st->db);
	return graph_open(&f->g, f->st, &how, e);
}

int
found_ask(void *arg, const char *p, size_t len, struct linked *out,
    struct err *e)
{
	struct found *f = arg;
	int r = open_graph(f, e);

	if (r == 0)
		r = find(f->g, p, len, out, e);
	if (r < 0 && e->code == ERR_INDEX) {
		/* a damaged file goes when it is closed: once more without */
		drop(f);
		linked_release(out);
		if ((r = open_graph(f, e)) == 0)
			r = find(f->g, p, len, out, e);
	}
	if (f->g != NULL && !is_memory(f->g))
		drop(f);
	return r;
}
