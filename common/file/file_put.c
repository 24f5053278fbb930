/*
 * A batch: written one after the other, synced, then rows, names, commit.  A
 * sync after the last of them finds most on the disk already, where one after
 * each would wait for each.  Names are given within the transaction, so that
 * on a full disk nothing has one, and no row is on the disk before its file.
 */
#include "file/file_put.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/seal.h"
#include "file/file_area.h"
#include "file/file_dir.h"
#include "file/file_index.h"
#include "file/file_path.h"
#include "file/file_read.h"
#include "file/file_row.h"
#include "file/file_sealed.h"
#include "store/audit.h"
#include "store/db.h"
#include "store/store.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BATCH 128			/* files, which are open meanwhile */
#define BATCH_BYTES ((int64_t)64 << 20)

struct one {
	struct file_taken taken;	/* its path is own */
	char temp[FILE_NEW_LEN];
	int fd;				/* -1: done with */
	struct file_stat stat;		/* under its name */
	uint8_t disk[HASH_LEN];		/* sealed: its name */
	char old[HASH_HEX + 1];		/* of what it took the place of, or
					   "" */
};

struct file_put {
	struct store *st;		/* borrowed */
	char *id;			/* own */
	int64_t session;
	int (*told)(void *, const struct file_taken *, struct err *);
	void *arg;
	bool sealed;
	struct file_dir dir;
	struct file_reader reader;
	struct file_index old, now;	/* now: what was put, as it came */
	int64_t upto;
	bool known;			/* old says all that rows said */
	struct one v[BATCH];
	int n;
	int64_t bytes;
	struct err why;			/* of a batch that failed */
};

/* --- begin and end ----------------------------------------------------- */

/* What there is to know before the first: 0, -1. */
static int
begin_sealed(struct file_put *p, struct err *e)
{
	int64_t n;

	if (p->dir.died && file_sealed_sweep(p->st, &p->dir, p->session, &n,
	    e) < 0)
		return -1;
	return file_dir_begin(&p->dir, e);
}

static int
begin_clear(struct file_put *p, struct err *e)
{
	int r;

	if (file_index_read(&p->old, &p->dir, e) < 0 ||
	    file_row_newest(p->st, &p->upto, e) < 0 ||
	    (r = file_row_since(p->st, p->session, p->old.upto, e)) < 0)
		return -1;
	p->known = r == 0;
	return 0;
}

int
file_put_new(struct file_put **out, struct store *st, const char *session,
    int (*told)(void *, const struct file_taken *, struct err *), void *arg,
    struct err *e)
{
	struct file_put *p;
	int r;

	p = xcalloc(1, sizeof *p);
	p->st = st;
	p->id = xstrdup(session);
	p->told = told;
	p->arg = arg;
	file_dir_init(&p->dir);
	p->reader = (struct file_reader)FILE_READER_INIT;
	p->old = p->now = (struct file_index)FILE_INDEX_INIT;
	r = file_sealed(st, e);
	p->sealed = r == 1;
	if (r < 0 || file_session(st, session, &p->session, e) < 0 ||
	    file_dir_open(&p->dir, st, st->user, session, true, e) < 0 ||
	    file_dir_lock(&p->dir, e) < 0)
		r = -1;
	else
		r = p->sealed ? begin_sealed(p, e) : begin_clear(p, e);
	if (r == 0)
		*out = p;
	else
		file_put_free(p);
	return r;
}

static void
batch_clear(struct file_put *p)
{
	int i;

	for (i = 0; i < p->n; i++) {
		if (p->v[i].fd >= 0) {
			close(p->v[i].fd);
			file_dir_drop(&p->dir, p->v[i].temp);
		}
		free((char *)p->v[i].taken.path);
	}
	p->n = 0;
	p->bytes = 0;
}

void
file_put_free(struct file_put *p)
{
	if (p == NULL)
		return;
	batch_clear(p);
	file_dir_close(&p->dir);
	file_reader_release(&p->reader);
	file_index_release(&p->old);
	file_index_release(&p->now);
	free(p->id);
	free(p);
}

/* --- a batch ----------------------------------------------------------- */

/* What the disk has of it, which goes after the commit. */
static int
note_old(struct file_put *p, struct one *o, struct err *e)
{
	struct file_row was;
	int r = file_row_here(p->st, p->session, o->taken.area, o->taken.path,
	    &was, e);

	if (r == 1 && was.local == FILE_HERE && !was.removed)
		file_sealed_name(was.disk, o->old);
	return r < 0 ? -1 : 0;
}

static int
write_row(struct file_put *p, struct one *o, struct err *e)
{
	struct file_taken *t = &o->taken;
	struct file_row last, now = { .area = t->area, .path = t->path,
	    .size = t->size, .exec = t->exec, .local = FILE_HERE };
	int r = file_row_last(p->st, p->session, t->area, t->path, &last, e);

	memcpy(now.sha256, t->sha256, HASH_LEN);
	memcpy(now.disk, o->disk, HASH_LEN);
	if (r < 0 || (p->sealed && note_old(p, o, e) < 0))
		return -1;
	t->at_ms = r == 1 ? last.s.at_ms : 0;
	now.s.base_ms = t->at_ms;
	t->same = r == 1 && file_row_same(&last, &now);
	if (t->same && p->sealed) {
		memcpy(last.disk, o->disk, HASH_LEN);
		return file_row_set_here(p->st, p->session, &last, e);
	}
	if (t->same)
		return last.local == FILE_HERE ? 0 :
		    file_row_set_local(p->st, last.seq, FILE_HERE, e);
	if (file_row_put(p->st, p->session, &now, e) < 0)
		return -1;
	t->at_ms = now.s.at_ms;
	return 0;
}

static int
give_name(struct file_put *p, struct one *o, struct err *e)
{
	char name[HASH_HEX + 1];
	struct stat sb;

	file_sealed_name(o->disk, name);
	if (file_dir_place(&p->dir, o->temp, p->sealed ? FILE_SEALED :
	    o->taken.area, p->sealed ? name : o->taken.path, e) < 0)
		return -1;
	if (fstat(o->fd, &sb) < 0)
		return err_sys(e, "cannot look at '%s'", o->taken.path);
	close(o->fd);			/* it is on the disk already */
	o->fd = -1;
	o->stat = file_stat_of(&sb);
	o->taken.mtime_ms = o->stat.mtime_ns / 1000000;
	return 0;
}

static int
write_batch(struct file_put *p, struct err *e)
{
	int64_t fresh = 0;
	char detail[64];
	int i, r;

	if ((r = file_row_since(p->st, p->session, p->upto, e)) < 0)
		return -1;
	p->known &= r == 0;
	for (i = 0; i < p->n; i++) {
		if (write_row(p, &p->v[i], e) < 0)
			return -1;
		fresh += !p->v[i].taken.same;
	}
	snprintf(detail, sizeof detail, "files %d, new or changed %" PRId64,
	    p->n, fresh);
	if (file_row_newest(p->st, &p->upto, e) < 0 ||
	    audit_add(p->st, "file_put", p->id, detail, e) < 0)
		return -1;
	for (i = 0; i < p->n; i++)
		if (give_name(p, &p->v[i], e) < 0)
			return -1;
	return file_dir_sync(&p->dir, e);
}

static int
settle(struct file_put *p, struct err *e)
{
	struct err ignored;	/* the mark stays, and it is swept later */
	struct file_entry t;
	struct one *o;
	int i;

	for (i = 0; i < p->n; i++) {
		o = &p->v[i];
		if (p->sealed) {
			if (o->old[0] != '\0')
				file_dir_remove(&p->dir, FILE_SEALED, o->old,
				    &ignored);
		} else {
			t.area = o->taken.area;
			t.path = file_index_path(&p->now, o->taken.path);
			t.stat = o->stat;
			memcpy(t.sha256, o->taken.sha256, HASH_LEN);
			file_index_add(&p->now, &t);
		}
		if (p->told != NULL && p->told(p->arg, &o->taken, e) < 0)
			return -1;
	}
	return 0;
}

static int
flush(struct file_put *p, struct err *e)
{
	int i, r = 0;

	if (p->n == 0)
		return 0;
	for (i = 0; i < p->n; i++)
		file_sync_soon(p->v[i].fd);
	for (i = 0; r == 0 && i < p->n; i++)
		r = file_sync(p->v[i].fd, p->v[i].taken.path, e);
	if (r == 0)
		r = tx_begin(p->st->db, e) < 0 ? -1 : tx_end(p->st->db,
		    write_batch(p, e), e);
	if (r == 0)
		r = settle(p, e);
	batch_clear(p);
	if (r < 0)
		p->why = *e;
	return r;
}

/* --- one by one -------------------------------------------------------- */

/* No folders stand in the way there, but a file may have the name of one. */
static int
check_sealed_place(struct file_put *p, int area, const char *path,
    struct err *e)
{
	struct buf part = BUF_INIT;
	const char *slash = path;
	struct file_row f;
	int r = 0;

	while (r == 0 && (slash = strchr(slash, '/')) != NULL) {
		buf_reset(&part);
		buf_add(&part, path, (size_t)(slash++ - path));
		if ((r = file_row_last(p->st, p->session, area, part.p, &f,
		    e)) == 1)
			r = f.removed ? 0 : err_set(e, ERR_EXISTS, "'%s' in "
			    "'%s' is not a folder", part.p, file_areas[area]);
	}
	buf_release(&part);
	return r;
}

/* Only what cannot get its name: the rest of the batch should have theirs. */
static int
check_place(struct file_put *p, int area, const char *path, struct err *e)
{
	const char *name;
	struct stat sb;
	int at;

	if (file_path_check(path, e) < 0)
		return err_add(e, "'%s'", path);
	if (p->sealed)
		return check_sealed_place(p, area, path, e);
	if ((at = file_dir_parent(&p->dir, area, path, true, &name, e)) < 0)
		return -1;
	if (fstatat(at, name, &sb, AT_SYMLINK_NOFOLLOW) == 0 &&
	    !S_ISREG(sb.st_mode))
		return err_set(e, ERR_EXISTS, "will not replace '%s/%s': it is "
		    "no file", file_areas[area], path);
	return 0;
}

/* All of it into the file beside. */
static int
take_bytes(struct file_put *p, struct one *o, int fd, const char *name,
    struct err *e)
{
	struct file_taken *t = &o->taken;
	struct seal_sink sink;
	struct file_seal *seal = NULL;
	int r;

	if (!p->sealed)
		return file_read_fd(&p->reader, fd, o->fd, name, &t->size,
		    t->sha256, e);
	if (file_seal_new(&seal, p->st, p->session, o->fd, p->dir.path.p,
	    o->disk, e) < 0)
		return -1;
	sink = file_seal_sink(seal);
	if ((r = file_read_into(&p->reader, fd, &sink, name, &t->size,
	    t->sha256, e)) == 0)
		r = file_seal_end(seal, e);
	file_seal_free(seal);
	return r;
}

int
file_put_fd(struct file_put *p, int area, const char *path, int fd,
    bool exec, const char *name, struct err *e)
{
	struct one *o;

	if (p->why.code != ERR_NONE) {
		*e = p->why;
		return -1;
	}
	if (check_place(p, area, path, e) < 0)
		return -1;
	if ((p->n == BATCH || p->bytes >= BATCH_BYTES) && flush(p, e) < 0)
		return -1;
	o = &p->v[p->n];
	*o = (struct one){ .taken = { .area = area, .exec = exec }, .fd = -1 };
	if ((o->fd = file_dir_new(&p->dir, o->temp, e)) < 0)
		return -1;
	o->taken.path = xstrdup(path);
	p->n++;
	if (take_bytes(p, o, fd, name, e) == 0 && (!exec || p->sealed ||
	    fchmod(o->fd, 0700) == 0 ||
	    err_sys(e, "cannot make '%s' executable", path) == 0)) {
		p->bytes += o->taken.size;
		return 0;
	}
	p->n--;
	close(o->fd);
	file_dir_drop(&p->dir, o->temp);
	free((char *)o->taken.path);
	return -1;
}

/* What was put is in the index as it is now, once nothing that is written to
 * it could leave it as it looks (file_index.h). */
static int
write_index(struct file_put *p, struct err *e)
{
	struct timespec tick = { 0, 2000000 };
	int64_t last = 0, clock = 0;
	size_t i;
	int tries;

	for (i = 0; i < p->now.n; i++)
		if (p->now.v[i].stat.ctime_ns > last)
			last = p->now.v[i].stat.ctime_ns;
	for (tries = 0; tries < 10 && clock <= last; tries++) {
		if (tries > 0)
			nanosleep(&tick, NULL);
		if (file_dir_clock(&p->dir, &clock, e) < 0)
			return -1;
	}
	file_index_merge(&p->old, &p->now, clock);
	p->old.upto = p->known ? p->upto : 0;
	return file_index_write(&p->old, &p->dir, e);
}

int
file_put_end(struct file_put *p, struct err *e)
{
	struct err ignored;	/* the next scan reads them once more */

	if (p->why.code != ERR_NONE) {
		*e = p->why;
		return -1;
	}
	if (flush(p, e) < 0)
		return -1;
	if (p->now.n > 0)
		write_index(p, &ignored);
	if (p->sealed)
		file_dir_done(&p->dir);
	return 0;
}
