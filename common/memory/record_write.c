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
#include "memory/artifact_use.h"
#include "memory/document.h"
#include "memory/record_row.h"
#include "store/change.h"
#include "store/db.h"
#include "store/name.h"
#include "store/node.h"
#include "store/payload.h"
#include "store/sealed.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The names of a row; id: room for that of a chunk. */
static int
row_names(struct record_row *w, json_t *o, struct buf *id, struct err *e)
{
	const char *bad = NULL;

	w->kind = document_kind(o);
	w->kb = get_str(o, "kb", &bad);
	get_str(o, "title", &bad);
	w->status = get_str(o, "status", &bad);
	if (w->kind == RECORD_ROW) {
		w->id = get_str(o, "record_id", &bad);
		w->type = get_str(o, "record_type", &bad);
	}
	if (bad != NULL)
		return err_set(e, ERR_INPUT, "%s is not a string", bad);
	return w->kind == RECORD_ROW ? 0 : document_names(w, o, id, e);
}

static int
row_check(struct record_row *w, json_t *o, const char *kb, struct buf *id,
    struct err *e)
{
	const char *artifact;
	struct err name;
	int64_t version;
	int r;

	if (row_names(w, o, id, e) < 0)
		return -1;
	if (w->kb == NULL && kb != NULL) {
		json_object_set_new(o, "kb", json_string(kb));
		w->kb = kb;
	}
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
	if (w->kind == RECORD_ROW && w->type[0] == ':')
		return err_set(e, ERR_INPUT, "record_type begins with a "
		    "colon");
	if ((r = get_time(o, "timestamp", &w->ts_ms)) < 0 || (r == 1 &&
	    (w->ts_ms < DATE_MIN || w->ts_ms > DATE_MAX)))
		return err_set(e, ERR_INPUT, "timestamp is not a time");
	w->has_ts = r == 1;
	/* Stored times are milliseconds, however they were written. */
	if (w->has_ts)
		json_object_set_new(o, "timestamp", json_integer(w->ts_ms));
	json_object_set_new(o, "type", json_string(w->kind == RECORD_ROW ?
	    "record" : w->type + 1));
	artifact = get_str(o, "artifact_id", NULL);
	w->has_artifact = artifact != NULL && strlen(artifact) == ULID_LEN &&
	    ulid_parse(artifact, w->artifact);
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
	struct buf json = BUF_INIT, id = BUF_INIT;
	char *at;

	if (row_check(&w, o, kb, &id, e) < 0) {
		buf_release(&id);
		return NULL;
	}
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
	buf_release(&id);
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

/* 1: a tombstone says that it was forgotten; a chunk with its document. */
static int
is_forgotten(struct store *st, const struct record_row *w, struct err *e)
{
	struct buf id = BUF_INIT, of = BUF_INIT;
	struct db_query *q;
	int r = -1;

	buf_addf(&id, "%s/%s", w->kb, w->id);
	buf_add(&of, id.p, strlen(w->kb) + 1 + document_id_len(w->kind,
	    w->id));
	if ((q = db_sql(st->db, e, "SELECT 1 FROM tombstone WHERE user = 0 "
	    "AND target = 3 AND id IN (:id, :of)")) != NULL) {
		db_text(q, ":id", id.p);
		db_text(q, ":of", of.p);
		r = db_row(q, e);
		db_end(q);
	}
	buf_release(&id);
	buf_release(&of);
	return r;
}

/* The newest version: 1 the same content, 0 another or none. */
static int
newest_same(struct store *st, int64_t kb, const struct record_row *w,
    int64_t *version, int64_t *seq, int64_t *at, struct err *e)
{
	enum record_kind kind = w->kind;
	struct db_query *q;
	const void *p;
	size_t n;
	int r;

	*version = *seq = *at = 0;
	if ((q = db_sql(st->db, e, "SELECT version, hash, seq, at, type "
	    "FROM record WHERE kb = :kb AND id = :id "
	    "ORDER BY version DESC LIMIT 1"))
	    == NULL)
		return -1;
	db_int(q, ":kb", kb);
	db_text(q, ":id", w->id);
	if ((r = db_row(q, e)) == 1) {
		*version = db_get_int(q, 0);
		p = db_get_blob(q, 1, &n);
		*seq = db_get_int(q, 2);
		*at = db_get_int(q, 3);
		r = n == HASH_LEN && memcmp(p, w->hash, n) == 0;
		kind = record_kind(db_get_text(q, 4));
	}
	db_end(q);
	if (kind != w->kind)
		return err_set(e, ERR_EXISTS, "'%s' of %s is a %s", w->id,
		    w->kb, record_kinds[kind]);
	return r == 0 && kind != RECORD_ROW && *seq != 0 ?
	    document_same(st, *seq, w, e) : r;
}

int
record_insert(struct store *st, int64_t kb, const struct record_row *w,
    int64_t version, int64_t user, const struct stamp *s, int64_t *seq,
    struct err *e)
{
	struct buf packed = BUF_INIT;
	struct db_query *q;
	int64_t dict, key;
	int r = -1;

	if (store_seal_key(st, 0, 0, &key, e) < 0 ||
	    store_pack(st, &packed, w->json, w->len, &dict, e) < 0 ||
	    (q = db_sql(st->db, e, "INSERT INTO record (kb, id, version, "
	    "user, type, status, ts, at, node, base, hash, key, dict, body) "
	    "VALUES "
	    "(:kb, :id, :version, :user, :type, :status, :ts, :at, :node, "
	    ":base, :hash, :key, :dict, " SEAL_RECORD ")")) == NULL)
		goto out;
	db_int(q, ":kb", kb);
	db_text(q, ":id", w->id);
	db_int(q, ":version", version);
	db_int(q, ":user", user);
	db_text(q, ":type", w->type);
	db_text(q, ":status", w->status);
	if (w->has_ts)
		db_int(q, ":ts", w->ts_ms);
	db_int(q, ":at", s->at_ms);
	db_int(q, ":node", s->node);
	db_int(q, ":base", s->base_ms);
	db_blob(q, ":hash", w->hash, HASH_LEN);
	db_int(q, ":key", key);
	db_int(q, ":dict", dict);
	db_blob(q, ":body", packed.p, packed.len);
	if (db_run(q, e) < 0)
		goto out;
	*seq = db_last_id(st->db);
	if (!w->has_artifact || artifact_use_add(st, w->artifact, *seq, e) ==
	    0)
		r = change_push(st, CHANGE_RECORD, *seq, e);
out:
	buf_release(&packed);
	return r;
}

/* The knowledge base of a record that was not forgotten. */
int
record_kb(struct store *st, const struct record_row *w, int64_t *kb,
    struct err *e)
{
	int r = is_forgotten(st, w, e);

	if (r != 0)
		return r < 0 ? -1 : err_set(e, ERR_DENIED, "the record was "
		    "forgotten");
	return store_kb(st, w->kb, true, kb, e);
}

int
record_put(struct store *st, const struct record_row *w, int64_t *version,
    int64_t *seq, struct err *e)
{
	struct stamp s = { .at_ms = date_real() };
	int64_t kb;
	int r;

	if (record_kb(st, w, &kb, e) < 0 ||
	    (r = newest_same(st, kb, w, version, seq, &s.base_ms, e)) < 0)
		return -1;
	if (r == 1)
		return 0;
	++*version;
	if (s.at_ms <= s.base_ms)
		s.at_ms = s.base_ms + 1;
	if (store_user(st, st->user, true, &st->user_id, e) < 0 ||
	    node_number(st, &s.node, e) < 0 ||
	    record_insert(st, kb, w, *version, st->user_id, &s, seq, e) < 0)
		return -1;
	return w->kind == RECORD_DOCUMENT && document_settle(st, kb, w, e) <
	    0 ? -1 : 1;
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

/* The row of the version before this one. */
static int
before(struct store *st, int64_t seq, int64_t *was, struct err *e)
{
	struct db_query *q;

	*was = 0;
	if ((q = db_sql(st->db, e, "SELECT w.seq FROM record r JOIN record w "
	    "ON w.kb = r.kb AND w.id = r.id AND w.version = r.version - 1 "
	    "WHERE r.seq = :seq")) == NULL)
		return -1;
	db_int(q, ":seq", seq);
	return db_first(q, was, e);
}

int
record_repeat(struct store *st, const char *kb, const char *id, struct err *e)
{
	struct db_query *q;
	int64_t node, last, was;

	if (node_number(st, &node, e) < 0 || (q = db_sql(st->db, e,
	    "INSERT INTO record (kb, id, version, user, type, status, ts, "
	    "key, at, node, base, hash, dict, body) SELECT r.kb, r.id, "
	    "r.version + 1, r.user, r.type, r.status, r.ts, r.key, "
	    "max(:at, r.at + 1), :node, r.at, r.hash, r.dict, "
	    "seal(r.key, " OPEN_RECORD("r.") ", 'record', r.kb, r.id, "
	    "r.version + 1) FROM record r JOIN kb k ON k.id = r.kb "
	    "WHERE k.name = :kb "
	    "AND r.id = :id ORDER BY r.version DESC LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":at", date_real());
	db_int(q, ":node", node);
	db_text(q, ":kb", kb);
	db_text(q, ":id", id);
	if (db_run(q, e) < 0)
		return -1;
	if (db_changes(st->db) == 0)
		return 0;
	last = db_last_id(st->db);
	return before(st, last, &was, e) < 0 ||
	    artifact_use_copy(st, was, last, e) < 0 ||
	    change_push(st, CHANGE_RECORD, last, e) < 0 ? -1 : 1;
}
