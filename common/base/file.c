/*
 * Files.  Whatever is made or removed is addressed by a descriptor of its
 * folder and a name (openat, renameat, unlinkat), so that a folder that is
 * swapped for a link in the middle of the work leads nobody astray.
 */
#include "base/file.h"

#include "base/alloc.h"
#include "base/hash.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMP_LEN 48			/* ".tmp-PID-16 hex digits" */
#define WRITE_MAX ((size_t)1 << 30)	/* some systems refuse over 2 GiB */

#define DIR_FLAGS (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

int
file_write(int fd, const void *bytes, size_t len, const char *name,
    struct err *e)
{
	const char *p = bytes;
	struct pollfd ready = { .fd = fd, .events = POLLOUT };
	ssize_t n;

	while (len > 0) {
		n = write(fd, p, len < WRITE_MAX ? len : WRITE_MAX);
		if (n > 0) {
			p += n;
			len -= (size_t)n;
			continue;
		}
		if (n == 0)
			errno = EIO;
		/* a pipe we were given may be set not to block */
		else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			if (poll(&ready, 1, -1) >= 0 || errno == EINTR)
				continue;
		} else if (errno == EINTR)
			continue;
		return err_sys(e, "cannot write '%s'", name);
	}
	return 0;
}

/* fsync, and on a Mac down to the medium. */
static int
sync_fd(int fd)
{
	int r;

#ifdef F_FULLFSYNC
	if (fcntl(fd, F_FULLFSYNC) == 0)
		return 0;
#endif
	while ((r = fsync(fd)) < 0 && errno == EINTR)
		;
	return r;
}

static int
sync_dir_fd(int fd)
{
	/* Some file systems know no fsync of a folder; nothing to be done. */
	if (sync_fd(fd) < 0 && errno != EINVAL && errno != ENOTSUP)
		return -1;
	return 0;
}

int
file_sync(int fd, const char *name, struct err *e)
{
	return sync_dir_fd(fd) < 0 ? err_sys(e, "cannot sync '%s'", name) : 0;
}

int
file_sync_dir(const char *path, struct err *e)
{
	int fd = open(path, DIR_FLAGS), r = 0;

	if (fd < 0)
		return err_sys(e, "cannot open folder '%s'", path);
	if (sync_dir_fd(fd) < 0)
		r = err_sys(e, "cannot sync folder '%s'", path);
	close(fd);
	return r;
}

/* The folder that holds path, as a malloced string; *name is within path
 * and what is called there. */
static char *
parent_of(const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');

	*name = slash == NULL ? path : slash + 1;
	if (slash == NULL)
		return xstrdup(".");
	return xstrndup(path, slash == path ? 1 : (size_t)(slash - path));
}

/* The name does not hold the target's, which may have all the 255 bytes a
 * name can have.  0, or -1. */
static int
temp_name(char out[TEMP_LEN], struct err *e)
{
	uint8_t r[8];
	char hex[2 * sizeof r + 1];

	if (random_bytes(r, sizeof r, e) < 0)
		return -1;
	hex_encode(hex, r, sizeof r);
	snprintf(out, TEMP_LEN, ".tmp-%ld-%s", (long)getpid(), hex);
	return 0;
}

/* The new content, on the disk, under another name beside the target. */
static int
temp_write(int dir, const char *temp, const char *path, const void *p,
    size_t len, struct err *e)
{
	int fd, r;

	fd = openat(dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(e, "cannot make a file for '%s'", path);
	r = file_write(fd, p, len, path, e);
	if (r == 0 && sync_fd(fd) < 0)
		r = err_sys(e, "cannot sync '%s'", path);
	/* NFS and quotas tell of a lost write only here */
	if (close(fd) < 0 && r == 0 && errno != EINTR)
		r = err_sys(e, "cannot write '%s'", path);
	if (r < 0)
		unlinkat(dir, temp, 0);
	return r;
}

/* rename would put the file in place of the link: safe, but a surprise to
 * whoever made it */
static int
no_link(int dir, const char *name, const char *path, struct err *e)
{
	struct stat sb;

	if (fstatat(dir, name, &sb, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISLNK(sb.st_mode))
		return err_set(e, ERR_DENIED,
		    "will not replace '%s': it is a symbolic link; "
		    "name the file itself", path);
	return 0;
}

static int
replace_at(int dir, const char *name, const char *path, const void *p,
    size_t len, struct err *e)
{
	char temp[TEMP_LEN];

	if (no_link(dir, name, path, e) < 0)
		return -1;
	if (temp_name(temp, e) < 0 ||
	    temp_write(dir, temp, path, p, len, e) < 0)
		return -1;
	if (renameat(dir, temp, dir, name) < 0) {
		err_sys(e, "cannot replace '%s'", path);
		unlinkat(dir, temp, 0);
		return -1;
	}
	if (sync_dir_fd(dir) < 0)
		return err_sys(e, "cannot sync the folder of '%s'", path);
	return 0;
}

int
file_replace(const char *path, const void *p, size_t len, struct err *e)
{
	const char *name;
	char *parent = parent_of(path, &name);
	int dir = open(parent, DIR_FLAGS), r;

	if (dir < 0)
		r = err_sys(e, "cannot open folder '%s'", parent);
	else {
		r = replace_at(dir, name, path, p, len, e);
		close(dir);
	}
	free(parent);
	return r;
}

int
file_new(struct file_new *f, const char *path, struct err *e)
{
	const char *name;
	char *parent = parent_of(path, &name);

	f->fd = -1;
	f->path = NULL;
	if ((f->dir = open(parent, DIR_FLAGS)) < 0)
		err_sys(e, "cannot open folder '%s'", parent);
	free(parent);
	if (f->dir < 0)
		return -1;
	f->path = xstrdup(path);
	if (temp_name(f->temp, e) == 0 && (f->fd = openat(f->dir, f->temp,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)) < 0)
		err_sys(e, "cannot make a file for '%s'", path);
	if (f->fd >= 0)
		return 0;
	file_new_drop(f);
	return -1;
}

void
file_new_drop(struct file_new *f)
{
	if (f->fd >= 0) {
		close(f->fd);
		unlinkat(f->dir, f->temp, 0);
	}
	if (f->dir >= 0)
		close(f->dir);
	free(f->path);
	f->fd = f->dir = -1;
	f->path = NULL;
}

int
file_new_done(struct file_new *f, struct err *e)
{
	const char *slash = strrchr(f->path, '/');
	const char *name = slash == NULL ? f->path : slash + 1;
	int r = no_link(f->dir, name, f->path, e);

	if (r == 0 && sync_fd(f->fd) < 0)
		r = err_sys(e, "cannot sync '%s'", f->path);
	if (r == 0 && renameat(f->dir, f->temp, f->dir, name) < 0)
		r = err_sys(e, "cannot make '%s'", f->path);
	if (r == 0) {
		close(f->fd);		/* it is on the disk already */
		f->fd = -1;
	}
	file_new_drop(f);
	return r;
}

int
file_scratch(const char *path, struct err *e)
{
	struct file_new f;
	int fd;

	if (file_new(&f, path, e) < 0)
		return -1;
	fd = f.fd;
	if (unlinkat(f.dir, f.temp, 0) < 0) {
		err_sys(e, "cannot make a file for '%s'", path);
		file_new_drop(&f);
		return -1;
	}
	f.fd = -1;
	file_new_drop(&f);
	return fd;
}

/* One folder, its parent being there.  A new one is on the disk with its
 * parent, or what is stored in it could go with it in a power cut. */
static int
make_dir(const char *path, mode_t mode, bool last, struct err *e)
{
	const char *name;
	struct stat sb;
	char *parent;
	int saved, r;

	if (mkdir(path, mode) == 0) {
		parent = parent_of(path, &name);
		r = file_sync_dir(parent, e);
		free(parent);
		return r;
	}
	/* not only EEXIST: a parent that is not ours to write says so first */
	saved = errno;
	if ((last ? lstat(path, &sb) : stat(path, &sb)) < 0) {
		errno = saved;
		return err_sys(e, "cannot make folder '%s'", path);
	}
	if (S_ISLNK(sb.st_mode))
		return err_set(e, ERR_DENIED,
		    "'%s' is a symbolic link; name the folder itself", path);
	if (!S_ISDIR(sb.st_mode))
		return err_set(e, ERR_EXISTS, "'%s' is not a folder", path);
	return 0;
}

int
file_mkdirs(const char *path, mode_t mode, struct err *e)
{
	char *p = xstrdup(path), *s;
	size_t n = strlen(p);
	int r = 0;

	while (n > 1 && p[n - 1] == '/')
		p[--n] = '\0';
	for (s = p + 1; r == 0 && n > 0 && (s = strchr(s, '/')) != NULL; s++) {
		if (s[-1] == '/')
			continue;
		*s = '\0';
		r = make_dir(p, mode, false, e);
		*s = '/';
	}
	if (r == 0)
		r = make_dir(p, mode, true, e);
	free(p);
	return r;
}

int
file_exists(const char *path)
{
	struct stat sb;

	return lstat(path, &sb) == 0;
}

/* A folder of a folder, never through a link. */
static DIR *
open_dir_at(int dir, const char *name)
{
	int fd = openat(dir, name, DIR_FLAGS | O_NOFOLLOW);
	DIR *d;

	if (fd < 0)
		return NULL;
	if ((d = fdopendir(fd)) == NULL)
		close(fd);
	return d;
}

static bool
dot_name(const char *s)
{
	return s[0] == '.' && (s[1] == '\0' || (s[1] == '.' && s[2] == '\0'));
}

/*
 * What is in a folder is shown to fn, which may remove it: 0 went on, else
 * its result.  path is of the folder, for messages, and that of the member
 * while fn runs; one descriptor per level is held.
 */
static int
each_member(int at, const char *name, struct buf *path,
    int (*fn)(int dir, const char *name, struct buf *path, void *,
    struct err *), void *arg, struct err *e)
{
	DIR *d = open_dir_at(at, name);
	size_t len = path->len;
	struct dirent *de;
	int r = 0;

	if (d == NULL && errno == ENOENT)	/* somebody else removed it */
		return 0;
	if (d == NULL)
		return err_sys(e, "cannot open folder '%s'", path->p);
	while (r == 0) {
		errno = 0;
		if ((de = readdir(d)) == NULL)
			break;
		if (dot_name(de->d_name))
			continue;
		buf_addc(path, '/');
		buf_adds(path, de->d_name);
		r = fn(dirfd(d), de->d_name, path, arg, e);
		buf_cut(path, len);
	}
	if (r == 0 && errno != 0)
		r = err_sys(e, "cannot read folder '%s'", path->p);
	closedir(d);
	return r;
}

static int
remove_at(int dir, const char *name, struct buf *path, void *arg,
    struct err *e)
{
	struct stat sb;
	int tries, flag;

	(void)arg;
	if (fstatat(dir, name, &sb, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 :
		    err_sys(e, "cannot remove '%s'", path->p);
	flag = S_ISDIR(sb.st_mode) ? AT_REMOVEDIR : 0;
	/* Some systems skip names while others are being removed, and others
	 * may still be adding: look again, but not for ever. */
	for (tries = 0; tries < 5; tries++) {
		if (flag != 0 && each_member(dir, name, path, remove_at, NULL,
		    e) < 0)
			return -1;
		if (unlinkat(dir, name, flag) == 0 || errno == ENOENT)
			return 0;
		if (errno != ENOTEMPTY && errno != EEXIST)
			break;
	}
	return err_sys(e, "cannot remove '%s'", path->p);
}

int
file_remove_tree(const char *path, struct err *e)
{
	struct buf b = BUF_INIT;
	size_t n = strlen(path);
	char *top;
	int r;

	while (n > 1 && path[n - 1] == '/')	/* "link/" would be followed */
		n--;
	top = xstrndup(path, n);
	buf_adds(&b, top);
	r = remove_at(AT_FDCWD, top, &b, NULL, e);
	free(top);
	buf_release(&b);
	return r;
}

static int
size_at(int dir, const char *name, struct buf *path, void *arg,
    struct err *e)
{
	int64_t *bytes = arg;
	struct stat sb;

	if (fstatat(dir, name, &sb, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 :
		    err_sys(e, "cannot look at '%s'", path->p);
	if (S_ISREG(sb.st_mode))
		*bytes += sb.st_size;
	if (S_ISDIR(sb.st_mode))
		return each_member(dir, name, path, size_at, bytes, e);
	return 0;
}

int
file_tree_size(const char *path, int64_t *bytes, struct err *e)
{
	struct buf b = BUF_INIT;
	int64_t sum = 0;
	int r;

	buf_adds(&b, path);
	if ((r = size_at(AT_FDCWD, path, &b, &sum, e)) == 0)
		*bytes = sum;
	buf_release(&b);
	return r;
}

void
file_join(struct buf *b, const char *dir, const char *name)
{
	assert(b->len == 0);
	buf_adds(b, dir);
	if (b->len > 0 && b->p[b->len - 1] != '/')
		buf_addc(b, '/');
	buf_adds(b, name);
}
