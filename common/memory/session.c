/*
 * Sessions read, and what is set about them.  The newest value of a name
 * is the row with the greatest number; nothing is overwritten.
 */
#include "memory/session.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/json.h"
#include "base/str.h"
#include "base/ulid.h"
#include "base/utf8.h"
#include "memory/forget.h"
#include "memory/variable.h"
#include "store/change.h"
#include "store/db.h"
#include "store/name.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#define PREFIX_MIN 4	/* bytes of an id that may stand for it */

/* Keys of a session record that follow from the events or name it. */
static const char *const derived[] = { "type", "session_id", "user", "start",
    "end", "events", "first_event_id", "last_event_id", "variables", NULL };

static bool
is_derived(const char *key)
{
	int i;

	for (i = 0; derived[i] != NULL; i++)
		if (strcmp(derived[i], key) == 0)
			return true;
	return false;
}

/* Properties kept as text; the others as JSON. */
static bool
is_text(const char *key)
{
	return str_eq(key, "agent") || str_eq(key, "title") ||
	    str_eq(key, "state");
}

/* --- rows -------------------------------------------------------------- */

int
session_row_of(struct store *st, int64_t user, const char *id, bool make,
    int64_t *seq, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT seq FROM session "
	    "WHERE user = :user AND name = :name")) == NULL)
		return -1;
	db_int(q, ":user", user);
	db_text(q, ":name", id);
	r = db_row(q, e);
	*seq = r == 1 ? db_get_int(q, 0) : 0;
	db_end(q);
	if (r != 0 || !make)
		return r < 0 ? -1 : 0;
	if ((q = db_sql(st->db, e, "INSERT INTO session (user, name) "
	    "VALUES (:user, :name)")) == NULL)
		return -1;
	db_int(q, ":user", user);
	db_text(q, ":name", id);
	if (db_run(q, e) < 0)
		return -1;
	*seq = db_last_id(st->db);
	return 0;
}

int
session_row(struct store *st, const char *id, bool make, int64_t *seq,
    struct err *e)
{
	if (store_user(st, st->user, make, &st->user_id, e) < 0)
		return -1;
	return session_row_of(st, st->user_id, id, make, seq, e);
}

int
session_resolve(struct store *st, const char *given, char **id, struct err *e)
{
	struct db_query *q;
	char *found = NULL;
	int64_t seq;
	int r;

	if (session_row_of(st, st->user_id, given, false, &seq, e) < 0)
		return -1;
	if (seq != 0) {
		*id = xstrdup(given);
		return 1;
	}
	if (strlen(given) < PREFIX_MIN)
		return 0;
	/* U+10FFFF sorts behind all that begins as given does. */
	if ((q = db_sql(st->db, e, "SELECT name FROM session WHERE "
	    "user = :user AND name >= :given AND "
	    "name < :given || char(1114111) LIMIT 2")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	db_text(q, ":given", given);
	if ((r = db_row(q, e)) == 1) {
		found = db_dup(q, 0);
		if ((r = db_row(q, e)) == 1)
			r = err_set(e, ERR_USAGE, "several sessions begin with "
			    "'%s'; give more of the id", given);
		else
			r = r < 0 ? -1 : 1;
	}
	db_end(q);
	if (r == 1) {
		*id = found;
		found = NULL;
	}
	free(found);
	return r;
}

#define PROPERTY(name) \
	"(SELECT value FROM variable v WHERE v.session = s.seq " \
	"AND v.kind = 1 AND v.name = '" name "' ORDER BY v.seq DESC LIMIT 1)"
/* The agent is the one that was set, else the one of its newest event. */
#define SESSIONS \
	"SELECT s.seq, s.name, u.name, ifnull(s.start_ms, 0), " \
	"ifnull(s.end_ms, 0), s.events, ifnull(" PROPERTY("agent") ", " \
	"(SELECT a.name FROM event e JOIN agent a ON a.id = e.agent " \
	"WHERE e.session = s.seq ORDER BY e.ts DESC, e.id DESC LIMIT 1)), " \
	PROPERTY("title") ", ifnull(" PROPERTY("state") ", 'active'), " \
	"(SELECT id FROM event e WHERE e.session = s.seq ORDER BY ts, id " \
	"LIMIT 1), (SELECT id FROM event e WHERE e.session = s.seq " \
	"ORDER BY ts DESC, id DESC LIMIT 1) " \
	"FROM session s JOIN user u ON u.id = s.user WHERE s.user = :user "

struct session_row {
	struct session s;
	char first[ULID_LEN + 1], last[ULID_LEN + 1];
};

static const char *
read_ulid(struct db_query *q, int col, char *out)
{
	const void *p;
	size_t n;

	if (db_is_null(q, col))
		return NULL;
	p = db_get_blob(q, col, &n);
	if (n != ULID_BYTES)
		return NULL;
	ulid_from_bytes(out, p);
	return out;
}

static void
session_read(struct db_query *q, struct session_row *row)
{
	struct session *s = &row->s;

	s->seq = db_get_int(q, 0);
	s->id = db_get_text(q, 1);
	s->user = db_get_text(q, 2);
	s->start_ms = db_get_int(q, 3);
	s->end_ms = db_get_int(q, 4);
	s->events = db_get_int(q, 5);
	s->agent = db_get_text(q, 6);
	s->title = db_get_text(q, 7);
	s->state = db_get_text(q, 8);
	s->first_id = read_ulid(q, 9, row->first);
	s->last_id = read_ulid(q, 10, row->last);
}

int
session_each(struct store *st, const struct session_query *sq,
    int (*fn)(void *, const struct session *, struct err *), void *arg,
    struct err *e)
{
	struct session_row row;
	struct db_query *q;
	int64_t n = 0;
	int r;

	q = sq->reverse ? db_sql(st->db, e, SESSIONS "AND ifnull(start_ms, "
	    ":since) < :until AND ifnull(end_ms, :since) >= :since "
	    "ORDER BY start_ms DESC, s.seq DESC") : db_sql(st->db, e, SESSIONS
	    "AND ifnull(start_ms, :since) < :until AND "
	    "ifnull(end_ms, :since) >= :since ORDER BY start_ms, s.seq");
	if (q == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	db_int(q, ":since", sq->since_ms);
	db_int(q, ":until", sq->until_ms);
	while ((r = db_row(q, e)) == 1) {
		session_read(q, &row);
		if (sq->agent != NULL && !str_eq(row.s.agent, sq->agent))
			continue;
		if ((r = fn(arg, &row.s, e)) != 0)
			break;
		if (sq->limit > 0 && ++n == sq->limit)
			break;
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

int
session_find(struct store *st, const char *id,
    int (*fn)(void *, const struct session *, struct err *), void *arg,
    struct err *e)
{
	struct session_row row;
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, SESSIONS "AND s.name = :name")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	db_text(q, ":name", id);
	if ((r = db_row(q, e)) == 1) {
		session_read(q, &row);
		r = fn(arg, &row.s, e) < 0 ? -1 : 1;
	}
	db_end(q);
	return r;
}

/* --- what was set ------------------------------------------------------ */

/* The newest values of a kind as members of an object; kind 1 skips those
 * that session_json shows itself. */
static int
values_json(struct store *st, int64_t session, int kind, json_t *o,
    struct err *e)
{
	struct db_query *q;
	const char *name, *value;
	struct err ignored;
	json_t *v;
	int r;

	if ((q = db_sql(st->db, e, "SELECT name, value FROM variable v "
	    "WHERE session = :session AND kind = :kind AND value IS NOT NULL "
	    "AND seq = (SELECT max(seq) FROM variable w WHERE w.session = "
	    "v.session AND w.kind = v.kind AND w.name = v.name) "
	    "ORDER BY name")) == NULL)
		return -1;
	db_int(q, ":session", session);
	db_int(q, ":kind", kind);
	while ((r = db_row(q, e)) == 1) {
		name = db_get_text(q, 0);
		value = db_get_text(q, 1);
		if (kind == VARIABLE_WORKING || is_text(name))
			v = json_string(value);
		else
			v = json_read(value, strlen(value), &ignored);
		if (json_object_get(o, name) == NULL)
			json_object_set_new(o, name, v);
		else
			json_decref(v);
	}
	db_end(q);
	return r;
}

json_t *
session_json(struct store *st, const struct session *s, struct err *e)
{
	json_t *o, *vars = json_object();

	o = json_pack("{s:s, s:s, s:s, s:s*, s:s*}", "type", "session",
	    "session_id", s->id, "user", s->user, "agent", s->agent,
	    "title", s->title);
	if (s->events > 0) {
		json_object_set_new(o, "start", json_integer(s->start_ms));
		json_object_set_new(o, "end", json_integer(s->end_ms));
	}
	json_object_set_new(o, "events", json_integer(s->events));
	json_object_set_new(o, "state", json_string(s->state));
	if (s->first_id != NULL)
		json_object_set_new(o, "first_event_id",
		    json_string(s->first_id));
	if (s->last_id != NULL)
		json_object_set_new(o, "last_event_id",
		    json_string(s->last_id));
	if (values_json(st, s->seq, VARIABLE_PROPERTY, o, e) < 0 ||
	    values_json(st, s->seq, VARIABLE_WORKING, vars, e) < 0) {
		json_decref(vars);
		json_decref(o);
		return NULL;
	}
	if (json_object_size(vars) > 0)
		json_object_set(o, "variables", vars);
	json_decref(vars);
	return o;
}

/* --- records ----------------------------------------------------------- */

/* All checks come first: a record is stored whole or not at all. */
static int
session_check(const json_t *o, struct err *e)
{
	const json_t *vars = json_object_get(o, "variables");
	const char *id = get_str(o, "session_id", NULL), *user, *key;
	const char *state = get_str(o, "state", NULL), *bad = NULL;
	struct err name;
	json_t *v;

	user = get_str(o, "user", &bad);
	if (bad != NULL)
		return err_set(e, ERR_INPUT, "user is not a string");
	if (id == NULL)
		return err_set(e, ERR_INPUT, "session_id is missing");
	if (name_check("session_id", id, &name) < 0 ||
	    (user != NULL && name_check("user", user, &name) < 0))
		return err_set(e, ERR_INPUT, "%s", name.msg);
	json_object_foreach((json_t *)o, key, v)
		if (is_text(key) && !json_is_string(v) && !json_is_null(v))
			return err_set(e, ERR_INPUT, "%s is not a string", key);
	if (state != NULL && !str_eq(state, "active") &&
	    !str_eq(state, "archived"))
		return err_set(e, ERR_INPUT, "unknown state");
	if (vars != NULL && !json_is_null(vars) && !json_is_object(vars))
		return err_set(e, ERR_INPUT, "variables is not an object");
	json_object_foreach((json_t *)vars, key, v) {
		if (!json_is_string(v) && !json_is_null(v))
			return err_set(e, ERR_INPUT, "a variable is not a "
			    "string");
		if (name_check("a variable's name", key, &name) < 0)
			return err_set(e, ERR_INPUT, "%s", name.msg);
	}
	return 0;
}

int
session_check_property(const char *key, const char *value, struct err *e)
{
	struct err ignored;	/* whatever it is, it is no JSON */
	json_t *v;

	if (is_derived(key))
		return err_set(e, ERR_INPUT, "no property of a session");
	if (value == NULL)
		return 0;
	if (str_eq(key, "state") && !str_eq(value, "active") &&
	    !str_eq(value, "archived"))
		return err_set(e, ERR_INPUT, "unknown state");
	if (is_text(key))
		return 0;
	if ((v = json_read(value, strlen(value), &ignored)) == NULL)
		return err_set(e, ERR_INPUT, "a property is not JSON");
	json_decref(v);
	return 0;
}

static int
add_members(struct store *st, int64_t session, const json_t *o, int kind,
    struct err *e)
{
	struct buf b = BUF_INIT;
	const char *key;
	json_t *v;
	int r = 0, changed = 0;

	json_object_foreach((json_t *)o, key, v) {
		if (json_is_null(v) || (kind == VARIABLE_PROPERTY &&
		    is_derived(key)))
			continue;
		buf_reset(&b);
		if (kind == VARIABLE_WORKING || is_text(key))
			buf_adds(&b, json_string_value(v));
		else
			json_sorted(&b, v);
		if ((r = variable_set(st, session, kind, key, b.p, e)) < 0)
			break;
		changed |= r;
	}
	buf_release(&b);
	return r < 0 ? -1 : changed;
}

int
session_add(struct store *st, const json_t *o, struct err *e)
{
	const json_t *vars = json_object_get(o, "variables");
	const char *id, *user;
	int64_t seq, was, owner;
	int r, changed;

	if (session_check(o, e) < 0)
		return -1;
	id = get_str(o, "session_id", NULL);
	user = get_str(o, "user", NULL);
	if (store_user(st, user != NULL ? user : st->user, true, &owner, e) <
	    0 || (r = forget_has_session(st, owner, id, e)) < 0)
		return -1;
	if (r == 1)
		return err_set(e, ERR_DENIED, "the session was forgotten");
	if (session_row_of(st, owner, id, false, &was, e) < 0 ||
	    session_row_of(st, owner, id, true, &seq, e) < 0)
		return -1;
	if ((changed = add_members(st, seq, o, VARIABLE_PROPERTY, e)) < 0 ||
	    (r = add_members(st, seq, vars, VARIABLE_WORKING, e)) < 0)
		return -1;
	changed |= r;
	/* each value has a change of its own; a session without any, too */
	if (was == 0 && !changed && change_push(st, CHANGE_SESSION, seq, e) < 0)
		return -1;
	return was == 0 || changed;
}

/* --- variables --------------------------------------------------------- */

int
session_set(struct store *st, const char *id, const char *name,
    const char *value, struct err *e)
{
	struct err ignored;	/* whoever needs the number asks again */
	int64_t seq;
	int r;

	if (name_check("the session's name", id, e) < 0 ||
	    name_check("the variable's name", name, e) < 0)
		return -1;
	if (value != NULL && utf8_check(value, strlen(value)) != strlen(value))
		return err_set(e, ERR_USAGE, "the value is not UTF-8");
	if (tx_begin(st->db, e) < 0)
		return -1;
	r = forget_has_session(st, st->user_id, id, e);
	if (r == 1 && value != NULL)
		r = err_set(e, ERR_DENIED, "session '%s' was forgotten, and "
		    "stays so; take another name", id);
	if (r >= 0)
		r = session_row(st, id, value != NULL, &seq, e);
	if (r == 0 && seq != 0)
		r = variable_set(st, seq, VARIABLE_WORKING, name, value, e);
	if ((r = tx_end(st->db, r, e)) < 0) {
		/* Our user may have been new in it. */
		st->user_id = 0;
		store_user(st, st->user, false, &st->user_id, &ignored);
	}
	return r;
}

int
session_get(struct store *st, const char *id, const char *name, char **value,
    struct err *e)
{
	int64_t seq;
	int r;

	*value = NULL;
	if (session_row(st, id, false, &seq, e) < 0)
		return -1;
	r = seq == 0 ? 0 : variable_get(st, seq, VARIABLE_WORKING, name,
	    value, e);
	return r == 1 ? *value != NULL : r;
}
