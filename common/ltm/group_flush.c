/*
 * Rows that go are taken out when all are known, in one pass over the group:
 * who takes one out looks at all others anyway.
 */
#include "ltm/group_table.h"

#include "base/vint.h"
#include "ltm/entry.h"
#include "ltm/processor.h"
#include "store/sealed.h"
#include "store/store.h"

#include <stdlib.h>

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
	vint_add(&s->kept, (uint64_t)row);
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

	if ((q = db_sql(gs->st->db, e, "SELECT " OPEN_MEMBER
	    " FROM ltm_member "
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
	if (r == 1 && (r = group_each_in(s->g, data.p, data.len, sift, s,
	    e)) == 0 && s->kept.len < data.len)
		r = group_put_chunk(gs, s->g, chunk, &s->kept, e);
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
		r = group_each_in(g, g->tail.p, g->tail.len, sift, &s, e);
	if (r == 0) {
		buf_reset(&g->tail);
		buf_add(&g->tail, s.kept.p, s.kept.len);
		g->n = s.n;
	}
	buf_release(&s.kept);
	return r;
}

int
group_delete(struct groups *gs, const struct group *g, struct err *e)
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
		return group_delete(gs, g, e);
	/* A group that is too small for a fact, and has none, needs no look. */
	if (g->matters && (g->facts.len > 0 || gs->p == NULL ||
	    g->n >= gs->p->dim[g->dim % GROUP_WORD].least))
		g->dirty = true;
	if ((q = db_sql(gs->st->db, e, "INSERT INTO ltm_group (id, job, dim, "
	    "name, n, chunks, dirty, seen, facts, tail) VALUES (:id, :job, "
	    ":dim, " SEAL_GROUP_NAME ", :n, :chunks, :dirty, :seen, :facts, "
	    SEAL_GROUP_TAIL ") "
	    "ON CONFLICT (id) DO UPDATE SET dim = :dim, "
	    "name = excluded.name, n = :n, "
	    "chunks = :chunks, dirty = :dirty, seen = :seen, facts = :facts, "
	    "tail = excluded.tail")) == NULL)
		return -1;
	db_int(q, ":id", g->id);
	db_int(q, ":job", gs->job);
	db_int(q, ":dim", g->dim);
	db_text(q, ":name", g->name);
	db_int(q, ":n", g->n);
	db_int(q, ":chunks", g->chunks);
	db_int(q, ":dirty", g->dirty);
	db_int(q, ":seen", g->seen);
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
