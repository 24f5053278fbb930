#include "engine/ask.h"

#include "base/alloc.h"
#include "base/child.h"
#include "base/coprocess.h"
#include "base/str.h"
#include "base/uri.h"
#include "engine/line.h"
#include "store/sealed.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#define PROGRAM "engine-http"
#define PAUSE_MS 90000		/* at most between two tries, and to start */
#define TRIES 3

struct engine {
	struct store *st;		/* borrowed */
	struct engine_conf conf;	/* own */
	struct child *child;		/* own; NULL: not started */
};

/* --- beginning and end ------------------------------------------------- */

/* A sealed tenant's texts lie there in the clear. */
static int
may_go(struct store *st, const struct engine_conf *c, struct err *e)
{
	int sealed = c->sealed ? 0 : store_is_sealed(st, e);

	if (sealed <= 0)
		return sealed;
	return err_set(e, ERR_DENIED, "tenant '%s' is sealed, and an engine "
	    "keeps what it gets in the clear; engine.%s.sealed = true lets it "
	    "go there all the same", st->tenant, c->name);
}

int
engine_open(struct engine **out, struct store *st, const char *name,
    struct err *e)
{
	struct engine *x = xcalloc(1, sizeof *x);
	struct buf key = BUF_INIT;
	int r;

	x->st = st;
	r = engine_conf_read(&x->conf, st->conf, name, e);
	buf_addf(&key, "engine.%s.url", name);
	if (r == 0)
		r = store_obeys(st, key.p, e);
	if (r == 0)
		r = may_go(st, &x->conf, e);
	buf_release(&key);
	if (r < 0) {
		engine_close(x);
		return -1;
	}
	*out = x;
	return 0;
}

static void
give_up(struct engine *x)
{
	child_free(x->child);
	x->child = NULL;
}

void
engine_close(struct engine *x)
{
	if (x == NULL)
		return;
	give_up(x);
	engine_conf_release(&x->conf);
	free(x);
}

const struct engine_conf *
engine_conf(const struct engine *x)
{
	return &x->conf;
}

/* --- asking ------------------------------------------------------------ */

static int
start(struct engine *x, struct err *e)
{
	struct buf path = BUF_INIT;
	const char *argv[] = { NULL, "--store", x->st->dir, "--tenant",
	    x->st->tenant, "--name", x->conf.name, NULL };
	int r;

	coprocess_path(PROGRAM, &path);
	argv[0] = path.p;
	r = child_start(&x->child, PROGRAM, (char *const *)(uintptr_t)argv, e);
	buf_release(&path);
	return r;
}

static int
make_question(struct engine *x, const struct engine_req *req,
    struct engine_question *q, struct err *e)
{
	const char *type = req->type != NULL ? req->type : "application/json";
	const char *why = NULL;

	memset(q, 0, sizeof *q);
	q->path = xstrdup(req->path);
	q->size = req->body != NULL ? req->len : 0;
	q->wait_ms = req->wait_ms > 0 ? req->wait_ms : x->conf.wait_ms;
	q->tries = req->tries > 0 ? req->tries :
	    str_eq(req->method, "GET") || str_eq(req->method, "HEAD") ?
	    TRIES : 1;
	if (strlen(req->method) >= sizeof q->method ||
	    strlen(type) >= sizeof q->type) {
		why = "its method or its type is too long";
	} else {
		memcpy(q->method, req->method, strlen(req->method) + 1);
		if (req->body != NULL)
			memcpy(q->type, type, strlen(type) + 1);
		why = engine_line_wrong(q);
	}
	return why == NULL ? 0 : err_set(e, ERR_USAGE, "engine '%s' cannot be "
	    "asked for '%.100s': %s", x->conf.name, req->path, why);
}

/* 0; 1: it says that it failed; -1: it is of no more use. */
static int
talk(struct child *c, const struct engine_question *q, const void *bytes,
    struct engine_answer *a, struct buf *body, struct err *e)
{
	int wait_ms = q->tries * (q->wait_ms / 1000 + PAUSE_MS / 1000) * 1000;
	struct buf line = BUF_INIT;
	const char *got;
	char *reply;
	size_t n;
	int r;

	engine_line_ask(&line, q);
	r = child_send(c, line.p, line.len, wait_ms, e);
	buf_release(&line);
	if (r < 0 || child_put(c, bytes, q->size, wait_ms, e) < 0 ||
	    child_line(c, wait_ms, ENGINE_LINE, &reply, &n, e) < 0)
		return -1;
	if ((r = engine_line_answer(a, reply, n, e)) < 0)
		return err_add(e, "'" PROGRAM "' answered wrongly");
	if (r == 0 && child_get(c, a->size, wait_ms, &got, e) < 0)
		return -1;
	buf_reset(body);
	if (r == 0)
		buf_add(body, got, a->size);
	else if (child_no_more(c, &(struct err){ 0 }) < 0)
		return -1;
	return r == 0 ? child_no_more(c, e) : 1;
}

int
engine_ask(struct engine *x, const struct engine_req *req, struct buf *body,
    int *retry_ms, struct err *e)
{
	struct engine_answer a = { 0 };
	struct engine_question q;
	int r = make_question(x, req, &q, e);

	if (r == 0 && x->child == NULL)
		r = start(x, e);
	if (r == 0 && (r = talk(x->child, &q, req->body, &a, body, e)) < 0)
		give_up(x);
	engine_question_release(&q);
	if (r != 0)
		return -1;
	if (retry_ms != NULL)
		*retry_ms = a.retry_ms;
	return a.status;
}

int
engine_ask_json(struct engine *x, const struct engine_req *req,
    struct buf *body, json_t **out, int *retry_ms, struct err *e)
{
	int status = engine_ask(x, req, body, retry_ms, e);
	struct err bad;

	*out = NULL;
	if (status < 0 || body->len == 0)
		return status;
	*out = json_read(body->p, body->len, &bad);
	if (*out == NULL && status / 100 == 2)
		return engine_wrong(x, bad.msg, e);
	return status;
}

int
engine_ask_well(struct engine *x, const struct engine_req *req,
    const char *what, bool absent, json_t **out, struct err *e)
{
	struct buf answer = BUF_INIT;
	int status = engine_ask_json(x, req, &answer, out, NULL, e), r = -1;

	if (status >= 200 && status < 300)
		r = 0;
	else if (status == 404 && absent)
		r = 1;
	else if (status >= 0)
		engine_refused(x, status, &answer, what, e);
	if (r != 0) {
		json_decref(*out);
		*out = NULL;
	}
	buf_release(&answer);
	return r;
}

/* --- what it says ------------------------------------------------------ */

int
engine_refused(struct engine *x, int status, const struct buf *body,
    const char *what, struct err *e)
{
	const char *name = x->conf.name;
	struct buf why = BUF_INIT;
	enum err_code code = err_of_http(status);

	engine_line_reason(&why, body->p, body->len);
	if (status >= 300 && status < 400)
		err_set(e, code, "engine '%s' is somewhere else (status %d), "
		    "and no redirect is followed; set engine.%s.url", name,
		    status, name);
	else if (code == ERR_DENIED)
		err_set(e, code, "engine '%s' refuses the %s (status %d)%s; "
		    "see its credentials, engine.%s.*", name, what, status,
		    why.p, name);
	else
		err_set(e, code, "engine '%s' refuses the %s (status %d)%s",
		    name, what, status, why.p);
	buf_release(&why);
	return -1;
}

int
engine_wrong(struct engine *x, const char *what, struct err *e)
{
	return err_set(e, ERR_INPUT, "engine '%s' answers wrongly: %s",
	    x->conf.name, what);
}

void
engine_path(struct buf *b, const char *part)
{
	buf_addc(b, '/');
	uri_escape(b, part, strlen(part), URI_PLAIN);
}
