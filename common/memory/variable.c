/*
 * The newest value of a name is the row with the greatest number; nothing is
 * overwritten.  So one that comes late, and is older, is followed by the
 * newest once more.
 */
#include "memory/variable.h"

#include "base/date.h"
#include "base/str.h"
#include "memory/session.h"
#include "store/change.h"
#include "store/db.h"
#include "store/node.h"
#include "store/sealed.h"
#include "store/store.h"

#include <stdlib.h>

/* The newest; at 0: never set. */
static int
newest(struct store *st, int64_t session, int kind, const char *name,
    char **value, int64_t *at, struct err *e)
{
	struct db_query *q;
	int r;

	*at = 0;
	if ((q = db_sql(st->db, e, "SELECT " OPEN_VARIABLE("")
	    ", at FROM variable "
	    "WHERE session = :session AND kind = :kind AND name = :name "
	    "ORDER BY seq DESC LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":session", session);
	db_int(q, ":kind", kind);
	db_text(q, ":name", name);
	if ((r = db_row(q, e)) == 1) {
		*value = db_dup(q, 0);
		*at = db_get_int(q, 1);
	}
	db_end(q);
	return r;
}

int
variable_get(struct store *st, int64_t session, int kind, const char *name,
    char **value, struct err *e)
{
	int64_t at;

	return newest(st, session, kind, name, value, &at, e);
}

int
variable_append(struct store *st, int64_t session, int kind, const char *name,
    const char *value, const struct stamp *s, struct err *e)
{
	struct db_query *q;
	int64_t key;

	if (session_key(st, session, true, &key, e) < 0 ||
	    (q = db_sql(st->db, e, "INSERT INTO variable (session, kind, "
	    "name, key, value, at, node, base) VALUES (:session, :kind, :name, "
	    ":key, " SEAL_VARIABLE ", :at, :node, :base)")) == NULL)
		return -1;
	db_int(q, ":key", key);
	db_int(q, ":session", session);
	db_int(q, ":kind", kind);
	db_text(q, ":name", name);
	db_text(q, ":value", value);
	db_int(q, ":at", s->at_ms);
	db_int(q, ":node", s->node);
	db_int(q, ":base", s->base_ms);
	if (db_run(q, e) < 0)
		return -1;
	return change_push(st, CHANGE_VALUE, db_last_id(st->db), e);
}

int
variable_set(struct store *st, int64_t session, int kind, const char *name,
    const char *value, struct err *e)
{
	struct stamp s = { .at_ms = date_real() };
	char *old = NULL;
	bool same;

	if (newest(st, session, kind, name, &old, &s.base_ms, e) < 0)
		return -1;
	same = str_eq(old, value);
	free(old);
	if (same)
		return 0;
	if (s.at_ms <= s.base_ms)
		s.at_ms = s.base_ms + 1;
	if (node_number(st, &s.node, e) < 0)
		return -1;
	return variable_append(st, session, kind, name, value, &s, e) < 0 ?
	    -1 : 1;
}
