/*
 * All versions that rest on what is forgotten go.  Where one ended the
 * version before it, that holds again: so what is left is what the other
 * turns say.
 */
#include "ltm/live.h"

#include "base/alloc.h"
#include "ltm/fact.h"
#include "ltm/fact_settle.h"
#include "memory/decision.h"
#include "store/db.h"
#include "store/sealed.h"
#include "store/store.h"

#include <stdlib.h>

static int
find(struct store *st, const char *event, const char *session,
    struct fact **v, size_t *n, struct err *e)
{
	struct db_query *q;
	size_t cap = 0;
	int r;

	if ((q = db_sql(st->db, e, "SELECT id, valid_from, version "
	    "FROM fact f WHERE user = :user AND job = 0 AND "
	    "json_extract(" OPEN_FACT("") ", '$.metadata.processor') = "
	    "'live' AND "
	    "EXISTS (SELECT 1 FROM json_each(" OPEN_FACT("f.")
	    ", '$.metadata.grips') x "
	    "WHERE json_extract(x.value, '$.event_id') = :event OR "
	    "json_extract(x.value, '$.session_id') = :session) "
	    "ORDER BY id, version DESC")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	db_text(q, ":event", event);
	db_text(q, ":session", session);
	while ((r = db_row(q, e)) == 1) {
		*v = xgrow(*v, *n, &cap, sizeof **v);
		(*v)[*n].id = db_get_int(q, 0);
		(*v)[*n].valid_from_ms = db_get_int(q, 1);
		(*v)[(*n)++].version = db_get_int(q, 2);
	}
	db_end(q);
	return r;
}

int
live_forget(struct store *st, const char *event, const char *session,
    struct err *e)
{
	struct fact *v = NULL;
	size_t n = 0, i;
	int64_t any;
	int r;

	if (db_number(st->db, e, "SELECT EXISTS (SELECT 1 FROM meta WHERE "
	    "name = 'live') OR EXISTS (SELECT 1 FROM decision)", 0, &any) < 0)
		return -1;
	if (any == 0)
		return 0;
	r = find(st, event, session, &v, &n, e);
	for (i = 0; r == 0 && i < n; i++)
		r = fact_forget_version(st, &v[i], e);
	if (r == 0)
		r = decision_forget_told(st, event, session, e);
	for (i = 0; r == 0 && i < n; i++)
		if (i == 0 || v[i].id != v[i - 1].id)
			r = fact_settle(st, st->user_id, v[i].id, e);
	free(v);
	return r;
}
