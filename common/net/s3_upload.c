#include "net/s3_upload.h"

#include "base/alloc.h"
#include "net/s3_client.h"
#include "net/s3_object.h"
#include "net/s3_upload_part.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT_ONCE 4

/* --- beginning and ending ---------------------------------------------- */

struct create {
	struct s3_req req;
	struct buf *id;			/* borrowed */
	char sse[32], key[256];
};

static int
create_head(struct s3_req *q, const char *name, const char *value,
    struct err *e)
{
	struct create *c = (struct create *)(void *)q;

	(void)e;
	s3_sse_head(name, value, c->sse, c->key);
	return 0;
}

static bool
created(struct s3_req *q)
{
	struct create *c = (struct create *)(void *)q;

	if (q->r == 0)
		q->r = s3_xml_upload_id(q->reply.p, q->reply.len, c->id,
		    &q->err);
	if (q->r == 0 && c->sse[0] != '\0' &&
	    !s3_sse_done(q->s3, c->sse, c->key))
		q->r = s3_sse_refuse(q->s3, c->sse, &q->err);
	return false;
}

static int
create(struct s3 *s, struct s3_upload *u, struct buf *id, struct err *e)
{
	struct s3_object_with w = { u->type, u->sum, u->meta, u->tags,
	    u->class };
	struct create c = { .id = id };
	struct err ignored;	/* the first one says more */
	int r;

	s3_req_prepare(s, &c.req, "begin to put", "POST", u->key);
	s3_req_query(&c.req, "uploads", "");
	c.req.body = s3_from_mem("", 0);
	c.req.head = create_head;
	c.req.answer = created;
	if (s3_object_ask(s, &c.req, &w, &c.req.err) < 0)
		s3_req_refuse(&c.req);
	else
		s3_req_start(&c.req);
	r = s3_wait(s, &c.req, e);
	u->unsaid = s->sse != S3_SSE_NONE && c.sse[0] == '\0';
	if (r < 0 && id->len > 0)
		s3_upload_abort(s, u->key, id->p, &ignored);
	return r;
}

static bool
aborted(struct s3_req *q)
{
	if (q->r < 0 && q->status == 404)
		q->r = 0;
	return false;
}

int
s3_upload_abort(struct s3 *s, const char *key, const char *id, struct err *e)
{
	struct s3_req q = { .done = NULL };

	s3_req_prepare(s, &q, "abort the upload of", "DELETE", key);
	s3_req_query(&q, "uploadId", id);
	q.answer = aborted;
	s3_req_start(&q);
	return s3_wait(s, &q, e);
}

struct complete {
	struct s3_req req;
	struct s3_upload *u;
};

static int
complete_head(struct s3_req *q, const char *name, const char *value,
    struct err *e)
{
	struct s3_upload *u = ((struct complete *)(void *)q)->u;

	(void)e;
	if (str_same(name, "x-amz-version-id"))
		s3_copy(u->version, sizeof u->version, value);
	return 0;
}

static bool
completed(struct s3_req *q)
{
	struct s3_upload *u = ((struct complete *)(void *)q)->u;
	int r;

	if (q->r < 0)
		return false;
	r = s3_xml_completed(q->reply.p, q->reply.len, u->etag, &q->err);
	if (r == 0) {		/* its 200 was sent before it failed */
		s3_xml_error(q->reply.p, q->reply.len, &q->error);
		s3_req_fail(q);
		q->err.code = ERR_NET;
	}
	q->r = r == 1 ? 0 : -1;
	return false;
}

/* Is the object that is there ours?  1, 0 it is not, -1. */
static int
is_ours(struct s3 *s, struct s3_upload *u, struct err *e)
{
	struct s3_head h = { .key = u->key };
	int r;

	s3_head(s, &h);
	if ((r = s3_wait(s, &h.req, e)) == 0)
		r = str_eq(h.object.sha256, u->sum) &&
		    h.object.size == u->body.len;
	else if (e->code == ERR_ABSENT)
		r = 0;
	if (r == 1) {
		memcpy(u->etag, h.object.etag, sizeof u->etag);
		memcpy(u->version, h.object.version, sizeof u->version);
	}
	s3_object_release(&h.object);
	return r;
}

static int
complete(struct s3 *s, struct s3_upload *u, const char *id,
    const struct s3_part *parts, struct err *e)
{
	struct complete c = { .u = u };
	struct buf xml = BUF_INIT;
	struct err ignored;	/* then the first one counts */
	uint8_t sum[HASH_LEN];
	int i, r;

	buf_adds(&xml, "<CompleteMultipartUpload>");
	for (i = 0; i < u->parts; i++) {
		buf_addf(&xml, "<Part><PartNumber>%d</PartNumber><ETag>\"",
		    i + 1);
		s3_xml_escape(&xml, parts[i].etag);
		buf_adds(&xml, "\"</ETag></Part>");
	}
	buf_adds(&xml, "</CompleteMultipartUpload>");
	s3_req_prepare(s, &c.req, "complete", "POST", u->key);
	s3_req_query(&c.req, "uploadId", id);
	s3_req_header(&c.req, "content-type", "application/xml");
	hash_mem(xml.p, xml.len, sum);
	s3_req_payload(&c.req, sum);
	c.req.body = s3_from_mem(xml.p, xml.len);
	c.req.head = complete_head;
	c.req.answer = completed;
	if (u->once)
		strv_add(&c.req.headers, s->preset->once);
	s3_req_start(&c.req);
	r = s3_wait(s, &c.req, e);
	u->moved = r < 0 && str_eq(c.req.error.code, "InvalidPart");
	/* the answer that it was done may have been lost */
	if (r < 0 && (e->code == ERR_ABSENT || e->code == ERR_NET ||
	    e->code == ERR_EXISTS) &&
	    is_ours(s, u, &ignored) == 1) {
		/* of somebody else's, who was first, ours is left */
		if (e->code == ERR_EXISTS)
			s3_upload_abort(s, u->key, id, &ignored);
		r = 0;
	}
	buf_release(&xml);
	return r;
}

/* What another upload began may bear another sum, what is silent about
 * encryption may not have done it, and Ceph says no ETag. */
static int
check_object(struct s3 *s, struct s3_upload *u, struct err *e)
{
	struct s3_head h = { .key = u->key };
	struct s3_delete d = { .key = u->key };
	struct err ignored;	/* why it is to be deleted says more */
	bool same, ours;
	int r;

	s3_head(s, &h);
	if ((r = s3_wait(s, &h.req, e)) < 0)
		return -1;
	same = str_eq(h.object.sha256, u->sum) &&
	    h.object.size == u->body.len;
	/* somebody else may have put another one since */
	ours = same || (u->etag[0] != '\0' &&
	    str_eq(u->etag, h.object.etag));
	if (!same)
		r = err_set(e, ERR_BUSY, "cannot put '%.150s': what was begun "
		    "there was something else; put it again", u->key);
	else if (!s3_sse_done(s, h.object.sse, h.object.sse_key))
		r = s3_sse_refuse(s, h.object.sse, e);
	memcpy(u->etag, h.object.etag, sizeof u->etag);
	if (same)
		memcpy(u->version, h.object.version, sizeof u->version);
	d.version = u->version;
	s3_object_release(&h.object);
	if (r < 0 && ours) {
		s3_delete(s, &d);
		s3_wait(s, &d.req, &ignored);
	}
	return r;
}

/* --- all of it --------------------------------------------------------- */

static uint64_t
part_size(const struct s3_upload *u)
{
	uint64_t size = u->part > 0 ? u->part : S3_PART_USUAL, mb = 1 << 20;

	if (size < S3_PART_LEAST)
		size = S3_PART_LEAST;
	if (u->body.len / size >= S3_PARTS)
		size = (u->body.len / S3_PARTS / mb + 1) * mb;
	return size;
}

static int
sum_of(struct s3_upload *u, struct err *e)
{
	uint8_t sum[HASH_LEN];

	if (u->sha256 != NULL)
		memcpy(sum, u->sha256, sizeof sum);
	else if (s3_req_hash(&u->body, sum, e) < 0)
		return -1;
	hex_encode(u->sum, sum, sizeof sum);
	return 0;
}

static int
send_all(struct s3 *s, struct s3_upload *u, const char *id, uint64_t size,
    struct err *e)
{
	struct s3_part *parts = xcalloc((size_t)u->parts, sizeof *parts);
	int r = 0;

	u->kept = 0;
	if (u->resume != NULL)
		r = s3_parts_there(s, u, id, size, parts, e);
	if (r == 0)
		r = s3_parts_send(s, u, id, size, parts, e);
	if (r == 0)
		r = complete(s, u, id, parts, e);
	free(parts);
	return r;
}

static int
go(struct s3 *s, struct s3_upload *u, const char *id, uint64_t size,
    struct err *e)
{
	int r = send_all(s, u, id, size, e);

	/* what was killed may still have had a part on its way when those that
	 * are there were listed */
	if (r < 0 && u->resume != NULL && u->moved)
		r = send_all(s, u, id, size, e);
	if (r == 0 && (u->resume != NULL || u->unsaid || u->etag[0] == '\0'))
		r = check_object(s, u, e);
	return r;
}

int
s3_upload(struct s3 *s, struct s3_upload *u, struct err *e)
{
	struct buf id = BUF_INIT;
	struct err ignored;	/* the first one says more */
	uint64_t size = part_size(u);
	int r = 0;

	if (u->body.len == 0)
		return err_set(e, ERR_USAGE, "nothing to put in parts");
	u->parts = (int)((u->body.len + size - 1) / size);
	u->kept = 0;
	u->etag[0] = u->version[0] = '\0';
	u->unsaid = s->sse != S3_SSE_NONE;
	if (u->at_once <= 0)
		u->at_once = AT_ONCE;
	if (sum_of(u, e) < 0)
		return -1;
	if (u->resume != NULL)
		buf_adds(&id, u->resume);
	else
		r = create(s, u, &id, e);
	if (r == 0 && u->begun != NULL)
		u->begun(u->arg, id.p);
	if (r == 0 && (r = go(s, u, id.p, size, e)) < 0 && !u->keep)
		s3_upload_abort(s, u->key, id.p, &ignored);
	buf_release(&id);
	return r;
}

/* --- those that are not completed -------------------------------------- */

struct uploads {
	struct s3_req req;
	const char *prefix;
	s3_found *fn;
	void *arg;
	struct s3_page next;
};

static bool
uploads_came(struct s3_req *q)
{
	struct uploads *u = (struct uploads *)(void *)q;

	if (q->r == 0)
		q->r = s3_xml_uploads(q->reply.p, q->reply.len, u->prefix,
		    u->fn, u->arg, &u->next, &q->err);
	return false;
}

int
s3_uploads(struct s3 *s, const char *prefix, s3_found *fn, void *arg,
    struct err *e)
{
	struct uploads u = { .prefix = prefix, .fn = fn, .arg = arg,
	    .next = { BUF_INIT, BUF_INIT } };
	struct buf last = BUF_INIT;
	int r;

	do {
		buf_reset(&last);
		buf_add(&last, u.next.token.p, u.next.token.len);
		buf_add(&last, u.next.upload_id.p, u.next.upload_id.len);
		s3_req_prepare(s, &u.req, "list uploads to", "GET", NULL);
		s3_req_query(&u.req, "uploads", "");
		s3_req_query(&u.req, "encoding-type", "url");
		if (prefix[0] != '\0')
			s3_req_query(&u.req, "prefix", prefix);
		if (u.next.token.len > 0) {
			s3_req_query(&u.req, "key-marker", u.next.token.p);
			s3_req_query(&u.req, "upload-id-marker",
			    u.next.upload_id.p);
		}
		u.req.answer = uploads_came;
		s3_req_start(&u.req);
		r = s3_wait(s, &u.req, e);
		if (r == 0 && u.next.token.len > 0 && last.len ==
		    u.next.token.len + u.next.upload_id.len &&
		    str_starts(last.p, u.next.token.p))
			r = err_set(e, ERR_INPUT, "'%s' lists the same again "
			    "and again", s->host);
	} while (r == 0 && u.next.token.len > 0);
	s3_page_release(&u.next);
	buf_release(&last);
	return r;
}
