#include "cmd/endpoint.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/jsonl.h"
#include "base/str.h"
#include "base/utf8.h"
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUESTION ((size_t)8 << 20)	/* longest line */
#define ANSWER ((size_t)64 << 20)	/* longest answer of an endpoint */
#define KEY ((size_t)4 << 10)
#define WAIT_MS 30000		/* unless the question says */
#define MISUSE 64

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

void
endpoint_say(const char *what)
{
	struct err ignored;	/* there is nobody left to tell */
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s\n", what);
	file_write(2, b.p, b.len, "standard error", &ignored);
	buf_release(&b);
}

/* --- one request ------------------------------------------------------- */

/* A server may send back what it got. */
static void
hide_key(struct endpoint *ep, char *text)
{
	size_t n = ep->key.len;
	char *at;

	while (n > 0 && (at = strstr(text, ep->key.p)) != NULL)
		memset(at, '*', n);
}

/* What the answer says that is wrong, in the forms that are about. */
static void
reason(struct endpoint *ep, char *out, size_t size)
{
	static const char *const paths[] = { "error.message", "message",
	    "error", "detail" };
	struct err ignored;	/* then it is no JSON */
	json_t *x = json_read(ep->body.p, ep->body.len, &ignored);
	const char *s = NULL;
	size_t i, n;

	for (i = 0; x != NULL && s == NULL && i < 4; i++)
		s = json_string_value(get_path(x, paths[i]));
	out[0] = '\0';
	if (s != NULL) {
		n = utf8_cut(s, strlen(s), size - 3);
		snprintf(out, size, ": %.*s", (int)n, s);
	}
	hide_key(ep, out);
	json_decref(x);
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
	reason(ep, why, ENDPOINT_WHY);
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
question(const struct endpoint_kind *kind, struct endpoint *ep, const char *p,
    size_t len, struct err *e)
{
	struct buf b = BUF_INIT, out = BUF_INIT;
	struct err bad;
	json_t *q = json_read(p, len, &bad), *id = json_object_get(q, "id");
	int r = q == NULL ? -1 : answer(kind, ep, q, &out, &bad);

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
	r = file_write(1, b.p, b.len, "standard output", e);
	buf_release(&b);
	buf_release(&out);
	json_decref(q);
	return r;
}

static int
questions(const struct endpoint_kind *kind, struct endpoint *ep, struct err *e)
{
	struct jsonl in;
	enum jsonl_got got;
	char *p;
	size_t n;
	int r = 0;

	jsonl_init(&in, 0, "standard input");
	in.max = QUESTION;
	while (r == 0) {
		got = jsonl_next(&in, -1, &p, &n, NULL, e);
		if (got == JSONL_EOF)
			break;
		if (got == JSONL_FAIL)
			r = -1;
		else if (got == JSONL_LONG)
			r = err_set(e, ERR_INPUT, "a question is longer than "
			    "%zu bytes", QUESTION);
		else if (got == JSONL_LINE)
			r = question(kind, ep, p, n, e);
	}
	jsonl_release(&in);
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

static void
again(void *arg, const char *why, int wait_ms)
{
	struct buf b = BUF_INIT;

	(void)arg;
	buf_addf(&b, "%s; trying again in %d.%d s", why, wait_ms / 1000,
	    wait_ms % 1000 / 100);
	endpoint_say(b.p);
	buf_release(&b);
}

static int
run_all(const struct endpoint_kind *kind, struct endpoint *ep, struct err *e)
{
	const struct endpoint_options *o = &endpoint_options;
	struct post_how how = { .most = ANSWER, .again = again };
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
	return r < 0 ? -1 : questions(kind, ep, e);
}

/* -h and --version are asked in words; 1: that is all. */
static int
start(const struct opt_tool *tool, int *argc, char **argv, struct err *e)
{
	struct buf b = BUF_INIT;
	const struct opt_verb *verb;
	int ask, r = opt_parse(tool, argc, argv, &verb, &ask, e);

	if (r == 1 && ask == 'h')
		opt_help(tool, NULL, &b);
	else if (r == 1 && ask == 'v')
		buf_addf(&b, "%s (memkit) " VERSION "\n", tool->name);
	if (r == 1 && file_write(1, b.p, b.len, "standard output", e) < 0)
		r = -1;
	if (r == 0 && *argc > 0)
		r = err_set(e, ERR_USAGE, "it takes no operands");
	buf_release(&b);
	return r;
}

int
endpoint_main(const struct endpoint_kind *kind, int argc, char **argv)
{
	struct endpoint ep = { .post = NULL, .key = BUF_INIT,
	    .body = BUF_INIT };
	struct err e = { 0 };
	int r;

	alloc_name = kind->tool->name;
	json_setup();
	if ((r = start(kind->tool, &argc, argv, &e)) == 0)
		r = run_all(kind, &ep, &e);
	post_free(ep.post);
	buf_wipe(&ep.key);
	buf_release(&ep.body);
	if (r >= 0)
		return 0;
	endpoint_say(e.msg);
	return e.code == ERR_USAGE ? MISUSE : 2;
}
