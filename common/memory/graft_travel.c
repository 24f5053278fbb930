/*
 * Grafts as records, and those of other copies taken in.
 */
#include "base/date.h"
#include "base/json.h"
#include "base/str.h"
#include "base/ulid.h"
#include "memory/tombstone.h"
#include "memory/graft_row.h"
#include "memory/session.h"
#include "store/audit.h"
#include "store/db.h"
#include "store/name.h"
#include "store/store.h"

#include <string.h>

static const char elsewhere[] = "on another copy";

/* --- written ----------------------------------------------------------- */

static const char *
state_of(const struct graft_row *g)
{
	return g->revoked_ms != 0 ? "revoked" :
	    g->expires_ms <= date_real() ? "expired" : "active";
}

static void
put_time(json_t *o, const char *key, int64_t ms, int64_t none)
{
	if (ms != none)
		json_object_set_new(o, key, json_integer((json_int_t)ms));
}

json_t *
graft_json(const struct graft_row *g)
{
	json_t *o, *kinds = json_array();
	struct buf to = BUF_INIT;
	int i;

	for (i = 0; graft_kinds[i] != NULL; i++)
		if (g->kinds >> i & 1)
			json_array_append_new(kinds,
			    json_string(graft_kinds[i]));
	graft_to_print(&to, g->to, g->to_name);
	o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:[s], s:o}", "type", "graft",
	    "id", g->id, "session_id", g->session, "user", g->user,
	    "to", to.p, "rights", "read", "kinds", kinds);
	buf_release(&to);
	put_time(o, "since", g->since_ms, GRAFT_SINCE);
	put_time(o, "until", g->until_ms, GRAFT_UNTIL);
	put_time(o, "expires", g->expires_ms, GRAFT_NEVER);
	put_time(o, "created", g->created_ms, 0);
	put_time(o, "revoked", g->revoked_ms, 0);
	json_object_set_new(o, "state", json_string(state_of(g)));
	json_object_set_new(o, "by", json_string(g->by));
	return o;
}

int
graft_line(struct store *st, int64_t seq, struct buf *b, struct err *e)
{
	struct graft_row g;
	struct db_query *q;
	int64_t session, user;
	json_t *o;
	int r;

	if ((q = db_sql(st->db, e, GRAFT_ROWS "WHERE g.seq = :seq")) == NULL)
		return -1;
	db_int(q, ":seq", seq);
	if ((r = db_row(q, e)) == 1 &&
	    graft_row_read(q, &g, &session, &user, e) < 0)
		r = -1;
	if (r == 1) {
		o = graft_json(&g);
		json_object_del(o, "state");	/* it is of now */
		json_write(b, o);
		buf_addc(b, '\n');
		json_decref(o);
	}
	db_end(q);
	return r;
}

/* --- read -------------------------------------------------------------- */

static int
read_kinds(const json_t *list, unsigned *kinds, struct err *e)
{
	const json_t *v;
	unsigned one;
	size_t i;

	*kinds = 0;
	json_array_foreach(list, i, v) {
		if (!json_is_string(v) || graft_kinds_parse(
		    json_string_value(v), &one, e) < 0)
			return err_set(e, ERR_INPUT, "unknown kind of a "
			    "graft");
		*kinds |= one;
	}
	return 0;
}

static int
read_times(const json_t *o, struct graft_row *g, struct err *e)
{
	g->since_ms = GRAFT_SINCE;
	g->until_ms = GRAFT_UNTIL;
	g->expires_ms = GRAFT_NEVER;
	if (get_time(o, "since", &g->since_ms) < 0 ||
	    get_int(o, "until", &g->until_ms) < 0 ||
	    get_time(o, "expires", &g->expires_ms) < 0 ||
	    get_time(o, "created", &g->created_ms) != 1 ||
	    get_time(o, "revoked", &g->revoked_ms) < 0 || g->revoked_ms < 0)
		return err_set(e, ERR_INPUT, "a time of a graft is none");
	return 0;
}

static int
read_row(const json_t *o, struct graft_row *g, struct err *e)
{
	const char *to = get_str(o, "to", NULL), *id = get_str(o, "id", NULL);
	uint8_t raw[ULID_BYTES];
	struct err why;

	g->session = get_str(o, "session_id", NULL);
	g->user = get_str(o, "user", NULL);
	g->by = get_str(o, "by", NULL);
	if (id == NULL || to == NULL || g->session == NULL ||
	    g->user == NULL || g->by == NULL)
		return err_set(e, ERR_INPUT, "a graft needs id, session_id, "
		    "user, to and by");
	if (!ulid_parse(id, raw))
		return err_set(e, ERR_INPUT, "id is not a ULID");
	ulid_from_bytes(g->id, raw);
	if (name_check("session_id", g->session, &why) < 0 ||
	    name_check("user", g->user, &why) < 0 ||
	    name_check("by", g->by, &why) < 0 ||
	    graft_to_parse(to, g, &why) < 0)
		return err_set(e, ERR_INPUT, "session_id, user, by or to is "
		    "no name");
	if (read_kinds(json_object_get(o, "kinds"), &g->kinds, e) < 0 ||
	    read_times(o, g, e) < 0)
		return -1;
	if (graft_row_check(g, &why) < 0)
		return err_set(e, ERR_INPUT, "%s", why.msg);
	return 0;
}

/* All but that it is revoked is as it was made. */
static bool
same(const struct graft_row *a, const struct graft_row *b)
{
	return str_eq(a->session, b->session) && str_eq(a->user, b->user) &&
	    a->to == b->to && str_eq(a->to_name, b->to_name) &&
	    a->kinds == b->kinds && a->since_ms == b->since_ms &&
	    a->until_ms == b->until_ms && a->expires_ms == b->expires_ms &&
	    a->created_ms == b->created_ms && str_eq(a->by, b->by);
}

/* Beside the one that is here: 1 it is now revoked, or earlier; 0. */
static int
merge(struct store *st, const struct graft_row *g,
    const struct graft_found *f, struct err *e)
{
	struct graft_row here;
	struct db_query *q;
	int64_t session, user;
	bool is_same = false;
	int r;

	if ((q = db_sql(st->db, e, GRAFT_ROWS "WHERE g.seq = :seq")) == NULL)
		return -1;
	db_int(q, ":seq", f->seq);
	if ((r = db_row(q, e)) == 1) {
		if (graft_row_read(q, &here, &session, &user, e) < 0)
			r = -1;
		else
			is_same = same(&here, g);
	}
	db_end(q);
	if (r < 0)
		return -1;
	if (!is_same)
		return err_set(e, ERR_EXISTS, "graft '%s' is there with other "
		    "content", g->id);
	if (g->revoked_ms == 0 || (f->revoked_ms != 0 &&
	    f->revoked_ms <= g->revoked_ms))
		return 0;
	if (graft_row_revoke(st, f->seq, g->revoked_ms, e) < 0 ||
	    audit_add(st, "ungraft", g->id, elsewhere, e) < 0)
		return -1;
	return 1;
}

int
graft_add(struct store *st, const json_t *o, struct err *e)
{
	struct graft_row g = { 0 };
	uint8_t id[ULID_BYTES];
	struct graft_found f;
	int64_t owner, session;
	int r;

	if (read_row(o, &g, e) < 0 || store_user(st, g.user, true, &owner, e) <
	    0 || (r = tombstone_has_session(st, owner, g.session, e)) < 0)
		return -1;
	if (r == 1)
		return err_set(e, ERR_DENIED, "the session was forgotten");
	ulid_parse(g.id, id);
	if ((r = graft_row_find(st, id, &f, e)) < 0)
		return -1;
	if (r == 1)
		return merge(st, &g, &f, e);
	if (session_row_of(st, owner, g.session, true, &session, e) < 0)
		return -1;
	if (graft_row_put(st, session, &g, e) < 0 ||
	    graft_row_note(st, &g, elsewhere, e) < 0)
		return -1;
	return 1;
}

/* --- forgotten --------------------------------------------------------- */

/* One that counts and lets this session of the user read; 0 there is none. */
static int
received_by(struct store *st, int64_t user, const char *name, int64_t *seq,
    struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "SELECT g.seq FROM graft g JOIN session s "
	    "ON s.seq = g.session WHERE g.to_kind = 0 AND g.to_name = :name "
	    "AND s.user = :user AND g.revoked = 0 LIMIT 1")) == NULL)
		return -1;
	db_text(q, ":name", name);
	db_int(q, ":user", user);
	return db_first(q, seq, e);
}

int
graft_forget(struct store *st, int64_t user, int64_t session,
    const char *name, struct err *e)
{
	int64_t now = date_real(), seq;
	struct db_query *q;
	int r;

	/* no change goes with it: the tombstone says as much */
	if ((q = db_sql(st->db, e, "UPDATE graft SET revoked = :now WHERE "
	    "revoked = 0 AND session = :session")) == NULL)
		return -1;
	db_int(q, ":now", now);
	db_int(q, ":session", session);
	if (db_run(q, e) < 0)
		return -1;
	while ((r = received_by(st, user, name, &seq, e)) == 1)
		if (graft_row_revoke(st, seq, now, e) < 0)
			return -1;
	return r;
}
