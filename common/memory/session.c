/*
 * Sessions read, and what is set about them.  The newest value of a name
 * is the row with the greatest number; nothing is overwritten.
 */
#include "memory/session.h"

#include "base/date.h"
#include "base/json.h"
#include "base/str.h"
#include "base/utf8.h"
#include "memory/tombstone.h"
#include "memory/session_seen.h"
#include "memory/variable.h"
#include "store/access.h"
#include "store/audit.h"
#include "store/change.h"
#include "store/db.h"
#include "store/name.h"
#include "store/sealed.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

/* Keys of a session record that follow from the events or name it. */
static const char *const derived[] = { "type", "session_id", "user", "start",
    "end", "events", "first_event_id", "last_event_id", "variables", "graft",
    NULL };

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
session_key(struct store *st, int64_t session, bool make, int64_t *key,
    struct err *e)
{
	struct db_query *q;
	int64_t user = 0;
	int r;

	*key = 0;
	if ((r = store_is_sealed(st, e)) <= 0)
		return r;
	if ((q = db_sql(st->db, e, "SELECT user FROM session "
	    "WHERE seq = :session")) == NULL)
		return -1;
	db_int(q, ":session", session);
	if ((r = db_first(q, &user, e)) != 1)
		return r < 0 || !make ? r : err_set(e, ERR_DENIED,
		    "the session was forgotten meanwhile");
	return make ? store_seal_key(st, user, session, key, e) :
	    store_seal_key_there(st, user, session, key, e);
}

int
session_row(struct store *st, const char *id, bool make, int64_t *seq,
    struct err *e)
{
	if (store_user(st, st->user, make, &st->user_id, e) < 0)
		return -1;
	return session_row_of(st, st->user_id, id, make, seq, e);
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

	if ((q = db_sql(st->db, e, "SELECT name, " OPEN_VARIABLE("v.")
	    " FROM variable v "
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
	if (s->kinds & GRAFT_EVENT)
		json_object_set_new(o, "events", json_integer(s->events));
	if (s->state != NULL)
		json_object_set_new(o, "state", json_string(s->state));
	if (s->first_id != NULL)
		json_object_set_new(o, "first_event_id",
		    json_string(s->first_id));
	if (s->last_id != NULL)
		json_object_set_new(o, "last_event_id",
		    json_string(s->last_id));
	if (s->graft != NULL)
		json_object_set_new(o, "graft", json_string(s->graft));
	if (s->kinds & GRAFT_VARIABLE &&
	    (values_json(st, s->seq, VARIABLE_PROPERTY, o, e) < 0 ||
	    values_json(st, s->seq, VARIABLE_WORKING, vars, e) < 0)) {
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
	    0 || (r = tombstone_has_session(st, owner, id, e)) < 0)
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
	if (session_writable(st, id, e) < 0 || tx_begin(st->db, e) < 0)
		return -1;
	r = tombstone_has_session(st, st->user_id, id, e);
	if (r == 1 && value != NULL)
		r = err_set(e, ERR_DENIED, "session '%s' was forgotten, and "
		    "stays so; take another name", id);
	if (r >= 0)
		r = session_row(st, id, value != NULL, &seq, e);
	if (r == 0 && seq != 0)
		r = variable_set(st, seq, VARIABLE_WORKING, name, value, e);
	if (r == 1 && audit_add(st, "write", id, value != NULL ?
	    "a value is set" : "a value is unset", e) < 0)
		r = -1;
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
	struct session_refs refs = { 0 };
	const struct graft *by;
	size_t i;
	int r = session_seen(st, id, &refs, e);

	*value = NULL;
	for (i = 0; r == 0 && *value == NULL && i < refs.n; i++) {
		if (access_session(st, GRAFT_VARIABLE, refs.v[i].user,
		    refs.v[i].seq, &by) != 1)
			continue;
		if (by != NULL)
			access_shown(st, refs.v[i].seq, by->id);
		r = variable_get(st, refs.v[i].seq, VARIABLE_WORKING, name,
		    value, e) < 0 ? -1 : 0;
	}
	session_refs_release(&refs);
	return r < 0 ? -1 : *value != NULL;
}
