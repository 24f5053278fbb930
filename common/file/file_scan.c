/*
 * Three lists in one order: what is on the disk, the index, and the rows.  The
 * disk leads.  Where the index knows all that the rows say, no row is read: an
 * entry stands for its row.
 */
#include "file/file_scan.h"

#include "base/alloc.h"
#include "base/date.h"
#include "file/file_dir.h"
#include "file/file_index.h"
#include "file/file_path.h"
#include "file/file_read.h"
#include "file/file_row.h"
#include "file/file_scan_sealed.h"
#include "file/file_sealed.h"
#include "file/file_walk.h"
#include "memory/session.h"
#include "store/audit.h"
#include "store/db.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 1000		/* rows of a transaction */

const char *const file_states[] = { "here", "new", "changed", "missing",
    "archived", "behind", "busy", "refused", "removed", NULL };

/* What is to be written: a row; or (seq) that a row is so here. */
struct pending {
	struct file_found found;
	struct file_row row;	/* its path is own */
	bool found_only;	/* the row is there: it is so here now */
};

struct scan {
	struct store *st;
	struct file_scan *how;
	const char *id;			/* of the session */
	int64_t session;
	struct file_dir dir;
	struct file_reader reader;
	struct file_index old, now;
	bool fast;			/* entries stand for rows */
	size_t old_at;
	struct file_row *rows;		/* own; unless fast */
	size_t n, cap, row_at;
	int64_t upto;			/* rows up to this one are known */
	bool foreign;			/* others came meanwhile */
	struct pending *todo;		/* own */
	size_t ntodo, todo_cap;
};

/* --- the rows ---------------------------------------------------------- */

static int
keep_row(void *arg, const struct file_row *f, struct err *e)
{
	struct scan *s = arg;

	(void)e;
	s->rows = xgrow(s->rows, s->n, &s->cap, sizeof *s->rows);
	s->rows[s->n] = *f;
	s->rows[s->n++].path = xstrdup(f->path);
	return 0;
}

static int
load(struct scan *s, struct err *e)
{
	int r;

	if (file_index_read(&s->old, &s->dir, e) < 0 ||
	    file_row_newest(s->st, &s->upto, e) < 0 ||
	    (r = file_row_since(s->st, s->session, s->old.upto, e)) < 0)
		return -1;
	s->fast = !s->how->all && !s->how->removed && s->old.odd == 0 &&
	    r == 0 && s->old.upto > 0;
	return s->fast ? 0 : file_row_each(s->st, s->session, keep_row, s, e);
}

static void
scan_release(struct scan *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		free((char *)s->rows[i].path);
	free(s->rows);
	for (i = 0; i < s->ntodo; i++)
		free((char *)s->todo[i].row.path);
	free(s->todo);
	file_reader_release(&s->reader);
	file_index_release(&s->old);
	file_index_release(&s->now);
	file_dir_close(&s->dir);
}

/* --- telling ----------------------------------------------------------- */

static int
tell(struct scan *s, const struct file_found *f, struct err *e)
{
	bool wanted = f->state == FILE_IS_REMOVED ? s->how->removed :
	    s->how->all || f->state != FILE_IS_HERE;

	s->how->n[f->state]++;
	s->how->clashes += f->clash;
	if (!wanted || s->how->fn == NULL)
		return 0;
	return s->how->fn(s->how->arg, f, e);
}

static void
found_content(struct file_found *f, int64_t size, bool exec,
    const uint8_t sha256[HASH_LEN])
{
	f->known = true;
	f->size = size;
	f->exec = exec;
	memcpy(f->sha256, sha256, HASH_LEN);
}

/* --- what is written --------------------------------------------------- */

static int
write_one(struct scan *s, struct pending *p, struct err *e)
{
	if (p->found_only)
		return file_row_set_local(s->st, p->row.seq, FILE_HERE, e);
	return file_row_put(s->st, s->session, &p->row, e);
}

static int
write_all(struct scan *s, struct err *e)
{
	char detail[64];
	int64_t n = 0;
	size_t i;
	int r;

	if ((r = file_row_since(s->st, s->session, s->upto, e)) < 0)
		return -1;
	s->foreign |= r == 1;
	for (i = 0; i < s->ntodo; i++) {
		if (write_one(s, &s->todo[i], e) < 0)
			return -1;
		n += !s->todo[i].found_only;
	}
	if (n == 0)
		return 0;
	snprintf(detail, sizeof detail, "recorded %" PRId64, n);
	if (file_row_newest(s->st, &s->upto, e) < 0)
		return -1;
	return audit_add(s->st, "file_scan", s->id, detail, e);
}

static int
flush(struct scan *s, struct err *e)
{
	size_t i;
	int r = 0;

	if (s->ntodo == 0)
		return 0;
	if (tx_begin(s->st->db, e) < 0 ||
	    tx_end(s->st->db, write_all(s, e), e) < 0)
		return -1;
	for (i = 0; i < s->ntodo; i++) {
		s->todo[i].found.at_ms = s->todo[i].row.s.at_ms;
		if (r == 0)
			r = tell(s, &s->todo[i].found, e);
		free((char *)s->todo[i].row.path);
	}
	s->ntodo = 0;
	return r;
}

/* A row, to be written and then told; found_only: of one that is there. */
static int
later(struct scan *s, const struct file_found *f, const struct file_row *row,
    bool found_only, struct err *e)
{
	struct pending *p;

	if (!s->how->record)
		return tell(s, f, e);
	s->todo = xgrow(s->todo, s->ntodo, &s->todo_cap, sizeof *s->todo);
	p = &s->todo[s->ntodo++];
	p->found = *f;
	p->row = *row;
	p->row.path = xstrdup(row->path);
	p->found.path = p->row.path;
	p->found_only = found_only;
	return s->ntodo < BATCH ? 0 : flush(s, e);
}

/* --- one file ---------------------------------------------------------- */

/* Which base would whoever wrote this know: of what was here last. */
static int
settle(struct scan *s, struct file_found *f, const struct file_entry *t,
    struct err *e)
{
	struct file_row last = { .removed = true }, here, now = { .area =
	    t->area, .path = t->path, .size = t->stat.size, .exec =
	    t->stat.exec, .local = FILE_HERE };
	int r, was;

	memcpy(now.sha256, t->sha256, HASH_LEN);
	if ((r = file_row_last(s->st, s->session, t->area, t->path, &last,
	    e)) < 0)
		return -1;
	f->at_ms = last.s.at_ms;
	if (r == 1 && file_row_same(&last, &now)) {
		f->state = FILE_IS_HERE;
		return last.local == FILE_HERE ? tell(s, f, e) :
		    later(s, f, &last, true, e);
	}
	f->state = last.removed ? FILE_IS_NEW : FILE_IS_CHANGED;
	now.s.base_ms = last.s.at_ms;
	if (r == 1 && last.local == FILE_ELSEWHERE) {
		if ((was = file_row_here(s->st, s->session, t->area, t->path,
		    &here, e)) < 0)
			return -1;
		if (was == 1 && file_row_same(&here, &now)) {
			f->state = FILE_IS_BEHIND;
			s->now.odd++;
			return tell(s, f, e);
		}
		now.s.base_ms = was == 1 ? here.s.at_ms : 0;
		f->clash = true;
	}
	return later(s, f, &now, false, e);
}

/* The entry and the row of a path, where they are; both cursors are behind
 * it then.  What of the rows comes before is not on the disk. */
static int	not_here(struct scan *, const struct file_row *, struct err *);

static const struct file_entry *
entry_of(struct scan *s, int area, const char *path)
{
	const struct file_entry *t;
	int order;

	for (; s->old_at < s->old.n; s->old_at++) {
		t = &s->old.v[s->old_at];
		if ((order = file_order(t->area, t->path, area, path)) > 0)
			break;
		if (order == 0) {
			s->old_at++;
			return t;
		}
		if (s->fast)		/* it stands for a row */
			break;
	}
	return NULL;
}

static int
pass_over(struct scan *s, int area, const char *path, struct err *e)
{
	const struct file_entry *t;
	struct file_row f;
	int r = 0;

	while (r == 0 && s->fast && s->old_at < s->old.n) {
		t = &s->old.v[s->old_at];
		if (path != NULL && file_order(t->area, t->path, area, path) >=
		    0)
			break;
		s->old_at++;
		if ((r = file_row_last(s->st, s->session, t->area, t->path,
		    &f, e)) == 1)
			r = not_here(s, &f, e);
	}
	while (r == 0 && s->row_at < s->n) {
		if (path != NULL && file_order(s->rows[s->row_at].area,
		    s->rows[s->row_at].path, area, path) >= 0)
			break;
		r = not_here(s, &s->rows[s->row_at++], e);
	}
	return r;
}

static const struct file_row *
row_of(struct scan *s, int area, const char *path)
{
	struct file_row *f;

	if (s->row_at == s->n)
		return NULL;
	f = &s->rows[s->row_at];
	if (file_order(f->area, f->path, area, path) != 0)
		return NULL;
	s->row_at++;
	return f;
}

static int
not_here(struct scan *s, const struct file_row *f, struct err *e)
{
	struct file_found found = { .area = f->area, .path = f->path,
	    .at_ms = f->s.at_ms };

	found.state = f->removed ? FILE_IS_REMOVED : f->local == FILE_HERE ?
	    FILE_IS_MISSING : FILE_IS_ARCHIVED;
	if (!f->removed) {
		found_content(&found, f->size, f->exec, f->sha256);
		s->now.odd++;
	}
	return tell(s, &found, e);
}

/* It is there, and cannot be taken as it is. */
static int
not_taken(struct scan *s, struct file_found *f, enum file_state state,
    const char *why, bool has_row, struct err *e)
{
	f->state = state;
	f->reason = why;
	s->now.odd += has_row;
	return tell(s, f, e);
}

static int
look(void *arg, const struct file_met *m, struct err *e)
{
	struct scan *s = arg;
	struct file_found f = { .area = m->area, .path = m->path,
	    .mtime_ms = m->stat.mtime_ns / 1000000 };
	struct file_entry t = { .area = m->area, .path = m->path };
	const struct file_entry *was;
	const struct file_row *row;
	bool safe = true;
	int r;

	if (pass_over(s, m->area, m->path, e) < 0)
		return -1;
	was = entry_of(s, m->area, m->path);
	row = s->fast ? NULL : row_of(s, m->area, m->path);
	if (m->why != NULL)
		return not_taken(s, &f, FILE_IS_REFUSED, m->why, row != NULL ||
		    (s->fast && was != NULL), e);
	if (was != NULL && file_stat_same(&was->stat, &m->stat))
		t = *was;
	else {
		r = file_read_hash(&s->reader, s->how->record ? &s->dir : NULL,
		    m, &t, &safe, e);
		if (r < 0)
			return -1;
		if (r == FILE_READ_GONE) {
			s->now.odd++;	/* of its row, if it has one */
			return 0;
		}
		if (r != FILE_READ_DONE)
			return not_taken(s, &f, r == FILE_READ_BUSY ?
			    FILE_IS_BUSY : FILE_IS_REFUSED, r ==
			    FILE_READ_BUSY ? NULL : "it cannot be read", row !=
			    NULL || (s->fast && was != NULL), e);
	}
	found_content(&f, t.stat.size, t.stat.exec, t.sha256);
	f.mtime_ms = t.stat.mtime_ns / 1000000;
	if (safe) {
		t.path = was != NULL ? was->path : NULL;
		if (t.path == NULL)
			t.path = file_index_path(&s->now, m->path);
		file_index_add(&s->now, &t);
	} else
		s->now.odd++;
	t.path = m->path;
	if (s->fast && was != NULL && memcmp(was->sha256, t.sha256, HASH_LEN)
	    == 0 && was->stat.exec == t.stat.exec)
		return tell(s, &f, e);
	if (row != NULL && !row->removed && row->local == FILE_HERE &&
	    row->exec == t.stat.exec && memcmp(row->sha256, t.sha256,
	    HASH_LEN) == 0) {
		f.at_ms = row->s.at_ms;
		return tell(s, &f, e);
	}
	return settle(s, &f, &t, e);
}

/* --- all of it --------------------------------------------------------- */

/* Is there anything that the index does not say already? */
static bool
index_same(const struct scan *s)
{
	size_t i;

	if (s->now.n != s->old.n || s->now.odd != s->old.odd ||
	    s->now.upto != s->old.upto)
		return false;
	for (i = 0; i < s->now.n; i++)
		if (s->now.v[i].path != s->old.v[i].path ||
		    !file_stat_same(&s->now.v[i].stat, &s->old.v[i].stat))
			return false;
	return true;
}

static int
scan(struct scan *s, const char *user, struct err *e)
{
	int r = file_dir_open(&s->dir, s->st, user, s->id, false, e), area;
	int sealed = file_sealed(s->st, e);
	struct err ignored;	/* the next one reads more */

	if (r < 0 || sealed < 0)
		return -1;
	if (r == 1 && s->how->record && file_dir_lock(&s->dir, e) < 0)
		return -1;
	if (sealed == 1)
		return file_scan_sealed(s->st, s->session, &s->dir, s->how,
		    e);
	if (load(s, e) < 0)
		return -1;
	for (area = 0; r == 1 && area < FILE_AREAS; area++)
		if (file_walk(&s->dir, area, look, s, e) < 0)
			return -1;
	if (pass_over(s, 0, NULL, e) < 0 || flush(s, e) < 0)
		return -1;
	s->now.upto = s->foreign ? 0 : s->upto;
	if (r == 1 && s->how->record && !index_same(s))
		file_index_write(&s->now, &s->dir, &ignored);
	return 0;
}

int
file_scan(struct store *st, const char *user, const char *session,
    struct file_scan *how, struct err *e)
{
	struct scan s = { .st = st, .how = how, .id = session,
	    .old = FILE_INDEX_INIT, .now = FILE_INDEX_INIT };
	int64_t owner;
	int r;

	file_dir_init(&s.dir);
	memset(how->n, 0, sizeof how->n);
	how->clashes = how->read = 0;
	if (store_user(st, user, false, &owner, e) < 0)
		return -1;
	if (owner == 0)
		return 0;
	if (session_row_of(st, owner, session, false, &s.session, e) < 0)
		return -1;
	if (s.session == 0)
		return 0;
	r = scan(&s, user, e);
	how->read = s.reader.bytes;
	scan_release(&s);
	return r < 0 ? -1 : 1;
}
