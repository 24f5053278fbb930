/*
 * engine-http: asks an engine by HTTP, for the tools (engine/ask.h), so that
 * none of them has libcurl in it, nor a credential.
 *
 *	engine-http --store DIR --name NAME
 *
 * Questions on standard input, answers on standard output, one after the
 * other (engine/line.h); it ends with its input.  It reads engine.NAME.* of
 * the store's configuration at the first question, and again after that
 * failed.
 */
#include "base/alloc.h"
#include "base/date.h"
#include "base/json.h"
#include "base/opt.h"
#include "base/str.h"
#include "blob/blob_line.h"
#include "blob/blob_redact.h"
#include "cmd/orphan.h"
#include "cmd/serve.h"
#include "engine/line.h"
#include "net/ask.h"
#include "net/engine_cred.h"
#include "store/store.h"

#include <stdint.h>

#define TRIES 3
#define KEEP ((size_t)8 << 20)	/* of a buffer, from one to the next */

static struct {
	const char *store, *tenant, *name;
} o;

static const struct opt opts[] = {
	OPT_STR(0, "store", &o.store, "dir", "the store, for its settings",
	    OPT_C_DIR),
	OPT_STR(0, "tenant", &o.tenant, "name", "the tenant", OPT_C_TENANT),
	OPT_STR(0, "name", &o.name, "name", "the engine: engine.<name>.*",
	    OPT_C_NONE),
	OPT_HELP('h', "help", "print this help"),
	OPT_VERSION(0, "version", "print the version"),
	OPT_END
};

static const struct opt_tool tool = {
	.name = "engine-http",
	.args = "--store dir --name name",
	.about = "asks an engine by HTTP, for memkit",
	.opts = opts,
};

static struct {
	struct store *st;
	struct engine_conf conf;
	struct ask *ask;	/* NULL: not open */
	struct buf body, reply;
} run = { .body = BUF_INIT, .reply = BUF_INIT };

/* --- messages ---------------------------------------------------------- */

static void
hide(char *text)
{
	if (run.ask != NULL)
		ask_hide(run.ask, text);
	blob_redact(text);
}

/* --- settings ---------------------------------------------------------- */

static int
open_ask(const char *setting, struct err *e)
{
	const struct engine_conf *c = &run.conf;
	struct ask_how how = { .url = c->url, .setting = setting,
	    .ca_file = c->ca_file, .insecure = c->insecure,
	    .again = serve_again };
	struct buf secret = BUF_INIT;
	int r = engine_cred(c, &secret, &how.scheme, e);

	if (r == 1) {
		how.token = secret.p;
		how.user = how.scheme == NULL ? c->user : NULL;
	}
	if (r >= 0)
		r = ask_open(&run.ask, &how, e);
	buf_wipe(&secret);
	return r;
}

static int
ready(struct err *e)
{
	struct buf setting = BUF_INIT;
	int r = 0;

	if (run.ask != NULL)
		return 0;
	buf_addf(&setting, "engine.%s.url", o.name);
	if (run.st == NULL)
		r = store_open_settings(&run.st, o.store, o.tenant, e);
	if (r == 0)
		r = store_obeys(run.st, setting.p, e);
	engine_conf_release(&run.conf);
	if (r == 0)
		r = engine_conf_read(&run.conf, run.st->conf, o.name, e);
	if (r == 0)
		r = open_ask(setting.p, e);
	buf_release(&setting);
	return r;
}

/* --- questions --------------------------------------------------------- */

static int
fail(struct err *bad, struct err *e)
{
	struct buf b = BUF_INIT;
	int r;

	hide(bad->msg);
	engine_line_fail(&b, bad);
	r = serve_answer(&b, e);
	buf_release(&b);
	return r;
}

static int
answer(int status, struct err *e)
{
	struct engine_answer a = { status, run.reply.len,
	    (int)ask_after_ms(run.ask) };
	struct buf b = BUF_INIT;
	int r;

	/* what it got it may send back when something was wrong */
	if (status >= 300)
		ask_hide(run.ask, run.reply.p);
	engine_line_tell(&b, &a);
	r = serve_answer(&b, e);
	buf_release(&b);
	return r < 0 ? -1 : serve_answer(&run.reply, e);
}

static bool
is_safe(const char *method)
{
	return str_eq(method, "GET") || str_eq(method, "HEAD");
}

static int
reply(const struct engine_question *q, struct err *e)
{
	struct ask_req req = { .method = q->method, .path = q->path,
	    .type = *q->type != '\0' ? q->type : NULL, .wait_ms = q->wait_ms,
	    .tries = q->tries, .most = ENGINE_WHOLE, .any = true };
	struct err bad;
	int status = -1;

	if (req.tries == 0)
		req.tries = is_safe(q->method) ? TRIES : 1;
	if (ready(&bad) == 0) {
		if (req.type != NULL)
			req.body = ask_body(&run.body);
		if (req.wait_ms == 0)
			req.wait_ms = run.conf.wait_ms;
		status = ask(run.ask, &req, &run.reply, &bad);
	}
	return status < 0 ? fail(&bad, e) : answer(status, e);
}

/* What was very large once is not kept for all the others. */
static void
renew(struct buf *b)
{
	if (b->cap > KEEP)
		buf_release(b);
	else
		buf_reset(b);
}

/* After a question that is none it is not known where the next begins. */
static int
question(void *arg, struct jsonl *in, const char *p, size_t n,
    struct err *e)
{
	struct engine_question q;
	struct err bad;
	int r;

	(void)arg;
	if (engine_line_question(&q, p, n, &bad) < 0) {
		if (fail(&bad, e) == 0)
			*e = bad;
		return -1;
	}
	renew(&run.body);
	renew(&run.reply);
	if ((r = jsonl_bytes(in, &run.body, q.size, e)) == 0)
		r = reply(&q, e);
	engine_question_release(&q);
	return r;
}

/* --- the program ------------------------------------------------------- */

static int
run_all(struct err *e)
{
	if (o.name == NULL)
		return err_set(e, ERR_USAGE, "it needs --name");
	orphan_end();
	return serve_questions(ENGINE_LINE, NULL, question, NULL, e);
}

static int
leave(const struct err *e)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s: %s: %s", tool.name, blob_code_name(e->code),
	    e->msg);
	serve_say(&b);
	return serve_status(e->code);
}

int
main(int argc, char **argv)
{
	const struct opt_verb *verb;
	struct err e = { 0 };
	int r, status;

	alloc_name = tool.name;
	serve_hide = hide;
	json_setup();
	if ((r = serve_start(&tool, &verb, &argc, argv, &e)) == 0)
		r = run_all(&e);
	status = r < 0 ? leave(&e) : 0;
	ask_free(run.ask);
	engine_conf_release(&run.conf);
	store_close(run.st);
	buf_release(&run.body);
	buf_release(&run.reply);
	return status;
}
