#include "file/file_folders.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/str.h"
#include "memory/session.h"
#include "store/db.h"
#include "store/name.h"
#include "store/store.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Names of folders in one; one that is not there has none. */
static int
list(const char *path, struct strv *names, struct err *e)
{
	struct dirent *d;
	DIR *dir = opendir(path);

	if (dir == NULL)
		return errno == ENOENT ? 0 : err_sys(e, "cannot open '%s'",
		    path);
	while ((d = readdir(dir)) != NULL)
		if (d->d_name[0] != '.')
			strv_add(names, d->d_name);
	closedir(dir);
	strv_sort(names);
	return 0;
}

/* The name that was cut to make this one, of those that the query gives. */
static int
find_cut(struct db_query *q, const char *enc, struct buf *name,
    struct err *e)
{
	struct buf b = BUF_INIT;
	int r;

	if (q == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		buf_reset(&b);
		name_encode(&b, db_get_text(q, 0));
		if (strcmp(b.p, enc) == 0) {
			buf_adds(name, db_get_text(q, 0));
			break;
		}
	}
	db_end(q);
	buf_release(&b);
	return r;
}

static int
user_name(struct store *st, const char *enc, struct buf *name, struct err *e)
{
	if (name_decode(name, enc))
		return 1;
	buf_reset(name);
	return find_cut(db_sql(st->db, e, "SELECT name FROM user"), enc, name,
	    e);
}

static int
session_name(struct store *st, int64_t user, const char *enc,
    struct buf *name, struct err *e)
{
	struct db_query *q;

	if (name_decode(name, enc))
		return 1;
	buf_reset(name);
	if ((q = db_sql(st->db, e, "SELECT name FROM session "
	    "WHERE user = :user")) == NULL)
		return -1;
	db_int(q, ":user", user);
	return find_cut(q, enc, name, e);
}

static int
each_session(struct store *st, const char *user, const char *dir,
    int (*fn)(void *, const char *, const char *, struct err *), void *arg,
    struct err *e)
{
	struct strv folders = STRV_INIT;
	struct buf name = BUF_INIT;
	int64_t owner;
	size_t i;
	int r;

	if ((r = store_user(st, user, false, &owner, e)) == 0)
		r = list(dir, &folders, e);
	for (i = 0; r == 0 && i < folders.n; i++) {
		buf_reset(&name);
		if ((r = session_name(st, owner, folders.v[i], &name, e)) == 1)
			r = fn(arg, user, name.p, e);
	}
	strv_release(&folders);
	buf_release(&name);
	return r;
}

int
file_folders(struct store *st, int (*fn)(void *, const char *, const char *,
    struct err *), void *arg, struct err *e)
{
	char *files = store_path(st, "files");
	struct strv users = STRV_INIT;
	struct buf name = BUF_INIT, dir = BUF_INIT;
	int r = list(files, &users, e);
	size_t i;

	for (i = 0; r == 0 && i < users.n; i++) {
		buf_reset(&name);
		buf_reset(&dir);
		file_join(&dir, files, users.v[i]);
		if ((r = user_name(st, users.v[i], &name, e)) == 1)
			r = each_session(st, name.p, dir.p, fn, arg, e);
	}
	strv_release(&users);
	buf_release(&name);
	buf_release(&dir);
	free(files);
	return r;
}
