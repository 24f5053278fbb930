/*
 * Rows of knowledge bases, and chunks.  Where a chunk is in its document, and
 * whether it is there at all, the document says; so a document that comes
 * tells again of chunks that it has in another place.
 */
#include "engine/feed_work.h"

#include "base/json.h"
#include "base/str.h"
#include "ingest/redacted.h"
#include "memory/document.h"
#include "memory/record.h"
#include "store/db.h"
#include "store/newest.h"
#include "store/store.h"

#include <string.h>

/* The version of a document that counted when a row was the newest; 0: there
 * was none. */
static int
version_then(struct store *st, const char *kb, const char *id, int64_t row,
    int64_t *version, struct err *e)
{
	struct db_query *q;

	*version = 0;
	if ((q = db_sql(st->db, e, "SELECT max(r.version) FROM record r "
	    "JOIN kb k ON k.id = r.kb WHERE k.name = :kb AND r.id = :id AND "
	    "r.seq <= :row")) == NULL)
		return -1;
	db_text(q, ":kb", kb);
	db_text(q, ":id", id);
	db_int(q, ":row", row);
	return db_first(q, version, e) < 0 ? -1 : 0;
}

/* --- the document of a chunk ------------------------------------------- */

static int
take_places(void *arg, const struct record *doc, struct err *e)
{
	struct feed *f = arg;
	union map_value *to;
	json_t *v;
	size_t i;
	int made;

	(void)e;
	f->of_there = !str_eq(doc->status, DOCUMENT_WITHDRAWN);
	f->of_at = doc->at_ms;
	if (!f->of_there)
		return 0;
	json_array_foreach(json_object_get(doc->json, "chunks"), i, v) {
		if (!json_is_string(v))
			continue;
		to = map_put(&f->places, json_string_value(v), &made);
		if (made)
			to->i = (int64_t)i;
	}
	return 0;
}

/* As it was when this feed began: a version that came since is told of later,
 * and then what it moved. */
static int
read_document(struct feed *f, const char *kb, const char *id, struct err *e)
{
	int64_t version;

	if (version_then(f->st, kb, id, f->newest, &version, e) < 0)
		return -1;
	return version == 0 ? 0 : record_find(f->st, kb, id, version,
	    take_places, f, e) < 0 ? -1 : 0;
}

/* What a document names, kept until another one is asked for. */
static int
find_document(struct feed *f, const char *kb, const char *id, size_t len,
    struct err *e)
{
	struct buf of = BUF_INIT;
	int r = 0;

	buf_addf(&of, "%s/", kb);
	buf_add(&of, id, len);
	if (f->of.len != of.len || memcmp(f->of.p, of.p, of.len) != 0) {
		map_release(&f->places);
		memset(&f->places, 0, sizeof f->places);
		f->of_there = false;
		f->of_at = 0;
		buf_reset(&f->of);
		buf_add(&f->of, of.p, of.len);
		r = read_document(f, kb, of.p + strlen(kb) + 1, e);
		if (r < 0)
			buf_reset(&f->of);
	}
	buf_release(&of);
	return r;
}

/* --- one row ----------------------------------------------------------- */

static int
version_at(struct feed *f, const struct record *rec, int64_t *at,
    struct err *e)
{
	struct buf id = BUF_INIT;
	int r;

	buf_addf(&id, "%s/%s", rec->kb, rec->record_id);
	r = redacted_at(f->st, 0, id.p, at, e);
	buf_release(&id);
	if (*at < rec->at_ms)
		*at = rec->at_ms;
	if (*at < f->of_at && rec->kind == RECORD_CHUNK)
		*at = f->of_at;
	return r;
}

static int
tell_row(struct feed_run *w, const struct record *rec, int64_t place,
    struct err *e)
{
	struct engine_more more = { .within = rec->kb, .place = place };
	json_t *o;

	if (version_at(w->f, rec, &more.at, e) < 0)
		return -1;
	doc_record(&w->doc, rec);
	if ((o = record_json(rec)) == NULL)
		return err_set(e, ERR_CORRUPT, "record %s of %s is not "
		    "UTF-8; run mem-admin check", rec->record_id, rec->kb);
	if (place >= 0)
		json_object_set_new(o, "seq", json_integer(place));
	return feed_tell(w, &more, o, e);
}

static int
tell_chunk(struct feed_run *w, const struct record *rec, struct err *e)
{
	size_t len = document_id_len(RECORD_CHUNK, rec->record_id);
	struct engine_more more = { .within = rec->kb, .place = -1 };
	const union map_value *place;

	if (find_document(w->f, rec->kb, rec->record_id, len, e) < 0)
		return -1;
	place = !w->f->of_there || rec->status != NULL ? NULL :
	    map_get(&w->f->places, rec->record_id + len + 1);
	if (place != NULL)
		return tell_row(w, rec, place->i, e);
	if (w->f->first)
		return 0;
	if (version_at(w->f, rec, &more.at, e) < 0)
		return -1;
	return w->to->gone(w->to->arg, SOURCE_DOCUMENT, rec->record_id, &more,
	    e) == 0 ? 0 : -1;
}

/* --- a document -------------------------------------------------------- */

struct moved {
	struct feed_run *w;
	const struct record *doc;
};

/* It is told by itself if it came later. */
static int
tell_moved(void *arg, const struct record *chunk, struct err *e)
{
	struct moved *m = arg;

	return chunk->seq > m->w->f->began ? 0 : tell_chunk(m->w, chunk, e);
}

static int
tell_again(struct moved *m, const char *chunk, struct err *e)
{
	struct buf id = BUF_INIT;
	int r;

	buf_addf(&id, "%s#%s", m->doc->record_id, chunk);
	r = record_find(m->w->f->st, m->doc->kb, id.p, 0, tell_moved, m, e);
	buf_release(&id);
	return r < 0 ? -1 : 0;
}

/* Those that it has elsewhere than it had, or has no more. */
static int
compare(void *arg, const struct record *was, struct err *e)
{
	struct moved *m = arg;
	const json_t *had = str_eq(was->status, DOCUMENT_WITHDRAWN) ? NULL :
	    json_object_get(was->json, "chunks");
	const json_t *has = str_eq(m->doc->status, DOCUMENT_WITHDRAWN) ?
	    NULL : json_object_get(m->doc->json, "chunks");
	struct map now = { 0 };
	json_t *v;
	size_t i;
	int made, r = 0;

	json_array_foreach(has, i, v) {
		if (!json_is_string(v))
			continue;
		map_put(&now, json_string_value(v), &made);
		if (!str_eq(json_string_value(json_array_get(had, i)),
		    json_string_value(v)) && r == 0)
			r = tell_again(m, json_string_value(v), e);
	}
	json_array_foreach(had, i, v)
		if (r == 0 && json_is_string(v) &&
		    map_get(&now, json_string_value(v)) == NULL)
			r = tell_again(m, json_string_value(v), e);
	map_release(&now);
	return r;
}

/* Chunks that came since this feed began are told by themselves; of others only
 * their document tells that they are elsewhere. */
static int
tell_document(struct feed_run *w, const struct record *doc, struct err *e)
{
	struct feed *f = w->f;
	struct moved m = { w, doc };
	static const struct record none;
	int64_t version;

	if (f->began == 0)
		return 0;
	if (version_then(f->st, doc->kb, doc->record_id, f->began, &version,
	    e) < 0)
		return -1;
	if (version == 0)
		return compare(&m, &none, e);
	return record_find(f->st, doc->kb, doc->record_id, version, compare,
	    &m, e) < 0 ? -1 : 0;
}

static int
take(void *arg, const struct record *rec, struct err *e)
{
	struct feed_run *w = arg;
	int r;

	if (rec->seq > w->f->newest)	/* for the next feed */
		return 1;
	r = rec->kind == RECORD_DOCUMENT ? tell_document(w, rec, e) :
	    rec->kind == RECORD_CHUNK ? tell_chunk(w, rec, e) :
	    tell_row(w, rec, -1, e);
	if (r < 0)
		return -1;
	w->f->mark.after[FEED_RECORDS] = rec->seq;
	return feed_full(w) ? 1 : 0;
}

int
feed_records(struct feed_run *w, struct err *e)
{
	struct feed *f = w->f;
	int64_t *after = &f->mark.after[FEED_RECORDS];
	struct newest newest;

	if (f->began < 0) {
		if (newest_rows(f->st, &newest, e) < 0)
			return -1;
		f->began = *after;
		f->newest = newest.record;
	}
	if (f->newest <= *after)
		return 0;
	if (record_each_stored(f->st, *after, take, w, e) < 0)
		return -1;
	if (w->r == 0)
		*after = f->newest;
	return w->r;
}
