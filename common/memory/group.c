/*
 * Rows are appended to the tail, which becomes a chunk when it is full, so
 * that a new row of a large group costs a page and not the group.  Rows that
 * go are taken out when all are known, in one pass over the group: who takes
 * one out looks at all others anyway.
 */
#include "memory/group.h"

#include "base/alloc.h"
#include "index/le.h"
#include "memory/entry.h"
#include "memory/fact.h"
#include "memory/processor.h"
#include "store/db.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK 4096		/* bytes, about */

#define COLUMNS "SELECT id, dim, name, n, chunks, dirty, facts, known, " \
	"tail FROM ltm_group "

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

static void
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

static void
id_key(char out[17], int64_t id)
{
	snprintf(out, 17, "%016" PRIx64, (uint64_t)id);
}

static struct group *
note(struct groups *gs, struct group *g)
{
	char key[17];
	int made;

	gs->v = xgrow(gs->v, gs->n, &gs->cap, sizeof *gs->v);
	gs->v[gs->n] = g;
	id_key(key, g->id);
	map_put(&gs->ids, key, &made)->p = g;
	gs->n++;
	return g;
}

/* The group at which q stands. */
static struct group *
from_row(struct db_query *q)
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
	p = db_get_blob(q, 6, &n);
	buf_init(&g->facts);
	buf_add(&g->facts, p, n - n % 8);
	p = db_get_blob(q, 7, &n);
	buf_init(&g->known);
	buf_add(&g->known, p, n - n % 16);
	p = db_get_blob(q, 8, &n);
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
	char key[17];
	int r;

	id_key(key, id);
	if ((v = map_get(&gs->ids, key)) != NULL) {
		*out = v->p;
		return 1;
	}
	if (gs->fresh)
		return 0;
	if ((q = db_sql(gs->st->db, e, COLUMNS "WHERE id = :id")) == NULL)
		return -1;
	db_int(q, ":id", id);
	if ((r = db_row(q, e)) == 1)
		*out = note(gs, from_row(q));
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

/* --- rows -------------------------------------------------------------- */

static int
put_chunk(struct groups *gs, const struct group *g, int64_t chunk,
    const struct buf *b, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(gs->st->db, e, "INSERT INTO ltm_member (grp, chunk, "
	    "data) VALUES (:grp, :chunk, :data) ON CONFLICT (grp, chunk) "
	    "DO UPDATE SET data = :data")) == NULL)
		return -1;
	db_int(q, ":grp", g->id);
	db_int(q, ":chunk", chunk);
	db_blob(q, ":data", b->p, b->len);
	return db_run(q, e);
}

void
group_count(struct group *g, int64_t add)
{
	g->n += add;
	g->changed = true;
}

int
group_add(struct groups *gs, struct group *g, int64_t row, const char *entry,
    size_t len, struct err *e)
{
	group_count(g, 1);
	return group_put(gs, g, row, entry, len, e);
}

int
group_put(struct groups *gs, struct group *g, int64_t row, const char *entry,
    size_t len, struct err *e)
{
	if (g->tail.len > 0 && g->tail.len + len > CHUNK) {
		if (put_chunk(gs, g, g->chunks, &g->tail, e) < 0)
			return -1;
		g->chunks++;
		buf_reset(&g->tail);
	}
	entry_put_number(&g->tail, (uint64_t)row);
	entry_put_text(&g->tail, entry, len);
	g->changed = true;
	g->matters = g->matters || len > 0;
	return 0;
}

void
group_drop(struct group *g, int64_t row, bool matters)
{
	g->drop = xgrow(g->drop, g->ndrop, &g->cap_drop, sizeof *g->drop);
	g->drop[g->ndrop].row = row;
	g->drop[g->ndrop++].done = false;
	g->matters = g->matters || matters;
	group_count(g, -1);
}

int
group_damaged(const struct group *g, struct err *e)
{
	return err_set(e, ERR_CORRUPT, "group %016" PRIx64 " of a processor "
	    "is damaged; run mem-ltm run --rebuild", (uint64_t)g->id);
}

static int
each_in(const struct group *g, const char *p, size_t len, int (*fn)(void *,
    int64_t, const char *, size_t), void *arg, struct err *e)
{
	const char *end = p + len, *entry;
	uint64_t row;
	size_t n;
	int r;

	while (p < end) {
		if (!entry_get_count(&p, end, &row) ||
		    !entry_get_text(&p, end, &entry, &n))
			return group_damaged(g, e);
		if ((r = fn(arg, (int64_t)row, entry, n)) != 0)
			return r;
	}
	return 0;
}

static struct db_query *
select_chunks(struct groups *gs, const struct group *g, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(gs->st->db, e, "SELECT data, chunk FROM ltm_member "
	    "WHERE grp = :grp ORDER BY chunk DESC")) != NULL)
		db_int(q, ":grp", g->id);
	return q;
}

int
group_each(struct groups *gs, struct group *g, int (*fn)(void *, int64_t,
    const char *, size_t), void *arg, struct err *e)
{
	struct db_query *q;
	const void *p;
	size_t n;
	int r;

	/* the newest first: whoever wants only these has them soon */
	r = each_in(g, g->tail.p, g->tail.len, fn, arg, e);
	if (r == 0 && g->chunks > 0) {
		if ((q = select_chunks(gs, g, e)) == NULL)
			return -1;
		while ((r = db_row(q, e)) == 1) {
			p = db_get_blob(q, 0, &n);
			if ((r = each_in(g, p, n, fn, arg, e)) != 0)
				break;
		}
		db_end(q);
	}
	return r;
}

/* --- to the tables ----------------------------------------------------- */

static int
compare_drops(const void *a, const void *b)
{
	const struct group_drop *x = a, *y = b;

	return x->row < y->row ? -1 : x->row > y->row;
}

/* A row that was dropped and added again stands in the group twice: the
 * first goes. */
static bool
drop_one(struct group *g, int64_t row)
{
	struct group_drop key = { row, false }, *d;

	d = bsearch(&key, g->drop, g->ndrop, sizeof key, compare_drops);
	if (d == NULL)
		return false;
	while (d > g->drop && d[-1].row == row)
		d--;
	for (; d < g->drop + g->ndrop && d->row == row; d++)
		if (!d->done)
			return d->done = true;
	return false;
}

struct sieve {
	struct group *g;
	struct buf kept;
	int64_t n;
};

static int
sift(void *arg, int64_t row, const char *entry, size_t len)
{
	struct sieve *s = arg;

	if (drop_one(s->g, row))
		return 0;
	entry_put_number(&s->kept, (uint64_t)row);
	entry_put_text(&s->kept, entry, len);
	s->n++;
	return 0;
}

/* One chunk without what goes; it stays, if need be empty. */
static int
sift_chunk(struct groups *gs, struct sieve *s, int64_t chunk, struct err *e)
{
	struct buf data = BUF_INIT;
	struct db_query *q;
	const void *p;
	size_t n;
	int r;

	if ((q = db_sql(gs->st->db, e, "SELECT data FROM ltm_member "
	    "WHERE grp = :grp AND chunk = :chunk")) == NULL)
		return -1;
	db_int(q, ":grp", s->g->id);
	db_int(q, ":chunk", chunk);
	if ((r = db_row(q, e)) == 1) {
		p = db_get_blob(q, 0, &n);
		buf_add(&data, p, n);
	}
	db_end(q);
	buf_reset(&s->kept);
	if (r == 1 && (r = each_in(s->g, data.p, data.len, sift, s, e)) == 0 &&
	    s->kept.len < data.len)
		r = put_chunk(gs, s->g, chunk, &s->kept, e);
	buf_release(&data);
	return r;
}

static int
take_out(struct groups *gs, struct group *g, struct err *e)
{
	struct sieve s = { .g = g, .kept = BUF_INIT };
	int64_t chunk;
	int r = 0;

	qsort(g->drop, g->ndrop, sizeof *g->drop, compare_drops);
	for (chunk = 0; r == 0 && chunk < g->chunks; chunk++)
		r = sift_chunk(gs, &s, chunk, e);
	buf_reset(&s.kept);
	if (r == 0)
		r = each_in(g, g->tail.p, g->tail.len, sift, &s, e);
	if (r == 0) {
		buf_reset(&g->tail);
		buf_add(&g->tail, s.kept.p, s.kept.len);
		g->n = s.n;
	}
	buf_release(&s.kept);
	return r;
}

static int
delete_group(struct groups *gs, const struct group *g, struct err *e)
{
	struct db_query *q;

	if (g->chunks > 0) {
		if ((q = db_sql(gs->st->db, e, "DELETE FROM ltm_member "
		    "WHERE grp = :grp")) == NULL)
			return -1;
		db_int(q, ":grp", g->id);
		if (db_run(q, e) < 0)
			return -1;
	}
	if (!g->stored)
		return 0;
	if ((q = db_sql(gs->st->db, e, "DELETE FROM ltm_group WHERE id = :id"))
	    == NULL)
		return -1;
	db_int(q, ":id", g->id);
	return db_run(q, e);
}

static int
write_group(struct groups *gs, struct group *g, struct err *e)
{
	struct db_query *q;

	if (g->ndrop > 0 && take_out(gs, g, e) < 0)
		return -1;
	if (g->n == 0 && g->facts.len == 0)
		return delete_group(gs, g, e);
	/* A group that is too small for a fact, and has none, needs no look. */
	if (g->matters && (g->facts.len > 0 || gs->p == NULL ||
	    g->n >= gs->p->dim[g->dim % GROUP_WORD].least))
		g->dirty = true;
	if ((q = db_sql(gs->st->db, e, "INSERT INTO ltm_group (id, job, dim, "
	    "name, n, chunks, dirty, facts, tail) VALUES (:id, :job, :dim, "
	    ":name, :n, :chunks, :dirty, :facts, :tail) ON CONFLICT (id) "
	    "DO UPDATE SET dim = :dim, name = :name, n = :n, chunks = :chunks, "
	    "dirty = :dirty, facts = :facts, tail = :tail")) == NULL)
		return -1;
	db_int(q, ":id", g->id);
	db_int(q, ":job", gs->job);
	db_int(q, ":dim", g->dim);
	db_text(q, ":name", g->name);
	db_int(q, ":n", g->n);
	db_int(q, ":chunks", g->chunks);
	db_int(q, ":dirty", g->dirty);
	db_blob(q, ":facts", g->facts.p, g->facts.len);
	db_blob(q, ":tail", g->tail.p, g->tail.len);
	return db_run(q, e);
}

static int
compare_ids(const void *a, const void *b)
{
	int64_t x = (*(struct group *const *)a)->id;
	int64_t y = (*(struct group *const *)b)->id;

	return x < y ? -1 : x > y;
}

int
groups_flush(struct groups *gs, struct err *e)
{
	size_t i;
	int r = 0;

	/* in the order of the table: pages are written once */
	if (gs->n > 0)
		qsort(gs->v, gs->n, sizeof *gs->v, compare_ids);
	for (i = 0; r == 0 && i < gs->n; i++)
		if (gs->v[i]->changed)
			r = write_group(gs, gs->v[i], e);
	gs->fresh = gs->fresh && gs->n == 0;
	groups_forget(gs);
	return r;
}

static int
show_groups(struct db_query *q, int64_t job, int (*fn)(void *, struct group *,
    struct err *), void *arg, struct err *e)
{
	struct group *g;
	int r;

	db_int(q, ":job", job);
	while ((r = db_row(q, e)) == 1) {
		g = from_row(q);
		r = fn(arg, g, e);
		group_free(g);
		if (r != 0)
			break;
	}
	db_end(q);
	return r;
}

int
groups_dirty(struct groups *gs, int (*fn)(void *, struct group *,
    struct err *), void *arg, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(gs->st->db, e, COLUMNS "WHERE job = :job AND dirty = 1 "
	    "ORDER BY id")) == NULL)
		return -1;
	return show_groups(q, gs->job, fn, arg, e);
}

int
groups_largest(struct groups *gs, int (*fn)(void *, struct group *,
    struct err *), void *arg, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(gs->st->db, e, COLUMNS "WHERE job = :job AND dim < 512 "
	    "AND n > 0 ORDER BY n DESC, dim, name")) == NULL)
		return -1;
	return show_groups(q, gs->job, fn, arg, e);
}

int
group_settle(struct groups *gs, const struct group *g, bool again,
    struct err *e)
{
	struct db_query *q;

	if (g->n == 0 && g->facts.len == 0)
		return delete_group(gs, g, e);
	if ((q = db_sql(gs->st->db, e, "UPDATE ltm_group SET dirty = :again, "
	    "facts = :facts, known = :known WHERE id = :id")) == NULL)
		return -1;
	db_int(q, ":again", again);
	db_blob(q, ":facts", g->facts.p, g->facts.len);
	db_blob(q, ":known", g->known.p, again ? 0 : g->known.len);
	db_int(q, ":id", g->id);
	return db_run(q, e);
}
