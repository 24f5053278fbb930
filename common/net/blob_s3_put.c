#include "net/blob_s3_own.h"

#include "base/alloc.h"
#include "blob/blob_file.h"
#include "net/s3_upload.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LARGE ((uint64_t)32 << 20)	/* from here on in parts */

/* The bytes of an object. */
struct bytes {
	struct s3_file file;		/* fd -1: in memory */
	struct http_body body;
};

static int
bytes_open(struct bytes *y, const struct blob *b, struct err *e)
{
	memset(y, 0, sizeof *y);
	y->file.fd = -1;
	if (b->mem != NULL) {
		y->body = s3_from_mem(b->mem, (size_t)b->size);
		return 0;
	}
	if ((y->file.fd = blob_file_open(b, e)) < 0)
		return -1;
	y->file.name = b->path;
	y->body = s3_from_file(&y->file, b->size);
	return 0;
}

static void
bytes_close(struct bytes *y)
{
	if (y->file.fd >= 0)
		close(y->file.fd);
}

static void
stored(struct blob_s3 *x, struct blob_s3_one *o, const char *etag,
    const char *version)
{
	o->b->r = 0;
	o->b->where = BLOB_THERE;
	o->b->has_sum = true;
	blob_s3_said(x, o->b, o->key, etag, version);
}

/* --- those that go at once --------------------------------------------- */

struct putting {
	struct s3_put put;
	struct bytes bytes;
	struct blob_s3_one *one;
};

static void
begin(struct blob_s3 *x, struct putting *p)
{
	struct blob *b = p->one->b;

	b->r = bytes_open(&p->bytes, b, &b->err);
	if (b->r < 0)
		return;
	p->put.key = p->one->key;
	p->put.body = p->bytes.body;
	p->put.sha256 = b->sha256;
	p->put.class = x->conf.class;
	p->put.once = true;
	s3_put(x->s3, &p->put);
}

static void
end(struct blob_s3 *x, struct putting *p, const struct err *e)
{
	struct blob *b = p->one->b;

	if (b->r < 0)
		return;			/* it was not begun */
	bytes_close(&p->bytes);
	if (p->put.req.state != S3_IDLE) {
		s3_req_drop(&p->put.req);
		blob_s3_failed(b, e);
	} else if (p->put.req.r < 0) {
		blob_s3_failed(b, &p->put.req.err);
	} else {
		stored(x, p->one, p->put.etag, p->put.version);
	}
}

static void
put_small(struct blob_s3 *x, struct blob_s3_one **v, size_t n)
{
	struct putting *p = xcalloc(n + 1, sizeof *p);
	struct err e;
	size_t i;

	for (i = 0; i < n; i++) {
		p[i].one = v[i];
		begin(x, &p[i]);
	}
	blob_s3_wait(x, &e);
	for (i = 0; i < n; i++)
		end(x, &p[i], &e);
	free(p);
}

/* --- those that go in parts -------------------------------------------- */

static int
note(void *arg, const struct s3_entry *f, struct err *e)
{
	struct strv *ids = arg;

	(void)e;
	if (f->upload_id != NULL && f->nkey == strlen(ids->v[0]) &&
	    memcmp(f->key, ids->v[0], f->nkey) == 0)
		strv_add(ids, f->upload_id);
	return 0;
}

int
blob_s3_abort(struct blob_s3 *x, const char *key, struct err *e)
{
	struct strv ids = STRV_INIT;	/* behind the key */
	size_t i;
	int r;

	strv_add(&ids, key);
	r = s3_uploads(x->s3, key, note, &ids, e);
	for (i = 1; r == 0 && i < ids.n; i++)
		r = s3_upload_abort(x->s3, key, ids.v[i], e);
	strv_release(&ids);
	return r;
}

static int
upload(struct blob_s3 *x, struct blob_s3_one *o, struct err *e)
{
	struct bytes y;
	struct s3_upload u = { .key = o->key, .sha256 = o->b->sha256,
	    .class = x->conf.class, .once = true,
	    .at_once = (x->conf.how.at_once + 1) / 2 };
	int r;

	if (bytes_open(&y, o->b, e) < 0)
		return -1;
	u.body = y.body;
	r = s3_upload(x->s3, &u, e);
	bytes_close(&y);
	if (r < 0 && e->code == ERR_EXISTS)
		err_set(e, ERR_EXISTS, "cannot put '%.150s': it is there "
		    "already", o->key);
	if (r == 0)
		stored(x, o, u.etag, u.version);
	return r;
}

/* Gigabytes are not sent for nothing. */
static int
put_large(struct blob_s3 *x, struct blob_s3_one *o, struct err *e)
{
	struct blob there = { .key = o->b->key };
	struct blob_s3_one look = { .b = &there, .key = o->key };
	struct blob_s3_found f;

	if (blob_s3_look(x, &look, 1, &f, e) < 0)
		return -1;
	if (there.r < 0) {
		*e = there.err;
		return -1;
	}
	if (there.where == BLOB_ABSENT)
		return blob_s3_abort(x, o->key, e) < 0 ? -1 : upload(x, o, e);
	if (!there.has_sum || there.size != o->b->size ||
	    !hash_same(there.sha256, o->b->sha256, HASH_LEN))
		return err_set(e, ERR_EXISTS, "cannot put '%.150s': it is "
		    "there already", o->key);
	stored(x, o, f.etag, f.version);
	return 0;
}

/* --- all of them ------------------------------------------------------- */

int
blob_s3_put(void *self, struct blob *b, size_t n, struct err *e)
{
	struct blob_s3 *x = self;
	size_t left, small = 0, i;
	struct blob_s3_one *v = blob_s3_ones(x, b, n, &left);
	struct blob_s3_one **w = xcalloc(left + 1, sizeof *w);
	struct err bad;

	(void)e;
	for (i = 0; i < left; i++)
		if (v[i].b->size <= LARGE)
			w[small++] = &v[i];
	put_small(x, w, small);
	for (i = 0; i < left; i++)
		if (v[i].b->size > LARGE && put_large(x, &v[i], &bad) < 0)
			blob_s3_failed(v[i].b, &bad);
	free(w);
	blob_s3_ones_free(v, left);
	return 0;
}
