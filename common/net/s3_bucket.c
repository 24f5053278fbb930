/*
 * Several objects by one request, tags, and the bucket itself.
 */
#include "net/s3_client.h"

#include "base/hash.h"

#include <string.h>

/* XML as a body, with the two sums that stores ask for. */
static void
set_xml(struct s3_req *q, const struct buf *xml)
{
	char text[4 * (MD5_LEN + 2) / 3 + 2];
	uint8_t sum[MD5_LEN], sha[HASH_LEN];
	struct md5 m;

	md5_init(&m);
	md5_add(&m, xml->p, xml->len);
	md5_end(&m, sum);
	base64_encode(text, sum, sizeof sum);
	hash_mem(xml->p, xml->len, sha);
	s3_req_payload(q, sha);
	s3_req_header(q, "content-md5", text);
	s3_req_header(q, "content-type", "application/xml");
	q->body = s3_from_mem(xml->p, xml->len);
}

/* --- deleting several -------------------------------------------------- */

static struct s3_delete_all *
delete_of(struct s3_req *q)
{
	return (struct s3_delete_all *)(void *)q;
}

static int
failed(void *arg, const char *key, const char *code, struct err *e)
{
	struct s3_delete_all *d = arg;

	if (str_eq(code, "NoSuchKey"))
		return 0;
	if (d->failed == NULL)
		return err_set(e, str_eq(code, "AccessDenied") ? ERR_DENIED :
		    ERR_NET, "'%.200s': %.60s", key, code);
	d->failed(d->arg, key, code);
	return 0;
}

static bool
all_deleted(struct s3_req *q)
{
	struct s3_delete_all *d = delete_of(q);

	if (q->r == 0)
		q->r = s3_xml_not_deleted(q->reply.p, q->reply.len, failed, d,
		    &q->err);
	buf_release(&d->xml);
	return false;
}

void
s3_delete_all(struct s3 *s, struct s3_delete_all *d)
{
	struct s3_req *q = &d->req;
	size_t i;

	s3_req_prepare(s, q, "delete from", "POST", NULL);
	buf_init(&d->xml);
	if (d->keys->n > S3_DELETE_MAX) {
		err_set(&q->err, ERR_USAGE, "more than %d at once",
		    S3_DELETE_MAX);
		s3_req_refuse(q);
		return;
	}
	buf_adds(&d->xml, "<Delete><Quiet>true</Quiet>");
	for (i = 0; i < d->keys->n; i++) {
		if (s3_req_bad_key(q, d->keys->v[i])) {
			buf_release(&d->xml);
			s3_req_refuse(q);
			return;
		}
		buf_adds(&d->xml, "<Object><Key>");
		s3_xml_escape(&d->xml, d->keys->v[i]);
		buf_adds(&d->xml, "</Key></Object>");
	}
	buf_adds(&d->xml, "</Delete>");
	s3_req_query(q, "delete", "");
	set_xml(q, &d->xml);
	q->answer = all_deleted;
	s3_req_start(q);
}

/* --- tags -------------------------------------------------------------- */

struct tags {
	struct s3_req req;
	struct strv *out;
};

static bool
tags_came(struct s3_req *q)
{
	struct tags *t = (struct tags *)(void *)q;

	if (q->r == 0)
		q->r = s3_xml_tags(q->reply.p, q->reply.len, t->out, &q->err);
	return false;
}

int
s3_tags_get(struct s3 *s, const char *key, struct strv *out, struct err *e)
{
	struct tags t = { .out = out };

	s3_req_prepare(s, &t.req, "read the tags of", "GET", key);
	s3_req_query(&t.req, "tagging", "");
	t.req.answer = tags_came;
	s3_req_start(&t.req);
	return s3_wait(s, &t.req, e);
}

int
s3_tags_put(struct s3 *s, const char *key, const struct strv *tags,
    struct err *e)
{
	struct s3_req q = { .done = NULL };
	struct buf xml = BUF_INIT;
	size_t i;
	int r;

	buf_adds(&xml, "<Tagging><TagSet>");
	for (i = 0; i + 1 < tags->n; i += 2) {
		buf_adds(&xml, "<Tag><Key>");
		s3_xml_escape(&xml, tags->v[i]);
		buf_adds(&xml, "</Key><Value>");
		s3_xml_escape(&xml, tags->v[i + 1]);
		buf_adds(&xml, "</Value></Tag>");
	}
	buf_adds(&xml, "</TagSet></Tagging>");
	s3_req_prepare(s, &q, "tag", "PUT", key);
	s3_req_query(&q, "tagging", "");
	set_xml(&q, &xml);
	s3_req_start(&q);
	r = s3_wait(s, &q, e);
	buf_release(&xml);
	return r;
}

/* --- the bucket -------------------------------------------------------- */

int
s3_bucket_there(struct s3 *s, struct err *e)
{
	struct s3_req q = { .done = NULL };

	s3_req_prepare(s, &q, "look at", "HEAD", NULL);
	s3_req_start(&q);
	if (s3_wait(s, &q, e) == 0)
		return 1;
	return e->code == ERR_ABSENT ? 0 : -1;
}

static bool
made(struct s3_req *q)
{
	if (q->r < 0 && str_eq(q->error.code, "BucketAlreadyOwnedByYou"))
		q->r = 0;
	return false;
}

int
s3_bucket_make(struct s3 *s, struct err *e)
{
	struct s3_req q = { .done = NULL };
	struct buf xml = BUF_INIT;
	int r;

	s3_req_prepare(s, &q, "make", "PUT", NULL);
	q.answer = made;
	/* the first region has no name there (CreateBucket) */
	if (!str_eq(s->region, "us-east-1"))
		buf_addf(&xml, "<CreateBucketConfiguration>"
		    "<LocationConstraint>%s</LocationConstraint>"
		    "</CreateBucketConfiguration>", s->region);
	set_xml(&q, &xml);
	s3_req_start(&q);
	r = s3_wait(s, &q, e);
	buf_release(&xml);
	return r;
}
