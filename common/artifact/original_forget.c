#include "artifact/original_forget.h"

#include "artifact/artifact.h"
#include "artifact/artifact_merge.h"
#include "base/alloc.h"
#include "base/json.h"
#include "base/str.h"
#include "base/uri.h"
#include "docs/document_id.h"
#include "history/commit.h"
#include "index/fold.h"
#include "memory/document.h"
#include "memory/hold.h"
#include "memory/record_row.h"
#include "memory/tombstone.h"
#include "store/db.h"
#include "store/sealed.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FILE_URI "file://"

/* Rows by their numbers, from one query. */
struct rows {
	int64_t *v;		/* own */
	size_t n, cap;
};

struct forgotten {
	struct store *st;
	const char *id;		/* KB/RECORD_ID */
	char *kb, *doc;		/* own; NULL: it is no document */
	char *archive;		/* own; how ids of all that is in it begin */
	bool elsewhere;
};

/* --- what is in an archive --------------------------------------------- */

bool
original_path(struct buf *b, const char *uri)
{
	buf_reset(b);
	return str_starts(uri, FILE_URI "/") &&
	    uri_unescape(b, uri + strlen(FILE_URI)) == 1;
}

char *
original_called(const char *path)
{
	struct buf text = BUF_INIT, plain = BUF_INIT;
	char *s;

	path_text(&text, path, strlen(path));
	docs_put_plain(&plain, text.p, text.len);
	s = fold_composed(plain.p, plain.len);
	buf_release(&text);
	buf_release(&plain);
	return s;
}

/* The longest beginning of the id, up to a slash, that the source ends with. */
size_t
original_archive(const char *source, const char *id)
{
	struct buf path = BUF_INIT;
	size_t n, len, most = 0;
	const char *slash;
	char *is;

	if (source == NULL || id == NULL)
		return 0;
	is = original_path(&path, source) ? original_called(path.p) :
	    xstrdup(source);
	n = strlen(is);
	for (slash = strchr(id, '/'); slash != NULL;
	    slash = strchr(slash + 1, '/')) {
		len = (size_t)(slash - id);
		if (len > 0 && len <= n && memcmp(is + n - len, id, len) ==
		    0 && (len == n || is[n - len - 1] == '/'))
			most = len;
	}
	free(is);
	buf_release(&path);
	return most;
}

int
original_forgotten(struct store *st, const char *kb, const char *source,
    const char *id, struct err *e)
{
	struct buf b = BUF_INIT;
	size_t len = original_archive(source, id);
	int r;

	buf_addf(&b, "%s/%s", kb, id);
	r = tombstone_has_record(st, b.p, e);
	if (r == 0 && len > 0) {
		buf_reset(&b);
		buf_addf(&b, "%s/%.*s/", kb, (int)len, id);
		r = tombstone_has_below(st, b.p, e);
	}
	buf_release(&b);
	return r;
}

/* --- which ------------------------------------------------------------- */

static int
rows_read(struct rows *rows, struct db_query *q, struct err *e)
{
	int r;

	while ((r = db_row(q, e)) == 1) {
		rows->v = xgrow(rows->v, rows->n, &rows->cap,
		    sizeof *rows->v);
		rows->v[rows->n++] = db_get_int(q, 0);
	}
	db_end(q);
	return r;
}

/* What the versions say: the archive, if any was read out of one. */
static int
look_body(struct forgotten *f, int64_t seq, struct err *e)
{
	struct buf b = BUF_INIT;
	json_t *o = NULL;
	size_t len;
	int r = record_body(f->st, seq, &b, e);

	if (r == 1 && (o = json_read(b.p, b.len, e)) == NULL)
		r = -1;
	len = original_archive(get_str(o, "source", NULL), f->doc);
	if (len > 0 && f->archive == NULL) {
		buf_reset(&b);
		buf_addf(&b, "%.*s/", (int)len, f->doc);
		f->archive = xstrdup(b.p);
	}
	json_decref(o);
	buf_wipe(&b);
	return r < 0 ? -1 : 0;
}

static int
look(struct forgotten *f, struct err *e)
{
	struct rows rows = { 0 };
	struct db_query *q;
	size_t i;
	int r;

	if ((q = db_sql(f->st->db, e, "SELECT k.name, r.id FROM "
	    RECORD_VERSIONS " AND r.type = '" RECORD_TYPE_DOCUMENT "' LIMIT 1"))
	    == NULL)
		return -1;
	db_text(q, ":id", f->id);
	if ((r = db_row(q, e)) == 1) {
		f->kb = db_dup(q, 0);
		f->doc = db_dup(q, 1);
	}
	db_end(q);
	if (r != 1)
		return r;
	if ((q = db_sql(f->st->db, e, "SELECT r.seq FROM " RECORD_VERSIONS
	    " AND r.type = '" RECORD_TYPE_DOCUMENT "'")) == NULL)
		return -1;
	db_text(q, ":id", f->id);
	r = rows_read(&rows, q, e);
	for (i = 0; r == 0 && i < rows.n; i++)
		r = look_body(f, rows.v[i], e);
	free(rows.v);
	return r;
}

#define IN_ARCHIVE(id) "(" id " >= :archive AND substr(" id ", 1, " \
    "length(:archive)) = :archive)"

/* Those that versions of it name; that any of the archive's name; and those
 * whose document was never told of them, as the writer was killed. */
static int
originals(struct forgotten *f, struct rows *rows, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(f->st->db, e, "SELECT a.seq FROM kb k CROSS JOIN "
	    "record r ON r.kb = k.id CROSS JOIN artifact_use u ON "
	    "u.record = r.seq JOIN artifact a ON a.id = u.id WHERE "
	    "k.name = :kb AND r.id = :doc AND a.state <> 6 "
	    "UNION SELECT a.seq FROM kb k CROSS JOIN record r ON r.kb = k.id "
	    "CROSS JOIN artifact_use u ON u.record = r.seq JOIN artifact a "
	    "ON a.id = u.id WHERE k.name = :kb AND " IN_ARCHIVE("r.id")
	    " AND r.type = '" RECORD_TYPE_DOCUMENT "' AND a.state <> 6 "
	    "UNION SELECT seq FROM (SELECT a.seq, " OPEN_ARTIFACT("a.")
	    " AS body FROM artifact a WHERE a.state <> 6 AND NOT EXISTS "
	    "(SELECT 1 FROM artifact_use u WHERE u.id = a.id)) WHERE "
	    "json_extract(body, '$.metadata.kb') = :kb AND "
	    "(json_extract(body, '$.metadata.document_id') = :doc OR "
	    IN_ARCHIVE("json_extract(body, '$.metadata.document_id')") ")"))
	    == NULL)
		return -1;
	db_text(q, ":kb", f->kb);
	db_text(q, ":doc", f->doc);
	db_text(q, ":archive", f->archive);
	return rows_read(rows, q, e);
}

/* Other documents with a version that names it, by number. */
static int
others(struct forgotten *f, const struct artifact *a, struct rows *rows,
    struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(f->st->db, e, "SELECT r.seq FROM artifact_use u "
	    "JOIN record r ON r.seq = u.record JOIN kb k ON k.id = r.kb "
	    "WHERE u.id = :id AND r.type = '" RECORD_TYPE_DOCUMENT "' AND "
	    "(k.name <> :kb OR r.id <> :doc) ORDER BY r.seq")) == NULL)
		return -1;
	db_blob(q, ":id", a->id, sizeof a->id);
	db_text(q, ":kb", f->kb);
	db_text(q, ":doc", f->doc);
	return rows_read(rows, q, e);
}

/* --- how --------------------------------------------------------------- */

/* Its newest version, if this is it, has no original any more. */
static int
take_from(struct store *st, int64_t seq, struct err *e)
{
	struct buf b = BUF_INIT;
	struct db_query *q;
	int64_t one, version;
	json_t *o = NULL;
	int r;

	if ((q = db_sql(st->db, e, "SELECT 1 FROM record r WHERE r.seq = :seq "
	    "AND NOT EXISTS (SELECT 1 FROM record n WHERE n.kb = r.kb AND "
	    "n.id = r.id AND n.version > r.version)")) == NULL)
		return -1;
	db_int(q, ":seq", seq);
	if ((r = db_first(q, &one, e)) != 1 ||
	    (r = record_body(st, seq, &b, e)) != 1)
		return r;
	if ((o = json_read(b.p, b.len, e)) == NULL)
		r = -1;
	else {
		json_object_del(o, "artifact_id");
		json_object_set_new(o, "raw_status",
		    json_string(DOCUMENT_FAILED));
		r = record_add(st, o, NULL, &version, &seq, e);
	}
	json_decref(o);
	buf_release(&b);
	return r < 0 ? -1 : 0;
}

static int
stays(struct forgotten *f, const struct artifact *a, size_t others_n,
    struct err *e)
{
	if (others_n > 0 && (f->archive == NULL ||
	    a->provider == ARTIFACT_POINTER))
		return 1;
	return a->session > 0 ? hold_has(f->st, a->session, e) : 0;
}

static int
forget(struct forgotten *f, int64_t seq, struct err *e)
{
	struct rows rows = { 0 };
	struct artifact a;
	size_t i;
	int r = artifact_row(f->st, seq, &a, e);

	if (r != 1)
		return r;
	if ((r = others(f, &a, &rows, e)) == 0 &&
	    (r = stays(f, &a, rows.n, e)) == 0) {
		r = artifact_forget_row(f->st, seq, f->elsewhere, e);
		/* who said it there says this, too */
		for (i = 0; !f->elsewhere && r == 0 && i < rows.n; i++)
			r = take_from(f->st, rows.v[i], e);
	}
	free(rows.v);
	artifact_release(&a);
	return r < 0 ? -1 : 0;
}

int
original_forget(struct store *st, const char *id, bool elsewhere,
    struct err *e)
{
	struct forgotten f = { .st = st, .id = id, .elsewhere = elsewhere };
	struct rows rows = { 0 };
	size_t i;
	int r = look(&f, e);

	if (r == 0 && f.doc != NULL)
		r = originals(&f, &rows, e);
	for (i = 0; r == 0 && i < rows.n; i++)
		r = forget(&f, rows.v[i], e);
	free(rows.v);
	free(f.kb);
	free(f.doc);
	free(f.archive);
	return r;
}
