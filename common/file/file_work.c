/*
 * Looking comes first, and may read whole files; the transaction that follows
 * reads none.
 */
#include "file/file_area.h"

#include "base/alloc.h"
#include "file/file_dir.h"
#include "file/file_index.h"
#include "file/file_path.h"
#include "file/file_read.h"
#include "file/file_row.h"
#include "file/file_sealed.h"
#include "file/file_walk.h"
#include "memory/hold.h"
#include "memory/session.h"
#include "store/audit.h"
#include "store/db.h"
#include "store/store.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum kind { REMOVE, TRIM, TRIM_REMOVED, ADOPT, KINDS };
static const char *const actions[] = { "file_remove", "file_trim",
    "file_trim", "file_fetch" };

struct op {
	enum kind kind;
	int area;
	char *path;		/* own */
	struct file_row last;	/* what counted; seq 0: none */
	bool there;		/* on the disk, as */
	struct file_stat stat;
	int from_dir;
	char *from;		/* own */
	char aside[FILE_NEW_LEN];	/* where it is until the commit */
	/* sealed: what goes after the commit, "": nothing; and what comes */
	char old[HASH_HEX + 1];
	uint8_t disk[HASH_LEN];
};

struct file_work {
	struct store *st;		/* borrowed */
	char *id;			/* own; of the session */
	int64_t session;
	bool sealed;
	struct file_dir dir;
	struct file_index index;
	struct file_reader reader;
	struct op *v;			/* own */
	size_t n, cap;
	int held;			/* -1: not asked yet */
	int64_t left;			/* not adopted after all */
};

static int
begin_sealed(struct file_work *w, struct err *e)
{
	int64_t n;

	return w->dir.died ? file_sealed_sweep(w->st, &w->dir, w->session, &n,
	    e) : 0;
}

int
file_work_new(struct file_work **out, struct store *st, const char *user,
    const char *session, struct err *e)
{
	struct file_work *w;
	int64_t owner, seq;
	int r;

	if (store_user(st, user, false, &owner, e) < 0)
		return -1;
	if (owner == 0)
		return 0;
	if (session_row_of(st, owner, session, false, &seq, e) < 0)
		return -1;
	if (seq == 0)
		return 0;
	w = xcalloc(1, sizeof *w);
	w->st = st;
	w->id = xstrdup(session);
	w->session = seq;
	w->held = -1;
	w->index = (struct file_index)FILE_INDEX_INIT;
	file_dir_init(&w->dir);
	r = file_sealed(st, e);
	w->sealed = r == 1;
	if (r >= 0 && file_dir_open(&w->dir, st, user, session, true, e) ==
	    1 && file_dir_lock(&w->dir, e) == 0 && (w->sealed ?
	    begin_sealed(w, e) : file_index_read(&w->index, &w->dir, e)) ==
	    0) {
		*out = w;
		return 1;
	}
	file_work_free(w);
	return -1;
}

void
file_work_free(struct file_work *w)
{
	size_t i;

	if (w == NULL)
		return;
	for (i = 0; i < w->n; i++) {
		free(w->v[i].path);
		free(w->v[i].from);
	}
	free(w->v);
	file_reader_release(&w->reader);
	file_index_release(&w->index);
	file_dir_close(&w->dir);
	free(w->id);
	free(w);
}

/* --- looking ----------------------------------------------------------- */

static int
refuse_held(struct file_work *w, struct err *e)
{
	if (w->held != 0)
		w->held = hold_refuses(w->st, w->session, w->id, e);
	return w->held;
}

static int
by_path(const void *a, const void *b)
{
	const struct file_entry *x = a, *y = b;

	return file_order(x->area, x->path, y->area, y->path);
}

/* The same by the rows, which tell what is there of a sealed tenant. */
static int
disk_sealed(struct file_work *w, struct op *o, bool *known,
    uint8_t sha256[HASH_LEN], struct err *e)
{
	struct file_row was;
	int64_t mtime;
	int r = file_row_here(w->st, w->session, o->area, o->path, &was, e);

	if (r == 1) {
		r = file_sealed_there(&w->dir, &was, &mtime, e);
		if (was.local == FILE_HERE && !was.removed)
			file_sealed_name(was.disk, o->old);
		memcpy(sha256, was.sha256, HASH_LEN);
	}
	o->there = *known = r == 1;
	return r;
}

/* What is on the disk: 1, 0 nothing.  *known: it could be read as it stands,
 * and sha256 is of it. */
static int
disk(struct file_work *w, struct op *o, bool *known,
    uint8_t sha256[HASH_LEN], struct err *e)
{
	struct file_entry key = { .area = o->area, .path = o->path }, *was;
	struct file_met m = { .area = o->area, .path = o->path };
	struct stat sb;
	bool safe;
	int r;

	if (w->sealed)
		return disk_sealed(w, o, known, sha256, e);
	r = file_dir_stat(&w->dir, o->area, o->path, &sb, e);
	*known = false;
	o->there = r == 1;
	if (r != 1)
		return r;
	if (!S_ISREG(sb.st_mode))
		return 1;
	o->stat = m.stat = file_stat_of(&sb);
	was = w->index.n == 0 ? NULL : bsearch(&key, w->index.v, w->index.n,
	    sizeof *w->index.v, by_path);
	if (was != NULL && file_stat_same(&was->stat, &m.stat)) {
		*known = true;
		memcpy(sha256, was->sha256, HASH_LEN);
		return 1;
	}
	if ((m.dir = file_dir_parent(&w->dir, o->area, o->path, false, &m.name,
	    e)) < 0 || (r = file_read_hash(&w->reader, &w->dir, &m, &key,
	    &safe, e)) < 0)
		return -1;
	*known = r == FILE_READ_DONE;
	o->stat = key.stat;
	memcpy(sha256, key.sha256, HASH_LEN);
	return 1;
}

static struct op *
op_begin(struct file_work *w, enum kind kind, int area, const char *path,
    struct err *e)
{
	struct op *o;
	int r;

	if (file_path_check(path, e) < 0)
		return NULL;
	w->v = xgrow(w->v, w->n, &w->cap, sizeof *w->v);
	o = &w->v[w->n];
	*o = (struct op){ .kind = kind, .area = area };
	if ((r = file_row_last(w->st, w->session, area, path, &o->last, e)) <
	    0)
		return NULL;
	if (r == 0)
		o->last.seq = 0;
	o->path = xstrdup(path);
	return o;
}

/* Kept, if r is 1. */
static int
op_end(struct file_work *w, struct op *o, int r)
{
	if (r == 1)
		w->n++;
	else {
		free(o->path);
		free(o->from);
	}
	return r;
}

int
file_remove(struct file_work *w, int area, const char *path, struct err *e)
{
	uint8_t sha256[HASH_LEN];
	struct stat sb;
	struct op *o;
	bool known;
	int r;

	if (refuse_held(w, e) < 0 || (o = op_begin(w, REMOVE, area, path, e))
	    == NULL)
		return -1;
	if (w->sealed)
		r = disk_sealed(w, o, &known, sha256, e);
	else if ((r = file_dir_stat(&w->dir, area, path, &sb, e)) == 1 &&
	    S_ISDIR(sb.st_mode))
		r = err_set(e, ERR_EXISTS, "'%s/%s' is a folder; name its "
		    "files", file_areas[area], path);
	o->there = r == 1;
	if (r == 0)
		r = o->last.seq != 0 && !o->last.removed;
	return op_end(w, o, r);
}

/* What another copy removed: are the bytes those that were recorded here? */
static int
may_go(struct file_work *w, struct op *o, const uint8_t sha256[HASH_LEN],
    struct err *e)
{
	struct file_row was;
	int r = file_row_here(w->st, w->session, o->area, o->path, &was, e);

	return r != 1 ? r : !was.removed && memcmp(was.sha256, sha256,
	    HASH_LEN) == 0;
}

int
file_trim(struct file_work *w, int area, const char *path, struct err *e)
{
	uint8_t sha256[HASH_LEN];
	bool known;
	struct op *o;
	int r;

	if (refuse_held(w, e) < 0 || (o = op_begin(w, TRIM, area, path, e)) ==
	    NULL)
		return -1;
	if (o->last.seq == 0)
		return op_end(w, o, err_set(e, ERR_ABSENT, "'%s/%s' was never "
		    "recorded", file_areas[area], path));
	if ((r = disk(w, o, &known, sha256, e)) != 1)
		return op_end(w, o, r);
	if (o->last.removed) {
		o->kind = TRIM_REMOVED;
		r = known && o->last.local == FILE_ELSEWHERE ?
		    may_go(w, o, sha256, e) : 0;
	} else
		r = known && memcmp(o->last.sha256, sha256, HASH_LEN) == 0;
	if (r == 0)
		r = err_set(e, ERR_EXISTS, "'%s/%s' is not what was recorded; "
		    "mem-session scan records it", file_areas[area], path);
	return op_end(w, o, r);
}

int
file_adopt(struct file_work *w, int area, const char *path, int from_dir,
    const char *from, const uint8_t sha256[HASH_LEN], const uint8_t *disk_name,
    struct err *e)
{
	uint8_t here[HASH_LEN];
	bool known;
	struct op *o = op_begin(w, ADOPT, area, path, e);
	int r;

	if (o == NULL)
		return -1;
	if (o->last.seq == 0 || o->last.removed ||
	    memcmp(o->last.sha256, sha256, HASH_LEN) != 0)
		return op_end(w, o, 0);
	if ((r = disk(w, o, &known, here, e)) == 1)
		r = !known ? 0 : memcmp(here, sha256, HASH_LEN) == 0 ? 1 :
		    may_go(w, o, here, e);
	else if (r == 0)
		r = 1;
	if (r == 1) {
		o->from_dir = from_dir;
		o->from = xstrdup(from);
		if (w->sealed)
			memcpy(o->disk, disk_name, HASH_LEN);
	}
	return op_end(w, o, r);
}

/* --- doing ------------------------------------------------------------- */

/* Has nobody written it since it was looked at? */
static int
check_same(struct file_work *w, const struct op *o, struct err *e)
{
	struct file_stat now = { 0 };
	struct stat sb;
	int r = file_dir_stat(&w->dir, o->area, o->path, &sb, e);

	if (r < 0)
		return -1;
	if (r == 1)
		now = file_stat_of(&sb);
	if (r == 1 ? o->there && file_stat_same(&now, &o->stat) : !o->there)
		return 0;
	return err_set(e, ERR_BUSY, "'%s/%s' is being written; try again",
	    file_areas[o->area], o->path);
}

static int
remove_one(struct file_work *w, struct op *o, struct err *e)
{
	struct file_row last, gone = { .area = o->area, .path = o->path,
	    .removed = true, .local = FILE_HERE };
	struct stat sb;
	int r;

	/* it may have been named twice */
	if ((r = file_row_last(w->st, w->session, o->area, o->path, &last, e))
	    < 0)
		return -1;
	gone.s.base_ms = r == 1 ? last.s.at_ms : 0;
	if (r == 1 && !last.removed && file_row_put(w->st, w->session, &gone,
	    e) < 0)
		return -1;
	if (w->sealed)
		return 0;
	r = file_dir_stat(&w->dir, o->area, o->path, &sb, e);
	return r != 1 ? r : file_dir_aside(&w->dir, o->area, o->path, o->aside,
	    e);
}

/* A file where a folder has to be, which two wrote: that one stays. */
static int
in_the_way(struct file_work *w, struct err *e)
{
	if (e->code != ERR_EXISTS)
		return -1;
	w->left++;
	return 0;
}

static int
adopt_sealed(struct file_work *w, struct op *o, struct err *e)
{
	char to[HASH_HEX + 1];
	const char *name;
	int at;

	file_sealed_name(o->disk, to);
	if ((at = file_dir_parent(&w->dir, FILE_SEALED, to, true, &name, e)) <
	    0)
		return -1;
	if (renameat(o->from_dir, o->from, at, name) < 0)
		return err_sys(e, "cannot make '%s/%s'", file_areas[o->area],
		    o->path);
	w->dir.dirty = true;
	memcpy(o->last.disk, o->disk, HASH_LEN);
	o->last.path = o->path;
	return file_row_set_here(w->st, w->session, &o->last, e);
}

static int
adopt_one(struct file_work *w, struct op *o, struct err *e)
{
	const char *name;
	int at;

	if (w->sealed)
		return adopt_sealed(w, o, e);
	if (check_same(w, o, e) < 0)
		return -1;
	if ((at = file_dir_parent(&w->dir, o->area, o->path, true, &name, e)) <
	    0)
		return in_the_way(w, e);
	if (fchmodat(o->from_dir, o->from, o->last.exec ? 0700 : 0600, 0) <
	    0 || renameat(o->from_dir, o->from, at, name) < 0)
		return err_sys(e, "cannot make '%s/%s'", file_areas[o->area],
		    o->path);
	w->dir.dirty = true;
	return file_row_set_local(w->st, o->last.seq, FILE_HERE, e);
}

static int
do_one(struct file_work *w, struct op *o, struct err *e)
{
	if (o->kind == REMOVE)
		return remove_one(w, o, e);
	if (o->kind == ADOPT)
		return adopt_one(w, o, e);
	if (!w->sealed && (check_same(w, o, e) < 0 || file_dir_aside(&w->dir,
	    o->area, o->path, o->aside, e) < 0))
		return -1;
	return file_row_set_local(w->st, o->last.seq, o->kind == TRIM ?
	    FILE_TRIMMED : FILE_HERE, e);
}

static int
do_all(struct file_work *w, struct err *e)
{
	int64_t n[KINDS] = { 0 };
	char detail[32];
	size_t i;
	int k;

	for (i = 0; i < w->n; i++) {
		n[w->v[i].kind]++;
		if (do_one(w, &w->v[i], e) < 0)
			return -1;
	}
	for (k = 0; k < KINDS; k++) {
		snprintf(detail, sizeof detail, "files %" PRId64, n[k]);
		if (n[k] > 0 && audit_add(w->st, actions[k], w->id, detail,
		    e) < 0)
			return -1;
	}
	return file_dir_sync(&w->dir, e);
}

/* They are gone, or back again. */
static void
settle(struct file_work *w, bool done)
{
	struct err ignored;	/* what stays in .new is swept later */
	const char *name;
	struct op *o;
	size_t i;
	int at;

	for (i = 0; i < w->n; i++) {
		o = &w->v[i];
		if (done && o->old[0] != '\0')
			file_dir_remove(&w->dir, FILE_SEALED, o->old,
			    &ignored);
		if (o->aside[0] == '\0')
			continue;
		if (done) {
			file_dir_drop(&w->dir, o->aside);
			file_dir_prune(&w->dir, o->area, o->path);
		} else if ((at = file_dir_parent(&w->dir, o->area, o->path,
		    true, &name, &ignored)) >= 0)
			(void)!renameat(w->dir.fresh, o->aside, at, name);
	}
}

int64_t
file_work_left(const struct file_work *w)
{
	return w->left;
}

int
file_work_end(struct file_work *w, struct err *e)
{
	int r;

	if (w->n == 0)
		return 0;
	if (w->sealed && file_dir_begin(&w->dir, e) < 0)
		return -1;
	r = tx_begin(w->st->db, e) < 0 ? -1 : tx_end(w->st->db, do_all(w, e),
	    e);
	settle(w, r == 0);
	if (r == 0 && w->sealed)
		file_dir_done(&w->dir);
	return r;
}
