#include "sync/export.h"

#include "base/file.h"
#include "base/zip.h"
#include "store/audit_note.h"
#include "store/bundle.h"
#include "store/db.h"
#include "store/node.h"
#include "store/scratch.h"
#include "store/sealed.h"
#include "store/store.h"
#include "sync/export_artifacts.h"
#include "sync/export_files.h"
#include "sync/outgoing.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define PART ((size_t)8 << 20)		/* of JSON, after which one ends */
#define LEVEL 6				/* of zstd, as of a change segment */

struct run {
	struct store *st;
	const struct export_config *c;
	int64_t user;			/* number; 0: all */
	struct outgoing out;
	struct zip *zip;
	struct scratch scratch;
	struct bundle *b;
	struct buf part;		/* lines that are not packed yet */
	int64_t parts, created_ms, sessions;
	int64_t n[CHANGE_TYPES];	/* lines, by type of change */
	struct exported_files files;
	struct exported_artifacts artifacts;
};

void
export_part(struct buf *b, int64_t number)
{
	buf_addf(b, "records/%06" PRId64 ".jsonl.zst", number);
}

/* --- parts ------------------------------------------------------------- */

static int
put_file(const char *path, const struct buf *b, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int r;

	if (fd < 0)
		return err_sys(e, "cannot make '%s'", path);
	r = file_write(fd, b->p, b->len, path, e);
	if (close(fd) < 0 && r == 0)
		r = err_sys(e, "cannot write '%s'", path);
	return r;
}

static int
end_part(struct run *run, struct err *e)
{
	struct buf name = BUF_INIT, path = BUF_INIT, packed = BUF_INIT;
	int r;

	if (run->part.len == 0)
		return 0;
	export_part(&name, ++run->parts);
	file_join(&path, run->scratch.path, strrchr(name.p, '/') + 1);
	zip_pack(run->zip, &packed, run->part.p, run->part.len, LEVEL);
	if ((r = put_file(path.p, &packed, e)) == 0)
		r = bundle_add_file(run->b, name.p, path.p, e);
	buf_reset(&run->part);
	buf_release(&name);
	buf_release(&path);
	buf_release(&packed);
	return r;
}

static int
put_line(struct run *run, enum change_type type, int64_t seq, struct err *e)
{
	struct change c = { .type = type, .ref = seq };
	int r = outgoing_line(&run->out, &c, &run->part, e);

	if (r == 1 && ++run->n[type] % 1000 == 0 && run->c->progress != NULL)
		run->c->progress(run->n[CHANGE_EVENT]);
	if (r < 0 || run->part.len < PART)
		return r < 0 ? -1 : 0;
	return end_part(run, e);
}

/* Rows of one kind: the query gives their seq. */
static int
put_rows(struct run *run, enum change_type type, struct db_query *q,
    struct err *e)
{
	int r;

	while ((r = db_row(q, e)) == 1)
		if ((r = put_line(run, type, db_get_int(q, 0), e)) < 0)
			break;
	db_end(q);
	return r;
}

/* --- what there is ----------------------------------------------------- */

/* What was forgotten comes first: nothing of it is stored for a moment. */
static int
put_tombstones(struct run *run, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(run->st->db, e, "SELECT t.seq FROM tombstone t "
	    "LEFT JOIN user u ON u.id = t.user WHERE (t.target IN (1, 2, 3, 5) "
	    "OR (t.target = 6 AND length(t.id) = 26 AND t.user <> 0)) "
	    "AND (:user = 0 OR t.user = :user) "
	    "ORDER BY t.target, u.name, t.id")) == NULL)
		return -1;
	db_int(q, ":user", run->user);
	return put_rows(run, CHANGE_TOMBSTONE, q, e);
}

static int
put_events(struct run *run, int64_t session, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(run->st->db, e, "SELECT seq FROM event "
	    "WHERE session = :session ORDER BY ts, id")) == NULL)
		return -1;
	db_int(q, ":session", session);
	return put_rows(run, CHANGE_EVENT, q, e);
}

/* One that was put behind a later one again has its stamp, and is once in
 * the history. */
static int
put_values(struct run *run, int64_t session, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(run->st->db, e, "SELECT min(seq), "
	    "CASE node WHEN 0 THEN :first ELSE node END AS of, "
	    OPEN_VARIABLE("") " AS said "
	    "FROM variable WHERE session = :session "
	    "GROUP BY kind, name, at, of, said "
	    "ORDER BY kind, name, at, of, said")) == NULL)
		return -1;
	db_int(q, ":session", session);
	db_int(q, ":first", run->out.first);
	return put_rows(run, CHANGE_VALUE, q, e);
}

static int
put_files(struct run *run, int64_t session, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(run->st->db, e, "SELECT min(seq), "
	    "CASE node WHEN 0 THEN :first ELSE node END AS of "
	    ", " OPEN_FILE_PATH("") " AS said, " OPEN_FILE_HASH("") " AS sum "
	    "FROM file WHERE session = :session "
	    "GROUP BY area, said, at, of, sum, exec "
	    "ORDER BY area, said, at, of, sum, exec")) == NULL)
		return -1;
	db_int(q, ":session", session);
	db_int(q, ":first", run->out.first);
	return put_rows(run, CHANGE_FILE, q, e);
}

/* Whom the user lets read it goes with all of his, not with one that is handed
 * to somebody. */
static int
put_grafts(struct run *run, int64_t session, struct err *e)
{
	struct db_query *q;

	if (run->c->sessions != NULL)
		return 0;
	if ((q = db_sql(run->st->db, e, "SELECT seq FROM graft WHERE "
	    "session = :session ORDER BY id")) == NULL)
		return -1;
	db_int(q, ":session", session);
	return put_rows(run, CHANGE_GRAFT, q, e);
}

/* Without sessions those of the user, or all; with them what names one. */
static int
put_decisions(struct run *run, struct err *e)
{
	const struct strv *only = run->c->sessions;
	struct db_query *q;
	int r;

	if ((q = db_sql(run->st->db, e, "SELECT min(d.seq), d.session, "
	    "CASE d.node WHEN 0 THEN :first ELSE d.node END AS of "
	    "FROM decision d LEFT JOIN user u ON u.id = d.user "
	    "WHERE :user = 0 OR d.user = :user "
	    "GROUP BY u.name, d.about, d.at, of, d.what, d.rest, d.value "
	    "ORDER BY u.name, d.about, d.at, of, d.what, d.rest, d.value")) ==
	    NULL)
		return -1;
	db_int(q, ":user", run->user);
	db_int(q, ":first", run->out.first);
	while ((r = db_row(q, e)) == 1)
		if ((only == NULL || (!db_is_null(q, 1) && strv_has(only,
		    db_get_text(q, 1)))) && (r = put_line(run,
		    CHANGE_DECISION, db_get_int(q, 0), e)) < 0)
			break;
	db_end(q);
	return r;
}

static int
put_artifact(void *arg, int64_t seq, struct err *e)
{
	return put_line(arg, CHANGE_ARTIFACT, seq, e);
}

static int
put_versions(struct run *run, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(run->st->db, e, "SELECT min(r.seq), "
	    "CASE r.node WHEN 0 THEN :first ELSE r.node END AS of "
	    "FROM record r JOIN kb k ON k.id = r.kb "
	    "GROUP BY k.name, r.id, r.at, of, r.hash "
	    "ORDER BY k.name, r.id, r.at, of, r.hash")) == NULL)
		return -1;
	db_int(q, ":first", run->out.first);
	return put_rows(run, CHANGE_RECORD, q, e);
}

static void
note_time(struct run *run, struct db_query *q)
{
	if (db_get_int(q, 2) > run->created_ms)
		run->created_ms = db_get_int(q, 2);
}

static int
put_sessions(struct run *run, struct err *e)
{
	const struct strv *only = run->c->sessions;
	struct db_query *q;
	int64_t seq;
	int r;

	if ((q = db_sql(run->st->db, e, "SELECT s.seq, s.name, s.end_ms "
	    "FROM session s JOIN user u ON u.id = s.user "
	    "WHERE :user = 0 OR s.user = :user ORDER BY u.name, s.name"))
	    == NULL)
		return -1;
	db_int(q, ":user", run->user);
	while ((r = db_row(q, e)) == 1) {
		if (only != NULL && !strv_has(only, db_get_text(q, 1)))
			continue;
		seq = db_get_int(q, 0);
		note_time(run, q);
		run->sessions++;
		if ((r = put_line(run, CHANGE_SESSION, seq, e)) < 0 ||
		    (r = put_events(run, seq, e)) < 0 ||
		    (r = put_values(run, seq, e)) < 0 ||
		    (r = put_files(run, seq, e)) < 0 ||
		    (r = put_grafts(run, seq, e)) < 0)
			break;
	}
	db_end(q);
	return r;
}

/* Of the files that count, as far as they are here; behind all lines. */
static int
put_bytes(struct run *run, struct err *e)
{
	const struct strv *only = run->c->sessions;
	struct db_query *q;
	int r;

	if ((q = db_sql(run->st->db, e, "SELECT u.name, s.name "
	    "FROM session s JOIN user u ON u.id = s.user "
	    "WHERE (:user = 0 OR s.user = :user) AND s.seq IN "
	    "(SELECT session FROM file) ORDER BY u.name, s.name")) == NULL)
		return -1;
	db_int(q, ":user", run->user);
	while ((r = db_row(q, e)) == 1)
		if ((only == NULL || strv_has(only, db_get_text(q, 1))) &&
		    (r = export_files_add(run->st, run->c, db_get_text(q, 0),
		    db_get_text(q, 1), run->b, &run->files, e)) < 0)
			break;
	db_end(q);
	return r;
}

/* --- the whole of it --------------------------------------------------- */

/* Whose the rows are that are older than nodes: the name that this copy had
 * first. */
static int
find_first(struct run *run, struct err *e)
{
	char name[ULID_LEN + 1];
	struct db_query *q;
	int r;

	if (node_name(run->st, name, e) < 0 || (q = db_sql(run->st->db, e,
	    "SELECT node FROM origin WHERE own = 1 ORDER BY last LIMIT 1"))
	    == NULL)
		return -1;
	if ((r = db_row(q, e)) == 1)
		run->out.first = node_number_of(db_get_text(q, 0));
	else
		run->out.first = node_number_of(name);
	db_end(q);
	return r < 0 ? -1 : 0;
}

static int
find_user(struct run *run, struct err *e)
{
	const char *user = run->c->user;

	if (user == NULL)
		return 0;
	if (store_user(run->st, user, false, &run->user, e) < 0)
		return -1;
	return run->user != 0 ? 0 : err_set(e, ERR_ABSENT, "there is nothing "
	    "of user '%s'", user);
}

static int
collect(struct run *run, struct err *e)
{
	const struct export_config *c = run->c;

	if (find_user(run, e) < 0 || find_first(run, e) < 0)
		return -1;
	if ((c->sessions == NULL && put_tombstones(run, e) < 0) ||
	    put_sessions(run, e) < 0 ||
	    (c->user == NULL && put_versions(run, e) < 0) ||
	    put_decisions(run, e) < 0 || export_artifacts_each(run->st, c,
	    run->user, put_artifact, run, e) < 0)
		return -1;
	if (c->sessions != NULL && run->sessions < (int64_t)c->sessions->n)
		return err_set(e, ERR_ABSENT, "a session is not there");
	return end_part(run, e) < 0 || put_bytes(run, e) < 0 ? -1 :
	    export_artifacts_add(run->st, c, run->user, run->b,
	    &run->artifacts, e);
}

/* What the manifest and the answer say of it. */
static json_t *
counts(const struct run *run)
{
	json_t *o = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
	    "sessions", (json_int_t)run->n[CHANGE_SESSION],
	    "events", (json_int_t)run->n[CHANGE_EVENT],
	    "variables", (json_int_t)run->n[CHANGE_VALUE],
	    "files", (json_int_t)run->n[CHANGE_FILE],
	    "versions", (json_int_t)run->n[CHANGE_RECORD],
	    "decisions", (json_int_t)run->n[CHANGE_DECISION],
	    "artifacts", (json_int_t)run->n[CHANGE_ARTIFACT],
	    "tombstones", (json_int_t)run->n[CHANGE_TOMBSTONE]);

	if (run->n[CHANGE_GRAFT] > 0)
		json_object_set_new(o, "grafts",
		    json_integer((json_int_t)run->n[CHANGE_GRAFT]));
	return o;
}

static json_t *
names(const struct strv *v)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < v->n; i++)
		json_array_append_new(list, json_string(v->v[i]));
	return list;
}

static void
describe(const struct run *run)
{
	bundle_about(run->b, "created", json_integer(run->created_ms));
	bundle_about(run->b, "records_format", json_integer(EXPORT_FORMAT));
	bundle_about(run->b, "tenant", json_string(run->st->tenant));
	if (run->c->user != NULL)
		bundle_about(run->b, "user", json_string(run->c->user));
	if (run->c->sessions != NULL)
		bundle_about(run->b, "session_ids", names(run->c->sessions));
	bundle_about(run->b, "counts", counts(run));
}

static json_t *
tell(const struct run *run, int64_t bytes)
{
	json_t *o = json_pack("{s:s, s:s, s:s*, s:o*}", "type", "export",
	    "tenant", run->st->tenant, "user", run->c->user, "session_ids",
	    run->c->sessions != NULL ? names(run->c->sessions) : NULL);
	json_t *n = counts(run);

	json_object_update(o, n);
	json_decref(n);
	json_object_set_new(o, "with_bytes", json_integer(run->files.n));
	json_object_set_new(o, "files_missing",
	    json_integer(run->files.missing));
	json_object_set_new(o, "artifacts_with_bytes",
	    json_integer(run->artifacts.n));
	json_object_set_new(o, "artifacts_missing",
	    json_integer(run->artifacts.missing));
	json_object_set_new(o, "size_bytes", json_integer(bytes));
	return o;
}

/* Before the first byte leaves. */
static int
add_audit(const struct run *run, const char *name, struct err *e)
{
	struct buf detail = BUF_INIT;
	size_t i;

	if (run->c->user != NULL)
		buf_addf(&detail, "user %s", run->c->user);
	for (i = 0; run->c->sessions != NULL && i < run->c->sessions->n; i++)
		buf_addf(&detail, "%s %s", i == 0 ? ", sessions" : "",
		    run->c->sessions->v[i]);
	audit_note(run->st, "export", name, detail.len > 0 ? detail.p : NULL);
	buf_release(&detail);
	return audit_flush(e);
}

int
export_write(struct store *st, const struct export_config *c, int fd,
    const char *name, json_t **told, struct err *e)
{
	struct run run = { .st = st, .c = c, .scratch = SCRATCH_INIT,
	    .zip = zip_new(NULL, 0), .part = BUF_INIT };
	int64_t bytes;
	int r = -1;

	outgoing_init(&run.out, st, 0, 0);
	/* the same content has the same bytes: no clock */
	run.b = bundle_new(EXPORT_KIND, 0);
	if ((!c->scan || export_files_scan(st, c, e) == 0) &&
	    scratch_open(&run.scratch, st->dir, "export", e) == 0 &&
	    tx_read(st->db, e) == 0)
		r = tx_end(st->db, collect(&run, e), e);
	if (r == 0 && (r = add_audit(&run, name, e)) == 0) {
		describe(&run);
		r = bundle_write(run.b, fd, name, &bytes, e);
	}
	if (r == 0)
		*told = tell(&run, bytes);
	bundle_free(run.b);
	scratch_close(&run.scratch);
	outgoing_release(&run.out);
	zip_free(run.zip);
	buf_release(&run.part);
	return r;
}
