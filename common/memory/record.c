/*
 * Rows of knowledge bases.  What is compared and kept is the record's JSON
 * with sorted keys, so the same record in another order of keys is the
 * same.
 */
#include "memory/record.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/hash.h"
#include "base/json.h"
#include "store/change.h"
#include "store/db.h"
#include "store/name.h"
#include "store/newest.h"
#include "store/payload.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define RECORD_MAX ((size_t)64 << 20)	/* of its JSON, bytes */

struct record_row {
	const char *kb, *id, *type, *status;	/* in the block, or NULL */
	int64_t ts_ms;
	bool has_ts;
	const char *json;	/* in the block */
	size_t len;
	uint8_t hash[HASH_LEN];
};

static int
row_check(struct record_row *w, json_t *o, const char *kb, struct err *e)
{
	const char *bad = NULL;
	struct err name;
	int64_t version;
	int r;

	w->kb = get_str(o, "kb", &bad);
	w->id = get_str(o, "record_id", &bad);
	w->type = get_str(o, "record_type", &bad);
	get_str(o, "title", &bad);
	w->status = get_str(o, "status", &bad);
	if (w->kb == NULL && kb != NULL) {
		json_object_set_new(o, "kb", json_string(kb));
		w->kb = kb;
	}
	if (bad != NULL)
		return err_set(e, ERR_INPUT, "%s is not a string", bad);
	if (w->kb == NULL)
		return err_set(e, ERR_INPUT, "kb is missing; name one with "
		    "--kb");
	if (w->id == NULL)
		return err_set(e, ERR_INPUT, "record_id is missing");
	if (name_check("kb", w->kb, &name) < 0 ||
	    name_check("record_id", w->id, &name) < 0)
		return err_set(e, ERR_INPUT, "%s", name.msg);
	/* Or "a/b" could be two things: KB/RECORD_ID is its id. */
	if (strchr(w->kb, '/') != NULL)
		return err_set(e, ERR_INPUT, "kb holds a slash");
	if (w->type == NULL)
		return err_set(e, ERR_INPUT, "record_type is missing");
	if ((r = get_time(o, "timestamp", &w->ts_ms)) < 0 || (r == 1 &&
	    (w->ts_ms < DATE_MIN || w->ts_ms > DATE_MAX)))
		return err_set(e, ERR_INPUT, "timestamp is not a time");
	w->has_ts = r == 1;
	/* Stored times are milliseconds, however they were written. */
	if (w->has_ts)
		json_object_set_new(o, "timestamp", json_integer(w->ts_ms));
	json_object_set_new(o, "type", json_string("record"));
	/* What we add when we show it is not part of it. */
	if (get_int(o, "version", &version) < 0)
		return err_set(e, ERR_INPUT, "version is not a number; put "
		    "your own into fields");
	json_object_del(o, "version");
	return 0;
}

static const char *
put_string(char **at, const char *s)
{
	size_t n = s != NULL ? strlen(s) + 1 : 0;
	char *copy = *at;

	if (s == NULL)
		return NULL;
	memcpy(copy, s, n);
	*at += n;
	return copy;
}

static size_t
size_of(const char *s)
{
	return s != NULL ? strlen(s) + 1 : 0;
}

struct record_row *
record_row_new(json_t *o, const char *kb, struct err *e)
{
	struct record_row w = { 0 }, *row = NULL;
	struct buf json = BUF_INIT;
	char *at;

	if (row_check(&w, o, kb, e) < 0)
		return NULL;
	json_sorted(&json, o);
	if (json.len > RECORD_MAX)
		err_set(e, ERR_INPUT, "record is over %d MiB",
		    (int)(RECORD_MAX >> 20));
	else {
		row = xmalloc(sizeof *row + size_of(w.kb) + size_of(w.id) +
		    size_of(w.type) + size_of(w.status) + json.len + 1);
		at = (char *)(row + 1);
		*row = w;
		row->kb = put_string(&at, w.kb);
		row->id = put_string(&at, w.id);
		row->type = put_string(&at, w.type);
		row->status = put_string(&at, w.status);
		memcpy(at, json.p, json.len + 1);
		row->json = at;
		row->len = json.len;
		hash_mem(json.p, json.len, row->hash);
	}
	buf_release(&json);
	return row;
}

void
record_row_free(struct record_row *w)
{
	free(w);
}

const char *
record_row_id(const struct record_row *w)
{
	return w->id;
}

json_t *
record_row_json(const struct record_row *w)
{
	struct err ignored;	/* it was JSON when it came */

	return json_read(w->json, w->len, &ignored);
}

/* 1: a tombstone says that it was forgotten. */
static int
is_forgotten(struct store *st, const struct record_row *w, struct err *e)
{
	struct buf id = BUF_INIT;
	struct db_query *q;
	int r = -1;

	buf_addf(&id, "%s/%s", w->kb, w->id);
	if ((q = db_sql(st->db, e, "SELECT 1 FROM tombstone WHERE user = 0 "
	    "AND target = 3 AND id = :id")) != NULL) {
		db_text(q, ":id", id.p);
		r = db_row(q, e);
		db_end(q);
	}
	buf_release(&id);
	return r;
}

/* The newest version: 1 the same content, 0 another or none. */
static int
newest_same(struct store *st, int64_t kb, const struct record_row *w,
    int64_t *version, int64_t *seq, struct err *e)
{
	struct db_query *q;
	const void *p;
	size_t n;
	int r;

	*version = *seq = 0;
	if ((q = db_sql(st->db, e, "SELECT version, hash, seq FROM record "
	    "WHERE kb = :kb AND id = :id ORDER BY version DESC LIMIT 1"))
	    == NULL)
		return -1;
	db_int(q, ":kb", kb);
	db_text(q, ":id", w->id);
	if ((r = db_row(q, e)) == 1) {
		*version = db_get_int(q, 0);
		p = db_get_blob(q, 1, &n);
		*seq = db_get_int(q, 2);
		r = n == HASH_LEN && memcmp(p, w->hash, n) == 0;
	}
	db_end(q);
	return r;
}

static int
row_insert(struct store *st, int64_t kb, const struct record_row *w,
    int64_t version, int64_t *seq, struct buf *packed, struct err *e)
{
	struct db_query *q;
	int64_t dict;

	if (store_user(st, st->user, true, &st->user_id, e) < 0 ||
	    store_pack(st, packed, w->json, w->len, &dict, e) < 0 ||
	    (q = db_sql(st->db, e, "INSERT INTO record (kb, id, version, "
	    "user, type, status, ts, at, hash, dict, body) VALUES (:kb, :id, "
	    ":version, :user, :type, :status, :ts, :at, :hash, :dict, :body)"))
	    == NULL)
		return -1;
	db_int(q, ":kb", kb);
	db_text(q, ":id", w->id);
	db_int(q, ":version", version);
	db_int(q, ":user", st->user_id);
	db_text(q, ":type", w->type);
	db_text(q, ":status", w->status);
	if (w->has_ts)
		db_int(q, ":ts", w->ts_ms);
	db_int(q, ":at", date_real());
	db_blob(q, ":hash", w->hash, HASH_LEN);
	db_int(q, ":dict", dict);
	db_blob(q, ":body", packed->p, packed->len);
	if (db_run(q, e) < 0)
		return -1;
	*seq = db_last_id(st->db);
	return change_push(st, CHANGE_RECORD, *seq, e);
}

int
record_put(struct store *st, const struct record_row *w, int64_t *version,
    int64_t *seq, struct err *e)
{
	struct buf packed = BUF_INIT;
	int64_t kb;
	int r;

	if ((r = is_forgotten(st, w, e)) != 0)
		return r < 0 ? -1 : err_set(e, ERR_DENIED, "the record was "
		    "forgotten");
	if (store_kb(st, w->kb, true, &kb, e) < 0 ||
	    (r = newest_same(st, kb, w, version, seq, e)) < 0)
		return -1;
	if (r == 1)
		return 0;
	++*version;
	r = row_insert(st, kb, w, *version, seq, &packed, e);
	buf_release(&packed);
	return r < 0 ? -1 : 1;
}

int
record_add(struct store *st, json_t *o, const char *kb, int64_t *version,
    int64_t *seq, struct err *e)
{
	struct record_row *w = record_row_new(o, kb, e);
	int r;

	if (w == NULL)
		return -1;
	r = record_put(st, w, version, seq, e);
	record_row_free(w);
	return r;
}

int
record_repeat(struct store *st, const char *kb, const char *id, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "INSERT INTO record (kb, id, version, "
	    "user, type, status, ts, key, at, hash, dict, body) SELECT r.kb, "
	    "r.id, r.version + 1, r.user, r.type, r.status, r.ts, r.key, :at, "
	    "r.hash, r.dict, r.body FROM record r JOIN kb k ON k.id = r.kb "
	    "WHERE k.name = :kb AND r.id = :id ORDER BY r.version DESC "
	    "LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":at", date_real());
	db_text(q, ":kb", kb);
	db_text(q, ":id", id);
	if (db_run(q, e) < 0)
		return -1;
	if (db_changes(st->db) == 0)
		return 0;
	return change_push(st, CHANGE_RECORD, db_last_id(st->db), e) < 0 ? -1 :
	    1;
}

/* --- reading ----------------------------------------------------------- */

json_t *
record_json(const struct record *rec)
{
	json_t *o;

	o = json_pack("{s:s, s:s, s:s, s:s}", "type", "record", "kb", rec->kb,
	    "record_id", rec->record_id, "record_type", rec->record_type);
	if (o != NULL && rec->version > 1)
		json_object_set_new(o, "version", json_integer(rec->version));
	if (o != NULL)
		json_object_update(o, rec->json);
	return o;
}

#define COLUMNS \
	"SELECT r.seq, r.version, r.ts, k.name, r.id, r.type, r.status, " \
	"r.dict, r.body FROM record r JOIN kb k ON k.id = r.kb "

static int
row_show(struct store *st, struct db_query *q, struct buf *room,
    int (*fn)(void *, const struct record *, struct err *), void *arg,
    struct err *e)
{
	struct record rec;
	const void *p;
	size_t n;
	int r = -1;

	rec.seq = db_get_int(q, 0);
	rec.version = db_get_int(q, 1);
	rec.ts_ms = db_get_int(q, 2);
	rec.kb = db_get_text(q, 3);
	rec.record_id = db_get_text(q, 4);
	rec.record_type = db_get_text(q, 5);
	rec.status = db_get_text(q, 6);
	p = db_get_blob(q, 8, &n);
	buf_reset(room);
	if (store_unpack(st, room, p, n, db_get_int(q, 7), RECORD_MAX, e) < 0 ||
	    (rec.json = json_read(room->p, room->len, e)) == NULL)
		return err_add(e, "record %s of %s: ", rec.record_id, rec.kb);
	r = fn(arg, &rec, e);
	json_decref(rec.json);
	return r;
}

/* Show what a query finds, until fn returns nonzero. */
static int
rows_show(struct store *st, struct db_query *q,
    int (*fn)(void *, const struct record *, struct err *), void *arg,
    struct err *e)
{
	struct buf room = BUF_INIT;
	int r;

	while ((r = db_row(q, e)) == 1)
		if ((r = row_show(st, q, &room, fn, arg, e)) != 0)
			break;
	db_end(q);
	buf_release(&room);
	return r < 0 ? -1 : 0;
}

int
record_each(struct store *st, const char *kb, int64_t after_seq,
    int (*fn)(void *, const struct record *, struct err *), void *arg,
    struct err *e)
{
	struct newest newest;
	struct db_query *q;

	if (newest_rows(st, &newest, e) < 0)
		return -1;
	if (newest.record <= after_seq)
		return 0;
	if ((q = db_sql(st->db, e, COLUMNS "WHERE (:kb IS NULL OR k.name = "
	    ":kb) AND r.seq > :after AND NOT EXISTS (SELECT 1 FROM record n "
	    "WHERE n.kb = r.kb AND n.id = r.id AND n.version > r.version) "
	    "ORDER BY r.kb, r.id")) == NULL)
		return -1;
	db_text(q, ":kb", kb);
	db_int(q, ":after", after_seq);
	return rows_show(st, q, fn, arg, e);
}

int
record_each_at(struct store *st, int64_t at_ms,
    int (*fn)(void *, const struct record *, struct err *), void *arg,
    struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, COLUMNS "WHERE r.at <= :at AND NOT EXISTS "
	    "(SELECT 1 FROM record n WHERE n.kb = r.kb AND n.id = r.id "
	    "AND n.version > r.version AND n.at <= :at) "
	    "ORDER BY r.kb, r.id")) == NULL)
		return -1;
	db_int(q, ":at", at_ms);
	return rows_show(st, q, fn, arg, e);
}

int
record_find(struct store *st, const char *kb, const char *id,
    int64_t version, int (*fn)(void *, const struct record *, struct err *),
    void *arg, struct err *e)
{
	struct buf room = BUF_INIT;
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, COLUMNS "WHERE k.name = :kb AND r.id = :id "
	    "AND (:version = 0 OR r.version = :version) "
	    "ORDER BY r.version DESC LIMIT 1")) == NULL)
		return -1;
	db_text(q, ":kb", kb);
	db_text(q, ":id", id);
	db_int(q, ":version", version);
	if ((r = db_row(q, e)) == 1)
		r = row_show(st, q, &room, fn, arg, e) < 0 ? -1 : 1;
	db_end(q);
	buf_release(&room);
	return r;
}

int
record_find_at(struct store *st, const char *kb, const char *id,
    int64_t at_ms, int (*fn)(void *, const struct record *, struct err *),
    void *arg, struct err *e)
{
	struct db_query *q;
	int64_t version = 0;
	int r;

	if ((q = db_sql(st->db, e, "SELECT r.version FROM record r "
	    "JOIN kb k ON k.id = r.kb WHERE k.name = :kb AND r.id = :id "
	    "AND r.at <= :at ORDER BY r.version DESC LIMIT 1")) == NULL)
		return -1;
	db_text(q, ":kb", kb);
	db_text(q, ":id", id);
	db_int(q, ":at", at_ms);
	r = db_first(q, &version, e);
	return r == 1 ? record_find(st, kb, id, version, fn, arg, e) : r;
}
