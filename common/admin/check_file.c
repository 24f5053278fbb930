/*
 * Files of a sealed tenant: each is read to its end, which proves it.  Nobody
 * but us writes them, so one that is not as its row says was damaged.
 */
#include "admin/check.h"

#include "base/alloc.h"
#include "file/file_dir.h"
#include "file/file_folders.h"
#include "file/file_row.h"
#include "file/file_sealed.h"
#include "memory/session.h"
#include "store/db.h"
#include "store/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE ((size_t)64 << 10)
#define BRING "put it again (mem-session put), remove it (mem-session rm), " \
	"or bring it from another copy of the store"

struct looking {
	struct check *c;
	struct file_dir dir;
	int64_t session;
	char *room;		/* own */
	/* that were not right; while rows are read no later one is seen */
	struct wrong {
		struct file_row row;	/* its path is own */
		bool there;
	} *wrong;		/* own */
	size_t n, cap;
};

/* 1 all of it; 0 it is not there; *why: it does not open. */
static int
read_all(struct looking *l, const struct file_row *f, struct err *why,
    struct err *e)
{
	struct file_bytes *b = NULL;
	size_t n = 0;
	int r;

	why->code = ERR_NONE;
	if (l->dir.top < 0)
		return 0;
	if ((r = file_bytes_open(&b, l->c->st, &l->dir, f, why)) == 1)
		while ((r = file_bytes_read(b, l->room, PIECE, &n, why)) ==
		    0 && n > 0)
			;
	else if (r == 0)
		return 0;
	file_bytes_free(b);
	if (r == 0)
		return 1;
	if (why->code == ERR_CORRUPT || why->code == ERR_DENIED)
		return 0;
	*e = *why;
	return -1;
}

/* A writer may have taken it away meanwhile: then the row is another one. */
static int
still(struct looking *l, const struct file_row *f, struct err *e)
{
	struct file_row now;
	int r = file_row_here(l->c->st, l->session, f->area, f->path, &now,
	    e);

	return r != 1 ? r : now.local == FILE_HERE && !now.removed &&
	    memcmp(now.disk, f->disk, HASH_LEN) == 0;
}

static int
look(void *arg, const struct file_row *f, struct err *e)
{
	struct looking *l = arg;
	struct wrong *w;
	struct err why;
	int r;

	if (f->key == 0)
		return 0;	/* told as a row (check_sealed.c) */
	if ((r = read_all(l, f, &why, e)) != 0)
		return r < 0 ? -1 : 0;
	l->wrong = xgrow(l->wrong, l->n, &l->cap, sizeof *l->wrong);
	w = &l->wrong[l->n++];
	w->row = *f;
	w->row.path = xstrdup(f->path);
	w->there = why.code != ERR_NONE;
	return 0;
}

static int
tell(struct looking *l, const struct wrong *w, struct err *e)
{
	char where[80];
	int r = still(l, &w->row, e);

	if (r != 1)
		return r;
	snprintf(where, sizeof where, "file row %" PRId64, w->row.seq);
	return check_report(l->c, e, "sealed", BRING, where, "its bytes %s",
	    !w->there ? "are not there" : "do not open: they were altered, "
	    "or are another file's");
}

static int
tell_all(struct looking *l, struct err *e)
{
	size_t i;
	int r = 0;

	for (i = 0; r >= 0 && i < l->n; i++)
		r = tell(l, &l->wrong[i], e);
	return r < 0 ? -1 : 0;
}

/* Files that no row names go. */
static int
repair(struct looking *l, struct err *e)
{
	int64_t n = 0;
	struct err busy;

	if (!l->c->c->repair || l->dir.top < 0)
		return 0;
	if (file_dir_lock(&l->dir, &busy) < 0) {
		if (busy.code == ERR_BUSY)
			return 0;	/* who has it sweeps, or the next */
		*e = busy;
		return -1;
	}
	if (file_sealed_sweep(l->c->st, &l->dir, l->session, &n, e) < 0)
		return -1;
	file_dir_done(&l->dir);
	l->c->sums->repaired += n;
	return 0;
}

static int
look_session(struct check *c, const char *user, const char *session,
    int64_t seq, struct err *e)
{
	struct looking l = { .c = c, .session = seq };
	size_t i;
	int r;

	l.room = xmalloc(PIECE);
	if ((r = file_dir_open(&l.dir, c->st, user, session, false, e)) >= 0 &&
	    (r = file_row_each_here(c->st, seq, look, &l, e)) == 0 &&
	    (r = tell_all(&l, e)) == 0)
		r = repair(&l, e);
	file_dir_close(&l.dir);
	for (i = 0; i < l.n; i++)
		free((char *)l.wrong[i].row.path);
	free(l.wrong);
	mem_wipe(l.room, PIECE);
	free(l.room);
	return r < 0 ? -1 : 0;
}

static int
each_session(struct check *c, int64_t after, int64_t *seq, struct err *e)
{
	char *user = NULL, *session = NULL;
	struct db_query *q;
	int r;

	if ((q = db_sql(c->st->db, e, "SELECT s.seq, u.name, s.name "
	    "FROM session s JOIN user u ON u.id = s.user WHERE s.seq > :after "
	    "AND EXISTS (SELECT 1 FROM file f WHERE f.session = s.seq) "
	    "ORDER BY s.seq LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":after", after);
	if ((r = db_row(q, e)) == 1) {
		*seq = db_get_int(q, 0);
		user = db_dup(q, 1);
		session = db_dup(q, 2);
	}
	db_end(q);
	if (r == 1 && look_session(c, user, session, *seq, e) < 0)
		r = -1;
	free(user);
	free(session);
	return r;
}

/* --- what is in clear -------------------------------------------------- */

static int
foreign(struct check *c, struct file_dir *d, struct err *e)
{
	int fd = openat(d->top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *de;
	int r = 0;
	DIR *dir;

	if (fd < 0 || (dir = fdopendir(fd)) == NULL) {
		err_sys(e, "cannot read '%s'", d->path.p);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while (r == 0 && (de = readdir(dir)) != NULL)
		if (de->d_name[0] != '.' && strcmp(de->d_name, "sealed") != 0)
			r = check_report(c, e, "sealed", "take them in "
			    "(mem-session put), and remove them there",
			    d->path.p, "files lie there in clear, in a tenant "
			    "that is sealed");
	closedir(dir);
	return r;
}

static int
look_folder(void *arg, const char *user, const char *session, struct err *e)
{
	struct check *c = arg;
	struct file_dir d;
	int r = file_dir_open(&d, c->st, user, session, false, e);

	if (r == 1)
		r = foreign(c, &d, e);
	file_dir_close(&d);
	return r;
}

int
check_sealed_files(struct check *c, struct err *e)
{
	int64_t seq = 0;
	int r;

	if ((r = file_sealed(c->st, e)) != 1)
		return r;
	while ((r = each_session(c, seq, &seq, e)) == 1)
		;
	return r < 0 ? -1 : file_folders(c->st, look_folder, c, e);
}
