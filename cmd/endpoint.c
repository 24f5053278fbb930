#include "cmd/endpoint.h"

#include "base/alloc.h"
#include "base/str.h"
#include "base/utf8.h"
#include "cmd/serve.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUESTION ((size_t)8 << 20)	/* longest line */
#define ANSWER ((size_t)64 << 20)	/* longest answer of an endpoint */
#define KEY ((size_t)4 << 10)
#define WAIT_MS 30000		/* unless the question says */

struct endpoint_options endpoint_options;

const struct opt endpoint_opts[] = {
	OPT_STR(0, "key-env", &endpoint_options.key_env, "name",
	    "the environment variable that holds the key", OPT_C_NONE),
	OPT_STR(0, "key-file", &endpoint_options.key_file, "file",
	    "the file that holds the key", OPT_C_FILE),
	OPT_STR(0, "ca-file", &endpoint_options.ca_file, "file",
	    "certificates to trust instead of the system's", OPT_C_FILE),
	OPT_HELP('h', "help", "print this help"),
	OPT_VERSION(0, "version", "print the version"),
	OPT_END
};

static struct {
	const struct endpoint_kind *kind;
	struct endpoint ep;
} run = { .ep = { .key = BUF_INIT, .body = BUF_INIT } };

/* --- one request ------------------------------------------------------- */

/* A server may send back what it got. */
static void
hide(char *text)
{
	str_hide(text, run.ep.key.p);
}

/* What the answer says that is wrong, in the forms that are about. */
static void
reason(struct endpoint *ep, char out[ENDPOINT_WHY])
{
	static const char *const paths[] = { "error.message", "message",
	    "error", "detail", NULL };
	struct buf b = BUF_INIT;

	json_reason(&b, ep->body.p, ep->body.len, paths);
	hide(b.p);
	snprintf(out, ENDPOINT_WHY, "%.*s", (int)utf8_cut(b.p, b.len,
	    ENDPOINT_WHY - 1), b.p);
	buf_release(&b);
}

int
endpoint_post(struct endpoint *ep, const char *json, size_t len, int *status,
    char why[ENDPOINT_WHY], struct err *e)
{
	int n = post_json(ep->post, json, len, ep->wait_ms, ep->tries,
	    &ep->body, e);

	if (n < 0)
		return -1;
	if (n >= 200 && n < 300)
		return 1;
	*status = n;
	reason(ep, why);
	if (n == 400 || n == 413 || n == 422) {
		err_set(e, ERR_INPUT, "the endpoint answered with status "
		    "%d%s", n, why);
		return 0;
	}
	if (n == 401 || n == 403)
		return err_set(e, ERR_DENIED, "the endpoint refuses the key "
		    "(status %d)%s", n, why);
	if (n >= 300 && n < 400)
		return err_set(e, ERR_INPUT, "the endpoint is somewhere else "
		    "(status %d); no redirect is followed", n);
	return err_set(e, ERR_INPUT, "the endpoint answered with status %d%s",
	    n, why);
}

int
endpoint_wrong(const char *what, struct err *e)
{
	return err_set(e, ERR_INPUT, "the endpoint answered wrongly: %s",
	    what);
}

/* --- questions --------------------------------------------------------- */

static int
answer(const struct endpoint_kind *kind, struct endpoint *ep, const json_t *q,
    struct buf *out, struct err *e)
{
	int64_t wait_ms = WAIT_MS;

	if (!str_eq(get_str(q, "type", NULL), kind->asks))
		return err_set(e, ERR_INPUT, "the question is not of the type "
		    "'%s'", kind->asks);
	get_int(q, "timeout_ms", &wait_ms);
	/* some of the time is for us, and for the way back */
	wait_ms -= wait_ms / 10;
	ep->wait_ms = wait_ms < 1 ? 1 : wait_ms > INT32_MAX ? INT32_MAX :
	    (int)wait_ms;
	ep->tries = 0;
	return kind->reply(ep, q, out, e);
}

static void
add_error(struct buf *b, const struct err *e)
{
	buf_adds(b, ",\"message\":");
	json_quote(b, e->msg, strlen(e->msg));
	if (e->code == ERR_NET)
		buf_adds(b, ",\"again\":true");
}

static int
question(void *arg, struct jsonl *in, const char *p, size_t len,
    struct err *e)
{
	const struct endpoint_kind *kind = run.kind;
	struct buf b = BUF_INIT, out = BUF_INIT;
	struct err bad;
	json_t *q = json_read(p, len, &bad), *id = json_object_get(q, "id");
	int r = q == NULL ? -1 : answer(kind, &run.ep, q, &out, &bad);

	(void)arg;
	(void)in;
	buf_addf(&b, "{\"type\":\"%s\"", r < 0 ? "error" : kind->answers);
	if (id != NULL) {
		buf_adds(&b, ",\"id\":");
		json_write(&b, id);
	}
	if (r < 0)
		add_error(&b, &bad);
	else
		buf_add(&b, out.p, out.len);
	buf_adds(&b, "}\n");
	r = serve_answer(&b, e);
	buf_release(&b);
	buf_release(&out);
	json_decref(q);
	return r;
}

/* --- starting ---------------------------------------------------------- */

static int
read_key(struct buf *key, struct err *e)
{
	const struct endpoint_options *o = &endpoint_options;
	const char *value;

	if (o->key_env != NULL) {
		if ((value = getenv(o->key_env)) == NULL || *value == '\0')
			return err_set(e, ERR_ABSENT, "there is no key: the "
			    "environment has no variable '%s'", o->key_env);
		buf_adds(key, value);
	} else if (o->key_file != NULL) {
		if (buf_read_file(key, o->key_file, KEY, e) < 0)
			return err_add(e, "there is no key");
		while (key->len > 0 &&
		    strchr(" \t\r\n", key->p[key->len - 1]) != NULL)
			buf_cut(key, key->len - 1);
	}
	return 0;
}

/* ".../v1" and ".../v1/?a=b" have the path before the question mark. */
static void
make_url(struct buf *b, const char *path)
{
	size_t n = strcspn(endpoint_options.url, "?"), len = n;

	while (len > 0 && endpoint_options.url[len - 1] == '/')
		len--;
	buf_add(b, endpoint_options.url, len);
	buf_adds(b, path);
	buf_adds(b, endpoint_options.url + n);
}

static int
run_all(struct err *e)
{
	const struct endpoint_kind *kind = run.kind;
	struct endpoint *ep = &run.ep;
	const struct endpoint_options *o = &endpoint_options;
	struct post_how how = { .most = ANSWER, .again = serve_again };
	struct buf url = BUF_INIT;
	int r;

	if (o->url == NULL)
		return err_set(e, ERR_USAGE, "it needs --url");
	if (kind->check(e) < 0 || read_key(&ep->key, e) < 0)
		return -1;
	make_url(&url, kind->path);
	how.url = url.p;
	how.key = ep->key.len > 0 ? ep->key.p : NULL;
	how.ca_file = o->ca_file;
	r = post_open(&ep->post, &how, e);
	buf_release(&url);
	return r < 0 ? -1 : serve_questions(QUESTION, NULL, question, NULL, e);
}

int
endpoint_main(const struct endpoint_kind *kind, int argc, char **argv)
{
	const struct opt_verb *verb;
	struct buf b = BUF_INIT;
	struct err e = { 0 };
	int r;

	alloc_name = kind->tool->name;
	run.kind = kind;
	serve_hide = hide;
	json_setup();
	if ((r = serve_start(kind->tool, &verb, &argc, argv, &e)) == 0)
		r = run_all(&e);
	if (r < 0) {
		buf_adds(&b, e.msg);
		serve_say(&b);
	}
	post_free(run.ep.post);
	buf_wipe(&run.ep.key);
	buf_release(&run.ep.body);
	return r < 0 ? serve_status(e.code) : 0;
}
