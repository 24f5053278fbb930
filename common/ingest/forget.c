#include "ingest/forget.h"

#include "base/date.h"
#include "base/json.h"
#include "base/str.h"
#include "base/ulid.h"
#include "artifact/artifact_merge.h"
#include "artifact/original_forget.h"
#include "ltm/fact.h"
#include "memory/tombstone.h"
#include "memory/grafting.h"
#include "ltm/live.h"
#include "ltm/ltm_forget.h"
#include "memory/record_row.h"
#include "ingest/redacted.h"
#include "toc/toc_forget.h"
#include "toc/toc_work.h"
#include "store/audit.h"
#include "store/change.h"
#include "store/db.h"
#include "store/forgetting.h"
#include "store/name.h"
#include "store/payload.h"
#include "store/sealed.h"
#include "store/store.h"

#include <string.h>

/* What is to be forgotten; or, redacted, what lost a secret. */
struct grave {
	enum tombstone target;
	const char *id;
	char ulid[ULID_LEN + 1];	/* of an event: id is this */
	int64_t at_ms;			/* of a user: all before it; 0: now */
	const char *also;		/* of one redacted: its id of today */
	bool elsewhere;
};

static int	forget(struct store *, const struct grave *, struct err *);

/* --- the rows ---------------------------------------------------------- */

static int
event_forget(struct store *st, const char *name, int64_t *ref, struct err *e)
{
	uint8_t id[ULID_BYTES];
	struct db_query *q;
	int64_t session = 0;
	int r;

	ulid_parse(name, id);
	if ((q = db_sql(st->db, e, "SELECT seq, session FROM event "
	    "WHERE user = :user AND ts = :ts AND id = :id UNION ALL "
	    "SELECT seq, session FROM event WHERE user = :user AND id = :id "
	    "AND stray = 1")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	db_int(q, ":ts", ulid_time(id));
	db_blob(q, ":id", id, sizeof id);
	if ((r = db_row(q, e)) == 1) {
		*ref = db_get_int(q, 0);
		session = db_get_int(q, 1);
	}
	db_end(q);
	/* what it told may be here without it */
	if (r < 0 || live_forget(st, name, NULL, e) < 0)
		return -1;
	if (r == 0)
		return 0;
	if (toc_forget(st, session, *ref, e) < 0 ||
	    forgetting_event(st, *ref, e) < 0 || (q = db_sql(st->db, e,
	    "UPDATE session SET events = events - 1, start_ms = "
	    "(SELECT min(ts) FROM event WHERE session = :s), end_ms = "
	    "(SELECT max(ts) FROM event WHERE session = :s) WHERE seq = :s"))
	    == NULL)
		return -1;
	db_int(q, ":s", session);
	return db_run(q, e);
}

/* What is left of a session's contents says nothing any more; then its key
 * goes, with whatever copies of its rows there are. */
static int
key_forget(struct store *st, int64_t session, struct err *e)
{
	struct buf packed = BUF_INIT;
	struct db_query *q;
	int64_t dict;
	int r;

	if ((r = store_is_sealed(st, e)) <= 0)
		return r;
	if ((r = store_pack(st, &packed, "", 0, &dict, e)) == 0 &&
	    (q = db_sql(st->db, e, "UPDATE toc_version SET key = 0, "
	    "dict = :dict, body = :body, forgot = forgot + 1 WHERE key <> 0 "
	    "AND node IN (SELECT id FROM toc_node WHERE session = :s)")) !=
	    NULL) {
		db_int(q, ":dict", dict);
		db_blob(q, ":body", packed.p, packed.len);
		db_int(q, ":s", session);
		r = db_run(q, e);
	} else
		r = -1;
	buf_release(&packed);
	return r < 0 ? -1 : store_seal_forget(st, session, e);
}

/* The events of a small session go now; those of a large one are noted. */
static int
session_events(struct store *st, int64_t session, int64_t events,
    struct err *e)
{
	int64_t gone;

	if (events > FORGETTING_SOME)
		return toc_forget_whole(st, session, e) < 0 ? -1 :
		    forgetting_add(st, session, st->user_id, e);
	if (toc_forget(st, session, 0, e) < 0)
		return -1;
	return forgetting_events(st, session, INT64_MAX, &gone, e);
}

static int
session_forget(struct store *st, const char *name, bool elsewhere,
    int64_t *ref, struct err *e)
{
	int64_t events = 0;
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT seq, events FROM session "
	    "WHERE user = :user AND name = :name")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	db_text(q, ":name", name);
	if ((r = db_row(q, e)) == 1) {
		*ref = db_get_int(q, 0);
		events = db_get_int(q, 1);
	}
	db_end(q);
	if (r < 0 || live_forget(st, NULL, name, e) < 0 ||
	    fact_forget_session(st, name, e) < 0 ||
	    graft_forget(st, st->user_id, *ref, name, e) < 0)
		return -1;
	if (r == 0)
		return 0;
	if (artifact_forget(st, *ref, elsewhere, e) < 0 ||
	    session_events(st, *ref, events, e) < 0 ||
	    key_forget(st, *ref, e) < 0 || (q = db_sql(st->db, e,
	    "DELETE FROM variable WHERE session = :session")) == NULL)
		return -1;
	db_int(q, ":session", *ref);
	if (db_run(q, e) < 0 || (q = db_sql(st->db, e,
	    "DELETE FROM file WHERE session = :session")) == NULL)
		return -1;
	db_int(q, ":session", *ref);
	if (db_run(q, e) < 0 || (q = db_sql(st->db, e,
	    "DELETE FROM session WHERE seq = :session")) == NULL)
		return -1;
	db_int(q, ":session", *ref);
	return db_run(q, e);
}

static int
record_forget(struct store *st, const char *id, bool elsewhere, int64_t *ref,
    struct err *e)
{
	struct db_query *q;

	if (original_forget(st, id, elsewhere, e) < 0 ||
	    (q = db_sql(st->db, e, "SELECT max(r.seq) FROM "
	    RECORD_VERSIONS)) == NULL)
		return -1;
	db_text(q, ":id", id);
	if (db_first(q, ref, e) < 0 || ltm_forget(st, id, e) < 0 ||
	    (q = db_sql(st->db, e, "DELETE FROM artifact_use WHERE record IN "
	    "(SELECT r.seq FROM " RECORD_VERSIONS ")")) == NULL)
		return -1;
	db_text(q, ":id", id);
	if (db_run(q, e) < 0 || (q = db_sql(st->db, e, "DELETE FROM record "
	    "WHERE seq IN (SELECT r.seq FROM " RECORD_VERSIONS ")")) == NULL)
		return -1;
	db_text(q, ":id", id);
	return db_run(q, e);
}

/* Sessions have tombstones of their own, for indexes go by these. */
static int
sessions_forget(struct store *st, struct err *e)
{
	struct strv names = STRV_INIT;
	struct db_query *q;
	size_t i;
	int r;

	if ((q = db_sql(st->db, e, "SELECT name FROM session WHERE "
	    "user = :user")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	while ((r = db_row(q, e)) == 1)
		strv_add(&names, db_get_text(q, 0));
	db_end(q);
	for (i = 0; r >= 0 && i < names.n; i++)
		r = forget(st, &(struct grave){ .target = TOMBSTONE_SESSION,
		    .id = names.v[i] }, e);
	strv_release(&names);
	return r < 0 ? -1 : 0;
}

static int
user_run(struct store *st, struct db_query *q, struct err *e)
{
	if (q == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	return db_run(q, e);
}

/* Facts of his that no session took with it. */
static int
user_facts(struct store *st, struct err *e)
{
	struct db_query *q;
	int64_t id;
	int r;

	for (;;) {
		if ((q = db_sql(st->db, e, "SELECT id FROM fact WHERE "
		    "user = :user LIMIT 1")) == NULL)
			return -1;
		db_int(q, ":user", st->user_id);
		if ((r = db_first(q, &id, e)) != 1)
			return r;
		if (fact_forget(st, id, e) < 0)
			return -1;
	}
}

#define HIS_NODES "(SELECT id FROM toc_node WHERE user = :user)"

static int
user_forget(struct store *st, bool elsewhere, struct err *e)
{
	struct db *db = st->db;

	if (sessions_forget(st, e) < 0 || toc_bump(st, e) < 0 ||
	    artifact_forget_user(st, elsewhere, e) < 0 ||
	    user_facts(st, e) < 0 ||
	    user_run(st, db_sql(db, e, "DELETE FROM toc_version WHERE node IN "
	    HIS_NODES), e) < 0 ||
	    user_run(st, db_sql(db, e, "DELETE FROM toc_move WHERE node IN "
	    HIS_NODES), e) < 0 ||
	    user_run(st, db_sql(db, e, "DELETE FROM toc_grip WHERE "
	    "user = :user"), e) < 0 ||
	    user_run(st, db_sql(db, e, "DELETE FROM toc_node WHERE "
	    "user = :user"), e) < 0 ||
	    user_run(st, db_sql(db, e, "DELETE FROM toc_mark WHERE "
	    "user = :user"), e) < 0 ||
	    user_run(st, db_sql(db, e, "DELETE FROM toc_dirty WHERE "
	    "user = :user"), e) < 0 ||
	    user_run(st, db_sql(db, e, "DELETE FROM decision WHERE "
	    "user = :user"), e) < 0)
		return -1;
	return user_run(st, db_sql(db, e, "DELETE FROM cursor WHERE "
	    "user = :user"), e);
}

/* --- the tombstone ----------------------------------------------------- */

/* 1 new; 0 it was there.  A user's may be of a later time than it was. */
static int
tombstone_row(struct store *st, const struct grave *g, int64_t *seq,
    struct err *e)
{
	int64_t user = g->target == TOMBSTONE_RECORD ? 0 : st->user_id, was;
	struct db_query *q;

	if ((q = db_sql(st->db, e, "INSERT INTO tombstone (user, target, id, "
	    "at) VALUES (:user, :target, :id, :at) ON CONFLICT (user, target, "
	    "id) DO UPDATE SET at = :at WHERE target = 5 AND at < :at")) ==
	    NULL)
		return -1;
	db_int(q, ":user", user);
	db_int(q, ":target", g->target);
	db_text(q, ":id", g->id);
	db_int(q, ":at", g->at_ms != 0 ? g->at_ms : date_real());
	if (db_run(q, e) < 0)
		return -1;
	if (db_changes(st->db) == 0)
		return 0;
	if ((q = db_sql(st->db, e, "SELECT seq FROM tombstone WHERE "
	    "user = :user AND target = :target AND id = :id")) == NULL)
		return -1;
	db_int(q, ":user", user);
	db_int(q, ":target", g->target);
	db_text(q, ":id", g->id);
	was = 0;
	if (db_first(q, &was, e) != 1)
		return -1;
	*seq = was;
	return 1;
}

static int
tombstone_ref(struct store *st, int64_t seq, int64_t ref, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "UPDATE tombstone SET ref = :ref "
	    "WHERE seq = :seq")) == NULL)
		return -1;
	db_int(q, ":ref", ref);
	db_int(q, ":seq", seq);
	return db_run(q, e);
}

static int
tombstone_read(const json_t *o, struct grave *g, struct err *e)
{
	const char *name = get_str(o, "target", NULL);
	uint8_t raw[ULID_BYTES];

	g->id = get_str(o, "id", NULL);
	if (name == NULL || g->id == NULL)
		return err_set(e, ERR_INPUT, "a tombstone needs target and id");
	if (str_eq(name, "event"))
		g->target = TOMBSTONE_EVENT;
	else if (str_eq(name, "session"))
		g->target = TOMBSTONE_SESSION;
	else if (str_eq(name, "record"))
		g->target = TOMBSTONE_RECORD;
	else if (str_eq(name, "user"))
		g->target = TOMBSTONE_USER;
	else if (str_eq(name, "redacted"))
		g->target = TOMBSTONE_REDACTED;
	else
		return err_set(e, ERR_INPUT, "unknown target of a tombstone");
	g->also = get_str(o, "also", NULL);
	if (g->also != NULL && !ulid_parse(g->also, raw))
		return err_set(e, ERR_INPUT, "also is not a ULID");
	if (g->target == TOMBSTONE_EVENT || g->target == TOMBSTONE_REDACTED) {
		if (!event_id_read(g->id, raw))
			return err_set(e, ERR_INPUT, "id is not a ULID");
		ulid_from_bytes(g->ulid, raw);
		g->id = g->ulid;
	}
	if (g->target == TOMBSTONE_RECORD && strchr(g->id, '/') == NULL)
		return err_set(e, ERR_INPUT, "the id of a record is "
		    "KB/RECORD_ID");
	/* who forgets what is yet to come is mistaken, or worse */
	if (g->target == TOMBSTONE_USER && get_time(o, "at", &g->at_ms) != 0 &&
	    (g->at_ms <= 0 || g->at_ms > date_real()))
		g->at_ms = date_real();
	return 0;
}

static int
forget(struct store *st, const struct grave *g, struct err *e)
{
	static const char *const names[] = { "", "event", "session", "record",
	    "", "user" };
	int64_t seq, ref = 0;
	int r;

	if (g->target == TOMBSTONE_REDACTED)
		return redacted_mark(st, g->id, g->also, e);
	if (store_user(st, st->user, true, &st->user_id, e) < 0)
		return -1;
	if ((r = tombstone_row(st, g, &seq, e)) != 1)
		return r;
	if (db_scrub(st->db, e) < 0)
		return -1;
	r = g->target == TOMBSTONE_EVENT ? event_forget(st, g->id, &ref, e) :
	    g->target == TOMBSTONE_SESSION ? session_forget(st, g->id,
	    g->elsewhere, &ref, e) :
	    g->target == TOMBSTONE_USER ? user_forget(st, g->elsewhere, e) :
	    record_forget(st, g->id, g->elsewhere, &ref, e);
	if (g->target == TOMBSTONE_USER)
		ref = st->user_id;
	if (r < 0 || tombstone_ref(st, seq, ref, e) < 0 ||
	    change_push(st, CHANGE_TOMBSTONE, seq, e) < 0 ||
	    audit_add(st, "delete", names[g->target], g->id, e) < 0)
		return -1;
	return 1;
}

int
forget_add_of(struct store *st, const json_t *o, bool elsewhere,
    struct err *e)
{
	const char *bad = NULL, *user = get_str(o, "user", &bad);
	struct grave g = { .elsewhere = elsewhere };
	int64_t my_id = st->user_id;
	char *mine = st->user;
	struct err name;
	int r;

	if (tombstone_read(o, &g, e) < 0)
		return -1;
	if (g.target == TOMBSTONE_USER && user == NULL && bad == NULL)
		user = g.id;
	if (bad != NULL || (user != NULL && name_check("user", user, &name) <
	    0) || (g.target == TOMBSTONE_USER && !str_eq(user, g.id)))
		return err_set(e, ERR_INPUT, "user is no name");
	if (user == NULL || strcmp(user, mine) == 0)
		return forget(st, &g, e);
	/* what a user has is found by who the store is open for */
	st->user = (char *)user;
	st->user_id = 0;
	r = forget(st, &g, e);
	st->user = mine;
	st->user_id = my_id;
	return r;
}

int
forget_add(struct store *st, const json_t *o, struct err *e)
{
	return forget_add_of(st, o, false, e);
}
