/*
 * What comes in is a stranger's until it has been looked through: paths are
 * those that backup.c writes and no others, databases hold our tables and
 * no others.  It is put together as a store of its own inside of the new
 * one's folder (a folder that is a mount point cannot be replaced by
 * rename) and then moved up, the marker last.
 */
#include "store/backup.h"
#include "store/backup_blobs.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/lock.h"
#include "base/str.h"
#include "base/utf8.h"
#include "store/audit.h"
#include "store/bundle.h"
#include "store/credential.h"
#include "store/db.h"
#include "store/disk.h"
#include "store/name.h"
#include "store/node.h"
#include "store/scratch.h"
#include "store/verify.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUSY_MS 10000

struct work {
	const struct backup_config *c;
	const struct store_where *where;
	const char *name;	/* of the bundle */
	struct bundle_reader *in;
	struct scratch scratch;
	struct lock lock;
	struct buf folder;	/* of the one tenant, when one is named */
	struct strv folders;	/* of tenants that were taken */
	struct strv parents;	/* folders of what was unpacked */
	json_t *left;		/* own; paths that were not taken */
	bool made;		/* the store's folder was made here */
	bool lock_made;		/* and the file of its lock */
	bool into;		/* there is a store already */
};

static void
tell(const struct work *w, const char *what, const char *which)
{
	if (w->c->progress != NULL)
		w->c->progress(what, which);
}

static char *
inside(const char *dir, const char *rest)
{
	struct buf p = BUF_INIT;

	file_join(&p, dir, rest);
	return buf_steal(&p);
}

static char *
tenant_path(const char *dir, const char *folder, const char *file)
{
	struct buf p = BUF_INIT;

	file_join(&p, dir, "tenants/");
	buf_adds(&p, folder);
	if (file != NULL)
		buf_addf(&p, "/%s", file);
	return buf_steal(&p);
}

/* --- the place --------------------------------------------------------- */

static int
not_free(const struct work *w, struct err *e)
{
	char *tmp = inside(w->c->dir, "tmp");
	bool killed = file_exists(tmp);

	free(tmp);
	return err_set(e, ERR_EXISTS, killed ? "'%s' holds what a restore "
	    "left that was killed; empty it and try again" : "'%s' holds "
	    "other things; name an empty or a new folder", w->c->dir);
}

/* With a tenant named, a store may be there, but not that tenant. */
static int
check_place(struct work *w, struct err *e)
{
	const char *dir = w->c->dir;
	char *marker = inside(dir, "memkit"), *tenant;
	int r = 0;

	w->into = file_exists(marker);
	free(marker);
	if (!w->into)
		return store_free_folder(dir) ? 0 : not_free(w, e);
	if (w->c->tenant == NULL)
		return err_set(e, ERR_EXISTS, "'%s' is a store; name an empty "
		    "or a new folder, or with --tenant a tenant that it does "
		    "not have", dir);
	tenant = tenant_path(dir, w->folder.p, NULL);
	if (file_exists(tenant))
		r = err_set(e, ERR_EXISTS, "store '%s' has a tenant '%s'; "
		    "restore into another folder", dir, w->c->tenant);
	free(tenant);
	return r;
}

/* The folder, locked against others who would make a store there. */
static int
take_place(struct work *w, struct err *e)
{
	char *path;
	int r;

	path = inside(w->c->dir, "memkit");
	r = file_exists(path) || store_free_folder(w->c->dir);
	free(path);
	/* not even a lock in a folder that is somebody else's */
	if (!r)
		return not_free(w, e);
	w->made = !file_exists(w->c->dir);
	if (file_mkdirs(w->c->dir, 0700, e) < 0)
		return -1;
	path = inside(w->c->dir, "lock");
	w->lock_made = !file_exists(path);
	r = lock_take(&w->lock, path, BUSY_MS, e);
	free(path);
	if (r < 0)
		return -1;
	if (w->c->tenant != NULL)
		name_encode(&w->folder, w->c->tenant);
	if (check_place(w, e) < 0)
		return -1;
	return scratch_open(&w->scratch, w->c->dir, "restore", e);
}

/* Leave no trace of what came to nothing. */
static void
leave_place(struct work *w, bool nothing)
{
	char *path;

	scratch_close(&w->scratch);
	if (!w->into) {
		path = inside(w->c->dir, "tmp");
		rmdir(path);	/* only if it is empty */
		free(path);
	}
	path = inside(w->c->dir, "lock");
	if (nothing && w->lock_made && w->lock.fd >= 0)
		unlink(path);
	free(path);
	lock_drop(&w->lock);
	if (nothing && w->made)
		rmdir(w->c->dir);
}

/* --- the content ------------------------------------------------------- */

/* A folder's name as name_encode makes them, long ones with their hash. */
static int
folder_ok(const char *folder)
{
	struct buf name = BUF_INIT, again = BUF_INIT;
	int ok;

	if (name_decode(&name, folder)) {
		name_encode(&again, name.p);
		ok = str_eq(again.p, folder);
	} else
		ok = strstr(folder, "%-") != NULL && folder[0] != '.' &&
		    folder[strspn(folder, "abcdefghijklmnopqrstuvwxyz"
		    "0123456789%_.-")] == '\0';
	buf_release(&name);
	buf_release(&again);
	return ok;
}

/* "tenants/FOLDER/memory.db": 1, and the folder. */
static int
tenant_of(const char *path, struct buf *folder)
{
	static const char lead[] = "tenants/", end[] = "/memory.db";
	size_t n = strlen(path);

	buf_reset(folder);
	if (!str_starts(path, lead) || !str_ends(path, end) ||
	    n <= sizeof lead - 1 + sizeof end - 1)
		return 0;
	buf_add(folder, path + sizeof lead - 1, n - (sizeof lead - 1) -
	    (sizeof end - 1));
	return strchr(folder->p, '/') == NULL && folder_ok(folder->p);
}

/* "FOLDER/NAME", nothing below that. */
static bool
is_in(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return str_starts(path, folder) && path[n] == '/' &&
	    strchr(path + n + 1, '/') == NULL;
}

/* 1 take this file, 0 leave it. */
static int
wanted(struct work *w, const char *path, struct err *e)
{
	struct buf folder = BUF_INIT;
	int r;

	if (str_eq(path, "memkit"))
		r = 1;
	else if (str_eq(path, CREDENTIAL_DB))
		/* where there is a store its own count */
		r = !w->into;
	else if (str_eq(path, "config") || is_in(path, "live") ||
	    is_in(path, "processors"))
		r = w->c->config && !w->into;
	else if (is_in(path, "keys"))
		r = w->c->keys && !w->into;
	else if (tenant_of(path, &folder)) {
		r = w->c->tenant == NULL || str_eq(folder.p, w->folder.p);
		if (r)
			strv_add(&w->folders, folder.p);
	} else if (backup_blobs_path(path, &folder) && folder_ok(folder.p))
		r = w->c->artifacts && (w->c->tenant == NULL ||
		    str_eq(folder.p, w->folder.p));
	else
		r = err_set(e, ERR_VERSION, "'%s' holds '%s', which this "
		    "memkit does not know; upgrade memkit", w->name, path);
	buf_release(&folder);
	return r;
}

static int
extract(struct work *w, const struct bundle_file *f, struct err *e)
{
	char *path = inside(w->scratch.path, f->path);
	char *slash = strrchr(path, '/');
	int fd = -1, r;

	*slash = '\0';
	r = file_mkdirs(path, 0700, e);
	*slash = '/';
	if (r == 0 && (fd = open(path, O_WRONLY | O_CREAT | O_EXCL |
	    O_NOFOLLOW | O_CLOEXEC, 0600)) < 0)
		r = err_sys(e, "cannot make '%s'", path);
	if (r == 0)
		r = bundle_read(w->in, fd, path, e);
	if (r == 0 && fsync(fd) < 0)
		r = err_sys(e, "cannot sync '%s'", path);
	if (fd >= 0 && close(fd) < 0 && r == 0)
		r = err_sys(e, "cannot write '%s'", path);
	if (slash != NULL)
		*slash = '\0';
	if (w->parents.n == 0 || !str_eq(w->parents.v[w->parents.n - 1], path))
		strv_add(&w->parents, path);
	free(path);
	return r;
}

/* Folders of what was unpacked, up to the scratch folder. */
static int
sync_parents(struct work *w, struct err *e)
{
	size_t i, top = strlen(w->scratch.path);
	char *path, *slash;
	int r = 0;

	for (i = 0; r == 0 && i < w->parents.n; i++) {
		path = xstrdup(w->parents.v[i]);
		while (r == 0 && strlen(path) > top) {
			r = file_sync_dir(path, e);
			if ((slash = strrchr(path, '/')) != NULL)
				*slash = '\0';
		}
		free(path);
	}
	return r;
}

static int
check_room(struct work *w, struct err *e)
{
	const struct bundle_list *l = bundle_contents(w->in);
	struct disk disk;

	if (disk_look(w->scratch.path, &disk, e) < 0)
		return -1;
	if (l->bytes <= disk.free)
		return 0;
	return err_set(e, ERR_SYS, "'%s' needs %" PRId64 " MiB in '%s'; %"
	    PRId64 " MiB are free", w->name, (l->bytes >> 20) + 1, w->c->dir,
	    disk.free >> 20);
}

static int
extract_all(struct work *w, struct err *e)
{
	const struct bundle_file *f;
	int r, take;

	if (!str_eq(get_str(bundle_contents(w->in)->about, "kind", NULL),
	    BACKUP_KIND))
		return err_set(e, ERR_INPUT, "'%s' is a bundle, but not a "
		    "backup", w->name);
	if (check_room(w, e) < 0)
		return -1;
	while ((r = bundle_next(w->in, &f, e)) == 1) {
		tell(w, "reading", f->path);
		if ((take = wanted(w, f->path, e)) < 0)
			return -1;
		if (take && extract(w, f, e) < 0)
			return -1;
		if (!take)
			json_array_append_new(w->left, json_string(f->path));
	}
	if (r == 0 && w->folders.n == 0 && w->c->tenant != NULL)
		return err_set(e, ERR_ABSENT, "'%s' has no tenant '%s'",
		    w->name, w->c->tenant);
	return r;
}

/* --- the databases ----------------------------------------------------- */

/* Who restored what goes into the new store's own log. */
static int
add_audit(struct work *w, const char *tenant, struct err *e)
{
	struct store_where where = *w->where;
	struct store *st = NULL;
	size_t n = strlen(w->name);
	int r;

	where.dir = w->scratch.path;
	where.tenant = tenant;
	where.inside = true;
	/* in the scratch folder there is nobody else, not of another machine */
	r = store_open(&st, &where, STORE_MAKE_HERE, e);
	/* what it was made of may live on */
	if (r == 0)
		r = node_renew(st, INT64_MAX, e);
	if (r == 0)
		r = audit_add(st, "restore", tenant,
		    utf8_check(w->name, n) == n ? w->name : NULL, e);
	store_close(st);
	return r;
}

/* A marker that says that there are credentials, and they, or neither. */
static int
prepare_access(struct work *w, struct err *e)
{
	struct audit a = { .who = w->where->user, .action = "restore",
	    .detail = utf8_check(w->name, strlen(w->name)) ==
	    strlen(w->name) ? w->name : NULL };
	char *path = inside(w->scratch.path, CREDENTIAL_DB);
	struct db *db = NULL;
	int r = store_guarded(w->scratch.path, e);

	if (r == 0 && file_exists(path))
		r = err_set(e, ERR_CORRUPT, "'%s' holds credentials that its "
		    "store did not ask for", w->name);
	else if (r == 1 && !w->into && (r = credential_open(&db,
	    w->scratch.path, CREDENTIAL_WRITE, e)) == 0 &&
	    (r = credential_verify(db, path, e)) == 0)
		r = audit_add_db(db, &a, e);
	db_close(db);
	free(path);
	return r < 0 ? err_add(e, "'%s': ", w->name) : 0;
}

static int
add_audits(struct work *w, struct err *e)
{
	struct strv names = STRV_INIT;
	size_t i;
	int r;

	r = store_tenants(w->scratch.path, &names, e);
	for (i = 0; r == 0 && i < names.n; i++)
		r = add_audit(w, names.v[i], e);
	strv_release(&names);
	return r;
}

static int
prepare_tenant(struct work *w, const char *folder, struct err *e)
{
	char *path = tenant_path(w->scratch.path, folder, "memory.db");
	char *dir = tenant_path(w->scratch.path, folder, NULL);
	char *blobs = tenant_path(w->scratch.path, folder, "blobs");
	struct db *db = NULL;
	int r = -1;

	tell(w, "checking", folder);
	/* a copy has no log; DB_CREATE gives it one again */
	if (db_open(&db, path, DB_CREATE, BUSY_MS, e) == 0)
		r = verify_copy(db, path, e);
	if (r == 0)
		r = backup_blobs_settle(db, blobs, e);
	db_close(db);
	if (r < 0)
		err_add(e, "'%s': ", w->name);
	else
		r = file_sync_dir(dir, e);
	free(path);
	free(dir);
	free(blobs);
	return r;
}

/* --- into place -------------------------------------------------------- */

static int
move_up(struct work *w, const char *name, struct err *e)
{
	char *from = inside(w->scratch.path, name);
	char *to = inside(w->c->dir, name);
	int r = 0;

	if (file_exists(from) && rename(from, to) < 0)
		r = err_sys(e, "cannot move '%s' to '%s'", from, to);
	free(from);
	free(to);
	return r;
}

static int
move_tenant(struct work *w, struct err *e)
{
	char *from = tenant_path(w->scratch.path, w->folder.p, NULL);
	char *to = tenant_path(w->c->dir, w->folder.p, NULL);
	char *tenants = inside(w->c->dir, "tenants");
	int r;

	if ((r = file_mkdirs(tenants, 0700, e)) == 0 && rename(from, to) < 0)
		r = err_sys(e, "cannot move '%s' to '%s'", from, to);
	if (r == 0)
		r = file_sync_dir(tenants, e);
	free(from);
	free(to);
	free(tenants);
	return r;
}

static int
move_all(struct work *w, struct err *e)
{
	char *tenants = inside(w->scratch.path, "tenants");
	int r = 0;

	if (file_exists(tenants))
		r = file_sync_dir(tenants, e);
	free(tenants);
	if (r < 0 || move_up(w, "tenants", e) < 0 ||
	    move_up(w, CREDENTIAL_DB, e) < 0 ||
	    move_up(w, "keys", e) < 0 || move_up(w, "config", e) < 0 ||
	    move_up(w, "live", e) < 0 || move_up(w, "processors", e) < 0 ||
	    file_sync_dir(w->c->dir, e) < 0)
		return -1;
	/* order matters: from here on it is a store */
	if (move_up(w, "memkit", e) < 0)
		return -1;
	return file_sync_dir(w->c->dir, e);
}

/* Of the tenants that the manifest tells of, those that were taken. */
static json_t *
restored(const struct work *w)
{
	json_t *about = bundle_contents(w->in)->about, *all, *one;
	json_t *o = json_pack("{s:s}", "type", "restore");
	json_t *tenants = json_array();
	const char *folder;
	size_t i;

	json_object_set(o, "store_id", json_object_get(about, "store_id"));
	json_object_set(o, "created", json_object_get(about, "created"));
	all = json_object_get(about, "tenants");
	json_array_foreach(all, i, one) {
		folder = get_str(one, "folder", NULL);
		if (folder != NULL && strv_has(&w->folders, folder))
			json_array_append(tenants, one);
	}
	json_object_set_new(o, "tenants", tenants);
	if (json_array_size(w->left) > 0)
		json_object_set(o, "left_out", w->left);
	return o;
}

static int
restore(struct work *w, int fd, struct err *e)
{
	char id[27];
	size_t i;
	int r;

	if (take_place(w, e) < 0 || bundle_open(&w->in, fd, w->name, e) < 0 ||
	    extract_all(w, e) < 0 || sync_parents(w, e) < 0)
		return -1;
	if ((r = store_id(w->scratch.path, id, e)) < 0)
		err_add(e, "'%s': ", w->name);
	for (i = 0; r == 0 && i < w->folders.n; i++)
		r = prepare_tenant(w, w->folders.v[i], e);
	if (r == 0)
		r = prepare_access(w, e);
	if (r == 0)
		r = add_audits(w, e);
	if (r < 0 || w->c->dry_run)
		return r;
	return w->into ? move_tenant(w, e) : move_all(w, e);
}

int
backup_read(const struct backup_config *c, const struct store_where *where,
    int fd, const char *name, json_t **told, struct err *e)
{
	struct work w = { .c = c, .where = where, .name = name,
	    .scratch = SCRATCH_INIT, .lock = LOCK_INIT, .folder = BUF_INIT,
	    .folders = STRV_INIT, .parents = STRV_INIT,
	    .left = json_array() };
	int r = restore(&w, fd, e);

	if (r == 0)
		*told = restored(&w);
	bundle_close(w.in);
	leave_place(&w, r < 0 || c->dry_run);
	buf_release(&w.folder);
	strv_release(&w.folders);
	strv_release(&w.parents);
	json_decref(w.left);
	return r;
}
