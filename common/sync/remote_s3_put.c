#include "sync/remote_s3.h"

#include "base/date.h"
#include "net/s3_upload.h"

#include <stdlib.h>
#include <string.h>

#define LARGE ((uint64_t)32 << 20)	/* from here on in parts */

bool
remote_s3_is_large(const struct remote_op *op)
{
	const struct remote_put *p = (const struct remote_put *)(const void *)
	    op;

	return op->what == REMOTE_PUT && !p->once && p->body.len > LARGE;
}

static enum remote_made
made(enum s3_made m)
{
	switch (m) {
	case S3_NOT_MADE:
		return REMOTE_NOT_MADE;
	case S3_MADE:
		return REMOTE_MADE;
	case S3_THERE:
		return REMOTE_THERE;
	case S3_UNSURE:
		break;
	}
	return REMOTE_UNSURE;
}

static void
put_done(struct s3_req *q)
{
	struct remote_s3_work *w = remote_s3_took(q);
	struct remote_put *p = (struct remote_put *)(void *)w->op;

	p->made = made(w->u.put.made);
	remote_s3_end(w);
}

static struct http_body
body_of(struct remote_s3_work *w, const struct remote_body *b)
{
	if (b->mem != NULL || b->len == 0)
		return s3_from_mem(b->mem != NULL ? b->mem : "",
		    (size_t)b->len);
	w->file.fd = b->fd;
	w->file.from = b->from;
	w->file.name = b->name != NULL ? b->name : "a file";
	return s3_from_file(&w->file, b->len);
}

void
remote_s3_put(struct remote *r, struct remote_s3_work *w)
{
	struct remote_put *p = (struct remote_put *)(void *)w->op;
	struct remote_s3 *own = r->own;
	struct s3_put *q = &w->u.put;

	w->key = remote_s3_key(r, p->key);
	if (remote_s3_is_large(&p->op)) {
		*own->last = &p->op;
		own->last = &p->op.next;
		return;
	}
	q->key = w->key;
	q->body = body_of(w, &p->body);
	q->sha256 = p->sha256;
	q->meta = p->meta;
	q->class = p->class != NULL ? p->class : r->conf.s3.class;
	q->once = p->once;
	remote_s3_attach(w, &q->req, put_done);
	s3_put(remote_s3_of(r), q);
}

static void
begun(void *arg, const char *id)
{
	struct remote_put *p = arg;

	if (p->begun != NULL)
		p->begun(p, id);
}

/* An upload that is not known any more, or was of other bytes, is begun
 * anew. */
static int
upload(struct remote *r, struct remote_s3_work *w, struct err *e)
{
	struct remote_put *p = (struct remote_put *)(void *)w->op;
	struct s3_upload u = { .key = w->key, .body = body_of(w, &p->body),
	    .sha256 = p->sha256, .meta = p->meta, .resume = p->resume,
	    .class = p->class != NULL ? p->class : r->conf.s3.class,
	    .at_once = (r->conf.s3.how.at_once + 1) / 2, .begun = begun,
	    .arg = p, .keep = p->begun != NULL };
	int ret;

	p->made = REMOTE_UNSURE;
	ret = s3_upload(remote_s3_of(r), &u, e);
	if (ret < 0 && u.resume != NULL && (e->code == ERR_ABSENT ||
	    e->code == ERR_BUSY) && !(r->stop != NULL && *r->stop)) {
		u.resume = NULL;
		ret = s3_upload(remote_s3_of(r), &u, e);
	}
	if (ret == 0)
		p->made = REMOTE_MADE;
	return ret;
}

void
remote_s3_large(struct remote *r)
{
	struct remote_s3 *own = r->own;
	struct remote_op *op = own->large;
	struct remote_s3_work *w = op->work;

	own->large = op->next;
	if (own->large == NULL)
		own->last = &own->large;
	op->next = NULL;
	op->r = upload(r, w, &op->err);
	remote_s3_end(w);
}

/* --- what was left behind ---------------------------------------------- */

struct sweep {
	struct strv left;	/* key, id ... */
	int64_t before_ms;
};

static int
note_upload(void *arg, const struct s3_entry *f, struct err *e)
{
	struct sweep *s = arg;

	(void)e;
	if (f->why != NULL || f->upload_id == NULL ||
	    f->modified_ms > s->before_ms)
		return 0;
	strv_add_n(&s->left, f->key, f->nkey);
	strv_add(&s->left, f->upload_id);
	return 0;
}

int
remote_s3_sweep(struct remote *r, const char *prefix, int64_t age_ms,
    uint64_t *n, struct err *e)
{
	struct sweep s = { .before_ms = date_real() - age_ms };
	char *key = remote_s3_key(r, prefix);
	size_t i;
	int ret;

	ret = s3_uploads(remote_s3_of(r), key, note_upload, &s, e);
	for (i = 0; ret == 0 && i + 1 < s.left.n; i += 2, ++*n)
		ret = s3_upload_abort(remote_s3_of(r), s.left.v[i],
		    s.left.v[i + 1], e);
	strv_release(&s.left);
	free(key);
	return ret;
}
