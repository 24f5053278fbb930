#include "net/post.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/str.h"
#include "net/http.h"
#include "net/retry.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FIRST_MS 500
#define LEAST_MS 200		/* not worth a try any more */

struct post {
	struct http *http;	/* own */
	char *url, *host;	/* own; host for messages */
	struct strv headers;	/* own; one may hold the key */
	size_t most;
	void (*again)(void *, const char *, int);
	void *arg;
	const char *json;	/* borrowed, during a try */
	struct buf *body;	/* borrowed, during a try */
};

static int
check_url(struct post *p, const struct post_how *how, struct err *e)
{
	struct http_url u = { .host = NULL };
	int r = http_url_parse(&u, how->url, e);

	if (r == 0 && how->key != NULL && !u.tls && !u.local)
		r = err_set(e, ERR_DENIED, "a key is not sent to '%s' by "
		    "http, where others can read it; use https", u.host);
	if (r == 0) {
		p->url = xstrdup(how->url);
		p->host = u.host;
		u.host = NULL;
	}
	http_url_release(&u);
	return r;
}

static int
add_key(struct post *p, const char *key, struct err *e)
{
	struct buf line = BUF_INIT;
	const char *c;

	for (c = key; *c != '\0'; c++)
		if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f)
			return err_set(e, ERR_INPUT, "the key holds a blank or "
			    "a character that no key has");
	buf_adds(&line, "Authorization: Bearer ");
	buf_adds(&line, key);
	strv_add(&p->headers, line.p);
	buf_wipe(&line);
	return 0;
}

int
post_open(struct post **out, const struct post_how *how, struct err *e)
{
	struct http_how http = { .ca_file = how->ca_file, .unpack = true };
	struct post *p = xcalloc(1, sizeof *p);
	int r;

	p->most = how->most;
	p->again = how->again;
	p->arg = how->arg;
	strv_add(&p->headers, "Content-Type: application/json");
	strv_add(&p->headers, "Accept: application/json");
	r = check_url(p, how, e);
	if (r == 0 && how->key != NULL)
		r = add_key(p, how->key, e);
	if (r == 0)
		r = http_open(&p->http, &http, e);
	if (r < 0) {
		post_free(p);
		return -1;
	}
	*out = p;
	return 0;
}

void
post_free(struct post *p)
{
	size_t i;

	if (p == NULL)
		return;
	http_free(p->http);
	for (i = 0; i < p->headers.n; i++)
		mem_wipe(p->headers.v[i], strlen(p->headers.v[i]));
	strv_release(&p->headers);
	free(p->url);
	free(p->host);
	free(p);
}

/* --- a try ------------------------------------------------------------- */

static ssize_t
give(void *arg, void *to, size_t n, uint64_t at, struct err *e)
{
	const struct post *p = arg;

	(void)e;
	memcpy(to, p->json + at, n);
	return (ssize_t)n;
}

static int
take(struct http_call *call, const void *from, size_t n, struct err *e)
{
	struct post *p = call->arg;

	if (p->body->len > p->most || n > p->most - p->body->len)
		return err_set(e, ERR_INPUT, "'%s' answered with more than "
		    "%zu bytes", p->host, p->most);
	buf_add(p->body, from, n);
	return 0;
}

static void
done(struct http_call *call)
{
	(void)call;
}

/* 1 an answer; 0 it may be better the next time, -1 it will not: the call's
 * err says why. */
static int
try(struct post *p, struct http_call *call)
{
	buf_reset(p->body);
	http_run(p->http, call);
	if (call->end == HTTP_FAILED)
		return -1;
	if (call->end != HTTP_ANSWERED)
		return 0;
	if (!retry_status(call->status))
		return 1;
	err_set(&call->err, ERR_NET, "'%s' answered with status %d", p->host,
	    call->status);
	return 0;
}

static void
nap(int64_t ms)
{
	struct timespec t = { (time_t)(ms / 1000),
	    (long)(ms % 1000) * 1000000 };

	nanosleep(&t, NULL);
}

static int
try_until(struct post *p, struct http_call *call, int64_t until, int tries)
{
	int64_t left, ms;
	int r, tried = 0;

	for (;;) {
		left = until - date_monotonic();
		call->wait_ms = left < 1 ? 1 : (int)left;
		if ((r = try(p, call)) != 0)
			return r < 0 ? -1 : call->status;
		ms = retry_ms(++tried, FIRST_MS, call->after_s);
		if (tried == tries)
			return err_add(&call->err, "tried %d times", tried);
		if (date_monotonic() + ms + LEAST_MS >= until) {
			if (call->after_s > 0)
				return err_add(&call->err, "it asks to wait "
				    "%lld seconds", (long long)call->after_s);
			return tried > 1 ? err_add(&call->err,
			    "tried %d times", tried) : -1;
		}
		if (p->again != NULL)
			p->again(p->arg, call->err.msg, (int)ms);
		nap(ms);
	}
}

int
post_json(struct post *p, const char *json, size_t len, int wait_ms,
    int tries, struct buf *body, struct err *e)
{
	struct http_call call = { .method = "POST", .url = p->url,
	    .headers = &p->headers, .body = { give, p, len }, .take = take,
	    .done = done, .arg = p };
	int r;

	p->json = json;
	p->body = body;
	r = try_until(p, &call, date_monotonic() + wait_ms, tries);
	p->json = NULL;
	p->body = NULL;
	if (r < 0)
		*e = call.err;
	return r;
}
