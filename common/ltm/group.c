#include "ltm/group_table.h"

#include "base/alloc.h"
#include "index/le.h"
#include "ltm/fact.h"
#include "ltm/processor.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

void
groups_init(struct groups *gs, struct store *st, const struct processor *p,
    const char *kb, int64_t job, bool fresh)
{
	memset(gs, 0, sizeof *gs);
	gs->st = st;
	gs->p = p;
	gs->kb = kb;
	gs->job = job;
	gs->fresh = fresh;
	buf_init(&gs->room);
}

void
group_free(struct group *g)
{
	free(g->name);
	free(g->drop);
	buf_release(&g->facts);
	buf_release(&g->known);
	buf_release(&g->tail);
	free(g);
}

void
groups_forget(struct groups *gs)
{
	size_t i;

	for (i = 0; i < gs->n; i++)
		group_free(gs->v[i]);
	gs->n = 0;
	map_release(&gs->names);
	map_release(&gs->ids);
	gs->names = gs->ids = (struct map)MAP_INIT;
}

void
groups_release(struct groups *gs)
{
	groups_forget(gs);
	free(gs->v);
	buf_release(&gs->room);
}

/* --- names ------------------------------------------------------------- */

size_t
group_parts(const struct group *g, struct buf *room, const char **project,
    const char *value[2])
{
	size_t n = 0;
	char *p;

	buf_reset(room);
	buf_adds(room, g->name);
	*project = room->p;
	for (p = room->p; (p = strchr(p, GROUP_SEP)) != NULL && n < 2; n++) {
		*p++ = '\0';
		value[n] = p;
	}
	return n;
}

void
group_value(const struct group *g, struct buf *out)
{
	const char *p = strchr(g->name, GROUP_SEP);

	for (p = p != NULL ? p + 1 : ""; *p != '\0'; p++)
		buf_addc(out, *p == GROUP_SEP ? '+' : *p);
}

/* "project", "a", "b": parts of a name, in room, after those of the fact. */
int64_t
group_id_of(const struct groups *gs, int dim, const char *name)
{
	const char *parts[5 + GROUP_VALUES + 1] = { "fact", gs->p->name,
	    gs->kb, gs->p->dim[dim % GROUP_WORD].name, NULL };
	char *room = xstrdup(name), *p = room;
	size_t n = 4;
	int64_t id;

	for (; p != NULL && n < 5 + GROUP_VALUES; n++) {
		parts[n] = p;
		if ((p = strchr(p, GROUP_SEP)) != NULL)
			*p++ = '\0';
	}
	id = fact_id_of(parts);
	free(room);
	return id;
}

static struct group *
note(struct groups *gs, struct group *g)
{
	gs->v = xgrow(gs->v, gs->n, &gs->cap, sizeof *gs->v);
	gs->v[gs->n++] = g;
	map_put_n(&gs->ids, (const char *)&g->id, sizeof g->id, NULL)->p = g;
	return g;
}

/* The group at which q stands. */
struct group *
group_from(struct db_query *q)
{
	struct group *g = xcalloc(1, sizeof *g);
	const void *p;
	size_t n;

	g->id = db_get_int(q, 0);
	g->dim = (int)db_get_int(q, 1);
	g->name = db_dup(q, 2);
	g->n = g->was = db_get_int(q, 3);
	g->chunks = db_get_int(q, 4);
	g->dirty = db_get_int(q, 5);
	g->seen = db_get_int(q, 6);
	p = db_get_blob(q, 7, &n);
	buf_init(&g->facts);
	buf_add(&g->facts, p, n - n % 8);
	p = db_get_blob(q, 8, &n);
	buf_init(&g->known);
	buf_add(&g->known, p, n - n % 16);
	p = db_get_blob(q, 9, &n);
	buf_init(&g->tail);
	buf_add(&g->tail, p, n);
	g->stored = true;
	return g;
}

int
groups_find(struct groups *gs, int64_t id, struct group **out, struct err *e)
{
	union map_value *v;
	struct db_query *q;
	int r;

	v = map_get_n(&gs->ids, (const char *)&id, sizeof id);
	if (v != NULL) {
		*out = v->p;
		return 1;
	}
	if (gs->fresh)
		return 0;
	if ((q = db_sql(gs->st->db, e, GROUP_COLUMNS "WHERE id = :id")) == NULL)
		return -1;
	db_int(q, ":id", id);
	if ((r = db_row(q, e)) == 1)
		*out = note(gs, group_from(q));
	db_end(q);
	return r;
}

int
group_facts(struct store *st, int64_t id, struct buf *out, struct err *e)
{
	struct db_query *q;
	const void *p;
	size_t n;
	int r;

	if ((q = db_sql(st->db, e, "SELECT facts FROM ltm_group "
	    "WHERE id = :id")) == NULL)
		return -1;
	db_int(q, ":id", id);
	if ((r = db_row(q, e)) == 1) {
		p = db_get_blob(q, 0, &n);
		buf_add(out, p, n - n % 8);
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

int
groups_get(struct groups *gs, int dim, const char *name, size_t len,
    struct group **out, struct err *e)
{
	union map_value *v;
	struct group *g;
	int64_t id;
	int made, r;

	buf_reset(&gs->room);
	buf_addc(&gs->room, 1 + dim % GROUP_WORD);
	buf_add(&gs->room, name, len);
	if ((v = map_get(&gs->names, gs->room.p)) != NULL) {
		*out = v->p;
		return 0;
	}
	name = gs->room.p + 1;
	id = group_id_of(gs, dim, name);
	if ((r = groups_find(gs, id, out, e)) < 0)
		return -1;
	if (r == 0) {
		g = xcalloc(1, sizeof *g);
		buf_init(&g->facts);
		buf_init(&g->known);
		buf_init(&g->tail);
		g->id = id;
		g->dim = dim;
		g->name = xstrdup(name);
		*out = note(gs, g);
	} else if ((*out)->name[0] == '\0') {	/* of a fact without rows */
		(*out)->dim = dim;
		free((*out)->name);
		(*out)->name = xstrdup(name);
	}
	map_put(&gs->names, gs->room.p, &made)->p = *out;
	return 0;
}

void
group_id_put(struct buf *b, int64_t id)
{
	char room[8];

	le64_put(room, (uint64_t)id);
	buf_add(b, room, sizeof room);
}

int64_t
group_id_read(const char *p)
{
	return (int64_t)le64_get(p);
}
