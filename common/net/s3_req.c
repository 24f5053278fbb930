#include "net/s3_client.h"

#include "base/alloc.h"
#include "base/date.h"
#include "net/s3_key.h"

#include <stdlib.h>
#include <string.h>

#define STEP ((size_t)64 << 10)
#define TEXT_MAX 150		/* bytes of what a store says */
#define ERROR_MAX ((size_t)64 << 10)	/* bytes of an error's answer */
#define STEP_MS 1000

/* --- making one -------------------------------------------------------- */

void
s3_req_prepare(struct s3 *s, struct s3_req *q, const char *what,
    const char *method, const char *key)
{
	uint8_t empty[HASH_LEN];

	q->s3 = s;
	q->what = what;
	q->method = method;
	q->key = key;
	strv_release(&q->query);
	strv_release(&q->headers);
	memset(&q->body, 0, sizeof q->body);
	hash_mem(NULL, 0, empty);
	s3_req_payload(q, empty);
	q->head = NULL;
	q->take = NULL;
	q->begin = NULL;
	q->answer = NULL;
	q->region[0] = '\0';
	if (q->url.p == NULL)
		buf_init(&q->url);
	if (q->reply.p == NULL)
		buf_init(&q->reply);
}

static void
add_pair(struct strv *to, const char *name, const char *sep, const char *value)
{
	struct buf b = BUF_INIT;

	buf_adds(&b, name);
	buf_adds(&b, sep);
	buf_adds(&b, value);
	strv_add(to, b.p);
	buf_release(&b);
}

void
s3_req_query(struct s3_req *q, const char *name, const char *value)
{
	add_pair(&q->query, name, "=", value);
}

void
s3_req_header(struct s3_req *q, const char *name, const char *value)
{
	add_pair(&q->headers, name, ": ", value);
}

void
s3_req_payload(struct s3_req *q, const uint8_t sum[HASH_LEN])
{
	hex_encode(q->payload, sum, HASH_LEN);
}

int
s3_req_hash(const struct http_body *b, uint8_t out[HASH_LEN], struct err *e)
{
	char *room = xmalloc(STEP);
	struct hash h;
	uint64_t at = 0;
	ssize_t n = 0;
	int r = 0;

	hash_init(&h);
	while (r == 0 && at < b->len) {
		n = b->read(b->arg, room, b->len - at < STEP ?
		    (size_t)(b->len - at) : STEP, at, e);
		if (n == 0)
			r = err_set(e, ERR_INPUT, "what was to be sent is "
			    "shorter than it was");
		else if (n < 0)
			r = -1;
		else
			hash_add(&h, room, (size_t)n);
		at += n > 0 ? (uint64_t)n : 0;
	}
	hash_end(&h, out);
	free(room);
	return r;
}

bool
s3_req_bad_key(struct s3_req *q, const char *key)
{
	const char *why = s3_key_wrong(key, strlen(key));

	if (why == NULL)
		return false;
	err_set(&q->err, ERR_USAGE, "'%.200s' is no name of an object: %s",
	    key, why);
	return true;
}

/* --- its end ----------------------------------------------------------- */

bool
s3_req_good(const struct s3_req *q)
{
	return q->status >= 200 && q->status < 300;
}

/* What it calls wrong of the bytes themselves may be so, where they are of a
 * file that somebody writes; what else it does not take, it refuses. */
static enum err_code
code_of(const struct s3_req *q)
{
	static const char *const bytes[] = { "BadDigest", "InvalidDigest",
	    "XAmzContentSHA256Mismatch", "IncompleteBody", NULL };

	switch (q->status) {
	case 404:
		return ERR_ABSENT;
	case 409:
		return ERR_BUSY;
	case 412:
		return ERR_EXISTS;
	case 416:
		return ERR_INPUT;
	}
	if (q->status < 400 || s3_req_says(q, bytes))
		return ERR_INPUT;
	return s3_req_passes(q) ? ERR_NET : ERR_DENIED;
}

static const char *
remedy(const struct s3_req *q)
{
	if (str_eq(q->error.code, "NoSuchBucket"))
		return "; make the bucket, or name another one";
	if (str_eq(q->error.code, "RequestTimeTooSkewed"))
		return "; set the clock of this machine right";
	/* ExpiredToken and its like come with 400 */
	if (q->status == 401 || q->status == 403 ||
	    strstr(q->error.code, "Token") != NULL)
		return "; give credentials that are valid and may do this";
	return "";
}

int
s3_req_fail(struct s3_req *q)
{
	const struct s3_error *x = &q->error;
	size_t n = strlen(x->text);

	if (n > TEXT_MAX)
		n = TEXT_MAX;
	else if (n > 0 && x->text[n - 1] == '.')
		n--;
	err_set(&q->err, code_of(q), "'%s' answered with status %d%s%s"
	    "%s%.*s%s", q->s3->host, q->status, x->code[0] != '\0' ? " " : "",
	    x->code, n > 0 ? ": " : "", (int)n, x->text, remedy(q));
	s3_cred_hide(&q->s3->cred, q->err.msg);
	return -1;
}

static void
release(struct s3_req *q)
{
	strv_release(&q->query);
	strv_release(&q->headers);
	s3_headers_wipe(&q->sent);
	buf_release(&q->url);
	buf_release(&q->reply);
}

static void
unlink_req(struct s3_req *q)
{
	struct s3_req **p = &q->s3->first;

	while (*p != q)
		p = &(*p)->next;
	*p = q->next;
	if (q->s3->last == &q->next)
		q->s3->last = p;
	q->s3->n--;
	q->state = S3_IDLE;
}

static void
finish(struct s3_req *q)
{
	if (q->answer != NULL && q->answer(q))
		return;
	if (q->r < 0 && q->key != NULL)
		err_add(&q->err, "cannot %s '%.150s'", q->what, q->key);
	else if (q->r < 0)
		err_add(&q->err, "cannot %s '%s'", q->what, q->s3->bucket);
	if (q->r == 0 && q->tries == 1)
		retry_earn(&q->s3->budget);
	release(q);
	unlink_req(q);
	q->s3->ended++;
	if (q->done != NULL)
		q->done(q);
}

void
s3_req_wait(struct s3_req *q, int64_t at)
{
	q->at = at;
	q->state = S3_WAITS;
}

/* --- one try ----------------------------------------------------------- */

static int
on_head(struct http_call *call, const char *name, const char *value,
    struct err *e)
{
	struct s3_req *q = call->arg;

	if (str_same(name, "date"))
		q->server_ms = http_date(value);
	else if (str_same(name, "x-amz-bucket-region"))
		s3_copy(q->region, sizeof q->region, value);
	q->status = call->status;
	if (q->head != NULL && s3_req_good(q))
		return q->head(q, name, value, e);
	return 0;
}

static int
on_take(struct http_call *call, const void *p, size_t n, struct err *e)
{
	struct s3_req *q = call->arg;
	size_t most;

	q->status = call->status;
	if (q->take != NULL && s3_req_good(q))
		return q->take(q, p, n, e);
	most = s3_req_good(q) ? S3_XML_MAX : ERROR_MAX;
	if (n > most - q->reply.len)
		return err_set(e, ERR_INPUT, "'%s' answered with more than "
		    "%zu bytes", q->s3->host, most);
	buf_add(&q->reply, p, n);
	return 0;
}

static void
on_answer(struct s3_req *q)
{
	int r;

	if (!s3_req_good(q))
		s3_xml_error(q->reply.p, q->reply.len, &q->error);
	if (!s3_req_good(q) && s3_req_passes(q)) {
		q->r = s3_req_fail(q);
		if (s3_req_later(q, false))
			return;
	} else if (!s3_req_good(q)) {
		q->r = s3_req_fail(q);
		if ((r = s3_req_move(q)) == 1 || (r == 0 && s3_req_right(q))) {
			s3_req_wait(q, 0);
			return;
		}
	} else {
		q->r = 0;
	}
	finish(q);
}

static void
on_done(struct http_call *call)
{
	struct s3_req *q = call->arg;

	q->s3->asking--;
	q->status = call->status;
	if (call->end == HTTP_ANSWERED) {
		on_answer(q);
		return;
	}
	q->status = 0;
	q->r = -1;
	q->err = call->err;
	if (call->end == HTTP_FAILED ||
	    !s3_req_later(q, call->end == HTTP_LATE))
		finish(q);
}

static void
ask(struct s3_req *q)
{
	struct s3 *s = q->s3;
	int64_t left = q->until - date_monotonic();

	q->status = 0;
	q->server_ms = 0;
	memset(&q->error, 0, sizeof q->error);
	buf_reset(&q->reply);
	q->tries++;
	if (q->begin != NULL)
		q->begin(q);
	if (s3_sign(s, q, &q->err) < 0) {
		q->r = -1;
		finish(q);
		return;
	}
	memset(&q->call, 0, sizeof q->call);
	q->call.method = q->method;
	q->call.url = q->url.p;
	q->call.headers = &q->sent;
	q->call.body = q->body;
	q->call.wait_ms = left < 1 ? 1 : (int)left;
	q->call.head = on_head;
	q->call.take = on_take;
	q->call.done = on_done;
	q->call.arg = q;
	q->state = S3_ASKS;
	s->asking++;
	http_start(s->http, &q->call);
}

void
s3_req_again(struct s3_req *q)
{
	q->r = 0;
	q->tries = 0;
	q->moved = q->clocked = q->renewed = false;
	s3_req_wait(q, 0);
}

void
s3_req_start(struct s3_req *q)
{
	struct s3 *s = q->s3;

	s3_req_again(q);
	q->until = date_monotonic() + (q->wait_ms > 0 ? q->wait_ms :
	    s->wait_ms);
	q->next = NULL;
	*s->last = q;
	s->last = &q->next;
	s->n++;
	if (q->key != NULL && s3_req_bad_key(q, q->key)) {
		q->r = -1;
		q->answer = NULL;
	}
}

void
s3_req_refuse(struct s3_req *q)
{
	s3_req_start(q);
	q->r = -1;
	q->answer = NULL;
}

void
s3_req_drop(struct s3_req *q)
{
	if (q->state == S3_IDLE)
		return;
	if (q->state == S3_ASKS) {
		http_stop(&q->call);
		q->s3->asking--;
	}
	release(q);
	unlink_req(q);
}

/* --- all of them ------------------------------------------------------- */

/* Starts those whose time has come; *wait_ms until the next one's.  One that
 * ends here may have begun others: then there is nothing to wait for. */
static void
start_due(struct s3 *s, int *wait_ms)
{
	int64_t now = date_monotonic();
	struct s3_req *q, *next;
	unsigned ended = s->ended;

	/* one that waits longer waits for a free place, too */
	for (q = s->first; q != NULL && s->asking < s->at_once; q = next) {
		next = q->next;
		if (q->state != S3_WAITS)
			continue;
		if (q->r < 0 && q->tries == 0)
			finish(q);		/* refused */
		else if (q->at <= now)
			ask(q);
		else if (q->at - now < *wait_ms)
			*wait_ms = (int)(q->at - now);
	}
	if (s->ended != ended)
		*wait_ms = 0;
}

int
s3_step(struct s3 *s, int wait_ms, struct err *e)
{
	if (s->stop != NULL && *s->stop)
		return err_set(e, ERR_BUSY, "interrupted");
	start_due(s, &wait_ms);
	if (http_step(s->http, s->n > 0 ? wait_ms : 0, e) < 0)
		return -1;
	return s->n;
}

int
s3_wait(struct s3 *s, struct s3_req *q, struct err *e)
{
	while (q->state != S3_IDLE)
		if (s3_step(s, STEP_MS, e) < 0) {
			s3_req_drop(q);
			return -1;
		}
	if (q->r < 0)
		*e = q->err;
	return q->r;
}
