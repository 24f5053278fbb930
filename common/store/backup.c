/*
 * The copies are made and looked through before the first byte is written:
 * the manifest comes first and holds their hashes, and a backup that could
 * not be restored must fail while its source is still there.
 */
#include "store/backup.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "config.h"
#include "store/audit.h"
#include "store/audit_at.h"
#include "store/backup_blobs.h"
#include "store/bundle.h"
#include "store/credential.h"
#include "store/db.h"
#include "store/disk.h"
#include "store/name.h"
#include "store/schema.h"
#include "store/scratch.h"
#include "store/store.h"
#include "store/verify.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define BUSY_MS 10000
#define MARKER_MAX 4096

struct work {
	const struct backup_config *c;
	struct bundle *b;
	struct scratch scratch;
	struct strv folders;	/* of tenants, as they are named on disk */
	json_t *tenants;	/* own; what is told of each */
	int64_t blobs;		/* objects that were linked */
};

static void
tell(const struct work *w, const char *what, const char *which)
{
	if (w->c->progress != NULL)
		w->c->progress(what, which);
}

/* STORE/a/b/c; own. */
static char *
inside(const char *dir, const char *a, const char *b, const char *c)
{
	struct buf p = BUF_INIT;

	file_join(&p, dir, a);
	if (b != NULL)
		buf_addf(&p, "/%s", b);
	if (c != NULL)
		buf_addf(&p, "/%s", c);
	return buf_steal(&p);
}

/* --- what there is ----------------------------------------------------- */

/*
 * Folders, not names: one whose long name was cut by name_encode has a
 * database like any other.
 */
static int
list_tenants(struct work *w, struct err *e)
{
	char *tenants = inside(w->c->dir, "tenants", NULL, NULL), *db;
	struct dirent *d;
	DIR *dir;
	int r = 0;

	if ((dir = opendir(tenants)) == NULL && errno != ENOENT)
		r = err_sys(e, "cannot read '%s'", tenants);
	while (dir != NULL && (d = readdir(dir)) != NULL) {
		if (d->d_name[0] == '.')
			continue;
		db = inside(w->c->dir, "tenants", d->d_name, "memory.db");
		if (file_exists(db))
			strv_add(&w->folders, d->d_name);
		free(db);
	}
	if (dir != NULL)
		closedir(dir);
	free(tenants);
	strv_sort(&w->folders);
	/* a disk that is not mounted must not make an empty backup */
	if (r == 0 && w->folders.n == 0)
		r = err_set(e, ERR_ABSENT, "store '%s' has no tenant: there "
		    "is nothing to back up", w->c->dir);
	return r;
}

static int
one_tenant(struct work *w, struct err *e)
{
	struct buf folder = BUF_INIT;
	char *db;
	int r = 0;

	name_encode(&folder, w->c->tenant);
	db = inside(w->c->dir, "tenants", folder.p, "memory.db");
	if (file_exists(db))
		strv_add(&w->folders, folder.p);
	else
		r = err_set(e, ERR_ABSENT, "store '%s' has no tenant '%s'",
		    w->c->dir, w->c->tenant);
	free(db);
	buf_release(&folder);
	return r;
}

/* Will the copies fit?  Asked before the first is begun. */
static int
check_room(const struct work *w, struct err *e)
{
	int64_t need = 1 << 20;
	struct disk disk;
	struct stat sb;
	size_t i;
	char *db;

	for (i = 0; i < w->folders.n; i++) {
		db = inside(w->c->dir, "tenants", w->folders.v[i],
		    "memory.db");
		if (stat(db, &sb) == 0)
			need += sb.st_size;
		free(db);
	}
	if (disk_look(w->c->dir, &disk, e) < 0)
		return -1;
	if (disk.free >= need)
		return 0;
	return err_set(e, ERR_SYS, "a backup makes a copy in '%s/tmp' first "
	    "and needs %" PRId64 " MiB there; %" PRId64 " MiB are free",
	    w->c->dir, need >> 20, disk.free >> 20);
}

/* --- the parts --------------------------------------------------------- */

static int
add_marker(struct work *w, struct err *e)
{
	char *path = inside(w->c->dir, "memkit", NULL, NULL);
	struct buf b = BUF_INIT;
	char id[27];
	int r = -1;

	if (store_id(w->c->dir, id, e) == 0 &&
	    (r = buf_read_file(&b, path, MARKER_MAX, e)) == 0) {
		/* one tenant comes without credentials: they are the store's,
		 * and one that asks for some must have them */
		if (w->c->tenant != NULL) {
			buf_reset(&b);
			buf_addf(&b, "memkit %d %s\n", STORE_FORMAT, id);
		}
		bundle_add_bytes(w->b, "memkit", b.p, b.len);
		bundle_about(w->b, "store_id", json_string(id));
	}
	buf_release(&b);
	free(path);
	return r;
}

/* The name in full: a long one is cut in the folder's. */
static int
add_name(json_t *o, struct db *db, const char *folder, struct err *e)
{
	struct buf name = BUF_INIT;
	struct db_query *q;
	json_t *v = NULL;
	int r = 0;

	if (name_decode(&name, folder))
		v = json_string(name.p);
	else if ((q = db_sql(db, e, "SELECT value FROM meta "
	    "WHERE name = 'tenant'")) != NULL) {
		if ((r = db_row(q, e)) == 1)
			v = json_string(db_get_text(q, 0));
		db_end(q);
	} else
		r = -1;
	if (v != NULL)
		json_object_set_new(o, "tenant", v);
	buf_release(&name);
	return r < 0 ? -1 : 0;
}

/* What the record and the manifest tell of a tenant. */
static int
describe(struct work *w, struct db *db, const char *folder,
    const struct backup_blobs *blobs, struct err *e)
{
	int64_t schema, events, records, sessions;
	json_t *o;

	if (db_number(db, e, "PRAGMA user_version", 0, &schema) < 0 ||
	    db_number(db, e, "SELECT count(*) FROM event", 0, &events) < 0 ||
	    db_number(db, e, "SELECT count(*) FROM session", 0, &sessions) < 0
	    || db_number(db, e, "SELECT count(*) FROM record", 0, &records) < 0)
		return -1;
	o = json_pack("{s:s, s:I, s:I, s:I, s:I}", "folder", folder,
	    "schema", (json_int_t)schema, "event_count", (json_int_t)events,
	    "session_count", (json_int_t)sessions, "record_count",
	    (json_int_t)records);
	if (blobs->n > 0)
		json_object_set_new(o, "artifact_bytes",
		    json_integer(blobs->n));
	if (blobs->missing > 0)
		json_object_set_new(o, "artifacts_missing",
		    json_integer(blobs->missing));
	json_array_append_new(w->tenants, o);
	return add_name(o, db, folder, e);
}

static int
add_blobs(struct work *w, struct backup_blobs *blobs, struct db *db,
    struct err *e)
{
	int r;

	if (!w->c->artifacts)
		return 0;
	blobs->linked = w->blobs;
	r = backup_blobs_add(blobs, db, e);
	w->blobs = blobs->linked;
	return r;
}

/* The copy: one file, whole, of a schema that we know. */
static int
look_through(struct work *w, const char *copy, const char *from,
    const char *folder, struct err *e)
{
	struct backup_blobs blobs = { .b = w->b, .dir = w->c->dir,
	    .folder = folder, .scratch = w->scratch.path };
	struct db *db = NULL;
	int r = -1;

	if (db_open(&db, copy, DB_READ, BUSY_MS, e) == 0 &&
	    verify_pages(db, from, e) == 0 &&
	    add_blobs(w, &blobs, db, e) == 0)
		r = describe(w, db, folder, &blobs, e);
	db_close(db);
	if (r < 0 && e->code == ERR_CORRUPT)
		err_add(e, "nothing was written: ");
	return r;
}

static int
add_tenant(struct work *w, const char *folder, struct err *e)
{
	char *from = inside(w->c->dir, "tenants", folder, "memory.db");
	char *copy;
	char *path = inside("tenants", folder, "memory.db", NULL);
	char number[24];
	struct db *db = NULL;
	int r = -1;

	/* a number: SQLite needs room behind the name for its own suffix */
	snprintf(number, sizeof number, "%zu.db", json_array_size(w->tenants));
	copy = inside(w->scratch.path, number, NULL, NULL);
	if (!bundle_path_ok(path))
		err_set(e, ERR_INPUT, "'%s' is not a tenant's folder; "
		    "mem-admin check says more", from);
	else if (db_open(&db, from, DB_READ, BUSY_MS, e) == 0 &&
	    schema_check(db, from, e) >= 0) {
		tell(w, "copying", folder);
		r = db_copy(db, copy, e);
	}
	db_close(db);
	if (r == 0) {
		tell(w, "checking", folder);
		r = look_through(w, copy, from, folder, e);
	}
	if (r == 0)
		r = bundle_add_file(w->b, path, copy, e);
	free(from);
	free(copy);
	free(path);
	return r;
}

static int
add_if_there(struct work *w, const char *name, const char *in,
    struct err *e)
{
	char *from = inside(w->c->dir, name, in, NULL);
	char *path = in != NULL ? inside(name, in, NULL, NULL) : xstrdup(name);
	int r = 0;

	if (file_exists(from) && !bundle_path_ok(path))
		r = err_set(e, ERR_INPUT, "'%s' is not a name for a backup",
		    from);
	else if (file_exists(from))
		r = bundle_add_file(w->b, path, from, e);
	free(from);
	free(path);
	return r;
}

/* Files whose names end so; none that begins with a dot. */
static int
add_folder(struct work *w, const char *folder, const char *end,
    struct err *e)
{
	char *path = inside(w->c->dir, folder, NULL, NULL);
	struct strv names = STRV_INIT;
	struct dirent *d;
	DIR *dir;
	size_t i;
	int r = 0;

	if ((dir = opendir(path)) == NULL && errno != ENOENT)
		r = err_sys(e, "cannot read '%s'", path);
	while (dir != NULL && (d = readdir(dir)) != NULL)
		if (d->d_name[0] != '.' && str_ends(d->d_name, end))
			strv_add(&names, d->d_name);
	if (dir != NULL)
		closedir(dir);
	strv_sort(&names);
	for (i = 0; r == 0 && i < names.n; i++)
		r = add_if_there(w, folder, names.v[i], e);
	strv_release(&names);
	free(path);
	return r;
}

/* Who may call: names and hashes, no credential. */
static int
add_access(struct work *w, struct err *e)
{
	char *copy = inside(w->scratch.path, CREDENTIAL_DB, NULL, NULL);
	struct db *db = NULL;
	int r = 0;

	if (w->c->tenant == NULL && (r = store_guarded(w->c->dir, e)) == 1) {
		tell(w, "copying", CREDENTIAL_DB);
		if ((r = credential_open(&db, w->c->dir,
		    CREDENTIAL_WRITE, e)) == 0)
			r = db_copy(db, copy, e);
		db_close(db);
		if (r == 0)
			r = bundle_add_file(w->b, CREDENTIAL_DB, copy, e);
	}
	free(copy);
	return r;
}

static int
add_settings(struct work *w, struct err *e)
{
	if (w->c->config && (add_if_there(w, "config", NULL, e) < 0 ||
	    add_folder(w, "live", ".conf", e) < 0 ||
	    add_folder(w, "processors", ".conf", e) < 0))
		return -1;
	return w->c->keys ? add_folder(w, "keys", "", e) : 0;
}

static int
gather(struct work *w, struct err *e)
{
	size_t i;
	int r;

	if (add_marker(w, e) < 0 || (w->c->tenant != NULL ?
	    one_tenant(w, e) : list_tenants(w, e)) < 0 ||
	    check_room(w, e) < 0 ||
	    scratch_open(&w->scratch, w->c->dir, "backup", e) < 0)
		return -1;
	for (i = 0, r = 0; r == 0 && i < w->folders.n; i++)
		r = add_tenant(w, w->folders.v[i], e);
	if (r == 0)
		r = add_access(w, e);
	if (r == 0)
		r = add_settings(w, e);
	bundle_about(w->b, "memkit", json_string(VERSION));
	bundle_about(w->b, "schema", json_integer(SCHEMA_VERSION));
	bundle_about(w->b, "tenants", json_incref(w->tenants));
	return r;
}

/* It is not in the backup itself: that was copied before. */
static int
add_audits(struct work *w, const char *name, const char *outcome,
    struct err *e)
{
	struct audit a = { .who = w->c->who, .action = "backup",
	    .object = name, .outcome = outcome,
	    .detail = w->c->keys ? "with keys" : NULL };
	size_t i;
	char *db;
	int r = 0;

	for (i = 0; r == 0 && i < w->folders.n; i++) {
		db = inside(w->c->dir, "tenants", w->folders.v[i],
		    "memory.db");
		r = audit_add_at(db, &a, NULL, NULL, e);
		free(db);
	}
	return r;
}

int
backup_write(const struct backup_config *c, int fd, const char *name,
    json_t **told, struct err *e)
{
	struct work w = { .c = c, .scratch = SCRATCH_INIT,
	    .folders = STRV_INIT, .tenants = json_array() };
	int64_t bytes = 0, now = date_now();
	struct err ignored;	/* what failed first is told */
	int r;

	w.b = bundle_new(BACKUP_KIND, now);
	if ((r = gather(&w, e)) == 0 &&
	    (r = add_audits(&w, name, AUDIT_DONE, e)) == 0) {
		tell(&w, "writing", name);
		if ((r = bundle_write(w.b, fd, name, &bytes, e)) < 0)
			add_audits(&w, name, AUDIT_FAILED, &ignored);
	}
	if (r == 0)
		*told = json_pack("{s:s, s:I, s:I, s:O}", "type",
		    BACKUP_KIND, "created", (json_int_t)now,
		    "size_bytes", (json_int_t)bytes, "tenants", w.tenants);
	bundle_free(w.b);
	scratch_close(&w.scratch);
	strv_release(&w.folders);
	json_decref(w.tenants);
	return r;
}
