/*
 * The newest value of a name is the row with the greatest number; nothing is
 * overwritten.  So one that comes late, and is older, is followed by the
 * newest once more.
 */
#include "ingest/variable_merge.h"

#include "base/date.h"
#include "base/json.h"
#include "base/str.h"
#include "memory/tombstone.h"
#include "text/redact_mask.h"
#include "ingest/redacted.h"
#include "memory/session.h"
#include "memory/variable.h"
#include "store/change.h"
#include "store/db.h"
#include "store/name.h"
#include "store/node.h"
#include "store/sealed.h"
#include "store/store.h"

#include <string.h>

struct place {
	const char *value;
	const struct stamp *s;
	int64_t after;		/* row of the greatest that is behind it */
	int64_t masks;		/* row of the same, with a secret in it */
	bool there, clash;
};

static bool
is_mask(const char *masked, const char *value)
{
	return masked != NULL && value != NULL && mask_of(masked,
	    strlen(masked), value, strlen(value));
}

/* One that is here, beside the one that came. */
static void
compare(struct place *p, struct db_query *q)
{
	int64_t at = db_get_int(q, 1), node = db_get_int(q, 2);
	bool same = str_eq(db_get_text(q, 4), p->value);

	if (at == p->s->at_ms && node == p->s->node) {
		p->there = p->there || same || is_mask(db_get_text(q, 4),
		    p->value);
		if (is_mask(p->value, db_get_text(q, 4)))
			p->masks = db_get_int(q, 0);
		return;
	}
	if (at > p->s->at_ms || (at == p->s->at_ms && node > p->s->node)) {
		p->after = db_get_int(q, 0);
		/* whoever wrote that did not know of this one */
		if (db_get_int(q, 3) < p->s->at_ms && !same)
			p->clash = true;
	} else if (at > p->s->base_ms && !same)
		p->clash = true;
}

static int
find_place(struct store *st, int64_t session, int kind, const char *name,
    struct place *p, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT seq, at, node, base, "
	    OPEN_VARIABLE("") " FROM variable "
	    "WHERE session = :session AND kind = :kind "
	    "AND name = :name ORDER BY at, node, seq")) == NULL)
		return -1;
	db_int(q, ":session", session);
	db_int(q, ":kind", kind);
	db_text(q, ":name", name);
	while ((r = db_row(q, e)) == 1)
		compare(p, q);
	db_end(q);
	return r;
}

static int
repeat(struct store *st, int64_t seq, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "INSERT INTO variable (session, kind, "
	    "name, value, key, at, node, base) SELECT session, kind, name, "
	    "value, key, at, node, base FROM variable WHERE seq = :seq"))
	    == NULL)
		return -1;
	db_int(q, ":seq", seq);
	if (db_run(q, e) < 0)
		return -1;
	return change_push(st, CHANGE_VALUE, db_last_id(st->db), e);
}

int
variable_merge(struct store *st, int64_t session, int kind, const char *name,
    const char *value, const struct stamp *s, bool *clash, struct err *e)
{
	struct place p = { .value = value, .s = s };

	*clash = false;
	if (find_place(st, session, kind, name, &p, e) < 0)
		return -1;
	if (p.masks != 0 && redacted_value(st, p.masks, value, e) < 0)
		return -1;
	if (p.there || p.masks != 0)
		return p.masks != 0;
	if (variable_append(st, session, kind, name, value, s, e) < 0 ||
	    (p.after != 0 && repeat(st, p.after, e) < 0))
		return -1;
	*clash = p.clash;
	return 1;
}

/* --- records ----------------------------------------------------------- */

struct said {
	const char *session, *user, *name, *value;
	bool property;
	struct stamp s;
};

static int
said_read(struct said *w, const json_t *o, struct err *e)
{
	const char *bad = NULL;
	struct err name;

	w->session = get_str(o, "session_id", &bad);
	w->user = get_str(o, "user", &bad);
	w->name = get_str(o, "name", &bad);
	w->value = get_str(o, "value", &bad);
	if (bad != NULL)
		return err_set(e, ERR_INPUT, "%s is not a string", bad);
	if (w->session == NULL || w->name == NULL)
		return err_set(e, ERR_INPUT, "a variable needs session_id and "
		    "name");
	if (name_check("session_id", w->session, &name) < 0 ||
	    name_check("a variable's name", w->name, &name) < 0 ||
	    (w->user != NULL && name_check("user", w->user, &name) < 0))
		return err_set(e, ERR_INPUT, "%s", name.msg);
	w->property = json_is_true(json_object_get(o, "property"));
	if (w->property && session_check_property(w->name, w->value, e) < 0)
		return -1;
	if (get_time(o, "at", &w->s.at_ms) < 0 ||
	    get_time(o, "base", &w->s.base_ms) < 0)
		return err_set(e, ERR_INPUT, "at or base is not a time");
	if (get_int(o, "node", &w->s.node) < 0 || w->s.node < 0)
		return err_set(e, ERR_INPUT, "node is not the number of one");
	if (w->s.at_ms == 0)
		w->s.at_ms = date_real();
	return 0;
}

int
variable_add(struct store *st, const json_t *o, int64_t node, bool *clash,
    struct err *e)
{
	struct said w = { .s.node = node };
	int64_t owner, seq;
	int r;

	*clash = false;
	if (said_read(&w, o, e) < 0 || store_user(st, w.user != NULL ? w.user :
	    st->user, true, &owner, e) < 0 ||
	    (r = tombstone_has_session(st, owner, w.session, e)) < 0)
		return -1;
	if (r == 1)
		return err_set(e, ERR_DENIED, "the session was forgotten");
	if (session_row_of(st, owner, w.session, true, &seq, e) < 0 ||
	    (w.s.node == 0 && node_number(st, &w.s.node, e) < 0))
		return -1;
	return variable_merge(st, seq, w.property ? VARIABLE_PROPERTY :
	    VARIABLE_WORKING, w.name, w.value, &w.s, clash, e);
}
