#include "ingest/redacted.h"

#include "base/buf.h"
#include "base/date.h"
#include "base/hash.h"
#include "ltm/live.h"
#include "ltm/ltm_forget.h"
#include "memory/event.h"
#include "memory/tombstone.h"
#include "store/change.h"
#include "store/db.h"
#include "store/forgetting.h"
#include "store/newest.h"
#include "store/payload.h"
#include "store/sealed.h"
#include "store/store.h"
#include "toc/toc_forget.h"

#include <inttypes.h>
#include <string.h>

#define ALSO 7

/* --- marks ------------------------------------------------------------- */

/* 1 new, 0 it is there.  anew: with a new number, for who reads on. */
static int
mark(struct store *st, int64_t user, int target, const char *id, bool anew,
    int64_t ref, struct err *e)
{
	struct db_query *q;

	q = anew ? db_sql(st->db, e, "INSERT OR REPLACE INTO tombstone (user, "
	    "target, id, ref, at) VALUES (:user, :target, :id, :ref, :at)") :
	    db_sql(st->db, e, "INSERT INTO tombstone (user, target, id, ref, "
	    "at) VALUES (:user, :target, :id, :ref, :at) ON CONFLICT DO "
	    "NOTHING");
	if (q == NULL)
		return -1;
	db_int(q, ":user", user);
	db_int(q, ":target", target);
	db_text(q, ":id", id);
	db_int(q, ":ref", ref);
	db_int(q, ":at", date_real());
	return db_run(q, e) < 0 ? -1 : db_changes(st->db) > 0;
}

int
redacted_mark(struct store *st, const char *event, const char *also,
    struct err *e)
{
	struct db_query *q;
	int64_t seq = 0;
	int r;

	if (store_user(st, st->user, true, &st->user_id, e) < 0 ||
	    (r = mark(st, st->user_id, TOMBSTONE_REDACTED, event, false, 0,
	    e)) < 0 ||
	    (q = db_sql(st->db, e, "SELECT seq FROM tombstone WHERE "
	    "user = :user AND target = 6 AND id = :id")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	db_text(q, ":id", event);
	if (db_first(q, &seq, e) != 1 || (also != NULL && mark(st,
	    st->user_id, ALSO, also, false, seq, e) < 0) ||
	    (r == 1 && change_push(st, CHANGE_TOMBSTONE, seq, e) < 0))
		return -1;
	return r;
}

int
redacted_has(struct store *st, int64_t user, const char *event,
    struct err *e)
{
	struct db_query *q;
	int64_t target = 0;

	if ((q = db_sql(st->db, e, "SELECT target FROM tombstone WHERE "
	    "user = :user AND target IN (6, 7) AND id = :id "
	    "ORDER BY target LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":user", user);
	db_text(q, ":id", event);
	if (db_first(q, &target, e) < 0)
		return -1;
	return target == TOMBSTONE_REDACTED ? 1 : target == ALSO ? 2 : 0;
}

int
redacted_at(struct store *st, int64_t user, const char *id, int64_t *at,
    struct err *e)
{
	struct db_query *q;

	*at = 0;
	/* of an event a number may follow: "ULID.17" */
	if ((q = db_sql(st->db, e, "SELECT max(at) FROM tombstone WHERE "
	    "user = :user AND target = 6 AND id >= :id AND "
	    "id <= iif(:user = 0, :id, :id || '/')")) == NULL)
		return -1;
	db_int(q, ":user", user);
	db_text(q, ":id", id);
	return db_first(q, at, e) < 0 ? -1 : 0;
}

/* --- events ------------------------------------------------------------ */

/* Of a sealed row: the key of its body, and what that is bound to; key 0: it
 * is in clear. */
static int
sealed_by(struct store *st, int64_t seq, const uint8_t id[ULID_BYTES],
    int64_t *key, struct buf *ad, struct err *e)
{
	struct db_query *q;
	int r;

	*key = 0;
	if ((q = db_sql(st->db, e, "SELECT key, user, session, ts, type, role, "
	    "agent FROM event WHERE seq = :seq")) == NULL)
		return -1;
	db_int(q, ":seq", seq);
	if ((r = db_row(q, e)) == 1 && (*key = db_get_int(q, 0)) != 0)
		event_ad(ad, &(struct event_row){ db_get_int(q, 1),
		    db_get_int(q, 2), db_get_int(q, 3), db_get_int(q, 4),
		    db_get_int(q, 5), db_get_int(q, 6), id });
	db_end(q);
	return r < 0 ? -1 : 0;
}

/* All of the row but its number and its body. */
static int
copy_event(struct store *st, int64_t old, const struct event *ev,
    const uint8_t id[ULID_BYTES], struct err *e)
{
	struct buf raw = BUF_INIT, packed = BUF_INIT, ad = BUF_INIT;
	struct db_query *q;
	int64_t dict, key;
	int r = -1;

	if (sealed_by(st, old, id, &key, &ad, e) < 0)
		return -1;

	event_body(&raw, ev);
	/* both have the same key for a moment */
	if (store_pack_row(st, &packed, raw.p, raw.len, key, &ad, &dict, e) ==
	    0 && (q = db_sql(st->db, e, "INSERT INTO event (user, session, "
	    "ts, id, "
	    "stray, type, role, agent, key, dict, body) SELECT user, session, "
	    "ts, randomblob(16), 0, type, role, agent, key, :dict, :body "
	    "FROM event WHERE seq = :seq")) != NULL) {
		db_int(q, ":dict", dict);
		db_blob(q, ":body", packed.p, packed.len);
		db_int(q, ":seq", old);
		r = db_run(q, e);
	}
	buf_release(&raw);
	buf_release(&packed);
	buf_release(&ad);
	return r;
}

static int
give_id(struct store *st, int64_t seq, const uint8_t id[ULID_BYTES],
    int64_t stray, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "UPDATE event SET id = :id, stray = :stray "
	    "WHERE seq = :seq")) == NULL)
		return -1;
	db_blob(q, ":id", id, ULID_BYTES);
	db_int(q, ":stray", stray);
	db_int(q, ":seq", seq);
	return db_run(q, e);
}

/* Excerpts are places in the text that there was. */
static int
drop_grips(struct store *st, int64_t ts, const uint8_t id[ULID_BYTES],
    struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "DELETE FROM toc_grip WHERE user = :user "
	    "AND ts = :ts AND event = :id")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	db_int(q, ":ts", ts);
	db_blob(q, ":id", id, ULID_BYTES);
	return db_run(q, e);
}

int
redacted_event(struct store *st, int64_t old, struct event *ev,
    struct err *e)
{
	struct buf marker = BUF_INIT;
	int64_t session = 0, ts = 0;
	uint8_t id[ULID_BYTES];
	struct db_query *q;
	int r;

	if (db_scrub(st->db, e) < 0 || (q = db_sql(st->db, e, "SELECT session, "
	    "ts FROM event WHERE seq = :seq")) == NULL)
		return -1;
	db_int(q, ":seq", old);
	if ((r = db_row(q, e)) == 1) {
		session = db_get_int(q, 0);
		ts = db_get_int(q, 1);
	}
	db_end(q);
	if (r != 1)
		return r < 0 ? -1 : err_set(e, ERR_ABSENT, "event %s is not "
		    "there", ev->id);
	ulid_parse(ev->id, id);
	if (copy_event(st, old, ev, id, e) < 0)
		return -1;
	ev->seq = db_last_id(st->db);
	if (newest_wrote(st, st->user_id, ev->seq, ev->seq, e) < 0)
		return -1;
	/* indexes learn of it by a tombstone of its own, which stays here */
	buf_addf(&marker, "%s.%" PRId64, ev->id, ev->seq);
	r = toc_forget(st, session, old, e) < 0 ||
	    drop_grips(st, ts, id, e) < 0 ||
	    live_forget(st, ev->id, NULL, e) < 0 ||
	    forgetting_event(st, old, e) < 0 ||
	    give_id(st, ev->seq, id, ulid_time(id) != ts, e) < 0 ||
	    mark(st, st->user_id, TOMBSTONE_REDACTED, marker.p, true, old,
	    e) < 0 ||
	    change_push(st, CHANGE_EVENT, ev->seq, e) < 0 ? -1 : 0;
	buf_release(&marker);
	return r;
}

/* --- records ----------------------------------------------------------- */

static int
move_version(struct store *st, int64_t seq, int64_t *now, struct err *e)
{
	struct db_query *q;

	/* (kb, id, version) is one row's; so the old one steps aside */
	if ((q = db_sql(st->db, e, "UPDATE record SET version = version + "
	    "1000000000 WHERE seq = :seq")) == NULL)
		return -1;
	db_int(q, ":seq", seq);
	if (db_run(q, e) < 0 || (q = db_sql(st->db, e, "INSERT INTO record "
	    "(kb, id, version, user, type, status, ts, key, at, node, base, "
	    "hash, dict, body) SELECT kb, id, version - 1000000000, user, "
	    "type, status, ts, key, at, node, base, hash, dict, body "
	    "FROM record WHERE seq = :seq")) == NULL)
		return -1;
	db_int(q, ":seq", seq);
	if (db_run(q, e) < 0)
		return -1;
	*now = db_last_id(st->db);
	if ((q = db_sql(st->db, e, "UPDATE artifact_use SET record = :now "
	    "WHERE record = :seq")) == NULL)
		return -1;
	db_int(q, ":now", *now);
	db_int(q, ":seq", seq);
	if (db_run(q, e) < 0 || (q = db_sql(st->db, e, "DELETE FROM record "
	    "WHERE seq = :seq")) == NULL)
		return -1;
	db_int(q, ":seq", seq);
	if (db_run(q, e) < 0)
		return -1;
	return change_push(st, CHANGE_RECORD, *now, e);
}

static int
set_json(struct store *st, int64_t seq, const char *json, size_t len,
    struct err *e)
{
	struct buf packed = BUF_INIT;
	uint8_t hash[HASH_LEN];
	struct db_query *q;
	int64_t dict;
	int r = -1;

	hash_mem(json, len, hash);
	if (store_pack(st, &packed, json, len, &dict, e) == 0 &&
	    (q = db_sql(st->db, e, "UPDATE record SET "
	    "body = seal(key, :body, 'record', kb, id, version), "
	    "dict = :dict, hash = :hash WHERE seq = :seq")) != NULL) {
		db_blob(q, ":body", packed.p, packed.len);
		db_int(q, ":dict", dict);
		db_blob(q, ":hash", hash, sizeof hash);
		db_int(q, ":seq", seq);
		r = db_run(q, e);
	}
	buf_release(&packed);
	return r;
}

/* This version and those after it, in their order. */
static int
versions_from(struct store *st, int64_t seq, struct buf *seqs,
    struct buf *name, struct err *e)
{
	struct db_query *q;
	int64_t one;
	int r;

	if ((q = db_sql(st->db, e, "SELECT r.seq, k.name || '/' || r.id "
	    "FROM record o JOIN record r ON r.kb = o.kb AND r.id = o.id AND "
	    "r.version >= o.version JOIN kb k ON k.id = r.kb WHERE "
	    "o.seq = :seq ORDER BY r.version")) == NULL)
		return -1;
	db_int(q, ":seq", seq);
	while ((r = db_row(q, e)) == 1) {
		one = db_get_int(q, 0);
		buf_add(seqs, &one, sizeof one);
		buf_reset(name);
		buf_adds(name, db_get_text(q, 1));
	}
	db_end(q);
	return r;
}

int
redacted_record(struct store *st, int64_t seq, const char *json, size_t len,
    struct err *e)
{
	struct buf seqs = BUF_INIT, name = BUF_INIT;
	int64_t one, now;
	size_t i;
	int r;

	r = db_scrub(st->db, e) < 0 ? -1 : versions_from(st, seq, &seqs, &name,
	    e);
	if (r == 0)
		r = ltm_leave(st, name.p, e);
	if (r == 0)
		r = set_json(st, seq, json, len, e);
	for (i = 0; r == 0 && i < seqs.len; i += sizeof one) {
		memcpy(&one, seqs.p + i, sizeof one);
		r = move_version(st, one, &now, e);
	}
	if (r == 0 && seqs.len > 0 && mark(st, 0, TOMBSTONE_REDACTED, name.p,
	    true, seq, e) < 0)
		r = -1;
	buf_release(&seqs);
	buf_release(&name);
	return r;
}

/* --- values ------------------------------------------------------------ */

int
redacted_value(struct store *st, int64_t seq, const char *value,
    struct err *e)
{
	struct db_query *q;

	if (db_scrub(st->db, e) < 0 || (q = db_sql(st->db, e, "UPDATE variable "
	    "SET value = seal(key, :value, 'variable', session, kind, name, "
	    "at, node) WHERE seq = :seq")) == NULL)
		return -1;
	db_text(q, ":value", value);
	db_int(q, ":seq", seq);
	if (db_run(q, e) < 0)
		return -1;
	return change_push(st, CHANGE_VALUE, seq, e);
}
