#include "memory/document.h"

#include "base/json.h"
#include "base/map.h"
#include "base/str.h"
#include "memory/record_row.h"
#include "store/db.h"
#include "store/name.h"
#include "store/store.h"

#include <string.h>

#define MARK '#'	/* between the ids of a document and a chunk */
#define CHUNKS_MAX ((size_t)1 << 22)

const char *const record_kinds[] = { "record", "document", "chunk", NULL };

enum record_kind
document_kind(const json_t *o)
{
	const char *type = get_str(o, "type", NULL);

	return str_eq(type, "document") ? RECORD_DOCUMENT :
	    str_eq(type, "chunk") ? RECORD_CHUNK : RECORD_ROW;
}

size_t
document_id_len(enum record_kind kind, const char *id)
{
	size_t n = strlen(id);

	return kind == RECORD_CHUNK && n > CHUNK_ID_LEN ?
	    n - CHUNK_ID_LEN - 1 : n;
}

json_t *
document_head(const struct record *rec)
{
	size_t n = document_id_len(rec->kind, rec->record_id);
	json_t *o = json_pack("{s:s, s:s, s:s%}", "type",
	    record_kinds[rec->kind], "kb", rec->kb, "document_id",
	    rec->record_id, n);

	if (o != NULL && rec->kind == RECORD_CHUNK)
		json_object_set_new(o, "chunk_id", json_string(rec->record_id +
		    n + 1));
	return o;
}

/* --- in ---------------------------------------------------------------- */

static bool
is_chunk_id(const char *s)
{
	return s != NULL && strlen(s) == CHUNK_ID_LEN &&
	    strspn(s, "0123456789abcdef") == CHUNK_ID_LEN;
}

static int
document_check(const json_t *o, struct err *e)
{
	const json_t *chunks = json_object_get(o, "chunks"), *v;
	const char *status = get_str(o, "status", NULL);
	const char *bad = NULL, *raw = get_str(o, "raw_status", &bad);
	size_t i;

	if (bad != NULL || (raw != NULL && strcmp(raw, DOCUMENT_PENDING) != 0 &&
	    strcmp(raw, DOCUMENT_AVAILABLE) != 0 &&
	    strcmp(raw, DOCUMENT_FAILED) != 0))
		return err_set(e, ERR_INPUT, "raw_status is pending, "
		    "available or failed");
	if (status != NULL && strcmp(status, DOCUMENT_WITHDRAWN) != 0)
		return err_set(e, ERR_INPUT, "status of a document is '%s' or "
		    "not there", DOCUMENT_WITHDRAWN);
	if (status != NULL && chunks == NULL)
		return 0;
	if (!json_is_array(chunks) || json_array_size(chunks) > CHUNKS_MAX)
		return err_set(e, ERR_INPUT, "chunks is not a list of ids");
	json_array_foreach(chunks, i, v)
		if (!is_chunk_id(json_string_value(v)))
			return err_set(e, ERR_INPUT, "chunks is not a list "
			    "of ids");
	return 0;
}

static int
chunk_check(const json_t *o, const char *id, struct err *e)
{
	const json_t *heading = json_object_get(o, "heading"), *v;
	int64_t page, end;
	size_t i;

	if (!is_chunk_id(id))
		return err_set(e, ERR_INPUT, "chunk_id is not %d hexadecimal "
		    "digits", CHUNK_ID_LEN);
	if (json_object_get(o, "status") != NULL)
		return str_eq(get_str(o, "status", NULL), DOCUMENT_WITHDRAWN) ?
		    0 : err_set(e, ERR_INPUT, "status of a chunk is '%s' or "
		    "not there", DOCUMENT_WITHDRAWN);
	if (get_str(o, "text", NULL) == NULL)
		return err_set(e, ERR_INPUT, "text is missing");
	if (heading != NULL && !json_is_array(heading))
		return err_set(e, ERR_INPUT, "heading is not a list");
	json_array_foreach(heading, i, v)
		if (!json_is_string(v))
			return err_set(e, ERR_INPUT, "heading is not a list "
			    "of strings");
	if (get_int(o, "page", &page) < 0)
		return err_set(e, ERR_INPUT, "page is not a number");
	return get_int(o, "page_end", &end) < 0 ? err_set(e, ERR_INPUT,
	    "page_end is not a number") : 0;
}

int
document_names(struct record_row *w, json_t *o, struct buf *id, struct err *e)
{
	static const char *const texts[] = { "document_id", "chunk_id",
	    "author", "media_type", "source", "path", "section", "language",
	    NULL };
	const char *bad = NULL, *doc, *chunk;
	int i;

	for (i = 0; texts[i] != NULL; i++)
		get_str(o, texts[i], &bad);
	if (bad != NULL)
		return err_set(e, ERR_INPUT, "%s is not a string", bad);
	if ((doc = get_str(o, "document_id", NULL)) == NULL)
		return err_set(e, ERR_INPUT, "document_id is missing");
	if (strlen(doc) > NAME_MAX_IN - CHUNK_ID_LEN - 1)
		return err_set(e, ERR_INPUT, "document_id is too long");
	buf_adds(id, doc);
	w->type = RECORD_TYPE_DOCUMENT;
	if (w->kind == RECORD_CHUNK) {
		chunk = get_str(o, "chunk_id", NULL);
		if (chunk_check(o, chunk, e) < 0)
			return -1;
		buf_addc(id, MARK);
		buf_adds(id, chunk);
		w->type = RECORD_TYPE_CHUNK;
	} else if (document_check(o, e) < 0)
		return -1;
	if (w->kind == RECORD_DOCUMENT && w->status == NULL)
		w->status = get_str(o, "raw_status", NULL);
	w->id = id->p;
	return 0;
}

/* The JSON of a row; own. */
static json_t *
row_json(struct store *st, int64_t seq, struct err *e)
{
	struct buf b = BUF_INIT;
	json_t *o = NULL;
	int r = record_body(st, seq, &b, e);

	if (r == 1)
		o = json_read(b.p, b.len, e);
	else if (r == 0)
		err_set(e, ERR_CORRUPT, "what is stored of it cannot be read; "
		    "run mem-admin check");
	buf_release(&b);
	return o;
}

/* Also takes the keys out of both. */
static bool
same_but(json_t *a, json_t *b, const char *key, const char *other)
{
	json_object_del(a, key);
	json_object_del(b, key);
	if (other != NULL) {
		json_object_del(a, other);
		json_object_del(b, other);
	}
	return json_equal(a, b);
}

int
document_same(struct store *st, int64_t seq, const struct record_row *w,
    struct err *e)
{
	json_t *was = row_json(st, seq, e), *is;
	int same;

	if (was == NULL)
		return -1;
	if ((is = json_read(w->json, w->len, e)) == NULL) {
		json_decref(was);
		return -1;
	}
	same = w->kind == RECORD_CHUNK ? same_but(was, is, "timestamp", NULL) :
	    json_object_get(is, "artifact_id") == NULL &&
	    (json_object_get(is, "raw_status") == NULL || (str_eq(get_str(is,
	    "raw_status", NULL), DOCUMENT_PENDING) && !str_eq(get_str(was,
	    "raw_status", NULL), DOCUMENT_FAILED))) &&
	    same_but(was, is, "raw_status", "artifact_id");
	json_decref(was);
	json_decref(is);
	return same;
}

/* --- withdrawing ------------------------------------------------------- */

/* Chunks of a document that count, by their ids there. */
static int
live_chunks(struct store *st, int64_t kb, const char *doc, struct strv *ids,
    struct err *e)
{
	size_t n = strlen(doc);
	struct db_query *q;
	const char *id;
	int r;

	if ((q = db_sql(st->db, e, "SELECT r.id FROM record r WHERE "
	    "r.kb = :kb AND r.id >= :doc || '#' AND r.id < :doc || '$' AND "
	    "r.type = '" RECORD_TYPE_CHUNK "' AND r.status IS NULL AND "
	    "NOT EXISTS (SELECT 1 FROM record n WHERE n.kb = r.kb AND "
	    "n.id = r.id AND n.version > r.version)")) == NULL)
		return -1;
	db_int(q, ":kb", kb);
	db_text(q, ":doc", doc);
	while ((r = db_row(q, e)) == 1) {
		id = db_get_text(q, 0);
		if (document_id_len(RECORD_CHUNK, id) == n)
			strv_add(ids, id + n + 1);
	}
	db_end(q);
	return r;
}

static int
withdraw(struct store *st, const char *kb, const char *doc, const char *chunk,
    struct err *e)
{
	json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:s}", "type", "chunk",
	    "kb", kb, "document_id", doc, "chunk_id", chunk, "status",
	    DOCUMENT_WITHDRAWN);
	int64_t version, seq;
	int r = record_add(st, o, NULL, &version, &seq, e);

	json_decref(o);
	return r < 0 ? -1 : 0;
}

int
document_settle(struct store *st, int64_t kb, const struct record_row *w,
    struct err *e)
{
	struct strv live = STRV_INIT;
	struct map named = { 0 };
	json_t *o, *v;
	size_t i;
	int made, r = -1;

	if ((o = json_read(w->json, w->len, e)) == NULL)
		return -1;
	if (!str_eq(w->status, DOCUMENT_WITHDRAWN))
		json_array_foreach(json_object_get(o, "chunks"), i, v)
			map_put(&named, json_string_value(v), &made)->i = 1;
	if (live_chunks(st, kb, w->id, &live, e) == 0)
		for (i = 0, r = 0; i < live.n && r == 0; i++)
			if (map_get(&named, live.v[i]) == NULL)
				r = withdraw(st, w->kb, w->id, live.v[i], e);
	map_release(&named);
	strv_release(&live);
	json_decref(o);
	return r;
}
