#include "memory/hold.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"
#include "base/ulid.h"
#include "base/utf8.h"
#include "memory/event.h"
#include "memory/session.h"
#include "memory/variable.h"
#include "store/audit.h"
#include "store/db.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

static const char property[] = "hold";

int
hold_has(struct store *st, int64_t session, struct err *e)
{
	char *value = NULL;
	int r = variable_get(st, session, VARIABLE_PROPERTY, property, &value,
	    e);

	/* a session record may set it to what says no */
	if (r == 1)
		r = value != NULL && !str_eq(value, "false") &&
		    !str_eq(value, "null");
	free(value);
	return r;
}

int
hold_refuses(struct store *st, int64_t session, const char *id,
    struct err *e)
{
	int r = hold_has(st, session, e);

	if (r == 1)
		return err_set(e, ERR_DENIED, "session '%s' is on hold, and "
		    "nothing of it is taken away; mem-session release ends "
		    "that", id);
	return r;
}

static int
set(struct store *st, const char *id, const char *value, const char *reason,
    struct err *e)
{
	int64_t seq;
	int r;

	if (session_row(st, id, false, &seq, e) < 0)
		return -1;
	if (seq == 0)
		return err_set(e, ERR_ABSENT, "no session '%s'", id);
	r = variable_set(st, seq, VARIABLE_PROPERTY, property, value, e);
	if (r == 1 && audit_add(st, value != NULL ? "hold" : "release", id,
	    reason, e) < 0)
		return -1;
	return r;
}

int
hold_set(struct store *st, const char *session, const char *reason,
    struct err *e)
{
	struct buf b = BUF_INIT;
	int r;

	if (reason != NULL && utf8_check(reason, strlen(reason)) !=
	    strlen(reason))
		return err_set(e, ERR_USAGE, "the reason is not UTF-8");
	if (reason == NULL || *reason == '\0')
		buf_adds(&b, "true");
	else
		json_quote(&b, reason, strlen(reason));
	r = tx_begin(st->db, e) < 0 ? -1 : tx_end(st->db, set(st, session,
	    b.p, reason, e), e);
	buf_release(&b);
	return r;
}

int
hold_release(struct store *st, const char *session, struct err *e)
{
	return tx_begin(st->db, e) < 0 ? -1 : tx_end(st->db, set(st, session,
	    NULL, NULL, e), e);
}

/* --- tombstones -------------------------------------------------------- */

static int
session_of_event(struct store *st, int64_t user, const char *name,
    int64_t *session, struct err *e)
{
	uint8_t id[ULID_BYTES];
	struct db_query *q;

	if (!event_id_read(name, id))
		return 0;
	if ((q = db_sql(st->db, e, "SELECT session FROM event "
	    "WHERE user = :user AND ts = :ts AND id = :id UNION ALL "
	    "SELECT session FROM event WHERE user = :user AND id = :id "
	    "AND stray = 1")) == NULL)
		return -1;
	db_int(q, ":user", user);
	db_int(q, ":ts", ulid_time(id));
	db_blob(q, ":id", id, sizeof id);
	return db_first(q, session, e);
}

int
hold_has_target(struct store *st, const json_t *o, struct err *e)
{
	const char *target = get_str(o, "target", NULL);
	const char *id = get_str(o, "id", NULL), *user = get_str(o, "user",
	    NULL);
	int64_t owner, session = 0;
	int r = 0;

	if (id == NULL || target == NULL)
		return 0;
	if (store_user(st, user != NULL ? user : st->user, false, &owner, e) <
	    0)
		return -1;
	if (owner == 0)
		return 0;
	if (str_eq(target, "session"))
		r = session_row_of(st, owner, id, false, &session, e);
	else if (str_eq(target, "event"))
		r = session_of_event(st, owner, id, &session, e);
	return r < 0 ? -1 : session == 0 ? 0 : hold_has(st, session, e);
}
