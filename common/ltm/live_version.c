/*
 * Versions of a fact: the one that counts, and the next.
 */
#include "ltm/live_said.h"

#include "base/json.h"
#include "base/str.h"
#include "ltm/fact_settle.h"
#include "store/db.h"
#include "store/sealed.h"
#include "store/store.h"

#include <string.h>

int
live_newest(struct store *st, int64_t id, struct fact *f, struct err *e)
{
	struct db_query *q;
	const char *body;
	int r;

	memset(f, 0, sizeof *f);
	if ((q = db_sql(st->db, e, "SELECT seq, version, scope, user, "
	    "valid_from, gone, pin, confidence, " OPEN_FACT("")
	    " FROM fact WHERE id = :id "
	    "ORDER BY version DESC LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":id", id);
	if ((r = db_row(q, e)) == 1) {
		f->id = id;
		f->seq = db_get_int(q, 0);
		f->version = db_get_int(q, 1);
		f->scope = (enum fact_scope)db_get_int(q, 2);
		f->user_id = db_get_int(q, 3);
		f->valid_from_ms = db_get_int(q, 4);
		f->valid_until_ms = INT64_MAX;
		f->gone = db_get_int(q, 5);
		f->pin = db_get_int(q, 6);
		f->confidence = db_get_real(q, 7);
		body = db_get_text(q, 8);
		f->body = json_read(body, strlen(body), e);
		if (f->body == NULL)
			r = -1;
		else
			f->session = get_str(f->body, "session", NULL);
	}
	db_end(q);
	return r;
}

static bool
rests_on(const struct fact *f, const char *event)
{
	const json_t *ids = get_path(f->body, "metadata.source_event_ids");
	size_t i;
	json_t *v;

	json_array_foreach(ids, i, v)
		if (str_eq(json_string_value(v), event))
			return true;
	return false;
}

/* Does the fact know better than what was said then? */
static bool
is_late(const struct fact *f, const struct event *ev)
{
	const json_t *ids;
	const char *last;

	if (f->valid_from_ms != ev->ts_ms)
		return f->valid_from_ms > ev->ts_ms;
	/* of one time, the later id is the later turn */
	ids = get_path(f->body, "metadata.source_event_ids");
	last = json_string_value(json_array_get(ids, json_array_size(ids) - 1));
	return last == NULL || strcmp(last, ev->id) >= 0;
}

bool
live_knows(const struct fact *f, const struct event *ev)
{
	return is_late(f, ev) || rests_on(f, ev->id);
}

int
live_write(struct live_put *w, struct fact *before, struct fact *f,
    const struct event *ev, struct err *e)
{
	enum ltm_change change = f->gone ? LTM_RETRACT :
	    before == NULL || before->gone ? LTM_INSERT : LTM_UPDATE;

	/* what was decided about it may have waited for it */
	if (fact_put_at(w->st, f, ev->ts_ms, e) < 0 ||
	    fact_settle(w->st, f->user_id, f->id, e) < 0)
		return -1;
	live_values_add(&w->values, f->user_id, f->body);
	if (change == LTM_INSERT)
		w->sums->inserted++;
	else if (change == LTM_UPDATE)
		w->sums->updated++;
	else
		w->sums->retracted++;
	return w->how->changed == NULL ? 0 : w->how->changed(w->how->arg,
	    change, before != NULL && !before->gone ? before : NULL, f, e);
}
