#include "net/s3_client.h"
#include "net/s3_object.h"

#include "base/hash.h"

#include <stdio.h>
#include <string.h>

enum { PUT, LOOK, LOOK_AGAIN, TAKE_BACK };

/* --- what is sent with it ---------------------------------------------- */

/* What every server keeps as it is: letters that no header mangles. */
static int
check_meta(const char *name, const char *value, struct err *e)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	const char *p;

	if (name[0] == '\0' || strspn(name, letters) != strlen(name))
		return err_set(e, ERR_USAGE, "'%.100s' is no name of metadata: "
		    "small letters, digits and '-'", name);
	for (p = value; *p != '\0'; p++)
		if (*p < ' ' || *p > '~')
			break;
	if (*p != '\0' || value[0] == ' ' || (p > value && p[-1] == ' '))
		return err_set(e, ERR_USAGE, "the metadata '%.100s' is not "
		    "plain ASCII", name);
	return 0;
}

static int
add_meta(struct s3_req *q, const struct strv *meta, struct err *e)
{
	char name[256];
	size_t i;

	for (i = 0; meta != NULL && i + 1 < meta->n; i += 2) {
		if (check_meta(meta->v[i], meta->v[i + 1], e) < 0)
			return -1;
		if ((size_t)snprintf(name, sizeof name, S3_META "%s",
		    meta->v[i]) >= sizeof name)
			return err_set(e, ERR_USAGE, "a name of metadata is "
			    "too long");
		s3_req_header(q, name, meta->v[i + 1]);
	}
	return 0;
}

/* As a query: "a=1&b=x%20y" */
static void
add_tags(struct s3_req *q, const struct strv *tags)
{
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i + 1 < tags->n; i += 2) {
		if (i > 0)
			buf_addc(&b, '&');
		sigv4_escape(&b, tags->v[i], strlen(tags->v[i]), false);
		buf_addc(&b, '=');
		sigv4_escape(&b, tags->v[i + 1], strlen(tags->v[i + 1]),
		    false);
	}
	s3_req_header(q, "x-amz-tagging", b.p);
	buf_release(&b);
}

int
s3_object_ask(const struct s3 *s, struct s3_req *q,
    const struct s3_object_with *w, struct err *e)
{
	s3_req_header(q, "content-type", w->type != NULL ? w->type :
	    "application/octet-stream");
	s3_req_header(q, S3_META_SUM, w->sum);
	if (add_meta(q, w->meta, e) < 0)
		return -1;
	if (w->tags != NULL && w->tags->n > 0)
		add_tags(q, w->tags);
	if (w->class != NULL)
		s3_req_header(q, "x-amz-storage-class", w->class);
	s3_sse_ask(s, q);
	return 0;
}

/* --- its answer -------------------------------------------------------- */

static struct s3_put *
put_of(struct s3_req *q)
{
	return (struct s3_put *)(void *)q;
}

static void
begin(struct s3_req *q)
{
	struct s3_put *p = put_of(q);

	p->etag[0] = p->said_sse[0] = p->said_key[0] = p->version[0] = '\0';
	p->found[0] = '\0';
}

static int
head(struct s3_req *q, const char *name, const char *value, struct err *e)
{
	struct s3_put *p = put_of(q);

	(void)e;
	if (str_same(name, "etag"))
		s3_copy(p->etag, sizeof p->etag, value);
	else if (str_same(name, "x-amz-version-id"))
		s3_copy(p->version, sizeof p->version, value);
	else if (str_same(name, S3_META_SUM))
		s3_copy(p->found, sizeof p->found, value);
	else
		s3_sse_head(name, value, p->said_sse, p->said_key);
	return 0;
}

static bool answer(struct s3_req *);

static bool
next(struct s3_req *q, int step, const char *method)
{
	struct s3_put *p = put_of(q);

	p->step = step;
	s3_req_prepare(q->s3, q, "put", method, p->key);
	if (step == TAKE_BACK)
		s3_object_version(q, p->version);
	q->begin = step != TAKE_BACK ? begin : NULL;
	q->head = step != TAKE_BACK ? head : NULL;
	q->answer = answer;
	s3_req_again(q);
	return true;
}

/* What is there has been looked at. */
static bool
looked(struct s3_put *p)
{
	struct s3_req *q = &p->req;
	bool same = str_eq(p->found, p->sum);

	if (q->r < 0 && q->status == 404)
		q->r = err_set(&q->err, ERR_BUSY, "it was there, and is not "
		    "any more");
	if (q->r < 0)
		return false;
	/* to be told wrongly that it is somebody else's is costly, and one
	 * answer was lost already */
	if (!same && p->doubt && p->step == LOOK)
		return next(q, LOOK_AGAIN, "HEAD");
	if (!same) {
		p->made = S3_THERE;
		q->r = err_set(&q->err, ERR_EXISTS, "it is there already");
	}
	return false;
}

/* Is it sure that this try stored nothing?  Not when there was another before
 * it, and not when the store failed in the middle. */
static bool
refused(const struct s3_put *p)
{
	const struct s3_req *q = &p->req;

	return !p->doubt && (q->tries == 0 ||
	    (q->status >= 300 && q->status < 500));
}

static bool
answer(struct s3_req *q)
{
	struct s3_put *p = put_of(q);

	switch (p->step) {
	case LOOK:
	case LOOK_AGAIN:
		return looked(p);
	case TAKE_BACK:
		if (q->r == 0) {
			p->made = S3_NOT_MADE;
			q->r = s3_sse_refuse(q->s3, p->said_sse, &q->err);
		} else {
			err_add(&q->err, "it was not encrypted, and is still "
			    "there");
		}
		return false;
	}
	p->doubt = q->tries > 1 || q->call.resent;
	p->made = refused(p) ? S3_NOT_MADE : S3_UNSURE;
	if (q->r < 0 && p->once && (q->status == 412 ||
	    (q->status == 409 && str_starts(q->error.code, "FileAlready")))) {
		/* it may be ours: from a try before, or because curl or
		 * somebody on the way sent it twice */
		p->made = S3_UNSURE;
		return next(q, LOOK, "HEAD");
	}
	if (q->r == 0 && !s3_sse_done(q->s3, p->said_sse, p->said_key))
		return next(q, TAKE_BACK, "DELETE");
	if (q->r == 0 && p->etag[0] == '\0')
		q->r = err_set(&q->err, ERR_INPUT, "'%s' does not say what it "
		    "stored", q->s3->host);
	if (q->r == 0)
		p->made = S3_MADE;
	return false;
}

/* --- putting ----------------------------------------------------------- */

/* "name: value" of the preset */
static void
add_once(struct s3_req *q)
{
	strv_add(&q->headers, q->s3->preset->once);
}

static int
fill(struct s3 *s, struct s3_put *p)
{
	struct s3_object_with w = { p->type, p->sum, p->meta, p->tags,
	    p->class };
	struct s3_req *q = &p->req;
	uint8_t sum[HASH_LEN];

	if (p->sha256 != NULL)
		memcpy(sum, p->sha256, sizeof sum);
	else if (s3_req_hash(&p->body, sum, &q->err) < 0)
		return -1;
	hex_encode(p->sum, sum, sizeof sum);
	s3_req_payload(q, sum);
	q->body = p->body;
	if (q->body.read == NULL)
		q->body = s3_from_mem("", 0);
	if (p->once)
		add_once(q);
	return s3_object_ask(s, q, &w, &q->err);
}

void
s3_put(struct s3 *s, struct s3_put *p)
{
	struct s3_req *q = &p->req;

	s3_req_prepare(s, q, "put", "PUT", p->key);
	p->step = PUT;
	p->made = S3_NOT_MADE;
	p->doubt = false;
	q->begin = begin;
	q->head = head;
	q->answer = answer;
	if (fill(s, p) < 0)
		s3_req_refuse(q);
	else
		s3_req_start(q);
}
