/*
 * Files and folders.  Below an operand no link is followed and nothing but
 * a regular file is opened: a FIFO that looks like a transcript would stop
 * the run for ever.
 */
#include "from/format.h"

#include "base/alloc.h"
#include "history/commit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEPTH_MAX 32

/* What agents keep beside their transcripts: copies by other programs. */
bool
from_is_copy(const char *name)
{
	static const char *const marks[] = { ".bak", ".deleted", ".orig",
	    ".tmp", ".backup", ".checkpoint", "checkpoint-",
	    "checkpoint_", NULL };
	int i;

	for (i = 0; marks[i] != NULL; i++)
		if (strstr(name, marks[i]) != NULL)
			return true;
	return str_ends(name, "~");
}

enum from_shape
from_want(const char *name, const char *suffix, const char **why)
{
	*why = NULL;
	if (from_is_copy(name) && strstr(name, suffix) != NULL) {
		*why = "backup copy";
		return FROM_NONE;
	}
	return str_ends(name, suffix) ? FROM_LINES : FROM_NONE;
}

enum from_shape
from_want_any(const char *name, const struct strv *names, const char **why)
{
	enum from_shape shape = from_want(name, ".json", why);

	(void)names;
	if (shape == FROM_NONE && *why == NULL)
		shape = from_want(name, ".jsonl", why);
	return shape == FROM_NONE ? FROM_NONE : FROM_VALUES;
}

static bool
is_conversations(const char *name)
{
	return str_starts(name, "conversations") && str_ends(name, ".json") &&
	    !from_is_copy(name);
}

/* Beside its conversations an export has users, feedback and the like. */
enum from_shape
from_want_export(const char *name, const struct strv *names, const char **why)
{
	enum from_shape shape = from_want(name, ".json", why);
	size_t i;

	if (shape == FROM_NONE)
		return FROM_NONE;
	for (i = 0; i < names->n && !is_conversations(name); i++)
		if (is_conversations(names->v[i]))
			return FROM_NONE;
	return FROM_VALUES;
}

static void
cannot(struct from *f, const char *path)
{
	from_say(f, false, "cannot open '%s': %s", path, strerror(errno));
	from_skip(f, "file that cannot be opened");
}

/* One file below dirfd (AT_FDCWD: by its path). */
static int
read_file(struct from *f, int dirfd, const char *name, const char *path,
    enum from_shape shape, struct err *e)
{
	struct stat st;
	int fd, r;

	/* O_NONBLOCK: it may have become a FIFO since it was looked at */
	fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW |
	    O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0) {
		cannot(f, path);
		r = 0;
	} else if (!S_ISREG(st.st_mode)) {
		from_drop(f, "not a regular file");
		r = 0;
	} else {
		f->files++;
		r = from_read_fd(f, fd, path, &st, shape, e);
	}
	if (fd >= 0)
		close(fd);
	return r;
}

static int	walk(struct from *, int fd, const char *path, int depth,
		    struct err *);

static int
entry(struct from *f, int dirfd, const char *name, const char *dir,
    const struct strv *names, int depth, struct err *e)
{
	struct buf path = BUF_INIT;
	const char *why = NULL;
	enum from_shape shape;
	struct stat st;
	int fd, r = 0;

	shape = f->format->want(name, names, &why);
	buf_adds(&path, dir);
	if (!str_ends(dir, "/"))
		buf_addc(&path, '/');
	path_text(&path, name, strlen(name));
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		if (shape != FROM_NONE && errno != ENOENT)
			cannot(f, path.p);
	} else if (S_ISDIR(st.st_mode)) {
		fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW |
		    O_DIRECTORY);
		if (fd < 0)
			cannot(f, path.p);
		else
			r = walk(f, fd, path.p, depth + 1, e);
	} else if (why != NULL)
		from_drop(f, why);
	else if (shape != FROM_NONE && !S_ISREG(st.st_mode))
		from_drop(f, S_ISLNK(st.st_mode) ? "symbolic link" :
		    "not a regular file");
	else if (shape != FROM_NONE)
		r = read_file(f, dirfd, name, path.p, shape, e);
	buf_release(&path);
	return r;
}

/* Takes fd over. */
static int
walk(struct from *f, int fd, const char *path, int depth, struct err *e)
{
	struct strv names = STRV_INIT;
	struct dirent *d;
	DIR *dir = NULL;
	size_t i;
	int r = 0;

	if (depth > DEPTH_MAX) {
		close(fd);
		from_skip(f, "folder nested too deeply");
		return 0;
	}
	if ((dir = fdopendir(fd)) == NULL) {
		cannot(f, path);
		close(fd);
		return 0;
	}
	while ((d = readdir(dir)) != NULL)
		if (strcmp(d->d_name, ".") != 0 &&
		    strcmp(d->d_name, "..") != 0)
			strv_add(&names, d->d_name);
	strv_sort(&names);
	for (i = 0; i < names.n && r == 0 && !f->stop; i++)
		r = entry(f, dirfd(dir), names.v[i], path, &names, depth, e);
	closedir(dir);
	strv_release(&names);
	return r;
}

static int
read_stdin(struct from *f, struct err *e)
{
	struct stat st;

	if (fstat(STDIN_FILENO, &st) < 0)
		return err_sys(e, "cannot read standard input");
	if (S_ISDIR(st.st_mode))
		return err_set(e, ERR_USAGE, "standard input is a folder; "
		    "name it as an operand");
	return from_read_fd(f, STDIN_FILENO, "-", &st, f->format->shape, e);
}

/* Takes fd over. */
static int
folder(struct from *f, int fd, const char *path, struct err *e)
{
	int64_t before = f->files;

	if (walk(f, fd, path, 0, e) < 0)
		return -1;
	if (f->files == before && !f->stop) {
		from_note(f, "folder without a file of this format");
		/* Who follows it waits for the first one. */
		from_say(f, f->o.follow, "no file in '%s' is named as those "
		    "of %s are, %s; name the files themselves", path,
		    f->format->name, f->format->names);
	}
	from_known_gone(f, path);
	return 0;
}

int
from_operand(struct from *f, const char *operand, struct err *e)
{
	static const struct strv alone = STRV_INIT;
	struct buf path = BUF_INIT;
	char *real = NULL;
	const char *base, *why;
	enum from_shape shape;
	struct stat st;
	int fd, r = 0;

	if (f->format->operand != NULL)
		return f->format->operand(f, operand, e);
	if (strcmp(operand, "-") == 0)
		return read_stdin(f, e);
	/* A link named by the caller is followed: he knows it. */
	if ((real = realpath(operand, NULL)) == NULL ||
	    stat(real, &st) < 0) {
		cannot(f, operand);
		free(real);
		return 0;
	}
	path_text(&path, real, strlen(real));
	base = strrchr(real, '/') + 1;
	if (S_ISDIR(st.st_mode)) {
		fd = open(real, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
		if (fd < 0)
			cannot(f, path.p);
		else
			r = folder(f, fd, path.p, e);
	} else if (S_ISREG(st.st_mode)) {
		shape = f->format->want(base, &alone, &why);
		if (shape == FROM_NONE)
			shape = f->format->shape;
		r = read_file(f, AT_FDCWD, real, path.p, shape, e);
	} else {
		from_say(f, false, "'%s' is not a regular file; pipe it in",
		    operand);
		from_skip(f, "not a regular file");
	}
	buf_release(&path);
	free(real);
	return r;
}
