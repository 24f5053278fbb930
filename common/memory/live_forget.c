/*
 * All versions that rest on what is forgotten go.  Where one ended the
 * version before it, that holds again: so what is left is what the other
 * turns say.
 */
#include "memory/live.h"

#include "base/alloc.h"
#include "store/db.h"
#include "store/store.h"

#include <stdlib.h>

struct going {
	int64_t seq, id, from_ms;
};

static int
find(struct store *st, const char *event, const char *session,
    struct going **v, size_t *n, struct err *e)
{
	struct db_query *q;
	size_t cap = 0;
	int r;

	if ((q = db_sql(st->db, e, "SELECT seq, id, valid_from FROM fact f "
	    "WHERE user = :user AND job = 0 AND "
	    "json_extract(body, '$.metadata.processor') = 'live' AND "
	    "EXISTS (SELECT 1 FROM json_each(f.body, '$.metadata.grips') x "
	    "WHERE json_extract(x.value, '$.event_id') = :event OR "
	    "json_extract(x.value, '$.session_id') = :session) "
	    "ORDER BY id, version DESC")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	db_text(q, ":event", event);
	db_text(q, ":session", session);
	while ((r = db_row(q, e)) == 1) {
		*v = xgrow(*v, *n, &cap, sizeof **v);
		(*v)[*n].seq = db_get_int(q, 0);
		(*v)[*n].id = db_get_int(q, 1);
		(*v)[(*n)++].from_ms = db_get_int(q, 2);
	}
	db_end(q);
	return r;
}

static int
take_out(struct store *st, const struct going *g, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "DELETE FROM fact WHERE seq = :seq"))
	    == NULL)
		return -1;
	db_int(q, ":seq", g->seq);
	if (db_run(q, e) < 0 || (q = db_sql(st->db, e, "UPDATE fact AS f SET "
	    "valid_until = (SELECT min(valid_from) FROM fact g WHERE "
	    "g.id = f.id AND g.version > f.version) WHERE id = :id AND "
	    "valid_until = :from AND version = (SELECT max(version) FROM "
	    "fact h WHERE h.id = :id AND h.seq < :seq)")) == NULL)
		return -1;
	db_int(q, ":id", g->id);
	db_int(q, ":from", g->from_ms);
	db_int(q, ":seq", g->seq);
	return db_run(q, e);
}

int
live_forget(struct store *st, const char *event, const char *session,
    struct err *e)
{
	struct going *v = NULL;
	size_t n = 0, i;
	int64_t any;
	int r;

	if (db_number(st->db, e, "SELECT 1 FROM meta WHERE name = 'live'", 0,
	    &any) < 0)
		return -1;
	if (any == 0)
		return 0;
	r = find(st, event, session, &v, &n, e);
	for (i = 0; r == 0 && i < n; i++)
		r = take_out(st, &v[i], e);
	free(v);
	return r;
}
