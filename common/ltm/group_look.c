#include "ltm/group_table.h"

#include "store/store.h"

static int
show_groups(struct db_query *q, int64_t job, int (*fn)(void *, struct group *,
    struct err *), void *arg, struct err *e)
{
	struct group *g;
	int r;

	db_int(q, ":job", job);
	while ((r = db_row(q, e)) == 1) {
		g = group_from(q);
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

	if ((q = db_sql(gs->st->db, e, GROUP_COLUMNS "WHERE job = :job "
	    "AND dirty = 1 ORDER BY id")) == NULL)
		return -1;
	return show_groups(q, gs->job, fn, arg, e);
}

int
groups_largest(struct groups *gs, int (*fn)(void *, struct group *,
    struct err *), void *arg, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(gs->st->db, e, GROUP_COLUMNS "WHERE job = :job "
	    "AND dim < 512 AND n > 0 ORDER BY n DESC, dim, name")) == NULL)
		return -1;
	return show_groups(q, gs->job, fn, arg, e);
}

int
group_settle(struct groups *gs, const struct group *g, bool again,
    struct err *e)
{
	struct db_query *q;

	if (g->n == 0 && g->facts.len == 0)
		return group_delete(gs, g, e);
	if ((q = db_sql(gs->st->db, e, "UPDATE ltm_group SET dirty = :again, "
	    "seen = :seen, facts = :facts, known = :known WHERE id = :id"))
	    == NULL)
		return -1;
	db_int(q, ":again", again);
	db_int(q, ":seen", again ? 0 : g->seen);
	db_blob(q, ":facts", g->facts.p, g->facts.len);
	db_blob(q, ":known", g->known.p, again ? 0 : g->known.len);
	db_int(q, ":id", g->id);
	return db_run(q, e);
}
