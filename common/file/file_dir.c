#include "file/file_dir.h"

#include "base/file.h"
#include "file/file_path.h"
#include "file/file_stat.h"
#include "store/name.h"
#include "store/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WAIT_MS 10000		/* for another that writes */
#define DIR_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

static const char new_folder[] = ".new", lock_name[] = ".lock";
static const char working[] = "0";	/* in .new; others are numbers from 1 */

static const char *
folder_of(int area)
{
	return area == FILE_SEALED ? "sealed" : file_areas[area];
}

/* --- folders ----------------------------------------------------------- */

static int
refuse(const char *where, const char *part, struct err *e)
{
	if (errno == ELOOP || errno == ENOTDIR || errno == EMLINK)
		return err_set(e, ERR_EXISTS, "'%s' in '%s' is not a folder",
		    part, where);
	if (errno == ENOENT)
		return err_set(e, ERR_ABSENT, "there is no folder '%s' in "
		    "'%s'", part, where);
	return err_sys(e, "cannot open folder '%s' in '%s'", part, where);
}

/* A folder of a folder, made on the disk if need be: its descriptor. */
static int
enter(int at, const char *part, bool make, const char *where, struct err *e)
{
	int fd;

	while ((fd = openat(at, part, DIR_FLAGS)) < 0 && errno == EINTR)
		;
	if (fd >= 0 || errno != ENOENT || !make)
		return fd >= 0 ? fd : refuse(where, part, e);
	if (mkdirat(at, part, 0700) < 0 && errno != EEXIST)
		return err_sys(e, "cannot make folder '%s' in '%s'", part,
		    where);
	if (file_sync(at, where, e) < 0)
		return -1;
	if ((fd = openat(at, part, DIR_FLAGS)) < 0)
		return refuse(where, part, e);
	return fd;
}

/* The same, in place of the one that it is in. */
static int
go_down(int *fd, const char *part, bool make, const char *where,
    struct err *e)
{
	int next = enter(*fd, part, make, where, e);

	if (next < 0)
		return -1;
	close(*fd);
	*fd = next;
	return 0;
}

void
file_dir_init(struct file_dir *d)
{
	*d = (struct file_dir){ .path = BUF_INIT, .parent = BUF_INIT,
	    .top = -1, .fresh = -1, .lock = LOCK_INIT, .parent_fd = -1 };
}

int
file_dir_open(struct file_dir *d, struct store *st, const char *user,
    const char *session, bool make, struct err *e)
{
	struct buf part[2] = { BUF_INIT, BUF_INIT };
	int fd, r;

	file_dir_init(d);
	name_encode(&part[0], user);
	name_encode(&part[1], session);
	buf_addf(&d->path, "%s/files/%s/%s", st->tenant_dir, part[0].p,
	    part[1].p);
	/* the store itself may lie behind links */
	if ((fd = open(st->tenant_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) <
	    0)
		r = err_sys(e, "cannot open folder '%s'", st->tenant_dir);
	else if ((r = go_down(&fd, "files", make, st->tenant_dir, e)) == 0 &&
	    (r = go_down(&fd, part[0].p, make, "files", e)) == 0)
		r = go_down(&fd, part[1].p, make, part[0].p, e);
	if (r == 0)
		d->top = fd;
	else if (fd >= 0)
		close(fd);
	buf_release(&part[0]);
	buf_release(&part[1]);
	if (r < 0 && !make && e->code == ERR_ABSENT)
		return 0;
	return r < 0 ? -1 : 1;
}

static void
forget_parent(struct file_dir *d)
{
	if (d->parent_fd >= 0)
		close(d->parent_fd);
	d->parent_fd = -1;
	d->dirty = false;
	buf_reset(&d->parent);
}

int
file_dir_name(const struct file_dir *d, int area, const char *path,
    struct buf *out, struct err *e)
{
	char *real = realpath(d->path.p, NULL);

	if (real == NULL)
		return err_sys(e, "cannot find '%s'", d->path.p);
	buf_adds(out, real);
	if (area >= 0)
		buf_addf(out, "/%s", folder_of(area));
	if (path != NULL)
		buf_addf(out, "/%s", path);
	free(real);
	return 0;
}

void
file_dir_close(struct file_dir *d)
{
	forget_parent(d);
	if (d->fresh >= 0)
		close(d->fresh);
	lock_drop(&d->lock);
	if (d->top >= 0)
		close(d->top);
	d->top = d->fresh = -1;
	buf_release(&d->path);
	buf_release(&d->parent);
}

/* --- the lock, and what is on its way ---------------------------------- */

static int
sweep(struct file_dir *d, struct err *e)
{
	int fd = openat(d->fresh, ".", DIR_FLAGS), r = 0;
	struct dirent *de;
	DIR *dir;

	if (fd < 0 || (dir = fdopendir(fd)) == NULL) {
		err_sys(e, "cannot read '%s/%s'", d->path.p, new_folder);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while (r == 0 && (de = readdir(dir)) != NULL) {
		if (de->d_name[0] == '.')
			continue;
		d->died = true;
		/* the mark stays until all is done that it stands for */
		if (strcmp(de->d_name, working) != 0 &&
		    unlinkat(d->fresh, de->d_name, 0) < 0 && errno != ENOENT)
			r = err_sys(e, "cannot remove '%s/%s/%s'", d->path.p,
			    new_folder, de->d_name);
	}
	closedir(dir);
	return r;
}

int
file_dir_lock(struct file_dir *d, struct err *e)
{
	struct buf path = BUF_INIT;
	int r;

	file_join(&path, d->path.p, lock_name);
	r = lock_take(&d->lock, path.p, WAIT_MS, e);
	buf_release(&path);
	if (r < 0)
		return -1;
	if ((d->fresh = enter(d->top, new_folder, true, d->path.p, e)) < 0)
		return -1;
	return sweep(d, e);
}

int
file_dir_begin(struct file_dir *d, struct err *e)
{
	int fd, r;

	while ((fd = openat(d->fresh, working, O_WRONLY | O_CREAT |
	    O_NOFOLLOW | O_CLOEXEC, 0600)) < 0 && errno == EINTR)
		;
	if (fd < 0)
		return err_sys(e, "cannot make a file in '%s/%s'", d->path.p,
		    new_folder);
	r = file_sync(d->fresh, d->path.p, e);
	close(fd);
	return r;
}

void
file_dir_done(struct file_dir *d)
{
	unlinkat(d->fresh, working, 0);	/* else the next one looks in vain */
}

int
file_dir_new(struct file_dir *d, char name[FILE_NEW_LEN], struct err *e)
{
	int fd;

	snprintf(name, FILE_NEW_LEN, "%" PRId64, ++d->count);
	while ((fd = openat(d->fresh, name, O_RDWR | O_CREAT | O_EXCL |
	    O_NOFOLLOW | O_CLOEXEC, 0600)) < 0 && errno == EINTR)
		;
	if (fd < 0)
		return err_sys(e, "cannot make a file in '%s/%s'", d->path.p,
		    new_folder);
	return fd;
}

void
file_dir_drop(struct file_dir *d, const char *name)
{
	unlinkat(d->fresh, name, 0);	/* the next one sweeps, too */
}

int
file_dir_clock(struct file_dir *d, int64_t *ns, struct err *e)
{
	struct stat sb;

	if (futimens(d->fresh, NULL) < 0 || fstat(d->fresh, &sb) < 0)
		return err_sys(e, "cannot touch '%s/%s'", d->path.p,
		    new_folder);
	*ns = file_ns(sb.st_ctim);
	return 0;
}

/* --- areas and paths --------------------------------------------------- */

int
file_dir_parent(struct file_dir *d, int area, const char *path, bool make,
    const char **name, struct err *e)
{
	const char *slash = strrchr(path, '/'), *area_name = folder_of(area);
	size_t len = slash == NULL ? 0 : (size_t)(slash + 1 - path);
	size_t begin = strlen(area_name) + 1, n;
	char part[FILE_PART_MAX + 1];
	const char *p = path;
	int fd;

	*name = path + len;
	if (d->parent_fd >= 0 && d->parent.len == begin + len &&
	    memcmp(d->parent.p, area_name, begin - 1) == 0 &&
	    memcmp(d->parent.p + begin, path, len) == 0)
		return d->parent_fd;
	if (file_dir_sync(d, e) < 0)
		return -1;
	forget_parent(d);
	if ((fd = enter(d->top, area_name, make, d->path.p, e)) < 0)
		return -1;
	for (; p < path + len; p += n + 1) {
		n = strcspn(p, "/");
		memcpy(part, p, n);
		part[n] = '\0';
		if (go_down(&fd, part, make, area_name, e) < 0) {
			close(fd);
			return -1;
		}
	}
	buf_addf(&d->parent, "%s/%.*s", area_name, (int)len, path);
	return d->parent_fd = fd;
}

int
file_dir_area(struct file_dir *d, int area, bool make, struct err *e)
{
	const char *name;

	return file_dir_parent(d, area, "", make, &name, e);
}

int
file_dir_stat(struct file_dir *d, int area, const char *path,
    struct stat *sb, struct err *e)
{
	const char *name;
	int at = file_dir_parent(d, area, path, false, &name, e);

	if (at < 0)
		return e->code == ERR_ABSENT || e->code == ERR_EXISTS ? 0 : -1;
	if (fstatat(at, name, sb, AT_SYMLINK_NOFOLLOW) == 0)
		return 1;
	return errno == ENOENT ? 0 : err_sys(e, "cannot look at '%s/%s'",
	    folder_of(area), path);
}

int
file_dir_place(struct file_dir *d, const char *temp, int area,
    const char *path, struct err *e)
{
	const char *name;
	int at = file_dir_parent(d, area, path, true, &name, e);
	struct stat sb;

	if (at < 0)
		return -1;
	if (fstatat(at, name, &sb, AT_SYMLINK_NOFOLLOW) == 0 &&
	    !S_ISREG(sb.st_mode))
		return err_set(e, ERR_EXISTS, "will not replace '%s/%s': it is "
		    "no file", folder_of(area), path);
	if (renameat(d->fresh, temp, at, name) < 0)
		return err_sys(e, "cannot make '%s/%s'", folder_of(area),
		    path);
	d->dirty = true;
	return 0;
}

int
file_dir_sync(struct file_dir *d, struct err *e)
{
	bool dirty = d->dirty;

	d->dirty = false;
	return dirty ? file_sync(d->parent_fd, d->parent.p, e) : 0;
}

int
file_dir_remove(struct file_dir *d, int area, const char *path,
    struct err *e)
{
	const char *name;
	int at = file_dir_parent(d, area, path, false, &name, e);

	if (at < 0)
		return e->code == ERR_ABSENT ? 0 : -1;
	if (unlinkat(at, name, 0) == 0 || errno == ENOENT)
		return 0;
	return err_sys(e, "cannot remove '%s/%s'", folder_of(area), path);
}

int
file_dir_aside(struct file_dir *d, int area, const char *path,
    char name[FILE_NEW_LEN], struct err *e)
{
	const char *last;
	int at = file_dir_parent(d, area, path, false, &last, e);

	if (at < 0)
		return -1;
	snprintf(name, FILE_NEW_LEN, "%" PRId64, ++d->count);
	if (renameat(at, last, d->fresh, name) < 0) {
		name[0] = '\0';
		return err_sys(e, "cannot remove '%s/%s'", folder_of(area),
		    path);
	}
	d->dirty = true;
	return 0;
}

void
file_dir_prune(struct file_dir *d, int area, const char *path)
{
	char up[FILE_PATH_MAX + 1];
	struct err ignored;	/* one that is not empty stays */
	const char *name;
	char *slash;
	int at;

	snprintf(up, sizeof up, "%s", path);
	while ((slash = strrchr(up, '/')) != NULL) {
		*slash = '\0';
		if ((at = file_dir_parent(d, area, up, false, &name,
		    &ignored)) < 0 || unlinkat(at, name, AT_REMOVEDIR) < 0)
			break;
	}
}
