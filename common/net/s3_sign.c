/*
 * One try of a request: where it goes, what it says, who says it.
 */
#include "net/s3_client.h"

#include "base/alloc.h"
#include "net/s3_key.h"

#include <string.h>

static void
add(struct strv *to, const char *name, const char *value)
{
	struct buf b = BUF_INIT;

	buf_adds(&b, name);
	buf_adds(&b, ": ");
	buf_adds(&b, value);
	strv_add(to, b.p);
	buf_wipe(&b);
}

void
s3_headers_wipe(struct strv *v)
{
	size_t i;

	for (i = 0; i < v->n; i++)
		mem_wipe(v->v[i], strlen(v->v[i]));
	strv_release(v);
}

static void
path_of(const struct s3 *s, const char *key, struct buf *b)
{
	buf_adds(b, s->path);
	buf_addc(b, '/');
	if (key != NULL)
		sigv4_escape(b, key, strlen(key), true);
}

int
s3_sign(struct s3 *s, struct s3_req *q, struct err *e)
{
	struct buf path = BUF_INIT, query = BUF_INIT, auth = BUF_INIT;
	struct sigv4_request r = { .method = q->method,
	    .headers = &q->sent, .payload = q->payload };
	char time[SIGV4_TIME];
	size_t i;

	if (s3_renew(s, false, e) < 0)
		return -1;
	q->signed_by = s->renewals;
	r.time_ms = s3_clock(s);
	sigv4_time(time, r.time_ms);
	s3_headers_wipe(&q->sent);
	add(&q->sent, "host", s->host);
	for (i = 0; i < q->headers.n; i++)
		strv_add(&q->sent, q->headers.v[i]);
	add(&q->sent, "x-amz-content-sha256", q->payload);
	add(&q->sent, "x-amz-date", time);
	if (s->sign.token != NULL)
		add(&q->sent, "x-amz-security-token", s->sign.token);
	path_of(s, q->key, &path);
	sigv4_query(&query, &q->query);
	r.path = path.p;
	r.query = query.p;
	sigv4_header(&s->sign, &r, &auth);
	add(&q->sent, "authorization", auth.p);
	buf_reset(&q->url);
	buf_adds(&q->url, s->origin);
	buf_adds(&q->url, path.p);
	if (query.len > 0) {
		buf_addc(&q->url, '?');
		buf_adds(&q->url, query.p);
	}
	buf_release(&path);
	buf_release(&query);
	buf_release(&auth);
	return 0;
}

int
s3_presign(struct s3 *s, const char *key, int seconds, struct buf *out,
    struct err *e)
{
	struct sigv4_request r = { .method = "GET",
	    .payload = SIGV4_UNSIGNED, .query = "" };
	struct strv headers = STRV_INIT, none = STRV_INIT;
	struct buf path = BUF_INIT;
	const char *why = s3_key_wrong(key, strlen(key));

	if (why != NULL)
		return err_set(e, ERR_USAGE, "'%.200s' is no name of an "
		    "object: %s", key, why);
	if (s3_renew(s, false, e) < 0)
		return -1;
	r.time_ms = s3_clock(s);
	add(&headers, "host", s->host);
	path_of(s, key, &path);
	r.headers = &headers;
	r.path = path.p;
	buf_adds(out, s->origin);
	buf_adds(out, path.p);
	buf_addc(out, '?');
	sigv4_presign(&s->sign, &r, &none, seconds, out);
	strv_release(&headers);
	buf_release(&path);
	return 0;
}
