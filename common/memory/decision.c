#include "memory/decision.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/json.h"
#include "memory/session.h"
#include "store/change.h"
#include "store/db.h"
#include "store/sealed.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *const decision_names[] = { "", "put", "end", "back", "pin",
    "say", "mark", "move", NULL };

/* --- reading ----------------------------------------------------------- */

void
decisions_release(struct decisions *d)
{
	size_t i;

	for (i = 0; i < d->n; i++) {
		free(d->v[i].about);
		free(d->v[i].session);
		free(d->v[i].rest);
		json_decref(d->v[i].value);
	}
	free(d->v);
	memset(d, 0, sizeof *d);
}

#define COLUMNS "SELECT seq, what, user, about, session, rest, at, node, " \
	"base, said, " OPEN_DECISION("") " FROM decision "

static int
read_row(struct db_query *q, struct decided *d, struct err *e)
{
	const char *value = db_get_text(q, 10);

	if (value == NULL)
		return err_set(e, ERR_CORRUPT, "decision row %" PRId64 ": the "
		    "key that it is sealed with is gone; restore a backup",
		    db_get_int(q, 0));
	d->seq = db_get_int(q, 0);
	d->what = (enum decision_what)db_get_int(q, 1);
	d->user = db_get_int(q, 2);
	d->s.at_ms = db_get_int(q, 6);
	d->s.node = db_get_int(q, 7);
	d->s.base_ms = db_get_int(q, 8);
	d->said_ms = db_get_int(q, 9);
	if ((d->value = json_read(value, strlen(value), e)) == NULL)
		return err_add(e, "decision row %" PRId64 ": ", d->seq);
	d->about = db_dup(q, 3);
	d->session = db_dup(q, 4);
	d->rest = db_dup(q, 5);
	return 0;
}

int
decisions_read(struct store *st, int64_t user, const char *about,
    struct decisions *all, struct err *e)
{
	struct db_query *q;
	int r;

	memset(all, 0, sizeof *all);
	if ((q = db_sql(st->db, e, COLUMNS "WHERE user = :user AND "
	    "about = :about ORDER BY at, node, what, 11")) == NULL)
		return -1;
	db_int(q, ":user", user);
	db_text(q, ":about", about);
	while ((r = db_row(q, e)) == 1) {
		all->v = xgrow(all->v, all->n, &all->cap, sizeof *all->v);
		memset(&all->v[all->n], 0, sizeof *all->v);
		if ((r = read_row(q, &all->v[all->n], e)) < 0)
			break;
		all->n++;
	}
	db_end(q);
	if (r < 0)
		decisions_release(all);
	return r < 0 ? -1 : all->n > 0;
}

/* --- writing ----------------------------------------------------------- */

/* That of the session it is about, of its user, or of the tenant. */
static int
decision_key(struct store *st, const struct decided *d, int64_t *key,
    struct err *e)
{
	int64_t session = 0;
	int r;

	*key = 0;
	if ((r = store_is_sealed(st, e)) <= 0)
		return r;
	if (d->session != NULL && d->user != 0 && session_row_of(st, d->user,
	    d->session, false, &session, e) < 0)
		return -1;
	return store_seal_key(st, d->user, session, key, e);
}

int
decision_insert(struct store *st, struct decided *d, struct err *e)
{
	struct buf value = BUF_INIT;
	struct db_query *q;
	int64_t key;
	int r = -1;

	if (decision_key(st, d, &key, e) < 0 || (q = db_sql(st->db, e,
	    "INSERT INTO decision (what, user, about, "
	    "session, at, node, base, said, rest, key, value) VALUES (:what, "
	    ":user, :about, :session, :at, :node, :base, :said, :rest, "
	    ":key, " SEAL_DECISION ")")) == NULL)
		return -1;
	json_sorted(&value, d->value);
	db_int(q, ":what", d->what);
	db_int(q, ":user", d->user);
	db_text(q, ":about", d->about);
	db_text(q, ":session", d->session);
	db_int(q, ":at", d->s.at_ms);
	db_int(q, ":node", d->s.node);
	db_int(q, ":base", d->s.base_ms);
	db_int(q, ":said", d->said_ms);
	db_text(q, ":rest", d->rest);
	db_int(q, ":key", key);
	db_text(q, ":value", value.p);
	r = db_run(q, e);
	buf_release(&value);
	if (r < 0)
		return -1;
	d->seq = db_last_id(st->db);
	return change_push(st, CHANGE_DECISION, d->seq, e);
}

int
decision_put(struct store *st, struct decided *d, json_t *value,
    struct err *e)
{
	struct db_query *q;
	int r = -1;

	d->value = value;
	d->said_ms = date_now();
	d->s.at_ms = date_real();
	d->s.base_ms = 0;
	if (value == NULL)
		return err_set(e, ERR_USAGE, "what is decided is not UTF-8");
	if (node_number(st, &d->s.node, e) == 0 && (q = db_sql(st->db, e,
	    "SELECT at FROM decision WHERE user = :user AND about = :about "
	    "ORDER BY at DESC LIMIT 1")) != NULL) {
		db_int(q, ":user", d->user);
		db_text(q, ":about", d->about);
		r = db_first(q, &d->s.base_ms, e);
	}
	if (d->s.at_ms <= d->s.base_ms)
		d->s.at_ms = d->s.base_ms + 1;
	if (r >= 0)
		r = decision_insert(st, d, e);
	json_decref(value);
	d->value = NULL;
	return r < 0 ? -1 : 0;
}

/* --- as a record ------------------------------------------------------- */

static json_t *
line_of(struct db_query *q, const struct decided *d, int64_t own)
{
	json_t *o = json_pack("{s:s, s:s, s:s, s:I}", "type", "decision",
	    "what", decision_names[d->what], "about", d->about, "at",
	    (json_int_t)d->s.at_ms);

	if (d->s.base_ms != 0)
		json_object_set_new(o, "base", json_integer(d->s.base_ms));
	if (d->s.node != own)
		json_object_set_new(o, "node", json_integer(d->s.node));
	json_object_set_new(o, "said", json_integer(d->said_ms));
	if (d->rest != NULL)
		json_object_set_new(o, "rest", json_string(d->rest));
	if (d->session != NULL)
		json_object_set_new(o, "session_id", json_string(d->session));
	if (!db_is_null(q, 11))
		json_object_set_new(o, "user",
		    json_string(db_get_text(q, 11)));
	json_object_set(o, "value", d->value);
	return o;
}

int
decision_line(struct store *st, int64_t seq, int64_t own, int64_t first,
    struct buf *b, struct err *e)
{
	struct decisions one = { 0 };
	struct decided d = { 0 };
	struct db_query *q;
	json_t *o;
	int r;

	if ((q = db_sql(st->db, e, "SELECT d.seq, d.what, d.user, d.about, "
	    "d.session, d.rest, d.at, d.node, d.base, d.said, "
	    OPEN_DECISION("d.") ", u.name "
	    "FROM decision d LEFT JOIN user u ON u.id = d.user "
	    "WHERE d.seq = :seq AND d.what BETWEEN 1 AND 7")) == NULL)
		return -1;
	db_int(q, ":seq", seq);
	if ((r = db_row(q, e)) == 1 && (r = read_row(q, &d, e)) == 0) {
		if (d.s.node == 0)
			d.s.node = first;
		o = line_of(q, &d, own);
		json_write(b, o);
		buf_addc(b, '\n');
		json_decref(o);
		one.v = xmemdup(&d, sizeof d);
		one.n = 1;
		decisions_release(&one);
		r = 1;
	}
	db_end(q);
	return r;
}

/* --- what is forgotten ------------------------------------------------- */

int
decision_forget_session(struct store *st, const char *session, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "DELETE FROM decision WHERE user = :user "
	    "AND session = :session")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	db_text(q, ":session", session);
	return db_run(q, e);
}

int
decision_forget_told(struct store *st, const char *event,
    const char *session, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "DELETE FROM decision WHERE user = :user "
	    "AND what = 1 AND EXISTS (SELECT 1 FROM json_each("
	    OPEN_DECISION("decision.") ", '$.body.metadata.grips') x WHERE "
	    "json_extract(x.value, '$.event_id') = :event OR "
	    "json_extract(x.value, '$.session_id') = :session)")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	db_text(q, ":event", event);
	db_text(q, ":session", session);
	return db_run(q, e);
}
