#include "net/s3_object.h"

#include "base/utf8.h"
#include "net/http.h"
#include "net/s3_client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define META_MAX 200		/* names and values that are kept */

/* --- what an answer says ----------------------------------------------- */

void
s3_copy(char *out, size_t size, const char *s)
{
	size_t n = strlen(s);

	if (n >= 2 && s[0] == '"' && s[n - 1] == '"') {
		s++;
		n -= 2;
	}
	n = utf8_cut(s, n, size - 1);
	memcpy(out, s, n);
	out[n] = '\0';
}

void
s3_object_clear(struct s3_object *o)
{
	strv_release(&o->meta);
	memset(o, 0, sizeof *o);
}

void
s3_object_release(struct s3_object *o)
{
	s3_object_clear(o);
}

static int
length(const char *s, uint64_t *out, struct err *e)
{
	int64_t n;

	if (str_int(s, 0, INT64_MAX, &n) != 1)
		return err_set(e, ERR_INPUT, "the store answered a length "
		    "that is none");
	*out = (uint64_t)n;
	return 0;
}

/* "bytes 0-9/4711": where it begins, and the size of all; whichever of this
 * and the length comes first. */
static int
range(struct s3_object *o, const char *s, struct err *e)
{
	const char *dash = strchr(s, '-'), *slash = strchr(s, '/');
	char first[24];

	if (slash == NULL)
		return 0;
	o->part = true;
	if (strncasecmp(s, "bytes ", 6) != 0 || dash == NULL || dash > slash ||
	    (size_t)(dash - s - 6) >= sizeof first)
		return length("", &o->first, e);
	memcpy(first, s + 6, (size_t)(dash - s - 6));
	first[dash - s - 6] = '\0';
	return length(first, &o->first, e) < 0 ? -1 :
	    length(slash + 1, &o->size, e);
}

int
s3_object_head(struct s3_object *o, const char *name, const char *value,
    struct err *e)
{
	if (str_same(name, "content-length"))
		return o->part ? 0 : length(value, &o->size, e);
	if (str_same(name, "content-range"))
		return range(o, value, e);
	s3_sse_head(name, value, o->sse, o->sse_key);
	if (str_same(name, "etag"))
		s3_copy(o->etag, sizeof o->etag, value);
	else if (str_same(name, "x-amz-version-id"))
		s3_copy(o->version, sizeof o->version, value);
	else if (str_same(name, "last-modified"))
		o->modified_ms = http_date(value);
	else if (str_same(name, "x-amz-storage-class"))
		s3_copy(o->class, sizeof o->class, value);
	else if (str_same(name, S3_META_SUM))
		s3_copy(o->sha256, sizeof o->sha256, value);
	else if (strncasecmp(name, S3_META, strlen(S3_META)) == 0 &&
	    o->meta.n < META_MAX) {
		strv_add(&o->meta, name + strlen(S3_META));
		strv_add(&o->meta, value);
		str_lower(o->meta.v[o->meta.n - 2]);
	}
	return 0;
}

/* --- bodies ------------------------------------------------------------ */

static ssize_t
read_mem(void *arg, void *to, size_t n, uint64_t at, struct err *e)
{
	(void)e;
	memcpy(to, (const char *)arg + at, n);
	return (ssize_t)n;
}

struct http_body
s3_from_mem(const void *p, size_t n)
{
	struct http_body b = { read_mem, (void *)(uintptr_t)p, n };

	return b;
}

static ssize_t
read_file(void *arg, void *to, size_t n, uint64_t at, struct err *e)
{
	const struct s3_file *f = arg;
	ssize_t got;

	while ((got = pread(f->fd, to, n, (off_t)(f->from + at))) < 0)
		if (errno != EINTR)
			return err_sys(e, "cannot read '%s'", f->name);
	return got;
}

struct http_body
s3_from_file(struct s3_file *f, uint64_t len)
{
	struct http_body b = { read_file, f, len };

	return b;
}

/* --- head, delete ------------------------------------------------------ */

void
s3_object_version(struct s3_req *q, const char *version)
{
	if (version != NULL && version[0] != '\0')
		s3_req_query(q, "versionId", version);
}

static int
head_line(struct s3_req *q, const char *name, const char *value,
    struct err *e)
{
	return s3_object_head(&((struct s3_head *)(void *)q)->object, name,
	    value, e);
}

void
s3_head(struct s3 *s, struct s3_head *h)
{
	struct s3_req *q = &h->req;

	s3_req_prepare(s, q, "look at", "HEAD", h->key);
	s3_object_version(q, h->version);
	s3_object_clear(&h->object);
	q->head = head_line;
	s3_req_start(q);
}

static void
delete_begin(struct s3_req *q)
{
	struct s3_delete *d = (struct s3_delete *)(void *)q;

	d->mark[0] = '\0';
	d->marked = false;
}

static int
delete_line(struct s3_req *q, const char *name, const char *value,
    struct err *e)
{
	struct s3_delete *d = (struct s3_delete *)(void *)q;

	(void)e;
	if (str_same(name, "x-amz-version-id"))
		s3_copy(d->mark, sizeof d->mark, value);
	else if (str_same(name, "x-amz-delete-marker"))
		d->marked = str_same(value, "true");
	return 0;
}

static bool
deleted(struct s3_req *q)
{
	struct s3_delete *d = (struct s3_delete *)(void *)q;

	/* where a version was deleted it is that one, which may be a mark */
	if (!d->marked || d->version != NULL)
		d->mark[0] = '\0';
	if (q->r < 0 && q->status == 404 && !str_eq(q->error.code,
	    "NoSuchBucket"))
		q->r = 0;
	return false;
}

void
s3_delete(struct s3 *s, struct s3_delete *d)
{
	struct s3_req *q = &d->req;

	s3_req_prepare(s, q, "delete", "DELETE", d->key);
	s3_object_version(q, d->version);
	q->begin = delete_begin;
	q->head = delete_line;
	q->answer = deleted;
	s3_req_start(q);
}
