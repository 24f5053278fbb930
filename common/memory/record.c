/*
 * Rows of knowledge bases, read.
 */
#include "memory/record.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/uri.h"
#include "memory/document.h"
#include "memory/record_row.h"
#include "store/db.h"
#include "store/newest.h"
#include "store/payload.h"
#include "store/sealed.h"
#include "store/store.h"

#include <string.h>

json_t *
record_json(const struct record *rec)
{
	json_t *o;

	o = rec->kind != RECORD_ROW ? document_head(rec) :
	    json_pack("{s:s, s:s, s:s, s:s}", "type", "record", "kb", rec->kb,
	    "record_id", rec->record_id, "record_type", rec->record_type);
	if (o != NULL && rec->version > 1)
		json_object_set_new(o, "version", json_integer(rec->version));
	if (o != NULL)
		json_object_update(o, rec->json);
	return o;
}

void
record_id_part(struct buf *b, const char *s)
{
	uri_escape_only(b, s, strlen(s), "/%" URI_CONTROLS);
}

enum record_kind
record_kind(const char *type)
{
	return strcmp(type, RECORD_TYPE_CHUNK) == 0 ? RECORD_CHUNK :
	    strcmp(type, RECORD_TYPE_DOCUMENT) == 0 ? RECORD_DOCUMENT :
	    RECORD_ROW;
}

int
record_body(struct store *st, int64_t seq, struct buf *out, struct err *e)
{
	struct db_query *q;
	const void *p;
	size_t n;
	int r;

	buf_reset(out);
	if ((q = db_sql(st->db, e, "SELECT dict, " OPEN_RECORD("")
	    " FROM record WHERE seq = :seq")) == NULL)
		return -1;
	db_int(q, ":seq", seq);
	if ((r = db_row(q, e)) == 1 && db_is_null(q, 1))
		r = 0;
	if (r == 1) {
		p = db_get_blob(q, 1, &n);
		if (store_unpack(st, out, p, n, db_get_int(q, 0), RECORD_MAX,
		    e) < 0)
			r = -1;
	}
	db_end(q);
	return r;
}

#define COLUMNS \
	"SELECT r.seq, r.version, r.ts, k.name, r.id, r.type, r.status, " \
	"r.dict, " OPEN_RECORD("r.") ", r.at FROM record r " \
	"JOIN kb k ON k.id = r.kb "

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
	rec.at_ms = db_get_int(q, 9);
	rec.kb = db_get_text(q, 3);
	rec.record_id = db_get_text(q, 4);
	rec.record_type = db_get_text(q, 5);
	rec.status = db_get_text(q, 6);
	rec.kind = record_kind(rec.record_type);
	if (rec.kind != RECORD_ROW)
		rec.record_type++;
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

#define WITHDRAWN_NOT "(:kind <> 2 OR r.status IS NULL)"

int
record_each(struct store *st, enum record_kind kind, const char *kb,
    int64_t after_seq,
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
	    ":kb) AND r.seq > :after AND " RECORD_IS("r.") " AND "
	    WITHDRAWN_NOT " AND NOT EXISTS (SELECT 1 FROM record n "
	    "WHERE n.kb = r.kb AND n.id = r.id AND n.version > r.version) "
	    "ORDER BY r.kb, r.id")) == NULL)
		return -1;
	db_text(q, ":kb", kb);
	db_int(q, ":after", after_seq);
	db_int(q, ":kind", kind);
	return rows_show(st, q, fn, arg, e);
}

int
record_each_stored(struct store *st, int64_t after_seq,
    int (*fn)(void *, const struct record *, struct err *), void *arg,
    struct err *e)
{
	struct newest newest;
	struct db_query *q;

	if (newest_rows(st, &newest, e) < 0)
		return -1;
	if (newest.record <= after_seq)
		return 0;
	if ((q = db_sql(st->db, e, COLUMNS "WHERE r.seq > :after AND "
	    "NOT EXISTS (SELECT 1 FROM record n WHERE n.kb = r.kb AND "
	    "n.id = r.id AND n.version > r.version) ORDER BY r.seq")) == NULL)
		return -1;
	db_int(q, ":after", after_seq);
	return rows_show(st, q, fn, arg, e);
}

int
record_each_at(struct store *st, enum record_kind kind, int64_t at_ms,
    int (*fn)(void *, const struct record *, struct err *), void *arg,
    struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, COLUMNS "WHERE r.at <= :at AND "
	    RECORD_IS("r.") " AND " WITHDRAWN_NOT " AND NOT EXISTS "
	    "(SELECT 1 FROM record n WHERE n.kb = r.kb AND n.id = r.id "
	    "AND n.version > r.version AND n.at <= :at) "
	    "ORDER BY r.kb, r.id")) == NULL)
		return -1;
	db_int(q, ":at", at_ms);
	db_int(q, ":kind", kind);
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
