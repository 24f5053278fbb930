/*
 * The store as others see it who do not ask the tools: modes, owners and
 * links below its folder; and its credentials.
 */
#include "admin/isolation_own.h"

#include "base/buf.h"
#include "base/file.h"
#include "store/credential.h"
#include "store/db.h"
#include "store/name.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH 64	/* folders in each other */

struct disk {
	struct isolation *i;
	struct buf path;	/* from the store's folder on */
	int depth;
};

/* What sessions keep in files/ has the modes that who wrote it gave it; its
 * folders keep others out. */
static bool
of_session(const char *path)
{
	int slashes = 0;

	if (strncmp(path, "tenants/", 8) != 0)
		return false;
	for (path += 8; *path != '\0' && *path != '/'; path++)
		;
	if (strncmp(path, "/files/", 7) != 0)
		return false;
	for (path += 7; *path != '\0'; path++)
		slashes += *path == '/';
	return slashes > 2;	/* USER/SESSION/AREA/... */
}

static int
tell(struct disk *d, const char *kind, const char *detail, struct err *e)
{
	struct isolation_hole h = { .kind = kind, .how = "disk",
	    .id = d->path.len > 0 ? d->path.p : ".", .detail = detail };

	return isolation_tell(d->i, &h, e);
}

static int
look(struct disk *d, const struct stat *sb, struct err *e)
{
	d->i->sums.files++;
	if (S_ISLNK(sb->st_mode))
		return tell(d, "link", "it leads out of the store, or to what "
		    "is somebody else's in it", e);
	if (sb->st_uid != geteuid() && sb->st_uid != 0 &&
	    tell(d, "owner", "it belongs to another user of the system",
	    e) < 0)
		return -1;
	if (!S_ISREG(sb->st_mode) && !S_ISDIR(sb->st_mode))
		return tell(d, "link", "it is neither a file nor a folder", e);
	if (of_session(d->path.p != NULL ? d->path.p : ""))
		return 0;
	if (S_ISREG(sb->st_mode) && sb->st_nlink > 1 &&
	    tell(d, "link", "it has another name besides this one", e) < 0)
		return -1;
	if (sb->st_mode & (S_IWGRP | S_IWOTH))
		return tell(d, "mode", "others may write to it; chmod go= it",
		    e);
	if (sb->st_mode & (S_IRWXG | S_IRWXO))
		return tell(d, "mode", "others may read it; chmod go= it", e);
	return 0;
}

static int	walk(struct disk *, int fd, struct err *);

static int
entry(struct disk *d, int at, const char *name, struct err *e)
{
	size_t len = d->path.len;
	struct stat sb;
	int fd, r;

	if (fstatat(at, name, &sb, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : err_sys(e, "cannot look at "
		    "'%s/%s'", d->i->dir, name);
	buf_addf(&d->path, "%s%s", len > 0 ? "/" : "", name);
	r = look(d, &sb, e);
	if (r == 0 && S_ISDIR(sb.st_mode) && d->depth < DEPTH &&
	    (fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC)) >= 0) {
		d->depth++;
		r = walk(d, fd, e);
		d->depth--;
	}
	buf_cut(&d->path, len);
	return r;
}

/* The descriptor is taken over. */
static int
walk(struct disk *d, int fd, struct err *e)
{
	DIR *dir = fdopendir(fd);
	struct dirent *t;
	int r = 0;

	if (dir == NULL) {
		close(fd);
		return err_sys(e, "cannot read '%s/%s'", d->i->dir,
		    d->path.p != NULL ? d->path.p : "");
	}
	while (r == 0 && (t = readdir(dir)) != NULL)
		if (strcmp(t->d_name, ".") != 0 &&
		    strcmp(t->d_name, "..") != 0)
			r = entry(d, dirfd(dir), t->d_name, e);
	closedir(dir);
	return r;
}

/* --- access.db --------------------------------------------------------- */

static int
tell_credentials(struct isolation *i, struct db_query *q, bool warning,
    const char *detail, struct err *e)
{
	struct isolation_hole h = { .kind = "credential", .how = "row",
	    .warning = warning, .detail = detail };
	int r;

	if (q == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		h.tenant = db_get_text(q, 0);
		h.user = db_get_text(q, 1);
		h.id = db_get_text(q, 2);
		if ((r = isolation_tell(i, &h, e)) < 0)
			break;
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

static int
credentials(struct isolation *i, struct db *db, struct err *e)
{
	if (tell_credentials(i, db_sql(db, e, "SELECT c.tenant, c.user, "
	    "c.name FROM credential c WHERE EXISTS (SELECT 1 FROM credential "
	    "o WHERE o.hash = c.hash AND o.id <> c.id)"), false,
	    "another credential has the same secret", e) < 0)
		return -1;
	return tell_credentials(i, db_sql(db, e, "SELECT c.tenant, c.user, "
	    "c.name FROM credential c WHERE c.revoked IS NULL AND "
	    "c.created > c.expires"), true, "it ended before it was made", e);
}

int
isolation_disk(struct isolation *i, struct err *e)
{
	struct disk d = { .i = i, .path = BUF_INIT };
	struct buf path = BUF_INIT;
	struct stat sb;
	struct db *db;
	int fd, r;

	if ((fd = open(i->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0 ||
	    fstat(fd, &sb) < 0)
		return err_sys(e, "cannot open '%s'", i->dir);
	r = look(&d, &sb, e);
	if (r == 0)
		r = walk(&d, fd, e);
	else
		close(fd);
	file_join(&path, i->dir, CREDENTIAL_DB);
	if (r == 0 && file_exists(path.p)) {
		if ((r = credential_open(&db, i->dir, CREDENTIAL_READ,
		    e)) == 0) {
			r = credentials(i, db, e);
			db_close(db);
		}
	}
	buf_release(&path);
	buf_release(&d.path);
	return r;
}
