/*
 * The files of a graph, opened for a call.
 */
#include "graph/link.h"

#include "base/alloc.h"
#include "graph/build.h"
#include "memory/event.h"
#include "store/access.h"
#include "store/db.h"
#include "store/sealed.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#define WAIT_MS 10000
#define FEW_KIB 192		/* 40 pages, more than a look-up goes down */

/* --- files ------------------------------------------------------------- */

static struct graph_file *
next_file(struct graph *g)
{
	return &g->file[g->files];
}

/* One that has nothing costs each look a question. */
static void
took(struct graph *g, bool there)
{
	if (there && next_file(g)->mark.docs > 0)
		g->files++;
	else if (there)
		graph_file_close(next_file(g));
}

/* Of what may be seen: of all of it, or of one session. */
static int
open_seen(struct graph *g, const char *session, int64_t as_of_ms,
    struct err *e)
{
	struct event_query eq = EVENT_QUERY_INIT;
	struct event_iter *it;
	int r;

	eq.session = session;
	if (as_of_ms != INT64_MAX)
		eq.until_ms = as_of_ms;
	if (event_open(&it, g->st, &eq, e) < 0)
		return -1;
	r = graph_of_events(next_file(g), g->st, it, e);
	event_close(it);
	took(g, r == 0);
	return r;
}

/* The file of a scope, once it is up to date; 0 there can be none. */
static int
open_kept(struct graph *g, bool records, const struct graph_how *how,
    struct err *e)
{
	struct graph_build_how b = { .records = records, .wait_ms = WAIT_MS,
	    .progress = how->progress, .arg = how->arg };
	struct graph_built done;
	struct err ignored;
	char *path;
	int r = graph_open_fresh(g->st, records, next_file(g), e);

	if (r == 2 || (r < 0 && e->code != ERR_BUSY))
		return r == 2 ? 1 : -1;
	if (r != 1 && tx_active(g->st->db))
		return 0;
	if (r != 1) {
		if (graph_build(g->st, &b, &done, &ignored) < 0) {
			if (ignored.code == ERR_SYS || ignored.code ==
			    ERR_BUSY)
				return 0;	/* a full disk, or another who
						   does not end */
			*e = ignored;
			return -1;
		}
		path = graph_path(g->st, records);
		r = graph_file_open(next_file(g), path, false, e);
		free(path);
	}
	next_file(g)->records = records;
	took(g, r == 1);
	return r;
}

int
graph_bring(struct store *st, struct err *e)
{
	struct graph_how how = { .as_of_ms = INT64_MAX };
	struct graph *g;
	int r = 0, records;

	if (sealed_known(st))
		return 0;
	g = xcalloc(1, sizeof *g);
	g->st = st;
	buf_init(&g->key);
	/* who has nothing yet needs no file */
	records = access_bound(st) || st->user_id == 0;
	for (; records < 2 && r >= 0; records++)
		r = open_kept(g, records, &how, e);
	graph_close(g);
	return r < 0 ? -1 : 0;
}

static int
open_grafts(struct graph *g, struct err *e)
{
	struct strv ids = STRV_INIT;
	const struct grafts *all;
	int64_t last = 0;
	size_t i;
	int r;

	if ((r = access_look(g->st, e)) < 0)
		return -1;
	all = &g->st->access->grafts;
	for (i = 0; i < all->n; i++)
		if ((all->v[i].kinds & GRAFT_EVENT) && all->v[i].session !=
		    last) {
			strv_add(&ids, all->v[i].id);
			last = all->v[i].session;
		}
	/* the last place is that of the rows */
	for (i = 0; i < ids.n && r == 0 && g->files < GRAPH_FILES - 1; i++)
		r = open_seen(g, ids.v[i], INT64_MAX, e);
	strv_release(&ids);
	return r;
}

static int
open_files(struct graph *g, const struct graph_how *how, struct err *e)
{
	bool now = how->as_of_ms == INT64_MAX;
	bool kept = now && !sealed_known(g->st);
	int r = 0;

	if (kept && !access_bound(g->st)) {
		if ((r = open_kept(g, false, how, e)) == 1)
			r = open_grafts(g, e);
		else if (r == 0)
			r = open_seen(g, NULL, INT64_MAX, e);
	} else {
		r = open_seen(g, NULL, how->as_of_ms, e);
	}
	if (r < 0)
		return -1;
	r = kept ? open_kept(g, true, how, e) : 0;
	if (r == 0) {
		r = graph_of_records(next_file(g), g->st, how->as_of_ms, e);
		took(g, r == 0);
	}
	return r < 0 ? -1 : 0;
}

/* Each page that is kept costs a process that ends soon new memory, which is
 * dearer than to read one twice. */
static int
keep_few(struct graph *g, struct err *e)
{
	size_t i;
	int r = db_cache(g->st->db, FEW_KIB, e);

	for (i = 0; i < g->files && r == 0; i++)
		if (g->file[i].path != NULL)
			r = db_cache(g->file[i].db, FEW_KIB, e);
	return r;
}

int
graph_open(struct graph **out, struct store *st, const struct graph_how *how,
    struct err *e)
{
	struct graph *g = xcalloc(1, sizeof *g);
	size_t i;
	int r = 0;

	g->st = st;
	g->as_of_ms = how->as_of_ms;
	buf_init(&g->key);
	r = open_files(g, how, e);
	if (r == 0 && how->few)
		r = keep_few(g, e);
	if (r == 0 && !tx_active(st->db)) {
		r = tx_read(st->db, e);
		g->view = r == 0;
	}
	if (r == 0)
		r = aliases_read(&g->aliases, st, e);
	for (i = 0; i < g->files; i++)
		g->docs += g->file[i].mark.docs;
	if (r < 0) {
		graph_close(g);
		g = NULL;
	}
	*out = g;
	return r;
}

void
graph_close(struct graph *g)
{
	struct err ignored;
	size_t i;

	if (g == NULL)
		return;
	if (g->view)
		tx_end(g->st->db, 0, &ignored);
	for (i = 0; i < g->n; i++)
		graph_node_free(g->node[i]);
	free(g->node);
	for (i = 0; i < g->files; i++)
		graph_file_close(&g->file[i]);
	aliases_release(&g->aliases);
	map_release(&g->nodes);
	map_release(&g->rows);
	buf_release(&g->key);
	free(g);
}
