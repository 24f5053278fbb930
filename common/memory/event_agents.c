/*
 * Which agents there are, for who may not know of all of them.
 */
#include "base/buf.h"
#include "base/str.h"
#include "memory/event.h"
#include "store/access.h"
#include "store/db.h"
#include "store/store.h"

static int
take(struct db_query *q, struct strv *names, struct err *e)
{
	int r;

	while ((r = db_row(q, e)) == 1)
		if (!strv_has(names, db_get_text(q, 0)))
			strv_add(names, db_get_text(q, 0));
	db_end(q);
	return r;
}

static int
own(struct store *st, struct strv *names, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "SELECT name FROM agent WHERE id IN "
	    "(SELECT agent FROM event WHERE user = :user AND "
	    "(:bound = 0 OR session = :session))")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	db_int(q, ":bound", access_bound(st));
	db_int(q, ":session", st->access->session);
	return take(q, names, e);
}

static int
granted(struct store *st, int64_t session, struct strv *names, struct err *e)
{
	struct buf ranges = BUF_INIT;
	struct db_query *q;
	int r = -1;

	grafts_ranges(&st->access->grafts, GRAFT_EVENT, session, &ranges);
	if ((q = db_sql(st->db, e, "SELECT name FROM agent WHERE id IN "
	    "(SELECT e.agent FROM event e WHERE e.session = :session AND "
	    "EXISTS (SELECT 1 FROM json_each(:ranges) j WHERE "
	    "e.ts >= json_extract(j.value, '$[0]') AND "
	    "e.ts < json_extract(j.value, '$[1]')))")) != NULL) {
		db_int(q, ":session", session);
		db_text(q, ":ranges", ranges.p);
		r = take(q, names, e);
	}
	buf_release(&ranges);
	return r;
}

int
event_agents(struct store *st, struct strv *names, struct err *e)
{
	const struct grafts *g = &st->access->grafts;
	size_t i;
	int r;

	if (access_look(st, e) < 0)
		return -1;
	r = own(st, names, e);
	for (i = 0; r == 0 && i < g->n; i++)
		if (i == 0 || g->v[i].session != g->v[i - 1].session)
			r = granted(st, g->v[i].session, names, e);
	strv_sort(names);
	return r;
}
