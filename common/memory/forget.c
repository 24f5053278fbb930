#include "memory/forget.h"

#include "base/buf.h"
#include "base/date.h"
#include "base/json.h"
#include "base/str.h"
#include "base/ulid.h"
#include "memory/artifact_merge.h"
#include "memory/fact.h"
#include "memory/live.h"
#include "memory/ltm_forget.h"
#include "memory/toc_forget.h"
#include "store/audit.h"
#include "store/change.h"
#include "store/db.h"
#include "store/name.h"
#include "store/pack.h"
#include "store/payload.h"
#include "store/store.h"

#include <inttypes.h>
#include <string.h>

enum target { TARGET_EVENT = 1, TARGET_SESSION, TARGET_RECORD };

/* --- packed bodies ----------------------------------------------------- */

/* Overwrite [off, off + len) of a pack's content with zeros: the places of
 * the others stay. */
static int
pack_blank(struct store *st, int64_t pack, int64_t off, int64_t len,
    struct err *e)
{
	struct buf content = BUF_INIT, packed = BUF_INIT;
	struct db_query *q;
	int64_t dict;
	int r;

	if ((r = pack_read(st, pack, &content, e)) == 0)
		r = pack_place(&content, pack, off, len, e);
	if (r < 0)
		err_add(e, "a damaged store (run mem-admin check): ");
	if (r == 0) {
		memset(content.p + off, 0, (size_t)len);
		r = store_pack(st, &packed, content.p, content.len, &dict, e);
	}
	if (r == 0 && (q = db_sql(st->db, e, "UPDATE pack SET data = :data, "
	    "dict = :dict, events = events - 1 WHERE id = :id")) != NULL) {
		db_blob(q, ":data", packed.p, packed.len);
		db_int(q, ":dict", dict);
		db_int(q, ":id", pack);
		r = db_run(q, e);
	} else
		r = -1;
	buf_wipe(&content);
	buf_release(&packed);
	return r;
}

/* --- the rows ---------------------------------------------------------- */

/* Events by row or by session; the other is 0. */
static int
events_delete(struct store *st, int64_t seq, int64_t session, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT pack, off, len FROM event "
	    "WHERE (seq = :seq OR session = :session) AND pack IS NOT NULL"))
	    == NULL)
		return -1;
	db_int(q, ":seq", seq);
	db_int(q, ":session", session);
	while ((r = db_row(q, e)) == 1)
		if (pack_blank(st, db_get_int(q, 0), db_get_int(q, 1),
		    db_get_int(q, 2), e) < 0) {
			r = -1;
			break;
		}
	db_end(q);
	if (r < 0 || (q = db_sql(st->db, e, "DELETE FROM event "
	    "WHERE seq = :seq OR session = :session")) == NULL)
		return -1;
	db_int(q, ":seq", seq);
	db_int(q, ":session", session);
	return db_run(q, e);
}

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
	    events_delete(st, *ref, 0, e) < 0 || (q = db_sql(st->db, e,
	    "UPDATE session SET events = events - 1, start_ms = "
	    "(SELECT min(ts) FROM event WHERE session = :s), end_ms = "
	    "(SELECT max(ts) FROM event WHERE session = :s) WHERE seq = :s"))
	    == NULL)
		return -1;
	db_int(q, ":s", session);
	return db_run(q, e);
}

static int
session_forget(struct store *st, const char *name, bool elsewhere,
    int64_t *ref, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT seq FROM session "
	    "WHERE user = :user AND name = :name")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	db_text(q, ":name", name);
	if ((r = db_first(q, ref, e)) < 0 ||
	    live_forget(st, NULL, name, e) < 0 ||
	    fact_forget_session(st, name, e) < 0)
		return -1;
	if (r == 0)
		return 0;
	if (artifact_forget(st, *ref, elsewhere, e) < 0 ||
	    toc_forget(st, *ref, 0, e) < 0 ||
	    events_delete(st, 0, *ref, e) < 0 || (q = db_sql(st->db, e,
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

/* All versions of one row; id is "KB/RECORD_ID", and both may have a "/": a
 * probe for each knowledge base that it may be in. */
#define VERSIONS "kb k CROSS JOIN record r ON r.kb = k.id " \
	"AND r.id = substr(:id, length(k.name) + 2) " \
	"WHERE substr(:id, 1, length(k.name) + 1) = k.name || '/'"

static int
record_forget(struct store *st, const char *id, int64_t *ref, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "SELECT max(r.seq) FROM " VERSIONS))
	    == NULL)
		return -1;
	db_text(q, ":id", id);
	if (db_first(q, ref, e) < 0 || ltm_forget(st, id, e) < 0 ||
	    (q = db_sql(st->db, e, "DELETE FROM artifact_use WHERE record IN "
	    "(SELECT r.seq FROM " VERSIONS ")")) == NULL)
		return -1;
	db_text(q, ":id", id);
	if (db_run(q, e) < 0 || (q = db_sql(st->db, e, "DELETE FROM record "
	    "WHERE seq IN (SELECT r.seq FROM " VERSIONS ")")) == NULL)
		return -1;
	db_text(q, ":id", id);
	return db_run(q, e);
}

/* --- the tombstone ----------------------------------------------------- */

static int
tombstone_row(struct store *st, enum target target, const char *id,
    int64_t *seq, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "INSERT INTO tombstone (user, target, id, "
	    "at) VALUES (:user, :target, :id, :at) ON CONFLICT DO NOTHING"))
	    == NULL)
		return -1;
	db_int(q, ":user", target == TARGET_RECORD ? 0 : st->user_id);
	db_int(q, ":target", target);
	db_text(q, ":id", id);
	db_int(q, ":at", date_real());
	if (db_run(q, e) < 0)
		return -1;
	*seq = db_last_id(st->db);
	return db_changes(st->db) > 0;
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
tombstone_read(const json_t *o, enum target *target, const char **id,
    char ulid[ULID_LEN + 1], struct err *e)
{
	const char *name = get_str(o, "target", NULL);
	uint8_t raw[ULID_BYTES];

	*id = get_str(o, "id", NULL);
	if (name == NULL || *id == NULL)
		return err_set(e, ERR_INPUT, "a tombstone needs target and id");
	if (str_eq(name, "event"))
		*target = TARGET_EVENT;
	else if (str_eq(name, "session"))
		*target = TARGET_SESSION;
	else if (str_eq(name, "record"))
		*target = TARGET_RECORD;
	else
		return err_set(e, ERR_INPUT, "unknown target of a tombstone");
	if (*target == TARGET_EVENT) {
		if (str_starts(*id, "evt:"))
			*id = strrchr(*id, ':') + 1;
		if (!ulid_parse(*id, raw))
			return err_set(e, ERR_INPUT, "id is not a ULID");
		ulid_from_bytes(ulid, raw);
		*id = ulid;
	}
	if (*target == TARGET_RECORD && strchr(*id, '/') == NULL)
		return err_set(e, ERR_INPUT, "the id of a record is "
		    "KB/RECORD_ID");
	return 0;
}

static int
forget(struct store *st, enum target target, const char *id, bool elsewhere,
    struct err *e)
{
	static const char *const names[] = { "", "event", "session", "record" };
	int64_t seq, ref = 0;
	int r;

	if (store_user(st, st->user, true, &st->user_id, e) < 0)
		return -1;
	if ((r = tombstone_row(st, target, id, &seq, e)) != 1)
		return r;
	if (db_scrub(st->db, e) < 0)
		return -1;
	r = target == TARGET_EVENT ? event_forget(st, id, &ref, e) :
	    target == TARGET_SESSION ? session_forget(st, id, elsewhere,
	    &ref, e) :
	    record_forget(st, id, &ref, e);
	if (r < 0 || tombstone_ref(st, seq, ref, e) < 0 ||
	    change_push(st, CHANGE_TOMBSTONE, seq, e) < 0 ||
	    audit_add(st, "delete", names[target], id, e) < 0)
		return -1;
	return 1;
}

int
forget_add_of(struct store *st, const json_t *o, bool elsewhere,
    struct err *e)
{
	char ulid[ULID_LEN + 1], *mine = st->user;
	const char *id, *bad = NULL, *user = get_str(o, "user", &bad);
	enum target target = TARGET_EVENT;
	int64_t my_id = st->user_id;
	struct err name;
	int r;

	if (tombstone_read(o, &target, &id, ulid, e) < 0)
		return -1;
	if (bad != NULL || (user != NULL && name_check("user", user, &name) <
	    0))
		return err_set(e, ERR_INPUT, "user is no name");
	if (user == NULL || strcmp(user, mine) == 0)
		return forget(st, target, id, elsewhere, e);
	/* what a user has is found by who the store is open for */
	st->user = (char *)user;
	st->user_id = 0;
	r = forget(st, target, id, elsewhere, e);
	st->user = mine;
	st->user_id = my_id;
	return r;
}

int
forget_add(struct store *st, const json_t *o, struct err *e)
{
	return forget_add_of(st, o, false, e);
}

static int
has(struct store *st, int64_t user, enum target target, const char *id,
    struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT 1 FROM tombstone WHERE "
	    "user = :user AND target = :target AND id = :id")) == NULL)
		return -1;
	db_int(q, ":user", user);
	db_int(q, ":target", target);
	db_text(q, ":id", id);
	r = db_row(q, e);
	db_end(q);
	return r;
}

int
forget_has_session(struct store *st, int64_t user, const char *id,
    struct err *e)
{
	return has(st, user, TARGET_SESSION, id, e);
}

int
forget_has_event(struct store *st, int64_t user, const char *id,
    struct err *e)
{
	return has(st, user, TARGET_EVENT, id, e);
}

int
forget_has_record(struct store *st, const char *id, struct err *e)
{
	return has(st, 0, TARGET_RECORD, id, e);
}
