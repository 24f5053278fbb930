#include "net/blob_s3_own.h"

#include "base/alloc.h"
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#define STEP_MS 1000

/* --- objects ----------------------------------------------------------- */

char *
blob_s3_key(const struct blob_s3 *x, const char *key)
{
	struct buf b = BUF_INIT;

	buf_adds(&b, x->conf.prefix);
	buf_adds(&b, key);
	return buf_steal(&b);
}

static void
add_uri(struct buf *b, const struct blob_s3 *x, const char *key)
{
	buf_addf(b, "s3://%s/%s", x->conf.bucket, key);
}

int
blob_s3_here(const struct blob_s3 *x, const struct blob *b, const char *key,
    struct err *e)
{
	const char *was = get_str(b->said, "uri", NULL);
	struct buf is = BUF_INIT;
	int r = 0;

	add_uri(&is, x, key);
	if (was != NULL && !str_eq(was, is.p))
		r = err_set(e, ERR_USAGE, "it was put to '%.200s', which is "
		    "not where " BLOB_S3 ".url leads now; set that back", was);
	buf_release(&is);
	return r;
}

struct blob_s3_one *
blob_s3_ones(struct blob_s3 *x, struct blob *b, size_t n, size_t *left)
{
	struct blob_s3_one *v = xcalloc(n + 1, sizeof *v), *o = v;
	size_t i;

	for (i = 0; i < n; i++) {
		o->b = &b[i];
		o->key = blob_s3_key(x, b[i].key);
		o->version = get_str(b[i].said, "version_id", NULL);
		b[i].r = blob_s3_here(x, &b[i], o->key, &b[i].err);
		if (b[i].r == 0)
			o++;
		else
			free(o->key);
	}
	*left = (size_t)(o - v);
	return v;
}

void
blob_s3_ones_free(struct blob_s3_one *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		free(v[i].key);
	free(v);
}

void
blob_s3_failed(struct blob *b, const struct err *e)
{
	b->r = -1;
	b->err = *e;
}

void
blob_s3_said(const struct blob_s3 *x, struct blob *b, const char *key,
    const char *etag, const char *version)
{
	struct buf uri = BUF_INIT;
	json_t *said;

	add_uri(&uri, x, key);
	said = json_pack("{s:s, s:s*, s:s, s:s, s:s}", "etag", etag,
	    "version_id", version[0] != '\0' ? version : NULL,
	    "bucket", x->conf.bucket, "region", s3_region_of(x->s3),
	    "uri", uri.p);
	buf_release(&uri);
	if (said == NULL)
		return;		/* it is not UTF-8, and of no use */
	json_decref(b->said);
	b->said = said;
}

int
blob_s3_wait(struct blob_s3 *x, struct err *e)
{
	int n;

	while ((n = s3_step(x->s3, STEP_MS, e)) > 0)
		;
	return n;
}

/* --- what is there ----------------------------------------------------- */

int
blob_s3_bucket(struct blob_s3 *x, struct err *e)
{
	int r = s3_bucket_there(x->s3, e);

	if (r == 0)
		return err_set(e, ERR_USAGE, "there is no bucket '%s'; make "
		    "it, or set " BLOB_S3 ".url", x->conf.bucket);
	return r < 0 ? -1 : 0;
}

/* 1, 0 it is absent, -1. */
static int
looked(struct blob *b, const struct s3_head *h)
{
	const struct s3_object *o = &h->object;

	if (h->req.r < 0 && h->req.err.code != ERR_ABSENT) {
		blob_s3_failed(b, &h->req.err);
		return -1;
	}
	b->where = h->req.r < 0 ? BLOB_ABSENT : BLOB_THERE;
	b->r = 0;
	if (b->where == BLOB_ABSENT)
		return 0;
	b->size = o->size;
	b->has_sum = hex_is(o->sha256, HASH_HEX);
	if (b->has_sum)
		hex_decode(b->sha256, o->sha256, HASH_LEN);
	return 1;
}

int
blob_s3_look(struct blob_s3 *x, struct blob_s3_one *v, size_t n,
    struct blob_s3_found *found, struct err *e)
{
	struct s3_head *h = xcalloc(n + 1, sizeof *h);
	bool absent = false;
	size_t i;
	int r;

	for (i = 0; i < n; i++) {
		h[i].key = v[i].key;
		h[i].version = v[i].version;
		s3_head(x->s3, &h[i]);
	}
	r = blob_s3_wait(x, e);
	for (i = 0; i < n; i++) {
		if (r < 0)
			s3_req_drop(&h[i].req);
		else if (looked(v[i].b, &h[i]) == 0)
			absent = true;
		memcpy(found[i].etag, h[i].object.etag,
		    sizeof found[i].etag);
		memcpy(found[i].version, h[i].object.version,
		    sizeof found[i].version);
		s3_object_release(&h[i].object);
	}
	free(h);
	return r == 0 && absent ? blob_s3_bucket(x, e) : r;
}

/* One without a sum is known by its ETag alone. */
static void
settle(const struct blob_s3 *x, struct blob_s3_one *o,
    const struct blob_s3_found *f)
{
	struct blob *b = o->b;
	const char *etag = get_str(b->said, "etag", NULL);

	if (b->r < 0 || b->where != BLOB_THERE)
		return;
	if (!b->has_sum && etag != NULL && !str_eq(etag, f->etag))
		b->r = err_set(&b->err, ERR_CORRUPT, "there is another object "
		    "than was put");
	else
		blob_s3_said(x, b, o->key, f->etag, f->version);
}

static int
head(void *self, struct blob *b, size_t n, struct err *e)
{
	struct blob_s3 *x = self;
	size_t left, i;
	struct blob_s3_one *v = blob_s3_ones(x, b, n, &left);
	struct blob_s3_found *f = xcalloc(left + 1, sizeof *f);
	int r = blob_s3_look(x, v, left, f, e);

	for (i = 0; r == 0 && i < left; i++)
		settle(x, &v[i], &f[i]);
	free(f);
	blob_s3_ones_free(v, left);
	return r;
}

/* --- bytes ------------------------------------------------------------- */

struct getting {
	blob_sink *sink;
	void *arg;
	uint64_t got;
};

/* Who reads them cannot be told to forget what he has. */
static int
take(void *arg, const void *p, size_t n, uint64_t at, struct err *e)
{
	struct getting *g = arg;

	if (at != g->got)
		return err_set(e, ERR_NET, "it arrived damaged, or broke off; "
		    "get it again");
	g->got += n;
	return g->sink(g->arg, p, n, e);
}

/* What was sent, as far as it came, is not what must be there. */
static int
failed(const struct s3_get *q, struct err *e)
{
	if (e->code == ERR_INPUT && (q->req.status == 0 ||
	    s3_req_good(&q->req)))
		e->code = ERR_CORRUPT;
	if (str_eq(q->req.error.code, "NoSuchBucket"))
		e->code = ERR_USAGE;
	return -1;
}

/* As much as there is of what was asked for? */
static int
check_length(const struct s3_get *q, uint64_t got, struct err *e)
{
	uint64_t size = q->object.size, left = q->from < size ? size - q->from :
	    0;

	if (got == (q->len > 0 && q->len < left ? q->len : left))
		return 0;
	return err_set(e, ERR_CORRUPT, "the store sends fewer bytes of '%s' "
	    "than it has", q->key);
}

static int
get(void *self, const struct blob *b, uint64_t from, uint64_t len,
    blob_sink *sink, void *arg, struct err *e)
{
	struct blob_s3 *x = self;
	struct getting g = { sink, arg, 0 };
	struct s3_get q = { .from = from, .len = len, .take = take,
	    .arg = &g };
	char *key = blob_s3_key(x, b->key);
	int r;

	q.key = key;
	q.version = get_str(b->said, "version_id", NULL);
	if (b->has_sum)
		q.sha256 = b->sha256;
	if (b->has_sum && from == 0 && len >= b->size)
		q.len = 0;
	/* all of one whose sum is known tells by itself */
	if (!b->has_sum || from > 0 || q.len > 0)
		q.etag = get_str(b->said, "etag", NULL);
	r = blob_s3_here(x, b, key, e);
	if (r == 0) {
		s3_get(x->s3, &q);
		if ((r = s3_wait(x->s3, &q.req, e)) < 0)
			failed(&q, e);
		else
			r = check_length(&q, g.got, e);
	}
	if (r == 0 && b->has_sum && q.object.size != b->size)
		r = err_set(e, ERR_CORRUPT, "'%s' has another length than what "
		    "was put", key);
	s3_object_release(&q.object);
	free(key);
	return r;
}

/* --- keys -------------------------------------------------------------- */

struct listing {
	size_t skip;		/* bytes of the prefix of the settings */
	blob_found *found;
	void *arg;
	struct buf key;
};

static int
entry(void *arg, const struct s3_entry *f, struct err *e)
{
	struct listing *l = arg;

	if (f->why != NULL || f->folder || f->nkey < l->skip)
		return 0;
	buf_reset(&l->key);
	buf_add(&l->key, f->key + l->skip, f->nkey - l->skip);
	return l->found(l->arg, l->key.p, f->size, f->modified_ms, e);
}

static int
list(void *self, const char *prefix, blob_found *found, void *arg,
    struct err *e)
{
	struct blob_s3 *x = self;
	struct listing l = { strlen(x->conf.prefix), found, arg, BUF_INIT };
	struct s3_list q = { .found = entry, .arg = &l };
	char *key = blob_s3_key(x, prefix);
	int r;

	q.prefix = key;
	s3_list(x->s3, &q);
	r = s3_wait(x->s3, &q.req, e);
	if (r < 0) {
		s3_page_release(&q.next);
		buf_release(&q.last);
	}
	buf_release(&l.key);
	free(key);
	return r;
}

/* --- beginning and end ------------------------------------------------- */

void
blob_s3_hide(const void *self, char *text)
{
	s3_hide(((const struct blob_s3 *)self)->s3, text);
}

static void
close_s3(void *self)
{
	struct blob_s3 *x = self;

	if (x == NULL)
		return;
	s3_free(x->s3);
	s3_conf_release(&x->conf);
	free(x);
}

int
blob_s3_open(void **out, const struct conf *conf,
    const volatile sig_atomic_t *stop,
    void (*again)(void *, const char *, int), struct err *e)
{
	struct blob_s3 *x = xcalloc(1, sizeof *x);
	int r = s3_conf_read(&x->conf, conf, BLOB_S3, NULL, e);

	if (r == 0 && x->conf.url == NULL)
		r = err_set(e, ERR_USAGE, BLOB_S3 ".url is not set: "
		    "s3://BUCKET");
	else if (r == 0 && x->conf.bucket == NULL)
		r = err_set(e, ERR_USAGE, BLOB_S3 ".url is s3://BUCKET or "
		    "s3://BUCKET/PREFIX, not '%.200s'", x->conf.url);
	x->conf.how.stop = stop;
	x->conf.how.again = again;
	if (r == 0)
		r = s3_open(&x->s3, &x->conf.how, e);
	if (r < 0)
		close_s3(x);
	else
		*out = x;
	return r;
}

const struct blob_kind blob_s3 = { NULL, blob_s3_put, head, blob_s3_drop, get,
    list, close_s3 };
