/*
 * Making and opening a store.  What makes something (the folder,
 * a tenant, its database) holds STORE/lock meanwhile, so that two first
 * writers do not make two.
 */
#include "store/store_own.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/file.h"
#include "base/lock.h"
#include "store/access.h"
#include "store/audit_note.h"
#include "store/name.h"
#include "store/netfs.h"
#include "store/payload.h"
#include "store/reads.h"
#include "store/schema.h"
#include "store/sealed.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- the tenant -------------------------------------------------------- */

/* A folder's name does not tell that of a tenant whose end was cut. */
static int
tenant_sign(struct store *st, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "INSERT OR IGNORE INTO meta (name, value) "
	    "VALUES ('tenant', :name)")) == NULL)
		return -1;
	db_text(q, ":name", st->tenant);
	return db_run(q, e);
}

/* Was another first writer done with it while we waited?  Then it is not
 * written to: those who are busy in it would be waited for, lock in hand. */
static int
tenant_made(struct store *st, const char *db_path, struct err *e)
{
	int64_t n = 0;
	int r;

	if ((r = schema_check(st->db, db_path, e)) == 1 &&
	    db_number(st->db, e, "SELECT count(*) FROM meta "
	    "WHERE name = 'tenant'", 0, &n) < 0)
		return -1;
	return r < 0 ? -1 : n > 0;
}

static int
tenant_make(struct store *st, const char *db_path, struct err *e)
{
	struct db *db = NULL;
	struct buf tenants = BUF_INIT;
	mode_t mask;
	int r;

	/* each by itself, so that neither is made behind a link */
	file_join(&tenants, st->dir, "tenants");
	r = file_mkdirs(tenants.p, 0700, e);
	buf_release(&tenants);
	if (r < 0 || file_mkdirs(st->tenant_dir, 0700, e) < 0)
		return -1;
	/* SQLite makes files as the mask lets it, and its log alike. */
	mask = umask(077);
	r = db_open(&db, db_path, DB_CREATE, STORE_BUSY_MS, e);
	umask(mask);
	if (r < 0)
		return -1;
	st->db = db;
	if ((r = tenant_made(st, db_path, e)) < 0 || (r == 0 &&
	    (schema_migrate(db, db_path, e) < 0 || tenant_sign(st, e) < 0)))
		return -1;
	db_close(db);
	st->db = NULL;
	return file_sync_dir(st->tenant_dir, e);
}

/* Make what is missing: the folder, the tenant, its database.  db_path NULL:
 * the folder alone. */
static int
store_make(struct store *st, const char *marker, const char *db_path,
    struct err *e)
{
	struct lock lock = LOCK_INIT;
	struct buf path = BUF_INIT;
	int r = -1;

	/* Not even a lock in a folder that is somebody else's; another first
	 * writer makes the marker before all else. */
	if (!file_exists(marker) && !store_free_folder(st->dir) &&
	    !file_exists(marker))
		return store_folder_foreign(st, e);
	file_join(&path, st->dir, "lock");
	if (lock_take(&lock, path.p, STORE_BUSY_MS, e) == 0) {
		r = file_exists(marker) ? store_marker_read(st, marker, e) :
		    store_folder_make(st, marker, e);
		if (r == 0 && db_path != NULL)
			r = tenant_make(st, db_path, e);
	}
	lock_drop(&lock);
	buf_release(&path);
	return r;
}

/*
 * A first writer that was killed leaves an empty file, and that is made
 * anew.  But the log is there only once the database has its first page:
 * an empty one beside its log was cut off, and is no new one.
 */
static int
store_cut_off(const char *db_path, struct err *e)
{
	struct buf log = BUF_INIT;
	struct stat sb;
	int r = 0;

	buf_addf(&log, "%s-wal", db_path);
	if (stat(db_path, &sb) == 0 && sb.st_size == 0 && file_exists(log.p))
		r = err_set(e, ERR_CORRUPT, "'%s' is empty and was not: "
		    "restore a backup", db_path);
	buf_release(&log);
	return r;
}

/* 1 open and up to date, 0 older than we are, or empty. */
static int
store_open_db(struct store *st, const char *db_path, struct err *e)
{
	if (store_cut_off(db_path, e) < 0 ||
	    db_open(&st->db, db_path, st->mode == STORE_READ ? DB_READ :
	    DB_WRITE, STORE_BUSY_MS, e) < 0)
		return -1;
	return schema_check(st->db, db_path, e);
}

/* A rollback journal is there only until the database has its log: then
 * only a writer can read it. */
static int
store_half_made(const char *db_path)
{
	struct buf journal = BUF_INIT;
	int r;

	buf_addf(&journal, "%s-journal", db_path);
	r = file_exists(journal.p);
	buf_release(&journal);
	return r;
}

/* Not there, or not for us to see? */
static int
no_store(const struct store *st, const char *marker, struct err *e)
{
	struct stat sb;

	if (lstat(marker, &sb) < 0 && errno == EACCES)
		return err_sys(e, "cannot open store '%s'", st->dir);
	return err_set(e, ERR_ABSENT, "no store at '%s'; make one with "
	    "mem-admin init, or name another with --store", st->dir);
}

static int
store_open_at(struct store *st, const char *marker, const char *db_path,
    bool make_tenant, struct err *e)
{
	int r;

	if (st->mode == STORE_FOLDER)
		return st->format != 0 ? 0 : store_make(st, marker, NULL, e);
	if (st->mode == STORE_READ && st->format == 0)
		return no_store(st, marker, e);
	if (st->format == STORE_FORMAT_ACCESS && !make_tenant &&
	    !file_exists(db_path))
		return err_set(e, ERR_ABSENT, "store '%s' has no tenant "
		    "'%s'; mem-admin tenant add makes one", st->dir,
		    st->tenant);
	if (st->mode == STORE_READ && !file_exists(db_path))
		return err_set(e, ERR_ABSENT, "store '%s' has no tenant "
		    "'%s', the first write makes it", st->dir, st->tenant);
	if ((st->format == 0 || !file_exists(db_path)) &&
	    store_make(st, marker, db_path, e) < 0)
		return -1;
	r = store_open_db(st, db_path, e);
	if (r == 1 || (r < 0 && !store_half_made(db_path)))
		return r == 1 ? 0 : -1;
	/* An older one, or one that its first writer is making just now or
	 * was killed at: who holds the lock brings it up. */
	db_close(st->db);
	st->db = NULL;
	if (store_make(st, marker, db_path, e) < 0)
		return -1;
	return store_open_db(st, db_path, e) < 0 ? -1 : 0;
}

/* Read STORE/config, and put its zone in force. */
static int
settings_read(const char *dir, struct conf **out, struct err *e)
{
	struct buf path = BUF_INIT;
	int r;

	file_join(&path, dir, "config");
	r = conf_read(out, path.p, e);
	buf_release(&path);
	if (r < 0)
		return -1;
	if (date_zone(conf_get(*out, "core.timezone", ""), e) < 0)
		return err_add(e, "core.timezone in '%s/config'", dir);
	return 0;
}

int
store_zone(const struct store_where *asked, struct err *e)
{
	struct conf *conf = NULL;
	char *dir;
	int r;

	if (store_locate_dir(asked->dir, &dir, e) < 0)
		return -1;
	r = settings_read(dir, &conf, e);
	conf_free(conf);
	free(dir);
	return r;
}

static int
store_settings(struct store *st, struct err *e)
{
	const char *model;

	if (settings_read(st->dir, &st->conf, e) < 0)
		return -1;
	if ((model = store_first_of(NULL, "MEM_MODEL")) == NULL)
		model = conf_get(st->conf, "search.model", "");
	if (*model != '\0')
		st->model = xstrdup(model);
	return st->db == NULL ? 0 :
	    store_user(st, st->user, false, &st->user_id, e);
}

/* Who calls, and for whom; before the tenant is known. */
static int
store_let_in(struct store *st, const struct store_where *asked,
    const char *marker, struct err *e)
{
	struct store_where named = store_named_by(asked);
	unsigned need = asked->need;
	bool guarded;
	int r = 0;

	if (file_exists(marker) && store_marker_read(st, marker, e) < 0)
		return -1;
	if (asked->inside) {
		free(st->session);
		st->session = NULL;
	}
	if (need == 0)
		need = st->mode == STORE_READ ? RIGHT_READ :
		    st->mode == STORE_FOLDER ? RIGHT_ADMIN : RIGHT_WRITE;
	guarded = st->format == STORE_FORMAT_ACCESS && !asked->inside;
	if (guarded)
		r = access_enter(st, &named, need, e);
	if (r == 0 && st->user == NULL)
		r = store_login_name(&st->user, e);
	if (r == 0 && !guarded)
		access_own(st);
	return r < 0 || asked->of_session ? r : access_whole(st, need, e);
}

/*
 * Folders of a tenant that others lie in: who is led elsewhere there reads and
 * writes what is not the store's.  Those that lie deeper are looked at where
 * they are opened.
 */
static int
no_links(const struct store *st, struct err *e)
{
	static const char *const folders[] = { "blobs", "files", "sync",
	    "index", "index/artifact", "index/engine", "index/fact",
	    "index/grip", "index/kb", "index/own-fact", "index/toc",
	    "index/user" };
	struct buf path = BUF_INIT;
	struct stat sb;
	size_t i, n;
	int r = 0;

	buf_addf(&path, "%s/", st->tenant_dir);
	n = path.len;
	for (i = 0; r == 0 && i < sizeof folders / sizeof *folders; i++) {
		path.len = n;
		buf_adds(&path, folders[i]);
		if (lstat(path.p, &sb) == 0 && S_ISLNK(sb.st_mode))
			r = err_set(e, ERR_DENIED, "'%s' is a symbolic link; "
			    "put the folder itself there", path.p);
	}
	buf_release(&path);
	return r;
}

/* Only the store's administrator makes a tenant once there are credentials. */
static bool
may_make_tenant(const struct store *st)
{
	return st->access->owner || (st->mode == STORE_MAKE &&
	    st->access->by.tenant == NULL && access_has(st, RIGHT_ADMIN));
}

static int
store_open_here(struct store *st, const struct store_where *asked,
    struct err *e)
{
	struct buf path = BUF_INIT;
	char *marker, *db_path = NULL;
	int r;

	file_join(&path, st->dir, "memkit");
	marker = buf_steal(&path);
	/* before anything is locked, mapped or made there */
	r = st->mode == STORE_MAKE_HERE ? 0 : netfs_check(st->dir, e);
	if (r == 0)
		r = store_let_in(st, asked, marker, e);
	if (r == 0) {
		file_join(&path, st->dir, "tenants/");
		name_encode(&path, st->tenant);
		st->tenant_dir = buf_steal(&path);
		db_path = store_path(st, "memory.db");
		r = store_open_at(st, marker, db_path, may_make_tenant(st), e);
	}
	if (r == 0 && st->db != NULL)
		r = no_links(st, e);
	if (r == 0 && st->db != NULL)
		r = sealed_attach(st, e);
	if (r == 0)
		r = store_settings(st, e);
	if (r == 0 && st->mode == STORE_READ && !asked->inside)
		reads_add(st);
	free(marker);
	free(db_path);
	return r;
}

int
store_open(struct store **out, const struct store_where *asked,
    enum store_mode mode, struct err *e)
{
	struct store_where w;
	struct store *st;

	if (store_locate_some(asked, &w, e) < 0)
		return -1;
	if (mode != STORE_READ && !file_exists(w.dir) &&
	    file_mkdirs(w.dir, 0700, e) < 0) {
		store_where_free(&w);
		return -1;
	}
	st = xcalloc(1, sizeof *st);
	st->mode = mode;
	/* Where the user's own links lead; below that none is followed. */
	if ((st->dir = realpath(w.dir, NULL)) == NULL)
		st->dir = xstrdup(w.dir);
	free((char *)w.dir);
	st->tenant = (char *)w.tenant;
	st->user = (char *)w.user;
	st->session = (char *)w.session;
	if (store_open_here(st, asked, e) < 0) {
		store_close(st);
		return -1;
	}
	*out = st;
	return 0;
}

int
store_open_settings(struct store **out, const char *dir, const char *tenant,
    struct err *e)
{
	struct store_where asked = { .dir = dir, .tenant = tenant,
	    .inside = true }, where;
	char id[27];
	int r;

	if (store_locate(&asked, &where, e) < 0)
		return -1;
	r = store_id(where.dir, id, e);
	store_where_free(&where);
	return r < 0 ? -1 : store_open(out, &asked, STORE_FOLDER, e);
}

char *
store_path(const struct store *st, const char *name)
{
	struct buf b = BUF_INIT;

	file_join(&b, st->tenant_dir, name);
	return buf_steal(&b);
}

int
store_obeys(const struct store *st, const char *setting, struct err *e)
{
	struct buf path = BUF_INIT;
	struct stat sb;
	int r = 0;

	file_join(&path, st->dir, "config");
	if (stat(path.p, &sb) < 0)
		r = err_sys(e, "cannot look at '%s'", path.p);
	else if (sb.st_uid != geteuid() && sb.st_uid != 0)
		r = err_set(e, ERR_DENIED, "%s is not obeyed: '%s' belongs to "
		    "another user", setting, path.p);
	else if (sb.st_mode & (S_IWGRP | S_IWOTH))
		r = err_set(e, ERR_DENIED, "%s is not obeyed: others may write "
		    "to '%s'; chmod go-w it", setting, path.p);
	buf_release(&path);
	return r;
}

void
store_close(struct store *st)
{
	if (st == NULL)
		return;
	access_over(st);
	audit_note_closed(st);
	db_close(st->db);
	conf_free(st->conf);
	payload_release(st);
	sealed_release(st);
	free(st->dir);
	free(st->tenant);
	free(st->tenant_dir);
	free(st->user);
	free(st->session);
	free(st->who);
	access_free(st->access);
	free(st->model);
	free(st);
}
