/*
 * Documents of files and folders.  The reading is done by docs-read; here is
 * which files, in which order, and what is new.
 */
#include "from/docs.h"
#include "from/docs_work.h"

#include "base/alloc.h"
#include "base/child.h"
#include "docs/document_id.h"
#include "history/commit.h"
#include "index/fold.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEPTH_MAX 64

/* --- one file ---------------------------------------------------------- */

static void
cannot(struct from *f, const char *path)
{
	from_say(f, false, "cannot open '%s': %s", path, strerror(errno));
	from_skip(f, "file that cannot be opened");
}

/* 1 it holds what it held, 0 not, or it cannot be read. */
static int
same_bytes(const struct docs_known *k, const struct docs_file *file)
{
	char hex[HASH_HEX + 1];
	uint8_t sum[HASH_LEN];
	struct err ignored;	/* docs-read will say it */

	if (k->size != (int64_t)file->st.st_size ||
	    hash_file(file->path, sum, &ignored) < 0)
		return 0;
	hex_encode(hex, sum, sizeof sum);
	return strcmp(hex, k->hash) == 0;
}

/* Composed and plain, as names are wherever they come from. */
static char *
called(const char *name)
{
	struct buf plain = BUF_INIT;
	char *s;

	docs_put_plain(&plain, name, strlen(name));
	s = fold_composed(plain.p != NULL ? plain.p : "", plain.len);
	buf_release(&plain);
	return s;
}

static void
bear(struct from_docs *d, const char *name)
{
	union map_value *v;
	int made;

	v = map_put(&d->names, name, &made);
	if (made)
		v->p = xstrdup(d->source);
	d->name = name;
}

/* One that nobody has, with as many folders before it as it takes; own.  NULL:
 * there is none. */
static char *
longer(struct from_docs *d, const char *name)
{
	const char *source = d->source;
	size_t at = strlen(source), parts = 1;
	char *s;

	while ((name = strchr(name, '/')) != NULL) {
		parts++;
		name++;
	}
	while (at > 1) {
		for (at--; at > 1 && source[at - 1] != '/'; at--)
			;
		if (parts > 0) {
			parts--;
			continue;
		}
		s = called(source + at);
		if (docs_named(d, s) == NULL)
			return s;
		free(s);
	}
	return NULL;
}

/* What it was called the last time, also if another folder was named. */
static bool
was_called(const struct docs_known *k, const char *name)
{
	size_t n, len = strlen(name);

	if (k == NULL || k->name == NULL || (n = strlen(k->name)) < len)
		return false;
	return strcmp(k->name + n - len, name) == 0 &&
	    (n == len || k->name[n - len - 1] == '/');
}

/* Folders may have files of one name: the first one bears it, the next ones a
 * longer one.  false: there is no name. */
static bool
call(struct from_docs *d, struct docs_file *file, const struct docs_known *k)
{
	const char *other;
	char *name = called(file->name), *more = NULL;
	bool r = true;

	if (was_called(k, name) && docs_named(d, k->name) == NULL) {
		free(name);
		name = xstrdup(k->name);
	} else if ((other = docs_named(d, name)) != NULL) {
		more = longer(d, name);
		r = more != NULL;
		if (r)
			from_say(d->f, false, "'%s' is called '%s': '%s' has "
			    "that name", d->source, more, other);
		else {
			from_say(d->f, false, "'%s' would be called '%s', as "
			    "'%s' is; rename it", d->source, name, other);
			from_skip(d->f, "file whose name another one has");
		}
	}
	if (more != NULL) {
		free(name);
		name = more;
	}
	free(d->called);
	file->name = d->called = name;
	if (r)
		bear(d, name);
	return r;
}

/* Who asks for its documents later in this run is to find those of now. */
static void
set_ids(struct docs_known *k, const struct strv *now)
{
	size_t i;

	strv_release(&k->ids);
	for (i = 0; i < now->n; i++)
		strv_add(&k->ids, now->v[i]);
}

static int
new_or_changed(struct from_docs *d, const struct docs_file *file,
    struct docs_known *k, struct err *e)
{
	char hash[HASH_HEX + 1];

	strv_release(&d->now);
	strv_release(&d->held);
	buf_reset(&d->marks);
	d->part = false;
	if (docs_ask(d, file, hash, e) < 0)
		return -1;
	if (file->path == NULL)
		return 0;
	if (k != NULL && !d->part && docs_withdraw_old(d, k, e) < 0)
		return -1;
	if (docs_cursor(d, &file->st, hash, e) < 0)
		return -1;
	if (k != NULL && !d->part)
		set_ids(k, &d->now);
	return 0;
}

static int
one_file(struct from_docs *d, struct docs_file *file, struct err *e)
{
	struct docs_known *k;
	struct buf source = BUF_INIT;
	int r = 0;

	path_text(&source, file->path != NULL ? file->path : "-",
	    strlen(file->path != NULL ? file->path : "-"));
	d->source = source.p;
	free(d->f->src.path);
	d->f->src.path = xstrdup(source.p);
	d->f->files++;
	d->walked++;
	k = file->path != NULL ? docs_known_get(d, source.p) : NULL;
	if (k != NULL)
		k->seen = true;
	if (!call(d, file, k))
		r = 0;
	else if (k != NULL && !d->o->all && docs_untouched(d, k, &file->st))
		from_drop(d->f, "unchanged");
	else if (k != NULL && !d->o->all && !k->part &&
	    strcmp(k->how, d->how) == 0 && same_bytes(k, file)) {
		from_drop(d->f, "unchanged");
		r = docs_cursor_again(d, &file->st, k, e);
	} else
		r = new_or_changed(d, file, k, e);
	d->source = d->name = NULL;
	buf_release(&source);
	return r;
}

/* --- folders ----------------------------------------------------------- */

static bool
is_vcs(const char *name)
{
	static const char *const all[] = { ".git", ".hg", ".svn", ".bzr",
	    "_darcs", "CVS", ".jj", NULL };
	int i;

	for (i = 0; all[i] != NULL && strcmp(name, all[i]) != 0; i++)
		;
	return all[i] != NULL;
}

static bool
matches(const struct strv *globs, const char *rel, const char *name)
{
	size_t i;

	for (i = 0; i < globs->n; i++)
		if (fnmatch(globs->v[i], name, 0) == 0 ||
		    fnmatch(globs->v[i], rel, 0) == 0)
			return true;
	return false;
}

static int	walk(struct from_docs *, int fd, const char *path,
		    const char *rel, int depth, struct err *);

static int
entry(struct from_docs *d, int dirfd, const char *name, const char *path,
    const char *rel, int depth, struct err *e)
{
	struct docs_file file = { .path = path, .fd = -1, .name = rel };
	struct from *f = d->f;
	int fd;

	if (fstatat(dirfd, name, &file.st, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno != ENOENT)
			cannot(f, path);
		return 0;
	}
	if (S_ISDIR(file.st.st_mode)) {
		fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW |
		    O_DIRECTORY);
		if (fd >= 0)
			return walk(d, fd, path, rel, depth + 1, e);
		cannot(f, path);
		return 0;
	}
	if (d->o->include.n > 0 && !matches(&d->o->include, rel, name))
		return 0;
	if (!S_ISREG(file.st.st_mode)) {
		from_drop(f, S_ISLNK(file.st.st_mode) ? "symbolic link" :
		    "not a regular file");
		return 0;
	}
	return one_file(d, &file, e);
}

static bool
is_left_out(const struct from_docs *d, const char *rel, const char *name)
{
	if (!d->o->hidden && (*name == '.' || is_vcs(name)))
		return true;
	return str_ends(name, "~") || matches(&d->o->exclude, rel, name);
}

static void
below(struct buf *b, const char *dir, const char *name)
{
	buf_reset(b);
	buf_adds(b, dir);
	if (b->len > 0 && b->p[b->len - 1] != '/')
		buf_addc(b, '/');
	buf_adds(b, name);
}

/* Takes fd over. */
static int
walk(struct from_docs *d, int fd, const char *path, const char *rel,
    int depth, struct err *e)
{
	struct buf sub = BUF_INIT, subrel = BUF_INIT, name = BUF_INIT;
	struct strv names = STRV_INIT;
	struct dirent *ent;
	DIR *dir = NULL;
	size_t i;
	int r = 0;

	if (depth > DEPTH_MAX || (dir = fdopendir(fd)) == NULL) {
		if (depth > DEPTH_MAX)
			from_skip(d->f, "folder nested too deeply");
		else
			cannot(d->f, path);
		close(fd);
		return 0;
	}
	while ((ent = readdir(dir)) != NULL)
		if (strcmp(ent->d_name, ".") != 0 &&
		    strcmp(ent->d_name, "..") != 0)
			strv_add(&names, ent->d_name);
	strv_sort(&names);
	for (i = 0; i < names.n && r == 0; i++) {
		buf_reset(&name);
		path_text(&name, names.v[i], strlen(names.v[i]));
		below(&subrel, rel, name.p);
		if (is_left_out(d, subrel.p, names.v[i]))
			continue;
		below(&sub, path, names.v[i]);
		r = entry(d, dirfd(dir), names.v[i], sub.p, subrel.p, depth,
		    e);
	}
	closedir(dir);
	strv_release(&names);
	buf_release(&sub);
	buf_release(&subrel);
	buf_release(&name);
	return r;
}

/* --- operands ---------------------------------------------------------- */

static struct from_docs *
docs_new(struct from *f)
{
	const struct from_docs_opts *o = f->o.docs;
	struct from_docs *d = xcalloc(1, sizeof *d);
	struct buf how = BUF_INIT;
	size_t i;

	d->f = f;
	d->o = o;
	d->near = docs_near_new();
	docs_held_init(&d->chunks);
	buf_init(&d->marks);
	buf_init(&d->line);
	buf_init(&d->key);
	if (o->kb != NULL) {
		buf_adds(&d->key, "kb:");
		docs_put_name(&d->key, o->kb);
		buf_addc(&d->key, ':');
	}
	/* whatever makes other chunks, or reads what was left out */
	buf_addf(&how, "docs-2 %" PRId64 "-%" PRId64 " %s %d", o->words_min,
	    o->words_max, o->encoding != NULL ? o->encoding : "",
	    o->hidden);
	buf_addf(&how, " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64
	    " %" PRId64 " %" PRId64, o->limits.bytes, o->limits.total,
	    o->limits.ratio, o->limits.entries, o->limits.nest,
	    o->limits.part);
	for (i = 0; i < o->filters.n; i++)
		buf_addf(&how, "\n%s=%s=%s", o->filters.v[i].key,
		    o->filters.v[i].command, o->filters.v[i].as != NULL ?
		    o->filters.v[i].as : "");
	snprintf(d->how, sizeof d->how, "%016" PRIx64,
	    from_hash(how.p, (char *)NULL));
	buf_release(&how);
	return d;
}

static int
read_stdin(struct from_docs *d, struct err *e)
{
	struct docs_file file = { .fd = STDIN_FILENO, .name = "-" };

	if (fstat(STDIN_FILENO, &file.st) < 0)
		return err_sys(e, "cannot read standard input");
	if (S_ISDIR(file.st.st_mode))
		return err_set(e, ERR_USAGE, "standard input is a folder; "
		    "name it as an operand");
	return one_file(d, &file, e);
}

static int
read_path(struct from_docs *d, const char *real, struct err *e)
{
	struct docs_file file = { .path = real, .fd = -1 };
	struct buf name = BUF_INIT, text = BUF_INIT;
	const char *base = strrchr(real, '/') + 1;
	bool folder;
	int fd, r = 0;

	if (stat(real, &file.st) < 0) {
		cannot(d->f, real);
		return 0;
	}
	folder = S_ISDIR(file.st.st_mode);
	if (folder) {
		fd = open(real, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
		if (fd < 0)
			cannot(d->f, real);
		else
			r = walk(d, fd, real, "", 0, e);
	} else if (S_ISREG(file.st.st_mode)) {
		path_text(&name, base, strlen(base));
		file.name = name.p;
		r = one_file(d, &file, e);
	} else {
		from_say(d->f, false, "'%s' is not a regular file; pipe it in",
		    real);
		from_skip(d->f, "not a regular file");
	}
	path_text(&text, real, strlen(real));
	if (r == 0)
		r = docs_withdraw_gone(d, text.p, folder, e);
	buf_release(&name);
	buf_release(&text);
	return r;
}

static int
operand(struct from *f, const char *path, struct err *e)
{
	struct from_docs *d = f->docs;
	char *real;
	int r = 0;

	if (d == NULL) {
		d = f->docs = docs_new(f);
		if (docs_known_load(d, e) < 0)
			return -1;
	}
	d->walked = 0;
	if (strcmp(path, "-") == 0)
		return read_stdin(d, e);
	/* a link named by the caller is followed: he knows it */
	if ((real = realpath(path, NULL)) == NULL)
		cannot(f, path);
	else
		r = read_path(d, real, e);
	free(real);
	return r;
}

void
from_docs_free(struct from *f)
{
	struct from_docs *d = f->docs;
	size_t i;

	if (d == NULL)
		return;
	child_free(d->child);
	docs_known_free(d);
	map_release(&d->ids);
	for (i = 0; i < d->names.n; i++)
		free(d->names.e[i].v.p);
	map_release(&d->names);
	map_release(&d->owned);
	map_release(&d->told);
	docs_near_free(d->near);
	docs_held_release(&d->chunks);
	strv_release(&d->now);
	strv_release(&d->held);
	buf_release(&d->marks);
	buf_release(&d->line);
	buf_release(&d->key);
	free(d->called);
	free(f->src.path);
	f->src.path = NULL;
	free(d);
	f->docs = NULL;
}

const struct from_format from_docs = {
	.name = "docs",
	.names = "documents",
	.operand = operand,
};
