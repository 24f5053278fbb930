#include "net/s3_upload_part.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "net/s3_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP ((size_t)64 << 10)
#define STEP_MS 1000

/* A window on the body. */
struct window {
	const struct http_body *of;
	uint64_t from;
};

static ssize_t
read_window(void *arg, void *to, size_t n, uint64_t at, struct err *e)
{
	const struct window *w = arg;

	return w->of->read(w->of->arg, to, n, w->from + at, e);
}

static uint64_t
part_len(const struct s3_upload *u, uint64_t size, int i)
{
	uint64_t from = (uint64_t)i * size;

	return u->body.len - from < size ? u->body.len - from : size;
}

/* --- those that are there ---------------------------------------------- */

struct there {
	struct s3_req req;
	struct s3_upload *u;
	struct s3_part *parts;
	uint64_t size;
	int next;
};

static int
md5_of(const struct http_body *b, char hex[2 * MD5_LEN + 1], struct err *e)
{
	char *room = xmalloc(STEP);
	uint8_t sum[MD5_LEN];
	struct md5 m;
	uint64_t at = 0;
	ssize_t n = 1;

	md5_init(&m);
	for (; n > 0 && at < b->len; at += (uint64_t)n) {
		n = b->read(b->arg, room, b->len - at < STEP ?
		    (size_t)(b->len - at) : STEP, at, e);
		if (n > 0)
			md5_add(&m, room, (size_t)n);
		else if (n == 0)
			n = err_set(e, ERR_INPUT, "what was to be sent is "
			    "shorter than it was");
	}
	md5_end(&m, sum);
	hex_encode(hex, sum, sizeof sum);
	free(room);
	return n < 0 ? -1 : 0;
}

/* Its ETag is the MD5 of its bytes, but where the store encrypts with a key
 * of its KMS; then it is sent again. */
static int
part_there(void *arg, const struct s3_part *part, struct err *e)
{
	struct there *t = arg;
	int i = part->number - 1;
	struct window w = { &t->u->body, (uint64_t)i * t->size };
	struct http_body b = { read_window, &w, 0 };
	char hex[2 * MD5_LEN + 1];

	if (i < 0 || i >= t->u->parts || t->parts[i].etag[0] != '\0' ||
	    part->size != part_len(t->u, t->size, i))
		return 0;
	b.len = part->size;
	if (md5_of(&b, hex, e) < 0)
		return -1;
	if (str_same(hex, part->etag)) {
		t->parts[i] = *part;
		t->u->kept++;
	}
	return 0;
}

static bool
parts_came(struct s3_req *q)
{
	struct there *t = (struct there *)(void *)q;
	int last = t->next;

	if (q->r == 0)
		q->r = s3_xml_parts(q->reply.p, q->reply.len, part_there, t,
		    &t->next, &q->err);
	if (q->r == 0 && t->next != 0 && t->next <= last)
		q->r = err_set(&q->err, ERR_INPUT, "'%s' lists the same again "
		    "and again", q->s3->host);
	return false;
}

int
s3_parts_there(struct s3 *s, struct s3_upload *u, const char *id,
    uint64_t size, struct s3_part *parts, struct err *e)
{
	struct there t = { .u = u, .parts = parts, .size = size };
	char after[16];
	int r;

	do {
		s3_req_prepare(s, &t.req, "list the parts of", "GET", u->key);
		s3_req_query(&t.req, "uploadId", id);
		snprintf(after, sizeof after, "%d", t.next);
		if (t.next > 0)
			s3_req_query(&t.req, "part-number-marker", after);
		t.req.answer = parts_came;
		s3_req_start(&t.req);
		r = s3_wait(s, &t.req, e);
	} while (r == 0 && t.next > 0);
	return r;
}

/* --- sending ----------------------------------------------------------- */

struct sending {
	struct s3_req req;
	struct window window;
	struct s3_upload *u;
	struct s3_part *part;
	uint64_t len;
	char sse[32], key[256];
};

static void
part_begin(struct s3_req *q)
{
	struct sending *p = (struct sending *)(void *)q;

	p->part->etag[0] = p->sse[0] = p->key[0] = '\0';
}

static int
part_head(struct s3_req *q, const char *name, const char *value,
    struct err *e)
{
	struct sending *p = (struct sending *)(void *)q;

	(void)e;
	if (str_same(name, "etag"))
		s3_copy(p->part->etag, sizeof p->part->etag, value);
	s3_sse_head(name, value, p->sse, p->key);
	return 0;
}

static bool
part_sent(struct s3_req *q)
{
	struct sending *p = (struct sending *)(void *)q;

	if (q->r == 0 && p->part->etag[0] == '\0')
		q->r = err_set(&q->err, ERR_INPUT, "'%s' does not say what it "
		    "stored", q->s3->host);
	if (q->r == 0 && p->u->unsaid && !s3_sse_done(q->s3, p->sse, p->key))
		q->r = s3_sse_refuse(q->s3, p->sse, &q->err);
	if (q->r == 0 && p->u->sent != NULL)
		p->u->sent(p->u->arg, p->len);
	return false;
}

static int
send_part(struct s3 *s, struct s3_upload *u, const char *id, uint64_t size,
    int i, struct s3_part *part, struct sending *p, struct err *e)
{
	struct s3_req *q = &p->req;
	uint8_t sum[HASH_LEN];
	char number[16];

	p->u = u;
	p->part = part;
	p->len = part_len(u, size, i);
	p->window.of = &u->body;
	p->window.from = (uint64_t)i * size;
	s3_req_prepare(s, q, "put a part of", "PUT", u->key);
	snprintf(number, sizeof number, "%d", i + 1);
	s3_req_query(q, "partNumber", number);
	s3_req_query(q, "uploadId", id);
	q->body.read = read_window;
	q->body.arg = &p->window;
	q->body.len = p->len;
	q->begin = part_begin;
	q->head = part_head;
	q->answer = part_sent;
	if (s3_req_hash(&q->body, sum, e) < 0)
		return -1;
	s3_req_payload(q, sum);
	s3_req_start(q);
	return 0;
}

/* The next one that has to be sent, from i on. */
static int
next_part(const struct s3_upload *u, const struct s3_part *parts, int i)
{
	while (i < u->parts && parts[i].etag[0] != '\0')
		i++;
	return i;
}

/* After a failure those on their way are waited for: they are in our hands. */
static int
settle(struct s3 *s, struct sending *p, int n, int r, struct err *e)
{
	struct err first = { 0 }, why;
	int i;

	if (r < 0)
		first = *e;
	for (i = 0; i < n; i++)
		if (p[i].req.s3 != NULL && s3_wait(s, &p[i].req, &why) < 0 &&
		    r == 0) {
			r = -1;
			first = why;
		}
	if (r < 0)
		*e = first;
	return r;
}

int
s3_parts_send(struct s3 *s, struct s3_upload *u, const char *id,
    uint64_t size, struct s3_part *parts, struct err *e)
{
	int i = next_part(u, parts, 0), k, r = 0;
	struct sending *p = xcalloc((size_t)u->at_once, sizeof *p);

	while (i < u->parts && r >= 0) {
		for (k = 0; k < u->at_once && i < u->parts && r >= 0; k++) {
			if (p[k].req.state != S3_IDLE)
				continue;
			if (p[k].req.r < 0) {
				*e = p[k].req.err;
				r = -1;
				break;
			}
			r = send_part(s, u, id, size, i, &parts[i], &p[k], e);
			i = next_part(u, parts, i + 1);
		}
		if (r >= 0 && i < u->parts)
			r = s3_step(s, STEP_MS, e) < 0 ? -1 : 0;
	}
	r = settle(s, p, u->at_once, r, e);
	free(p);
	return r;
}
