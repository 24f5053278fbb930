#include "sync/file_batch.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"
#include "file/file_area.h"
#include "file/file_aside.h"
#include "file/file_scan.h"
#include "memory/session.h"
#include "store/node.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRIES 100		/* names of what goes aside */

struct placing {
	struct file_batch *b;
	int dir;
	struct file_batch_sums *sums;
	file_batch_fn *fn;
	void *arg;
};

void
file_batch_init(struct file_batch *b, struct store *st)
{
	memset(b, 0, sizeof *b);
	b->st = st;
	b->v = xcalloc(FILE_BATCH_MAX, sizeof *b->v);
}

void
file_batch_clear(struct file_batch *b)
{
	size_t i;

	for (i = 0; i < b->n; i++)
		free((char *)b->v[i].f.row.path);
	b->n = 0;
}

void
file_batch_release(struct file_batch *b)
{
	file_batch_clear(b);
	free(b->user);
	free(b->session);
	free(b->v);
	memset(b, 0, sizeof *b);
}

struct file_coming *
file_batch_add(struct file_batch *b, const struct file_each *f)
{
	struct file_coming *c = &b->v[b->n];

	if (b->n == FILE_BATCH_MAX || (b->n > 0 &&
	    (!str_eq(b->session, f->session) || !str_eq(b->user, f->user))))
		return NULL;
	if (b->n == 0) {
		free(b->user);
		free(b->session);
		b->user = xstrdup(f->user);
		b->session = xstrdup(f->session);
	}
	memset(c, 0, sizeof *c);
	c->f = *f;
	c->f.user = b->user;
	c->f.session = b->session;
	c->f.row.path = xstrdup(f->row.path);
	b->n++;
	return c;
}

/* --- into place -------------------------------------------------------- */

static int
stays(struct placing *p, const struct file_coming *c, struct err *e)
{
	p->sums->kept++;
	return p->fn != NULL ? p->fn(p->arg, &c->f, "kept: what is here is "
	    "other, and stays", e) : 0;
}

static int
place_one(struct placing *p, struct file_work *w, struct file_coming *c,
    struct err *e)
{
	const struct file_row *row = &c->f.row;
	int r;

	if (c->stays)
		return stays(p, c, e);
	if (row->removed) {
		if ((r = file_trim(w, row->area, row->path, e)) < 0 &&
		    e->code != ERR_EXISTS && e->code != ERR_DENIED &&
		    e->code != ERR_ABSENT)
			return -1;
		p->sums->removed += r == 1;
		return r < 0 ? stays(p, c, e) : 0;
	}
	if (!c->came)
		return 0;
	if ((r = file_adopt(w, row->area, row->path, p->dir, c->name,
	    row->sha256, c->disk, e)) < 0)
		return -1;
	p->sums->placed += r == 1;
	return r == 0 ? stays(p, c, e) : 0;
}

/*
 * What is here was written without knowing of what comes: it goes aside, and
 * is a file of its own.  1 it did.
 */
static int
keep(struct placing *p, int64_t session, const char *who,
    struct file_coming *c, struct err *e)
{
	const struct file_row *row = &c->f.row;
	const struct file_batch *b = p->b;
	struct buf to = BUF_INIT, why = BUF_INIT;
	struct file_row here;
	char name[32];
	int n, r;

	if ((r = file_row_here(b->st, session, row->area, row->path, &here, e))
	    != 1 || here.removed || here.local != FILE_HERE ||
	    file_row_same(&here, row) || (r = file_row_follows(b->st, session,
	    row, here.s.at_ms, e)) != 0)
		return r < 0 ? -1 : 0;
	for (n = 1, r = 0; r == 0 && n < TRIES; n++) {
		snprintf(name, sizeof name, n > 1 ? "%s-%d" : "%s", who, n);
		r = file_aside(b->st, b->user, b->session, row->area,
		    row->path, name, &to, e);
	}
	c->stays = r == 0;
	if (r == 1 && p->fn != NULL) {
		buf_addf(&why, "kept as %s", to.p);
		r = p->fn(p->arg, &c->f, why.p, e) < 0 ? -1 : 1;
	}
	buf_release(&to);
	buf_release(&why);
	return r;
}

static int
keep_all(struct placing *p, struct err *e)
{
	struct file_scan how = { .record = true };
	struct file_batch *b = p->b;
	char own[ULID_LEN + 1];
	int64_t user, session;
	int r, moved = 0;
	size_t i;

	if (node_name(b->st, own, e) < 0 ||
	    store_user(b->st, b->user, false, &user, e) < 0 ||
	    session_row_of(b->st, user, b->session, false, &session, e) < 0)
		return -1;
	for (i = 0; i < b->n; i++) {
		if (!b->v[i].came && !b->v[i].f.row.removed)
			continue;
		if ((r = keep(p, session, own + ULID_LEN - 8, &b->v[i], e)) <
		    0)
			return -1;
		moved |= r;
	}
	return moved && file_scan(b->st, b->user, b->session, &how, e) < 0 ?
	    -1 : 0;
}

int
file_batch_place(struct file_batch *b, int dir, struct file_batch_sums *sums,
    file_batch_fn *fn, void *arg, struct err *e)
{
	struct placing p = { b, dir, sums, fn, arg };
	struct file_work *w;
	size_t i;
	int r;

	if (b->n == 0)
		return 0;
	if (keep_all(&p, e) < 0)
		return -1;
	if ((r = file_work_new(&w, b->st, b->user, b->session, e)) != 1)
		return r;
	for (i = 0, r = 0; r == 0 && i < b->n; i++)
		r = place_one(&p, w, &b->v[i], e);
	if (r == 0)
		r = file_work_end(w, e);
	if (r == 0) {
		sums->placed -= file_work_left(w);
		sums->kept += file_work_left(w);
	}
	file_work_free(w);
	return r;
}
