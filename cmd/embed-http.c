/*
 * embed-http: vectors of texts by an endpoint such as OpenAI's.  A program
 * that others run (search/embed_run.h), not a tool of its own: questions and
 * answers as memkit-json(5) has them under "embed".
 */
#include "cmd/endpoint.h"
#include "cmd/serve.h"

#include "base/alloc.h"
#include "base/str.h"
#include "base/utf8.h"
#include "net/embed_reply.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SHORT 256		/* bytes that every endpoint takes */
#define QUERY_TRIES 3		/* whoever waits can do without vectors */

static struct {
	const char *query_prefix, *document_prefix;
	int64_t dimension, batch;
} o = { .query_prefix = "", .document_prefix = "", .batch = 32 };

static const struct opt opts[] = {
	OPT_STR(0, "url", &endpoint_options.url, "url",
	    "the endpoint: /embeddings is added", OPT_C_NONE),
	OPT_STR(0, "model", &endpoint_options.model, "name",
	    "the model to ask for", OPT_C_NONE),
	OPT_INT(0, "dimension", &o.dimension, "n",
	    "ask for vectors of so many components"),
	OPT_INT(0, "batch", &o.batch, "n",
	    "texts of one request, at most (default 32)"),
	OPT_STR(0, "query-prefix", &o.query_prefix, "text",
	    "stands before each query", OPT_C_NONE),
	OPT_STR(0, "document-prefix", &o.document_prefix, "text",
	    "stands before each document", OPT_C_NONE),
	OPT_INCLUDE(endpoint_opts),
	OPT_END
};

static const struct opt_tool tool = {
	.name = "embed-http",
	.args = "",
	.about = "vectors of texts by an endpoint, for memkit",
	.opts = opts,
};

static struct {
	struct endpoint *ep;		/* borrowed; of the question at hand */
	struct buf request, *out;	/* out: vectors so far, as JSON */
	char *model;			/* own; as the first answer has it */
	size_t dim;			/* 0: not known yet */
	bool query;			/* somebody waits */
	bool cut;			/* that texts are cut was told */
} run = { .request = BUF_INIT };

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
make_request(const struct text *text, size_t n)
{
	struct buf whole = BUF_INIT, *b = &run.request;
	size_t i;

	buf_reset(b);
	buf_addc(b, '{');
	if (endpoint_options.model != NULL) {
		buf_adds(b, "\"model\":");
		json_quote(b, endpoint_options.model,
		    strlen(endpoint_options.model));
		buf_addc(b, ',');
	}
	if (o.dimension > 0)
		buf_addf(b, "\"dimensions\":%lld,", (long long)o.dimension);
	buf_adds(b, "\"input\":[");
	for (i = 0; i < n; i++) {
		buf_reset(&whole);
		buf_adds(&whole, run.query ? o.query_prefix :
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
request(const struct text *text, size_t n, struct err *e)
{
	char why[ENDPOINT_WHY];
	int status, r;

	make_request(text, n);
	run.ep->tries = run.query ? QUERY_TRIES : 0;
	r = endpoint_post(run.ep, run.request.p, run.request.len, &status,
	    why, e);
	if (r != 0)
		return r;
	if (too_large(status, why))
		return err_set(e, ERR_INPUT, "the endpoint takes no text of "
		    "%zu bytes%s", text[0].len, why) + 1;
	return -1;
}

/* --- an answer --------------------------------------------------------- */

static int
take_answer(size_t n, struct err *e)
{
	char *model;

	if (embed_reply(run.ep->body.p, run.ep->body.len, n, &run.dim, run.out,
	    &model, e) < 0)
		return -1;
	if (run.model == NULL)
		run.model = xstrdup(endpoint_options.model != NULL ?
		    endpoint_options.model : model != NULL ? model :
		    "unnamed");
	free(model);
	return 0;
}

/* --- texts ------------------------------------------------------------- */

static void
say_cut(void)
{
	struct buf b = BUF_INIT;

	buf_adds(&b, "the endpoint takes no text as long as some are; their "
	    "ends are left out");
	serve_say(&b);
}

/* One that is too long is cut until it is taken. */
static int
embed_one(struct text t, struct err *e)
{
	int r;

	while ((r = request(&t, 1, e)) == 0) {
		if (t.len <= SHORT)
			return -1;
		t.len = utf8_cut(t.p, t.len, t.len / 2);
		if (!run.cut)
			say_cut();
		run.cut = true;
	}
	return r < 0 ? -1 : take_answer(1, e);
}

/* What is too much for one request goes in two. */
static int
embed(const struct text *text, size_t n, struct err *e)
{
	size_t half = n / 2;
	int r;

	if (n == 0)
		return 0;
	if (n == 1)
		return embed_one(text[0], e);
	if (n > (size_t)o.batch)
		r = 0;
	else
		r = request(text, n, e);
	if (r < 0)
		return -1;
	if (r == 1)
		return take_answer(n, e);
	if (n > (size_t)o.batch)
		half = (size_t)o.batch;
	if (embed(text, half, e) < 0)
		return -1;
	return embed(text + half, n - half, e);
}

/* The dimension of one that is not told is seen by asking for something. */
static int
look(struct err *e)
{
	struct text t = { "memkit", 6 };

	if (o.dimension > 0 && endpoint_options.model != NULL) {
		run.dim = (size_t)o.dimension;
		if (run.model == NULL)
			run.model = xstrdup(endpoint_options.model);
		return 0;
	}
	if (embed_one(t, e) < 0)
		return -1;
	buf_reset(run.out);
	return 0;
}

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
reply(struct endpoint *ep, const json_t *q, struct buf *out, struct err *e)
{
	struct buf vectors = BUF_INIT;
	struct text *text = NULL;
	size_t n = 0;
	int r;

	run.ep = ep;
	run.out = &vectors;
	run.query = str_eq(get_str(q, "kind", NULL), "query");
	r = read_texts(q, &text, &n, e);
	if (r == 0)
		r = n > 0 ? embed(text, n, e) : run.dim > 0 ? 0 : look(e);
	if (r == 0) {
		buf_adds(out, ",\"model\":");
		json_quote(out, run.model, strlen(run.model));
		buf_addf(out, ",\"dimension\":%zu,\"batch\":%lld,"
		    "\"vectors\":[", run.dim, (long long)o.batch);
		buf_add(out, vectors.p, vectors.len);
		buf_addc(out, ']');
	}
	buf_release(&vectors);
	free(text);
	return r;
}

static int
check(struct err *e)
{
	if (o.dimension > EMBED_REPLY_DIMENSION || o.batch < 1 ||
	    o.batch > 1024)
		return err_set(e, ERR_USAGE, "--dimension is at most 4096, "
		    "--batch from 1 to 1024");
	return 0;
}

int
main(int argc, char **argv)
{
	static const struct endpoint_kind kind = { &tool, "/embeddings",
	    "embed", "vectors", check, reply };
	int status = endpoint_main(&kind, argc, argv);

	buf_release(&run.request);
	free(run.model);
	return status;
}
