/*
 * Two sorted lists are merged.  The order is git's: a folder's name counts
 * as if it ended in "/", so that a file that became a folder comes up twice,
 * as deleted here and added there, and needs no case of its own.
 */
#include "history/gitlog_tree.h"

#include "base/alloc.h"
#include "base/buf.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { KIND_FOLDER = 1, KIND_FILE, KIND_OTHER };

struct entry {
	const unsigned char *name;
	size_t len;
	const unsigned char *id;
	unsigned mode;
	int kind;
};

/* One tree that is being read; at its end len of the entry is 0. */
struct side {
	struct gitlog_object o;
	size_t at;
	struct entry now;
	bool open;
};

struct walk {
	const struct gitlog_reader *r;
	struct gitlog_changes *out;
	struct buf path;
	int depth;
};

void
gitlog_changes_release(struct gitlog_changes *c)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		free(c->v[i].path);
		free(c->v[i].was);
	}
	free(c->v);
	memset(c, 0, sizeof *c);
}

static int
damaged(const struct walk *w, const char *what, struct err *e)
{
	return err_set(e, ERR_CORRUPT, "the folder '%.200s' of a commit %s; "
	    "git fsck tells more", w->path.len > 0 ? w->path.p : ".", what);
}

/* What nobody could check out is none of our files: a path that is printed
 * must not lead out of the repository. */
static int
kind_of(unsigned mode, const unsigned char *name, size_t len)
{
	if ((mode & 0170000) == 0160000 || memchr(name, '/', len) != NULL ||
	    (name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.'))))
		return KIND_OTHER;
	return (mode & 0170000) == 0040000 ? KIND_FOLDER : KIND_FILE;
}

/* The next entry of a tree.  0, or -1. */
static int
step(const struct walk *w, struct side *s, struct err *e)
{
	const unsigned char *p = s->o.p + s->at, *nul;
	size_t left = s->o.len - s->at, i;
	unsigned mode = 0;

	s->now.len = 0;
	if (!s->open || left == 0)
		return 0;
	for (i = 0; i < left && i < 7 && p[i] >= '0' && p[i] <= '7'; i++)
		mode = mode << 3 | (unsigned)(p[i] - '0');
	if (i == 0 || i == left || p[i] != ' ')
		return damaged(w, "is damaged", e);
	p += ++i;
	left -= i;
	if ((nul = memchr(p, '\0', left)) == NULL || nul == p ||
	    (size_t)(p + left - nul) < 1 + GITLOG_ID)
		return damaged(w, "is damaged", e);
	s->now = (struct entry){ .name = p, .len = (size_t)(nul - p),
	    .id = nul + 1, .mode = mode,
	    .kind = kind_of(mode, p, (size_t)(nul - p)) };
	s->at = (size_t)(nul + 1 + GITLOG_ID - s->o.p);
	return 0;
}

static int
side_open(const struct walk *w, struct side *s, const unsigned char *id,
    struct err *e)
{
	int r;

	memset(s, 0, sizeof *s);
	if (id == NULL)
		return 0;
	if ((r = w->r->open(w->r->arg, id, 0, &s->o, e)) < 0)
		return -1;
	if (r == 0)
		return damaged(w, "is missing", e);
	s->open = true;
	return step(w, s, e);
}

static void
side_close(const struct walk *w, struct side *s)
{
	if (s->open)
		w->r->close(w->r->arg, &s->o);
}

static int
compare(const struct entry *a, const struct entry *b)
{
	size_t n = a->len < b->len ? a->len : b->len;
	int r, ca, cb;

	if (a->len == 0 || b->len == 0)		/* one has ended */
		return a->len == b->len ? 0 : a->len == 0 ? 1 : -1;
	if ((r = memcmp(a->name, b->name, n)) != 0)
		return r;
	ca = n < a->len ? a->name[n] : a->kind == KIND_FOLDER ? '/' : 0;
	cb = n < b->len ? b->name[n] : b->kind == KIND_FOLDER ? '/' : 0;
	return ca - cb;
}

static int	diff(struct walk *, const unsigned char *from,
		    const unsigned char *to, struct err *);

/* A file or a folder that is on one side only, or differs. */
static int
differs(struct walk *w, const struct entry *old, const struct entry *new,
    struct err *e)
{
	const struct entry *x = new != NULL ? new : old;
	size_t was = w->path.len;
	struct gitlog_change *c;
	int r = 0;

	buf_add(&w->path, x->name, x->len);
	if (w->path.len > COMMIT_PATH_MAX || x->kind == KIND_OTHER)
		;
	else if (x->kind == KIND_FOLDER) {
		buf_addc(&w->path, '/');
		r = diff(w, old != NULL ? old->id : NULL,
		    new != NULL ? new->id : NULL, e);
	} else if (w->out->n >= GITLOG_CHANGES_MAX)
		r = damaged(w, "holds too many files", e);
	else {
		w->out->v = xgrow(w->out->v, w->out->n, &w->out->cap,
		    sizeof *w->out->v);
		c = &w->out->v[w->out->n++];
		memset(c, 0, sizeof *c);
		c->did = old == NULL ? COMMIT_ADDED : new == NULL ?
		    COMMIT_DELETED : COMMIT_CHANGED;
		c->path = xstrndup(w->path.p, w->path.len);
		if (old != NULL)
			memcpy(c->old, old->id, GITLOG_ID);
		if (new != NULL)
			memcpy(c->new, new->id, GITLOG_ID);
	}
	buf_cut(&w->path, was);
	return r;
}

static int
merge(struct walk *w, struct side *a, struct side *b, struct err *e)
{
	int c, r = 0;

	while (r == 0 && (a->now.len > 0 || b->now.len > 0)) {
		c = compare(&a->now, &b->now);
		if (c == 0 && a->now.kind != b->now.kind) {
			/* a file for a submodule */
			if ((r = differs(w, &a->now, NULL, e)) == 0)
				r = differs(w, NULL, &b->now, e);
		} else if (c != 0)
			r = differs(w, c < 0 ? &a->now : NULL,
			    c < 0 ? NULL : &b->now, e);
		else if (memcmp(a->now.id, b->now.id, GITLOG_ID) != 0 ||
		    a->now.mode != b->now.mode)
			r = differs(w, &a->now, &b->now, e);
		if (r == 0 && c <= 0)
			r = step(w, a, e);
		if (r == 0 && c >= 0)
			r = step(w, b, e);
	}
	return r;
}

static int
diff(struct walk *w, const unsigned char *from, const unsigned char *to,
    struct err *e)
{
	struct side a, b;
	int r;

	if (from != NULL && to != NULL && memcmp(from, to, GITLOG_ID) == 0)
		return 0;
	if (w->depth >= GITLOG_DEPTH_MAX)
		return damaged(w, "is nested too deeply", e);
	w->depth++;
	memset(&b, 0, sizeof b);
	if ((r = side_open(w, &a, from, e)) == 0 &&
	    (r = side_open(w, &b, to, e)) == 0)
		r = merge(w, &a, &b, e);
	side_close(w, &a);
	side_close(w, &b);
	w->depth--;
	return r;
}

int
gitlog_tree_diff(const struct gitlog_reader *r, const unsigned char *from,
    const unsigned char *to, struct gitlog_changes *out, struct err *e)
{
	struct walk w = { .r = r, .out = out, .path = BUF_INIT };
	int n = diff(&w, from, to, e);

	buf_release(&w.path);
	return n;
}
