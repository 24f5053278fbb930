/*
 * What is below a folder, in the order of the bytes of whole keys: there
 * "a-b" comes before "a/b", so that a folder is sorted by its name with '/'.
 * The names of one folder at each level are in memory.
 */
#include "sync/remote_dir.h"

#include "base/alloc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is in a folder. */
struct member {
	char *name;		/* own; a folder's ends in '/' */
	bool folder, file, temp;
	uint64_t size;
	int64_t modified_ms;
};

struct members {
	struct member *v;	/* own */
	size_t n, cap;
};

struct walk {
	struct remote *remote;
	struct buf key;		/* of what is looked at */
	const char *after;	/* NULL: all */
	/* dir is where it is, under m->name */
	int (*visit)(struct walk *, int dir, const struct member *,
	    struct err *);
	struct remote_list *list;
	int64_t before_ms;	/* of a sweep */
	uint64_t n;
};

/* --- one folder -------------------------------------------------------- */

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct member *)a)->name,
	    ((const struct member *)b)->name);
}

static void
add_member(struct members *all, const char *name, const struct stat *st)
{
	struct buf b = BUF_INIT;
	struct member *m;

	all->v = xgrow(all->v, all->n, &all->cap, sizeof *all->v);
	m = &all->v[all->n++];
	memset(m, 0, sizeof *m);
	m->folder = S_ISDIR(st->st_mode);
	m->file = S_ISREG(st->st_mode);
	m->temp = m->file && str_starts(name, REMOTE_TEMP);
	m->size = m->file ? (uint64_t)st->st_size : 0;
	m->modified_ms = remote_dir_time(st);
	buf_adds(&b, name);
	if (m->folder)
		buf_addc(&b, '/');
	m->name = buf_steal(&b);
}

static int
read_members(DIR *d, struct members *all, const char *key, struct err *e)
{
	struct dirent *de;
	struct stat st;

	while (errno = 0, (de = readdir(d)) != NULL) {
		if (strcmp(de->d_name, ".") == 0 ||
		    strcmp(de->d_name, "..") == 0)
			continue;
		if (fstatat(dirfd(d), de->d_name, &st,
		    AT_SYMLINK_NOFOLLOW) == 0)
			add_member(all, de->d_name, &st);
		else if (errno != ENOENT)	/* it went meanwhile */
			return remote_dir_fail(e, "look at what is in", key);
	}
	if (errno != 0)
		return remote_dir_fail(e, "read the folder", key);
	if (all->n > 0)
		qsort(all->v, all->n, sizeof *all->v, by_name);
	return 0;
}

static void
release(struct members *all)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		free(all->v[i].name);
	free(all->v);
}

/* --- all of them ------------------------------------------------------- */

static int walk_folder(struct walk *, int dir, struct err *);

/* Is all of a folder before where we begin? */
static bool
is_before(const struct walk *w)
{
	return w->after != NULL && strncmp(w->key.p, w->after,
	    w->key.len) < 0;
}

static int
enter(struct walk *w, int dir, const struct member *m, struct err *e)
{
	char name[S3_PART_MAX + 1];
	int fd;

	if (is_before(w))
		return 0;
	snprintf(name, sizeof name, "%.*s", (int)strlen(m->name) - 1,
	    m->name);
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return remote_dir_fail(e, "open the folder", w->key.p);
	return walk_folder(w, fd, e);
}

/* A folder that nobody of us made is told of, and not looked into. */
static int
walk_member(struct walk *w, int dir, const struct member *m, struct err *e)
{
	if (w->remote->stop != NULL && *w->remote->stop)
		return err_set(e, ERR_BUSY, "interrupted");
	if (m->folder && remote_key_wrong(w->key.p, w->key.len - 1) == NULL)
		return enter(w, dir, m, e);
	return w->visit(w, dir, m, e);
}

/* Takes the descriptor. */
static int
walk_folder(struct walk *w, int dir, struct err *e)
{
	struct members all = { NULL, 0, 0 };
	size_t len = w->key.len, i;
	DIR *d = fdopendir(dir);
	int r;

	if (d == NULL) {
		close(dir);
		return remote_dir_fail(e, "read the folder", w->key.p);
	}
	r = read_members(d, &all, w->key.p, e);
	for (i = 0; r == 0 && i < all.n; i++) {
		buf_adds(&w->key, all.v[i].name);
		r = walk_member(w, dirfd(d), &all.v[i], e);
		buf_cut(&w->key, len);
	}
	closedir(d);
	release(&all);
	return r;
}

static int
walk(struct walk *w, const char *prefix, struct err *e)
{
	size_t n = strlen(prefix);
	int dir = remote_dir_open(w->remote, prefix, n > 0 ? n - 1 : 0, false,
	    e), r;

	if (dir < 0)
		return e->code == ERR_ABSENT ? 0 : -1;
	buf_init(&w->key);
	buf_adds(&w->key, prefix);
	r = walk_folder(w, dir, e);
	buf_release(&w->key);
	return r;
}

/* --- listing ----------------------------------------------------------- */

static int
tell(struct walk *w, int dir, const struct member *m, struct err *e)
{
	struct remote_entry x = { .key = w->key.p, .size = m->size,
	    .modified_ms = m->modified_ms };

	(void)dir;
	if (m->temp || (w->after != NULL && strcmp(x.key, w->after) <= 0))
		return 0;
	x.why = m->folder ? "it is a folder of others" : !m->file ?
	    "it is no file" : remote_key_wrong(w->key.p, w->key.len);
	w->list->n++;
	return w->list->found(w->list->arg, &x, e);
}

int
remote_dir_list(struct remote *r, struct remote_list *l, struct err *e)
{
	struct walk w = { .remote = r, .after = l->after, .visit = tell,
	    .list = l };

	return walk(&w, l->prefix, e);
}

/* --- what was left behind ---------------------------------------------- */

static int
sweep(struct walk *w, int dir, const struct member *m, struct err *e)
{
	if (!m->temp || m->modified_ms > w->before_ms)
		return 0;
	if (unlinkat(dir, m->name, 0) == 0)
		w->n++;
	else if (errno != ENOENT)
		return remote_dir_fail(e, "delete", w->key.p);
	return 0;
}

/* The clock that the times of files are by: that of a server, maybe. */
static int
folder_clock(const struct remote *r, int64_t *now_ms, struct err *e)
{
	const struct remote_dir *own = r->own;
	char name[REMOTE_DIR_TEMP];
	struct stat st;
	int fd, ret = 0;

	if (remote_dir_temp(name, e) < 0)
		return -1;
	fd = openat(own->top, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	    0600);
	if (fd < 0)
		return remote_dir_fail(e, "make", name);
	/* a byte: some set the time when it is written only */
	if (write(fd, "", 1) != 1 || remote_dir_sync(fd) < 0 ||
	    fstat(fd, &st) < 0)
		ret = remote_dir_fail(e, "write", name);
	close(fd);
	unlinkat(own->top, name, 0);
	if (ret == 0)
		*now_ms = remote_dir_time(&st);
	return ret;
}

int
remote_dir_sweep(struct remote *r, const char *prefix, int64_t age_ms,
    uint64_t *n, struct err *e)
{
	struct walk w = { .remote = r, .visit = sweep };
	int64_t now = 0;
	int ret;

	if (folder_clock(r, &now, e) < 0)
		return -1;
	w.before_ms = now - age_ms;
	ret = walk(&w, prefix, e);
	*n = w.n;
	return ret;
}
