#include "file/file_walk.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "file/file_dir.h"
#include "file/file_path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DIR_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

struct walk {
	int area, depth;
	struct buf path;	/* own; of what is met */
	int (*fn)(void *, const struct file_met *, struct err *);
	void *arg;
};

/* One name of a folder; "/" stands behind that of a folder, so that names are
 * in the order of the paths that begin with them. */
struct name {
	char *name;		/* own */
	struct file_stat stat;
	mode_t mode;
};

struct names {
	struct name *v;		/* own */
	size_t n, cap;
};

static void
names_release(struct names *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		free(l->v[i].name);
	free(l->v);
}

static int
by_name(const void *a, const void *b)
{
	const struct name *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void
add_name(struct names *l, const char *name, const struct stat *sb)
{
	size_t n = strlen(name);
	struct name *t;

	l->v = xgrow(l->v, l->n, &l->cap, sizeof *l->v);
	t = &l->v[l->n++];
	t->name = xmalloc(n + 2);
	memcpy(t->name, name, n);
	t->name[n] = S_ISDIR(sb->st_mode) ? '/' : '\0';
	t->name[n + 1] = '\0';
	t->stat = file_stat_of(sb);
	t->mode = sb->st_mode;
}

/* All that is in a folder, sorted; what went meanwhile is not. */
static int
list(int fd, struct names *l)
{
	int again = openat(fd, ".", DIR_FLAGS);
	struct dirent *de;
	struct stat sb;
	DIR *d;

	if (again < 0 || (d = fdopendir(again)) == NULL) {
		if (again >= 0)
			close(again);
		return -1;
	}
	while (errno = 0, (de = readdir(d)) != NULL) {
		if (strcmp(de->d_name, ".") == 0 ||
		    strcmp(de->d_name, "..") == 0)
			continue;
		if (fstatat(fd, de->d_name, &sb, AT_SYMLINK_NOFOLLOW) == 0)
			add_name(l, de->d_name, &sb);
	}
	again = errno;
	closedir(d);
	if (l->n > 1)
		qsort(l->v, l->n, sizeof *l->v, by_name);
	return again == 0 ? 0 : -1;
}

static const char *
kind_of(mode_t mode)
{
	if (S_ISLNK(mode))
		return "a symbolic link";
	if (S_ISFIFO(mode))
		return "a FIFO";
	if (S_ISSOCK(mode))
		return "a socket";
	return S_ISREG(mode) ? NULL : "a device";
}

static int
meet(struct walk *w, int fd, const struct name *t, struct err *e)
{
	struct file_met m = { .area = w->area, .path = w->path.p, .dir = fd,
	    .name = t->name, .stat = t->stat, .why = kind_of(t->mode) };
	struct err why;

	if (file_path_check(w->path.p, &why) < 0)
		m.why = why.msg;
	return w->fn(w->arg, &m, e);
}

static int
unread(struct walk *w, const char *why, struct err *e)
{
	struct file_met m = { .area = w->area, .path = w->path.p, .dir = -1,
	    .name = "", .why = why };

	return w->fn(w->arg, &m, e);
}

static int	walk(struct walk *, int fd, struct err *);

static int
walk_folder(struct walk *w, int at, struct name *t, struct err *e)
{
	int fd, r;

	t->name[strlen(t->name) - 1] = '\0';
	if (w->depth >= FILE_DEPTH_MAX)
		return unread(w, "too many folders in each other", e);
	if ((fd = openat(at, t->name, DIR_FLAGS)) < 0)
		return unread(w, "a folder that cannot be read", e);
	w->depth++;
	r = walk(w, fd, e);
	w->depth--;
	close(fd);
	return r;
}

static int
walk(struct walk *w, int fd, struct err *e)
{
	size_t len = w->path.len, i;
	struct names l = { NULL, 0, 0 };
	int r = 0;

	if (list(fd, &l) < 0)
		r = unread(w, "a folder that cannot be read", e);
	for (i = 0; r == 0 && i < l.n; i++) {
		buf_adds(&w->path, l.v[i].name);
		r = S_ISDIR(l.v[i].mode) ? walk_folder(w, fd, &l.v[i], e) :
		    meet(w, fd, &l.v[i], e);
		buf_cut(&w->path, len);
	}
	names_release(&l);
	return r;
}

int
file_walk(struct file_dir *d, int area,
    int (*fn)(void *, const struct file_met *, struct err *), void *arg,
    struct err *e)
{
	struct walk w = { .area = area, .path = BUF_INIT, .fn = fn,
	    .arg = arg };
	int fd = file_dir_area(d, area, false, e), r;

	if (fd < 0)
		return e->code == ERR_ABSENT ? 0 : -1;
	r = walk(&w, fd, e);
	buf_release(&w.path);
	return r;
}
