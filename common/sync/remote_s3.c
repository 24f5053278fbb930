/*
 * A remote in a bucket.  An operation is a request of net/s3.h, or several
 * one after the other; a large put goes in parts (s3_upload), which waits by
 * itself, so that these are done one at a time, while others go on.
 */
#include "sync/remote_s3.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

struct s3 *
remote_s3_of(const struct remote *r)
{
	return ((const struct remote_s3 *)r->own)->s3;
}

char *
remote_s3_key(const struct remote *r, const char *key)
{
	struct buf b = BUF_INIT;

	buf_adds(&b, r->conf.s3.prefix);
	buf_adds(&b, key);
	return buf_steal(&b);
}

/* --- beginning and end ------------------------------------------------- */

void
remote_s3_attach(struct remote_s3_work *w, struct s3_req *q,
    void (*done)(struct s3_req *))
{
	w->req = q;
	q->done = done;
	q->user = w;
}

struct remote_s3_work *
remote_s3_took(struct s3_req *q)
{
	struct remote_s3_work *w = q->user;

	w->op->r = q->r;
	if (q->r < 0)
		w->op->err = q->err;
	return w;
}

static void
free_work(struct remote_s3_work *w)
{
	struct remote_s3 *own = w->remote->own;

	if (w->next != NULL)
		w->next->prev = w->prev;
	if (w->prev != NULL)
		w->prev->next = w->next;
	else
		own->all = w->next;
	free(w->key);
	free(w->after);
	strv_release(&w->keys);
	free(w);
}

void
remote_s3_end(struct remote_s3_work *w)
{
	struct remote_op *op = w->op;

	free_work(w);
	remote_done(op);
}

/* --- getting ----------------------------------------------------------- */

static void
get_done(struct s3_req *q)
{
	struct remote_s3_work *w = remote_s3_took(q);
	struct remote_get *g = (struct remote_get *)(void *)w->op;

	g->size = w->u.get.object.size;
	s3_object_release(&w->u.get.object);
	remote_s3_end(w);
}

static void
start_get(struct remote *r, struct remote_s3_work *w)
{
	struct remote_get *g = (struct remote_get *)(void *)w->op;
	struct s3_get *q = &w->u.get;

	w->key = remote_s3_key(r, g->key);
	q->key = w->key;
	q->from = g->from;
	q->len = g->len;
	q->sha256 = g->sha256;
	q->take = g->take;
	q->arg = g->arg;
	remote_s3_attach(w, &q->req, get_done);
	s3_get(remote_s3_of(r), q);
}

static void
head_done(struct s3_req *q)
{
	struct remote_s3_work *w = remote_s3_took(q);
	struct remote_head *h = (struct remote_head *)(void *)w->op;
	struct s3_object *o = &w->u.head.object;

	if (q->r == 0) {
		h->size = o->size;
		h->modified_ms = o->modified_ms;
		memcpy(h->sha256, o->sha256, sizeof h->sha256);
		memcpy(h->class, o->class, sizeof h->class);
		h->meta = o->meta;
		memset(&o->meta, 0, sizeof o->meta);
	}
	s3_object_release(o);
	remote_s3_end(w);
}

static void
start_head(struct remote *r, struct remote_s3_work *w)
{
	struct remote_head *h = (struct remote_head *)(void *)w->op;

	w->key = remote_s3_key(r, h->key);
	w->u.head.key = w->key;
	remote_s3_attach(w, &w->u.head.req, head_done);
	s3_head(remote_s3_of(r), &w->u.head);
}

/* --- listing ----------------------------------------------------------- */

static void
list_done(struct s3_req *q)
{
	remote_s3_end(remote_s3_took(q));
}

/* Order is what a reader goes on by; one that breaks it is not believed. */
static int
found(void *arg, const struct s3_entry *f, struct err *e)
{
	struct remote_s3_work *w = arg;
	struct remote_list *l = (struct remote_list *)(void *)w->op;
	size_t skip = strlen(w->remote->conf.s3.prefix);
	struct remote_entry x = { .size = f->size,
	    .modified_ms = f->modified_ms, .why = f->why };
	char key[S3_KEY_MAX + 1];

	if (f->nkey < skip || f->nkey > S3_KEY_MAX)
		return err_set(e, ERR_INPUT, "it lists what was not asked "
		    "for");
	memcpy(key, f->key + skip, f->nkey - skip);
	key[f->nkey - skip] = '\0';
	if (x.why == NULL)
		x.why = remote_key_wrong(key, f->nkey - skip);
	if (x.why == NULL && w->last[0] != '\0' && strcmp(key, w->last) <= 0)
		return err_set(e, ERR_INPUT, "it lists '%.100s' behind "
		    "'%.100s', which is not their order", key, w->last);
	if (x.why == NULL)
		memcpy(w->last, key, f->nkey - skip + 1);
	/* a server may not know start-after, or think of it otherwise */
	if (l->after != NULL && strcmp(key, l->after) <= 0)
		return 0;
	x.key = key;
	l->n++;
	return l->found(l->arg, &x, e);
}

static void
start_list(struct remote *r, struct remote_s3_work *w)
{
	struct remote_list *l = (struct remote_list *)(void *)w->op;
	struct s3_list *q = &w->u.list;

	w->key = remote_s3_key(r, l->prefix);
	if (l->after != NULL)
		w->after = remote_s3_key(r, l->after);
	q->prefix = w->key;
	q->after = w->after;
	q->found = found;
	q->arg = w;
	remote_s3_attach(w, &q->req, list_done);
	s3_list(remote_s3_of(r), q);
}

/* --- deleting ---------------------------------------------------------- */

static void
failed(void *arg, const char *key, const char *code)
{
	struct remote_s3_work *w = arg;
	struct remote_delete *d = (struct remote_delete *)(void *)w->op;

	d->failed(d->arg, key + strlen(w->remote->conf.s3.prefix), code);
}

static void delete_some(struct remote_s3_work *);

static void
delete_done(struct s3_req *q)
{
	struct remote_s3_work *w = remote_s3_took(q);
	struct remote_delete *d = (struct remote_delete *)(void *)w->op;

	if (q->r == 0 && w->at < d->keys->n)
		delete_some(w);
	else
		remote_s3_end(w);
}

/* The next thousand.  One alone is asked for by DELETE, as less can go wrong
 * with it. */
static void
delete_some(struct remote_s3_work *w)
{
	struct remote_delete *d = (struct remote_delete *)(void *)w->op;
	struct s3_delete_all *q = &w->u.delete_all;
	char *key;

	strv_release(&w->keys);
	memset(&w->u, 0, sizeof w->u);
	while (w->at < d->keys->n && w->keys.n < S3_DELETE_MAX) {
		key = remote_s3_key(w->remote, d->keys->v[w->at++]);
		strv_add(&w->keys, key);
		free(key);
	}
	if (d->keys->n == 1) {
		w->u.delete.key = w->keys.v[0];
		remote_s3_attach(w, &w->u.delete.req, delete_done);
		s3_delete(remote_s3_of(w->remote), &w->u.delete);
		return;
	}
	q->keys = &w->keys;
	q->failed = d->failed != NULL ? failed : NULL;
	q->arg = w;
	remote_s3_attach(w, &q->req, delete_done);
	s3_delete_all(remote_s3_of(w->remote), q);
}

/* --- all of them ------------------------------------------------------- */

static void
start(struct remote *r, struct remote_op *op)
{
	struct remote_s3_work *w = xcalloc(1, sizeof *w);
	struct remote_s3 *own = r->own;

	w->remote = r;
	w->op = op;
	w->next = own->all;
	if (own->all != NULL)
		own->all->prev = w;
	own->all = w;
	op->work = w;
	switch (op->what) {
	case REMOTE_PUT:
		remote_s3_put(r, w);
		break;
	case REMOTE_GET:
		start_get(r, w);
		break;
	case REMOTE_HEAD:
		start_head(r, w);
		break;
	case REMOTE_LIST:
		start_list(r, w);
		break;
	case REMOTE_DELETE:
		delete_some(w);
		break;
	}
}

static int
step(struct remote *r, int wait_ms, struct err *e)
{
	struct remote_s3 *own = r->own;

	if (s3_step(own->s3, own->large != NULL ? 0 : wait_ms, e) < 0)
		return -1;
	if (own->large != NULL)
		remote_s3_large(r);
	return 0;
}

/* What a request has that its end would have freed. */
static void
release(struct remote_s3_work *w)
{
	struct remote_delete *d;

	s3_req_drop(w->req);
	if (w->op->what == REMOTE_GET) {
		s3_object_release(&w->u.get.object);
	} else if (w->op->what == REMOTE_HEAD) {
		s3_object_release(&w->u.head.object);
	} else if (w->op->what == REMOTE_LIST) {
		s3_page_release(&w->u.list.next);
		buf_release(&w->u.list.last);
	} else if (w->op->what == REMOTE_DELETE) {
		d = (struct remote_delete *)(void *)w->op;
		if (d->keys->n > 1)
			buf_release(&w->u.delete_all.xml);
	}
}

static void
drop(struct remote *r, struct remote_op *op)
{
	struct remote_s3 *own = r->own;
	struct remote_op **p = &own->large;
	struct remote_s3_work *w = op->work;

	while (*p != NULL && *p != op)
		p = &(*p)->next;
	if (*p == op && (*p = op->next) == NULL)
		own->last = p;
	if (w->req != NULL)
		release(w);
	free_work(w);
}

/* --- opening ----------------------------------------------------------- */

static int
open_s3(struct remote *r, struct err *e)
{
	struct remote_s3 *own = xcalloc(1, sizeof *own);

	own->last = &own->large;
	r->own = own;
	r->conf.s3.how.stop = r->stop;
	return s3_open(&own->s3, &r->conf.s3.how, e);
}

static void
close_s3(struct remote *r)
{
	struct remote_s3 *own = r->own;

	if (own == NULL)
		return;
	while (own->all != NULL)
		drop(r, own->all->op);
	s3_free(own->s3);
	free(own);
}

const struct remote_kind remote_s3 = {
	.can = { .kind = "s3", .sums = true, .meta = true, .class = true,
	    .resume = true },
	.open = open_s3, .close = close_s3, .start = start, .step = step,
	.drop = drop, .sweep = remote_s3_sweep
};
