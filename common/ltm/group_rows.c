/*
 * Rows are appended to the tail, which becomes a chunk when it is full, so
 * that a new row of a large group costs a page and not the group.
 */
#include "ltm/group_table.h"

#include "base/alloc.h"
#include "base/vint.h"
#include "ltm/entry.h"
#include "store/sealed.h"
#include "store/store.h"

#include <inttypes.h>

#define CHUNK 4096		/* bytes, about */

int
group_put_chunk(struct groups *gs, const struct group *g, int64_t chunk,
    const struct buf *b, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(gs->st->db, e, "INSERT INTO ltm_member (grp, chunk, "
	    "data) VALUES (:grp, :chunk, " SEAL_MEMBER ") "
	    "ON CONFLICT (grp, chunk) "
	    "DO UPDATE SET data = excluded.data")) == NULL)
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
		if (group_put_chunk(gs, g, g->chunks, &g->tail, e) < 0)
			return -1;
		g->chunks++;
		buf_reset(&g->tail);
	}
	vint_add(&g->tail, (uint64_t)row);
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
	if (matters)
		g->seen = 0;
	group_count(g, -1);
}

int
group_damaged(const struct group *g, struct err *e)
{
	return err_set(e, ERR_CORRUPT, "group %016" PRIx64 " of a processor "
	    "is damaged; run mem-ltm run --rebuild", (uint64_t)g->id);
}

int
group_each_in(const struct group *g, const char *p, size_t len,
    int (*fn)(void *, int64_t, const char *, size_t), void *arg,
    struct err *e)
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

	if ((q = db_sql(gs->st->db, e, "SELECT " OPEN_MEMBER
	    ", chunk FROM ltm_member "
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
	r = group_each_in(g, g->tail.p, g->tail.len, fn, arg, e);
	if (r == 0 && g->chunks > 0) {
		if ((q = select_chunks(gs, g, e)) == NULL)
			return -1;
		while ((r = db_row(q, e)) == 1) {
			p = db_get_blob(q, 0, &n);
			if ((r = group_each_in(g, p, n, fn, arg, e)) != 0)
				break;
		}
		db_end(q);
	}
	return r;
}
