/*
 * embed-http: vectors of texts by an endpoint such as OpenAI's.  A program
 * that others run (memory/embed_run.h), not a tool of its own: a question a
 * line on standard input, an answer a line on standard output, both as
 * memkit-json(5) has them under "embed".
 */
#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/jsonl.h"
#include "base/opt.h"
#include "base/str.h"
#include "base/utf8.h"
#include "config.h"
#include "net/embed_reply.h"
#include "net/http.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define QUESTION ((size_t)8 << 20)	/* longest line */
#define ANSWER ((size_t)64 << 20)	/* longest answer of an endpoint */
#define KEY ((size_t)4 << 10)
#define SHORT 256		/* bytes that every endpoint takes */
#define WAIT_MS 30000		/* unless the question says */
#define QUERY_TRIES 3		/* whoever waits can do without vectors */
#define MISUSE 64

static struct {
	const char *url, *model, *key_env, *key_file, *ca_file;
	const char *query_prefix, *document_prefix;
	int64_t dimension, batch;
} o = { .query_prefix = "", .document_prefix = "", .batch = 32 };

static const struct opt opts[] = {
	OPT_STR(0, "url", &o.url, "url",
	    "the endpoint: /embeddings is added", OPT_C_NONE),
	OPT_STR(0, "model", &o.model, "name", "the model to ask for",
	    OPT_C_NONE),
	OPT_INT(0, "dimension", &o.dimension, "n",
	    "ask for vectors of so many components"),
	OPT_INT(0, "batch", &o.batch, "n",
	    "texts of one request, at most (default 32)"),
	OPT_STR(0, "query-prefix", &o.query_prefix, "text",
	    "stands before each query", OPT_C_NONE),
	OPT_STR(0, "document-prefix", &o.document_prefix, "text",
	    "stands before each document", OPT_C_NONE),
	OPT_STR(0, "key-env", &o.key_env, "name",
	    "the environment variable that holds the key", OPT_C_NONE),
	OPT_STR(0, "key-file", &o.key_file, "file",
	    "the file that holds the key", OPT_C_FILE),
	OPT_STR(0, "ca-file", &o.ca_file, "file",
	    "certificates to trust instead of the system's", OPT_C_FILE),
	OPT_HELP('h', "help", "print this help"),
	OPT_VERSION(0, "version", "print the version"),
	OPT_END
};

static const struct opt_tool tool = {
	.name = "embed-http",
	.args = "",
	.about = "vectors of texts by an endpoint, for memkit",
	.opts = opts,
};

struct run {
	struct http *http;
	struct buf key;			/* own; a secret */
	struct buf body, request;
	char *model;			/* own; as the first answer has it */
	size_t dim;			/* 0: not known yet */
	bool query;			/* somebody waits */
	int wait_ms;
	bool cut;			/* that texts are cut was told */
	struct buf out;			/* vectors so far, as JSON */
};

static void
say(const char *what)
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
hide_key(struct run *run, char *text)
{
	size_t n = run->key.len;
	char *at;

	while (n > 0 && (at = strstr(text, run->key.p)) != NULL)
		memset(at, '*', n);
}

/* What the answer says that is wrong, in the forms that are about. */
static void
reason(struct run *run, char *out, size_t size)
{
	static const char *const paths[] = { "error.message", "message",
	    "error", "detail" };
	struct err ignored;	/* then it is no JSON */
	json_t *x = json_read(run->body.p, run->body.len, &ignored);
	const char *s = NULL;
	size_t i, n;

	for (i = 0; x != NULL && s == NULL && i < 4; i++)
		s = json_string_value(get_path(x, paths[i]));
	out[0] = '\0';
	if (s != NULL) {
		n = utf8_cut(s, strlen(s), size - 3);
		snprintf(out, size, ": %.*s", (int)n, s);
	}
	hide_key(run, out);
	json_decref(x);
}

/* Is it that there was too much in the request? */
static bool
too_large(int status, const char *why)
{
	static const char *const words[] = { "token", "length", "too l",
	    "too many", "batch", "maximum", "exceed" };
	size_t i;

	if (status == 413)
		return true;
	if (status != 400 && status != 422)
		return false;
	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (strstr(why, words[i]) != NULL)
			return true;
	return false;
}

struct text {
	const char *p;		/* borrowed */
	size_t len;
};

static void
make_request(struct run *run, const struct text *text, size_t n)
{
	struct buf whole = BUF_INIT, *b = &run->request;
	size_t i;

	buf_reset(b);
	buf_addc(b, '{');
	if (o.model != NULL) {
		buf_adds(b, "\"model\":");
		json_quote(b, o.model, strlen(o.model));
		buf_addc(b, ',');
	}
	if (o.dimension > 0)
		buf_addf(b, "\"dimensions\":%lld,", (long long)o.dimension);
	buf_adds(b, "\"input\":[");
	for (i = 0; i < n; i++) {
		buf_reset(&whole);
		buf_adds(&whole, run->query ? o.query_prefix :
		    o.document_prefix);
		buf_add(&whole, text[i].p, text[i].len);
		if (i > 0)
			buf_addc(b, ',');
		json_quote(b, whole.p, whole.len);
	}
	buf_adds(b, "]}");
	buf_release(&whole);
}

/* 1 there is an answer, 0 it was too much. */
static int
request(struct run *run, const struct text *text, size_t n, struct err *e)
{
	char why[256];
	int status;

	make_request(run, text, n);
	status = http_post(run->http, run->request.p, run->request.len,
	    run->wait_ms, run->query ? QUERY_TRIES : 0, &run->body, e);
	if (status < 0)
		return -1;
	if (status >= 200 && status < 300)
		return 1;
	reason(run, why, sizeof why);
	if (too_large(status, why))
		return err_set(e, ERR_INPUT, "the endpoint takes no text of "
		    "%zu bytes%s", text[0].len, why) + 1;
	if (status == 401 || status == 403)
		return err_set(e, ERR_DENIED, "the endpoint refuses the key "
		    "(status %d)%s", status, why);
	if (status >= 300 && status < 400)
		return err_set(e, ERR_INPUT, "the endpoint is somewhere else "
		    "(status %d); no redirect is followed", status);
	return err_set(e, ERR_INPUT, "the endpoint answered with status %d%s",
	    status, why);
}

/* --- an answer --------------------------------------------------------- */

static int
take_answer(struct run *run, size_t n, struct err *e)
{
	char *model;

	if (embed_reply(run->body.p, run->body.len, n, &run->dim, &run->out,
	    &model, e) < 0)
		return -1;
	if (run->model == NULL)
		run->model = xstrdup(o.model != NULL ? o.model :
		    model != NULL ? model : "unnamed");
	free(model);
	return 0;
}

/* --- texts ------------------------------------------------------------- */

/* One that is too long is cut until it is taken. */
static int
embed_one(struct run *run, struct text t, struct err *e)
{
	int r;

	while ((r = request(run, &t, 1, e)) == 0) {
		if (t.len <= SHORT)
			return -1;
		t.len = utf8_cut(t.p, t.len, t.len / 2);
		if (!run->cut)
			say("the endpoint takes no text as long as some are; "
			    "their ends are left out");
		run->cut = true;
	}
	return r < 0 ? -1 : take_answer(run, 1, e);
}

/* What is too much for one request goes in two. */
static int
embed(struct run *run, const struct text *text, size_t n, struct err *e)
{
	size_t half = n / 2;
	int r;

	if (n == 0)
		return 0;
	if (n == 1)
		return embed_one(run, text[0], e);
	if (n > (size_t)o.batch)
		r = 0;
	else
		r = request(run, text, n, e);
	if (r < 0)
		return -1;
	if (r == 1)
		return take_answer(run, n, e);
	if (n > (size_t)o.batch)
		half = (size_t)o.batch;
	if (embed(run, text, half, e) < 0)
		return -1;
	return embed(run, text + half, n - half, e);
}

/* The dimension of one that is not told is seen by asking for something. */
static int
look(struct run *run, struct err *e)
{
	struct text t = { "memkit", 6 };

	if (o.dimension > 0 && o.model != NULL) {
		run->dim = (size_t)o.dimension;
		if (run->model == NULL)
			run->model = xstrdup(o.model);
		return 0;
	}
	if (embed_one(run, t, e) < 0)
		return -1;
	buf_reset(&run->out);
	return 0;
}

/* --- questions --------------------------------------------------------- */

static int
read_texts(const json_t *q, struct text **text, size_t *n, struct err *e)
{
	const json_t *list = json_object_get(q, "texts"), *item;
	size_t i;

	if (!json_is_array(list))
		return err_set(e, ERR_INPUT, "the question has no 'texts'");
	*n = json_array_size(list);
	*text = xcalloc(*n + 1, sizeof **text);
	for (i = 0; i < *n; i++) {
		item = json_array_get(list, i);
		if (!json_is_string(item) || json_string_length(item) == 0)
			return err_set(e, ERR_INPUT, "text %zu is empty or "
			    "no text", i);
		(*text)[i].p = json_string_value(item);
		(*text)[i].len = json_string_length(item);
	}
	return 0;
}

static int
answer(struct run *run, const json_t *q, struct err *e)
{
	struct text *text = NULL;
	int64_t wait_ms = WAIT_MS;
	size_t n = 0;
	int r;

	if (!str_eq(get_str(q, "type", NULL), "embed"))
		return err_set(e, ERR_INPUT, "the question is not of the type "
		    "'embed'");
	run->query = str_eq(get_str(q, "kind", NULL), "query");
	get_int(q, "timeout_ms", &wait_ms);
	/* some of the time is for us, and for the way back */
	wait_ms -= wait_ms / 10;
	run->wait_ms = wait_ms < 1 ? 1 : wait_ms > INT32_MAX ? INT32_MAX :
	    (int)wait_ms;
	r = read_texts(q, &text, &n, e);
	if (r == 0)
		r = n > 0 ? embed(run, text, n, e) : run->dim > 0 ? 0 :
		    look(run, e);
	free(text);
	return r;
}

static void
write_answer(struct run *run, const json_t *id, int r, const struct err *e,
    struct buf *b)
{
	buf_adds(b, r < 0 ? "{\"type\":\"error\"" : "{\"type\":\"vectors\"");
	if (id != NULL) {
		buf_adds(b, ",\"id\":");
		json_write(b, id);
	}
	if (r < 0) {
		buf_adds(b, ",\"message\":");
		json_quote(b, e->msg, strlen(e->msg));
		if (e->code == ERR_NET)
			buf_adds(b, ",\"again\":true");
	} else {
		buf_adds(b, ",\"model\":");
		json_quote(b, run->model, strlen(run->model));
		buf_addf(b, ",\"dimension\":%zu,\"batch\":%lld,\"vectors\":[",
		    run->dim, (long long)o.batch);
		buf_add(b, run->out.p, run->out.len);
		buf_addc(b, ']');
	}
	buf_adds(b, "}\n");
}

static int
question(struct run *run, const char *p, size_t len, struct err *e)
{
	struct buf b = BUF_INIT;
	struct err bad;
	json_t *q = json_read(p, len, &bad);
	int r = -1;

	buf_reset(&run->out);
	if (q != NULL)
		r = answer(run, q, &bad);
	write_answer(run, q == NULL ? NULL : json_object_get(q, "id"), r,
	    &bad, &b);
	r = file_write(1, b.p, b.len, "standard output", e);
	buf_release(&b);
	json_decref(q);
	return r;
}

static int
questions(struct run *run, struct err *e)
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
			r = question(run, p, n, e);
	}
	jsonl_release(&in);
	return r;
}

/* --- starting ---------------------------------------------------------- */

static int
read_key(struct buf *key, struct err *e)
{
	const char *value;

	if (o.key_env != NULL) {
		if ((value = getenv(o.key_env)) == NULL || *value == '\0')
			return err_set(e, ERR_ABSENT, "there is no key: the "
			    "environment has no variable '%s'", o.key_env);
		buf_adds(key, value);
	} else if (o.key_file != NULL) {
		if (buf_read_file(key, o.key_file, KEY, e) < 0)
			return err_add(e, "there is no key");
		while (key->len > 0 &&
		    strchr(" \t\r\n", key->p[key->len - 1]) != NULL)
			buf_cut(key, key->len - 1);
	}
	return 0;
}

/* ".../v1" and ".../v1/?a=b" have the path before the question mark. */
static void
make_url(struct buf *b)
{
	size_t n = strcspn(o.url, "?"), len = n;

	while (len > 0 && o.url[len - 1] == '/')
		len--;
	buf_add(b, o.url, len);
	buf_adds(b, "/embeddings");
	buf_adds(b, o.url + n);
}

static void
again(void *arg, const char *why, int wait_ms)
{
	struct buf b = BUF_INIT;

	(void)arg;
	buf_addf(&b, "%s; trying again in %d.%d s", why, wait_ms / 1000,
	    wait_ms % 1000 / 100);
	say(b.p);
	buf_release(&b);
}

static int
run_all(struct run *run, struct err *e)
{
	struct buf url = BUF_INIT;
	struct http_how how = { .most = ANSWER, .again = again };
	int r;

	if (o.url == NULL)
		return err_set(e, ERR_USAGE, "it needs --url");
	if (o.dimension > EMBED_REPLY_DIMENSION || o.batch < 1 ||
	    o.batch > 1024)
		return err_set(e, ERR_USAGE, "--dimension is at most 4096, "
		    "--batch from 1 to 1024");
	if (read_key(&run->key, e) < 0)
		return -1;
	make_url(&url);
	how.url = url.p;
	how.key = run->key.len > 0 ? run->key.p : NULL;
	how.ca_file = o.ca_file;
	r = http_open(&run->http, &how, e);
	buf_release(&url);
	return r < 0 ? -1 : questions(run, e);
}

/* -h and --version are asked in words; 1: that is all. */
static int
start(int *argc, char **argv, struct err *e)
{
	struct buf b = BUF_INIT;
	const struct opt_verb *verb;
	int ask, r = opt_parse(&tool, argc, argv, &verb, &ask, e);

	if (r == 1 && ask == 'h')
		opt_help(&tool, NULL, &b);
	else if (r == 1 && ask == 'v')
		buf_adds(&b, "embed-http (memkit) " VERSION "\n");
	if (r == 1 && file_write(1, b.p, b.len, "standard output", e) < 0)
		r = -1;
	if (r == 0 && *argc > 0)
		r = err_set(e, ERR_USAGE, "it takes no operands");
	buf_release(&b);
	return r;
}

int
main(int argc, char **argv)
{
	struct run run = { .http = NULL };
	struct err e = { 0 };
	int r;

	alloc_name = tool.name;
	json_setup();
	buf_init(&run.key);
	buf_init(&run.body);
	buf_init(&run.request);
	buf_init(&run.out);
	if ((r = start(&argc, argv, &e)) == 0)
		r = run_all(&run, &e);
	http_free(run.http);
	buf_wipe(&run.key);
	buf_release(&run.body);
	buf_release(&run.request);
	buf_release(&run.out);
	free(run.model);
	if (r >= 0)
		return 0;
	say(e.msg);
	return e.code == ERR_USAGE ? MISUSE : 2;
}
