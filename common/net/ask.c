#include "net/ask.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/hash.h"
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
	char *setting;		/* own */
	char *token, *sent;	/* own; as it was given, and the header that it
				   is in.  NULL: none */
	int64_t after_ms;	/* of the last answer */
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

/* A password is coded, a token goes as it is. */
static bool
is_sendable(const char *token, bool coded)
{
	const unsigned char *c = (const unsigned char *)token;

	for (; *c != '\0'; c++)
		if (*c < ' ' || *c == 0x7f || (!coded && (*c == ' ' ||
		    *c >= 0x80)))
			return false;
	return true;
}

/* RFC 7617 */
static void
add_basic(struct buf *line, const char *user, const char *password)
{
	struct buf b = BUF_INIT;
	char *code;
	size_t n;

	buf_adds(&b, user);
	buf_addc(&b, ':');
	buf_adds(&b, password);
	n = 4 * ((b.len + 2) / 3) + 1;
	code = xmalloc(n);
	base64_encode(code, b.p, b.len);
	buf_adds(line, code);
	mem_wipe(code, n);
	free(code);
	buf_wipe(&b);
}

static int
take_token(struct ask *a, const struct ask_how *how, struct err *e)
{
	struct buf line = BUF_INIT;

	if (*how->token == '\0')
		return err_set(e, ERR_INPUT, "the %s for %s is empty",
		    how->user != NULL ? "password" : "token", a->setting);
	if (!is_sendable(how->token, how->user != NULL))
		return err_set(e, ERR_INPUT, "the %s for %s holds a "
		    "%scharacter that none has", how->user != NULL ?
		    "password" : "token", a->setting, how->user != NULL ? "" :
		    "blank or a ");
	buf_adds(&line, "Authorization: ");
	if (how->user != NULL) {
		buf_adds(&line, "Basic ");
		add_basic(&line, how->user, how->token);
	} else {
		buf_addf(&line, "%s ", how->scheme != NULL ? how->scheme :
		    "Bearer");
		buf_adds(&line, how->token);
	}
	a->sent = xstrdup(line.p);
	a->token = xstrdup(how->token);
	buf_wipe(&line);
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
		r = take_token(a, how, e);
	if (r == 0)
		r = http_open(&a->http, &http, e);
	if (r < 0) {
		ask_free(a);
		return -1;
	}
	*out = a;
	return 0;
}

static void
forget(char *secret)
{
	if (secret != NULL)
		mem_wipe(secret, strlen(secret));
	free(secret);
}

void
ask_free(struct ask *a)
{
	if (a == NULL)
		return;
	http_free(a->http);
	forget(a->token);
	forget(a->sent);
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
	a->after_ms = call->after_s > 0 ? call->after_s > INT32_MAX / 1000 ?
	    INT32_MAX : call->after_s * 1000 : 0;
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
			if (a->req->any && call->end == HTTP_ANSWERED)
				return call->status;
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
	a->after_ms = 0;
	buf_addf(&url, "%s%s", a->url, req->path);
	call.url = url.p;
	if (a->sent != NULL)
		strv_add(&headers, a->sent);
	if (req->type != NULL) {
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
	buf_release(&line);
	buf_release(&url);
	a->req = NULL;
	a->body = NULL;
	return r;
}

/* --- what it says ------------------------------------------------------ */

void
ask_hide(const struct ask *a, char *text)
{
	if (a->token == NULL)
		return;
	str_hide(text, a->token);
	str_hide(text, strrchr(a->sent, ' ') + 1);
}

int64_t
ask_after_ms(const struct ask *a)
{
	return a->after_ms;
}

/* ": why" in the forms of the Pinning Service API, Kubo, and others. */
static void
reason(const struct ask *a, const struct buf *body, struct buf *out)
{
	static const char *const paths[] = { "error.details", "error.reason",
	    "Message", "message", "error", NULL };

	json_reason(out, body->p, body->len, paths);
	ask_hide(a, out->p);
	buf_cut(out, utf8_cut(out->p, out->len, REASON));
}

int
ask_refused(struct ask *a, int status, const struct buf *body,
    const char *what, struct err *e)
{
	struct buf why = BUF_INIT;
	enum err_code code = err_of_http(status);

	reason(a, body, &why);
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
