#include "net/ask.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/json.h"
#include "base/utf8.h"
#include "net/retry.h"
#include "net/sigv4.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TRIES 3
#define FIRST_MS 500
#define PATIENCE_S 60		/* a longer Retry-After is not waited for */
#define STEP_MS 500		/* between looks at `stop` */
#define NAP_MS 50
#define REASON 200		/* bytes of what a server says */

struct ask {
	struct http *http;	/* own */
	char *url, *host;	/* own; host for messages */
	char *setting, *token;	/* own; token NULL: none */
	void (*again)(void *, const char *, int);
	void *arg;
	const volatile sig_atomic_t *stop;
	/* of the try at hand */
	const struct ask_req *req;
	struct buf *body;
	size_t got;
};

/* --- opening ----------------------------------------------------------- */

static int
check_url(struct ask *a, const struct ask_how *how, struct err *e)
{
	struct http_url u = { .host = NULL };
	size_t n = strlen(how->url);
	int r = 0;

	if (http_url_parse(&u, how->url, e) < 0)
		return err_add(e, "%s", how->setting);
	if (!u.tls && !u.local && how->token != NULL)
		r = err_set(e, ERR_DENIED, "%s: a token is not sent to '%s' by "
		    "http, where others can read it; use https", how->setting,
		    u.host);
	else if (!u.tls && !u.local && !how->insecure)
		r = err_set(e, ERR_DENIED, "%s: '%s' is another machine and is "
		    "asked by http, where others can read and change what is "
		    "sent; use https", how->setting, u.host);
	while (n > 0 && how->url[n - 1] == '/')
		n--;
	a->url = xstrndup(how->url, n);
	a->host = u.host;
	u.host = NULL;
	http_url_release(&u);
	return r;
}

static int
check_token(struct ask *a, const char *token, struct err *e)
{
	const char *c;

	if (*token == '\0')
		return err_set(e, ERR_INPUT, "the token for %s is empty",
		    a->setting);
	for (c = token; *c != '\0'; c++)
		if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f)
			return err_set(e, ERR_INPUT, "the token for %s holds a "
			    "blank or a character that none has", a->setting);
	a->token = xstrdup(token);
	return 0;
}

int
ask_open(struct ask **out, const struct ask_how *how, struct err *e)
{
	struct http_how http = { .ca_file = how->ca_file };
	struct ask *a = xcalloc(1, sizeof *a);
	int r;

	a->setting = xstrdup(how->setting);
	a->again = how->again;
	a->arg = how->arg;
	a->stop = how->stop;
	r = check_url(a, how, e);
	if (r == 0 && how->token != NULL)
		r = check_token(a, how->token, e);
	if (r == 0)
		r = http_open(&a->http, &http, e);
	if (r < 0) {
		ask_free(a);
		return -1;
	}
	*out = a;
	return 0;
}

void
ask_free(struct ask *a)
{
	if (a == NULL)
		return;
	http_free(a->http);
	if (a->token != NULL)
		mem_wipe(a->token, strlen(a->token));
	free(a->token);
	free(a->setting);
	free(a->url);
	free(a->host);
	free(a);
}

void
ask_add(struct buf *path, const char *name, const char *value)
{
	buf_addc(path, strchr(path->p, '?') == NULL ? '?' : '&');
	buf_adds(path, name);
	buf_addc(path, '=');
	sigv4_escape(path, value, strlen(value), false);
}

static ssize_t
read_buf(void *arg, void *p, size_t n, uint64_t at, struct err *e)
{
	const struct buf *b = arg;

	(void)e;
	if (n > b->len - at)
		n = (size_t)(b->len - at);
	memcpy(p, b->p + at, n);
	return (ssize_t)n;
}

struct http_body
ask_body(struct buf *b)
{
	return (struct http_body){ read_buf, b, b->len };
}

/* --- a try ------------------------------------------------------------- */

static int
take(struct http_call *call, const void *p, size_t n, struct err *e)
{
	struct ask *a = call->arg;

	if (a->req->take != NULL && call->status / 100 == 2)
		return a->req->take(a->req->arg, p, n, e);
	if (n > a->req->most - a->got)
		return err_set(e, ERR_INPUT, "'%s' answers with more than %zu "
		    "bytes", a->host, a->req->most);
	a->got += n;
	buf_add(a->body, p, n);
	return 0;
}

/* Kubo says so at the end of an answer that broke off. */
static int
head(struct http_call *call, const char *name, const char *value,
    struct err *e)
{
	struct ask *a = call->arg;

	if (!str_same(name, "X-Stream-Error") || *value == '\0')
		return 0;
	return err_set(e, ERR_INPUT, "the answer of '%s' breaks off: %.*s",
	    a->host, (int)utf8_cut(value, strlen(value), REASON), value);
}

static void
done(struct http_call *call)
{
	(void)call;
}

static bool
stopped(const struct ask *a)
{
	return a->stop != NULL && *a->stop != 0;
}

static int
leave_off(struct err *e)
{
	return err_set(e, ERR_BUSY, "left off, as it was told to");
}

static int
run(struct ask *a, struct http_call *call, struct err *e)
{
	http_start(a->http, call);
	while (call->way != NULL) {
		if (stopped(a)) {
			http_stop(call);
			return leave_off(e);
		}
		if (http_step(a->http, STEP_MS, e) < 0) {
			http_stop(call);
			return -1;
		}
	}
	return 0;
}

/* 1 an answer, 0 it may be better the next time (the call's err), -1. */
static int
try(struct ask *a, struct http_call *call, struct err *e)
{
	buf_reset(a->body);
	a->got = 0;
	if (a->req->begin != NULL)
		a->req->begin(a->req->arg);
	if (run(a, call, e) < 0)
		return -1;
	if (call->end == HTTP_FAILED) {
		*e = call->err;
		return -1;
	}
	if (call->end != HTTP_ANSWERED)
		return 0;
	if (!retry_status(call->status) ||
	    (call->status == 500 && a->req->command))
		return 1;
	ask_refused(a, call->status, a->body, "request", &call->err);
	return 0;
}

static int
nap(const struct ask *a, int64_t ms, struct err *e)
{
	int64_t until = date_monotonic() + ms;
	struct timespec t = { 0, NAP_MS * 1000000L };

	while (date_monotonic() < until) {
		if (stopped(a))
			return leave_off(e);
		nanosleep(&t, NULL);
	}
	return 0;
}

static int
tries(struct ask *a, struct http_call *call, struct err *e)
{
	int most = a->req->tries > 0 ? a->req->tries : TRIES, tried, r;
	int64_t ms;

	for (tried = 1;; tried++) {
		call->wait_ms = a->req->wait_ms;
		if ((r = try(a, call, e)) != 0)
			return r < 0 ? -1 : call->status;
		if (tried == most || call->after_s > PATIENCE_S) {
			*e = call->err;
			return tried > 1 ? err_add(e, "tried %d times", tried) :
			    -1;
		}
		ms = retry_ms(tried, FIRST_MS, call->after_s);
		if (a->again != NULL)
			a->again(a->arg, call->err.msg, (int)ms);
		if (nap(a, ms, e) < 0)
			return -1;
	}
}

int
ask(struct ask *a, const struct ask_req *req, struct buf *body, struct err *e)
{
	struct strv headers = STRV_INIT;
	struct buf url = BUF_INIT, line = BUF_INIT;
	struct http_call call = { .method = req->method, .body = req->body,
	    .headers = &headers, .head = head, .take = take, .done = done,
	    .arg = a };
	size_t i;
	int r;

	a->req = req;
	a->body = body;
	buf_addf(&url, "%s%s", a->url, req->path);
	call.url = url.p;
	if (a->token != NULL) {
		buf_adds(&line, "Authorization: Bearer ");
		buf_adds(&line, a->token);
		strv_add(&headers, line.p);
	}
	if (req->type != NULL) {
		buf_wipe(&line);
		buf_addf(&line, "Content-Type: %s", req->type);
		strv_add(&headers, line.p);
	} else if (str_eq(req->method, "POST")) {
		/* curl adds none */
		strv_add(&headers, "Content-Length: 0");
	}
	r = tries(a, &call, e);
	for (i = 0; i < headers.n; i++)
		mem_wipe(headers.v[i], strlen(headers.v[i]));
	strv_release(&headers);
	buf_wipe(&line);
	buf_release(&url);
	a->req = NULL;
	a->body = NULL;
	return r;
}

/* --- what it says ------------------------------------------------------ */

void
ask_hide(const struct ask *a, char *text)
{
	char *at;

	while (a->token != NULL && (at = strstr(text, a->token)) != NULL)
		memset(at, '*', strlen(a->token));
}

/* ": why" in the forms of the Pinning Service API, Kubo, and others. */
static void
reason(const struct ask *a, const struct buf *body, struct buf *out)
{
	static const char *const paths[] = { "error.details", "error.reason",
	    "Message", "message", "error" };
	struct err ignored;	/* then it is no JSON */
	json_t *x = json_read(body->p, body->len, &ignored);
	const char *s = NULL;
	size_t i, n;

	for (i = 0; x != NULL && i < 5 && (s == NULL || *s == '\0'); i++)
		s = json_string_value(get_path(x, paths[i]));
	if (s != NULL && *s != '\0') {
		n = utf8_cut(s, strlen(s), REASON);
		buf_adds(out, ": ");
		for (i = 0; i < n; i++)
			buf_addc(out, (unsigned char)s[i] < ' ' ||
			    s[i] == 0x7f ? ' ' : s[i]);
		ask_hide(a, out->p);
	}
	json_decref(x);
}

int
ask_refused(struct ask *a, int status, const struct buf *body,
    const char *what, struct err *e)
{
	struct buf why = BUF_INIT;
	enum err_code code = ERR_INPUT;

	reason(a, body, &why);
	if (status == 401 || status == 403)
		code = ERR_DENIED;
	else if (status == 404)
		code = ERR_ABSENT;
	else if (status == 429 || status >= 500)
		code = ERR_NET;
	if (status >= 300 && status < 400)
		err_set(e, code, "'%s' is somewhere else (status %d), and no "
		    "redirect is followed; set %s", a->host, status,
		    a->setting);
	else if (code == ERR_DENIED)
		err_set(e, code, "'%s' does not let us in (status %d)%s; see "
		    "%s", a->host, status, why.p, a->setting);
	else
		err_set(e, code, "'%s' refuses the %s (status %d)%s", a->host,
		    what, status, why.p);
	buf_release(&why);
	return -1;
}

int
ask_wrong(struct ask *a, const char *what, struct err *e)
{
	return err_set(e, ERR_INPUT, "'%s' answers wrongly: %s", a->host,
	    what);
}
