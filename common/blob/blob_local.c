#include "blob/blob_local_own.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "blob/artifact_key.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIR_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define DEPTH_MAX 32			/* folders in folders of a prefix */

/* --- folders ----------------------------------------------------------- */

/* 1, 0 the folder is not there. */
static int
open_top(struct blob_local *l, bool make, struct err *e)
{
	if (l->top >= 0)
		return 1;
	if (make && file_mkdirs(l->dir, 0700, e) < 0)
		return -1;
	/* the folder itself may lie behind links */
	l->top = open(l->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (l->top < 0 && errno == ENOENT)
		return 0;
	return l->top < 0 ? err_sys(e, "cannot open folder '%s'", l->dir) : 1;
}

int
blob_local_leave(struct blob_local *l, struct err *e)
{
	int r = 0;

	if (l->parent_fd >= 0) {
		if (l->dirty)
			r = file_sync(l->parent_fd, l->parent, e);
		close(l->parent_fd);
	}
	free(l->parent);
	l->parent = NULL;
	l->parent_fd = -1;
	l->dirty = false;
	return r;
}

static int
cannot_enter(const struct blob_local *l, const char *part, struct err *e)
{
	if (errno == ENOENT)
		return err_set(e, ERR_ABSENT, "no such object");
	if (errno == ELOOP || errno == ENOTDIR || errno == EMLINK)
		return err_set(e, ERR_DENIED, "'%.100s' in '%.200s' is no "
		    "folder, or a link; it is not followed", part, l->dir);
	return err_sys(e, "cannot open folder '%.100s' in '%.200s'", part,
	    l->dir);
}

static int
enter(struct blob_local *l, int at, const char *part, bool make, struct err *e)
{
	int fd = openat(at, part, DIR_FLAGS);

	if (fd >= 0 || errno != ENOENT || !make)
		return fd >= 0 ? fd : cannot_enter(l, part, e);
	if (mkdirat(at, part, 0700) < 0 && errno != EEXIST)
		return err_sys(e, "cannot make a folder in '%.200s'", l->dir);
	if (file_sync(at, l->dir, e) < 0)
		return -1;
	fd = openat(at, part, DIR_FLAGS);
	return fd >= 0 ? fd : cannot_enter(l, part, e);
}

/* The folder of a key as descriptor, borrowed until the next call, and the
 * key's last part. */
int
blob_local_enter(struct blob_local *l, const char *key, bool make,
    const char **name, struct err *e)
{
	const char *slash = strrchr(key, '/');
	char *path, *p, *end;
	int fd, next;

	if (!artifact_key_good(key))
		return err_set(e, ERR_CORRUPT, "'%.100s' is no storage key",
		    key);
	*name = slash + 1;
	if (l->parent != NULL && l->parent_len == (size_t)(slash - key) &&
	    memcmp(l->parent, key, l->parent_len) == 0)
		return l->parent_fd;
	if (blob_local_leave(l, e) < 0)
		return -1;
	if ((fd = open_top(l, make, e)) <= 0)
		return fd < 0 ? -1 : err_set(e, ERR_ABSENT, "no such object");
	path = xstrndup(key, (size_t)(slash - key));
	fd = dup(l->top);
	for (p = path; fd >= 0 && p != NULL; p = end) {
		if ((end = strchr(p, '/')) != NULL)
			*end++ = '\0';
		next = enter(l, fd, p, make, e);
		close(fd);
		fd = next;
	}
	free(path);
	if (fd < 0)
		return -1;
	l->parent_len = (size_t)(slash - key);
	l->parent = xstrndup(key, l->parent_len);
	l->parent_fd = fd;
	return fd;
}

int
blob_local_tmp(struct blob_local *l, struct err *e)
{
	if (l->tmp_fd >= 0)
		return 0;
	if (open_top(l, true, e) < 0 ||
	    scratch_open(&l->tmp, l->dir, "artifact", e) < 0)
		return -1;
	l->tmp_fd = open(l->tmp.path, DIR_FLAGS);
	return l->tmp_fd < 0 ? err_sys(e, "cannot open folder '%s'",
	    l->tmp.path) : 0;
}

/* --- reading ----------------------------------------------------------- */

int
blob_local_object(struct blob_local *l, const char *key, struct stat *sb,
    struct err *e)
{
	const char *name;
	int at = blob_local_enter(l, key, false, &name, e), fd;

	if (at < 0)
		return -1;
	if ((fd = openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
	    O_CLOEXEC)) < 0)
		return errno == ENOENT ? err_set(e, ERR_ABSENT,
		    "no such object") : errno == ELOOP || errno == EMLINK ?
		    err_set(e, ERR_DENIED, "object '%.100s' is a link", key) :
		    err_sys(e, "cannot open object '%.100s'", key);
	if (fstat(fd, sb) < 0 || !S_ISREG(sb->st_mode)) {
		close(fd);
		return err_set(e, ERR_DENIED, "object '%.100s' is no file",
		    key);
	}
	return fd;
}

char *
blob_local_room(struct blob_local *l)
{
	if (l->room == NULL)
		l->room = xmalloc(BLOB_PIECE);
	return l->room;
}

int
blob_local_send(struct blob_local *l, int fd, const char *key, uint64_t from,
    uint64_t len, blob_sink *sink, void *arg, struct err *e)
{
	char *p = blob_local_room(l);
	size_t want;
	ssize_t n;

	while (len > 0) {
		want = len < BLOB_PIECE ? (size_t)len : BLOB_PIECE;
		n = pread(fd, p, want, (off_t)from);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "cannot read object '%.100s'", key);
		if (n == 0)
			return err_set(e, ERR_CORRUPT, "object '%.100s' ends "
			    "too early", key);
		if (sink(arg, p, (size_t)n, e) < 0)
			return -1;
		from += (uint64_t)n;
		len -= (uint64_t)n;
	}
	return 0;
}

static int
local_get(void *arg, const struct blob *b, uint64_t from, uint64_t len,
    blob_sink *sink, void *sink_arg, struct err *e)
{
	struct blob_local *l = arg;
	struct stat sb;
	uint64_t size;
	int fd = blob_local_object(l, b->key, &sb, e), r;

	if (fd < 0)
		return -1;
	size = (uint64_t)sb.st_size;
	if (from > size || len > size - from)
		r = err_set(e, ERR_CORRUPT, "object '%.100s' ends too early",
		    b->key);
	else
		r = blob_local_send(l, fd, b->key, from, len > 0 ? len :
		    size - from, sink, sink_arg, e);
	close(fd);
	return r;
}

static int
local_head(void *arg, struct blob *v, size_t n, struct err *e)
{
	struct blob_local *l = arg;
	struct stat sb;
	size_t i;
	int fd;

	(void)e;
	for (i = 0; i < n; i++) {
		v[i].r = 0;
		v[i].has_sum = false;
		v[i].where = BLOB_ABSENT;
		fd = blob_local_object(l, v[i].key, &sb, &v[i].err);
		if (fd >= 0) {
			v[i].where = BLOB_THERE;
			v[i].size = (uint64_t)sb.st_size;
			close(fd);
		} else if (v[i].err.code != ERR_ABSENT) {
			v[i].r = -1;
		}
	}
	return 0;
}

/* --- away, and what is there ------------------------------------------- */

static int
local_drop(void *arg, struct blob *v, size_t n, struct err *e)
{
	struct blob_local *l = arg;
	const char *name;
	size_t i;
	int at;

	for (i = 0; i < n; i++) {
		v[i].where = BLOB_ABSENT;
		v[i].r = 0;
		at = blob_local_enter(l, v[i].key, false, &name, &v[i].err);
		if (at >= 0 && unlinkat(at, name, 0) == 0)
			l->dirty = true;
		else if (at < 0 ? v[i].err.code != ERR_ABSENT :
		    errno != ENOENT)
			v[i].r = at < 0 ? -1 : err_sys(&v[i].err, "cannot "
			    "remove object '%.100s'", v[i].key);
	}
	return blob_local_leave(l, e);
}

struct listing {
	blob_found *found;
	void *arg;
	struct buf key;
	int depth;
};

static int	list_folder(struct listing *, int fd, struct err *);

static int
list_one(struct listing *x, int at, const char *name, struct err *e)
{
	size_t len = x->key.len;
	struct stat sb;
	int fd, r = 0;

	if (fstatat(at, name, &sb, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;		/* it went meanwhile */
	buf_addf(&x->key, "%s%s", len > 0 ? "/" : "", name);
	if (S_ISREG(sb.st_mode)) {
		r = x->found(x->arg, x->key.p, (uint64_t)sb.st_size,
		    (int64_t)sb.st_mtime * 1000, e);
	} else if (S_ISDIR(sb.st_mode) && x->depth < DEPTH_MAX) {
		if ((fd = openat(at, name, DIR_FLAGS)) >= 0) {
			x->depth++;
			r = list_folder(x, fd, e);
			x->depth--;
		}
	}
	buf_cut(&x->key, len);
	return r;
}

/* Closes fd. */
static int
list_folder(struct listing *x, int fd, struct err *e)
{
	DIR *d = fdopendir(fd);
	struct dirent *de;
	int r = 0;

	if (d == NULL) {
		close(fd);
		return err_sys(e, "cannot read a folder of objects");
	}
	while (r == 0 && (de = readdir(d)) != NULL)
		if (de->d_name[0] != '.' && (x->depth > 0 ||
		    strcmp(de->d_name, "tmp") != 0))
			r = list_one(x, dirfd(d), de->d_name, e);
	closedir(d);
	return r;
}

static int
local_list(void *arg, const char *prefix, blob_found *found, void *fn_arg,
    struct err *e)
{
	struct blob_local *l = arg;
	struct listing x = { found, fn_arg, BUF_INIT, 0 };
	char *path = xstrdup(prefix), *p, *end;
	int r = open_top(l, false, e), fd, next;

	fd = r == 1 ? dup(l->top) : -1;
	for (p = path; fd >= 0 && p != NULL && *p != '\0'; p = end) {
		if ((end = strchr(p, '/')) != NULL)
			*end++ = '\0';
		buf_addf(&x.key, "%s%s", x.key.len > 0 ? "/" : "", p);
		next = openat(fd, p, DIR_FLAGS);
		if (next < 0 && errno != ENOENT)
			r = cannot_enter(l, p, e);
		close(fd);
		fd = next;
		x.depth++;
	}
	if (fd >= 0)
		r = list_folder(&x, fd, e);
	free(path);
	buf_release(&x.key);
	return r < 0 ? -1 : 0;
}

static int
local_check(void *arg, struct err *e)
{
	(void)arg;
	(void)e;
	return 0;		/* it needs nothing */
}

static void
local_close(void *arg)
{
	struct blob_local *l = arg;
	struct err ignored;

	if (l == NULL)
		return;
	blob_local_leave(l, &ignored);
	if (l->tmp_fd >= 0)
		close(l->tmp_fd);
	scratch_close(&l->tmp);
	if (l->top >= 0)
		close(l->top);
	free(l->dir);
	free(l->room);
	free(l);
}

void
blob_local_open(struct blob_provider *out, const char *dir)
{
	static const struct blob_kind kind = { local_check, blob_local_put,
	    local_head, local_drop, local_get, local_list, local_close };
	struct blob_local *l = xcalloc(1, sizeof *l);

	l->dir = xstrdup(dir);
	l->top = l->tmp_fd = l->parent_fd = -1;
	l->tmp = (struct scratch)SCRATCH_INIT;
	*out = (struct blob_provider){ &kind, l };
}

int
blob_local_scratch(struct blob_provider *p, const char **path, struct err *e)
{
	struct blob_local *l = p->p;

	if (blob_local_tmp(l, e) < 0)
		return -1;
	*path = l->tmp.path;
	return 0;
}

int
blob_local_file(struct blob_provider *p, const char *key, uint64_t *size,
    struct err *e)
{
	struct stat sb;
	int fd = blob_local_object(p->p, key, &sb, e);

	if (fd >= 0)
		*size = (uint64_t)sb.st_size;
	return fd;
}
