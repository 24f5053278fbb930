/*
 * chat-http: contents of a conversation, or facts or relations out of it, by
 * an endpoint such as OpenAI's.  A program that others run (toc/asker.h),
 * not a tool of its own: questions and answers as memkit-json(5) has them under
 * "sum_up", "propose" and "relate".
 *
 * What was said goes out as JSON, an object a line, so that no text can end
 * its place; the instructions are in share/prompt.
 */
#include "cmd/endpoint.h"

#include "base/alloc.h"
#include "base/str.h"

#include <stdint.h>
#include <string.h>

#define TRIES 3			/* with less and less that may be unknown */

extern const unsigned char data_prompt_contents_txt[];
extern const size_t data_prompt_contents_txt_len;
extern const unsigned char data_prompt_facts_txt[];
extern const size_t data_prompt_facts_txt_len;
extern const unsigned char data_prompt_graph_txt[];
extern const size_t data_prompt_graph_txt_len;

/* What it is asked for. */
struct job {
	const char *asks, *answers;	/* "type" of both */
	const unsigned char *prompt;
	const size_t *len;
	const char *keys[3];		/* that an answer is to have */
	int64_t most;			/* tokens of it, by default */
};

static const struct job contents = { "sum_up", "contents",
    data_prompt_contents_txt, &data_prompt_contents_txt_len,
    { "title", "bullets", "keywords" }, 1000 };
static const struct job facts = { "propose", "proposals",
    data_prompt_facts_txt, &data_prompt_facts_txt_len,
    { "proposals", NULL, NULL }, 4000 };
static const struct job graph = { "relate", "relations",
    data_prompt_graph_txt, &data_prompt_graph_txt_len,
    { "entities", "relations", NULL }, 4000 };
static const struct job *job = &contents;

static struct {
	bool facts, graph;
	int64_t most;			/* 0: as the job has it */
} o;

static const struct opt opts[] = {
	OPT_STR(0, "url", &endpoint_options.url, "url",
	    "the endpoint: /chat/completions is added", OPT_C_NONE),
	OPT_STR(0, "model", &endpoint_options.model, "name",
	    "the model to ask for", OPT_C_NONE),
	OPT_FLAG(0, "facts", &o.facts, "propose facts, not contents"),
	OPT_FLAG(0, "graph", &o.graph, "propose entities and relations"),
	OPT_INT(0, "max-tokens", &o.most, "n",
	    "tokens of an answer, at most (default 1000, of facts and "
	    "relations 4000)"),
	OPT_INCLUDE(endpoint_opts),
	OPT_END
};

static const struct opt_tool tool = {
	.name = "chat-http",
	.args = "",
	.about = "contents of conversations, facts or relations by an "
	    "endpoint, for memkit",
	.opts = opts,
};

/* What this endpoint turned out not to know. */
static struct {
	bool format, temperature, max_tokens;
} lacks;

/* --- the request ------------------------------------------------------- */

static int
add_turns(struct buf *b, const json_t *turns, struct err *e)
{
	const json_t *t;
	size_t i;

	for (i = 0; i < json_array_size(turns); i++) {
		t = json_array_get(turns, i);
		if (get_str(t, "text", NULL) == NULL ||
		    get_str(t, "role", NULL) == NULL)
			return err_set(e, ERR_INPUT, "turn %zu has no 'role' "
			    "or no 'text'", i + 1);
		json_write(b, t);
		buf_addc(b, '\n');
	}
	return 0;
}

static void
make_request(struct buf *b, const struct buf *turns)
{
	buf_reset(b);
	buf_addc(b, '{');
	if (endpoint_options.model != NULL) {
		buf_adds(b, "\"model\":");
		json_quote(b, endpoint_options.model,
		    strlen(endpoint_options.model));
		buf_addc(b, ',');
	}
	if (!lacks.temperature)
		buf_adds(b, "\"temperature\":0,");
	if (!lacks.format)
		buf_adds(b, "\"response_format\":{\"type\":\"json_object\"},");
	buf_addf(b, "\"%s\":%lld,", lacks.max_tokens ?
	    "max_completion_tokens" : "max_tokens", (long long)o.most);
	buf_adds(b, "\"messages\":[{\"role\":\"system\",\"content\":");
	json_quote(b, (const char *)job->prompt, *job->len);
	buf_adds(b, "},{\"role\":\"user\",\"content\":");
	json_quote(b, turns->p, turns->len);
	buf_adds(b, "}]}");
}

/* Is it about something that can be left out?  Then that is, from now on. */
static bool
can_do_without(const char *why)
{
	if (!lacks.format && strstr(why, "response_format") != NULL)
		return lacks.format = true;
	if (!lacks.max_tokens && strstr(why, "max_tokens") != NULL)
		return lacks.max_tokens = true;
	if (!lacks.temperature && strstr(why, "temperature") != NULL)
		return lacks.temperature = true;
	return false;
}

static int
request(struct endpoint *ep, const struct buf *turns, struct err *e)
{
	struct buf b = BUF_INIT;
	char why[ENDPOINT_WHY];
	int status, r, i = 0;

	do {
		make_request(&b, turns);
		r = endpoint_post(ep, b.p, b.len, &status, why, e);
	} while (r == 0 && i++ < TRIES && can_do_without(why));
	buf_release(&b);
	return r == 1 ? 0 : -1;
}

/* --- the answer -------------------------------------------------------- */

/* Some put what they say into a block of code. */
static void
unfence(const char **p, size_t *n)
{
	const char *end = *p + *n, *nl;

	while (*p < end && strchr(" \t\r\n", **p) != NULL)
		++*p;
	while (end > *p && strchr(" \t\r\n", end[-1]) != NULL)
		end--;
	if (end - *p > 6 && memcmp(*p, "```", 3) == 0 &&
	    memcmp(end - 3, "```", 3) == 0 &&
	    (nl = memchr(*p, '\n', (size_t)(end - *p))) != NULL) {
		*p = nl + 1;
		end -= 3;
	}
	*n = (size_t)(end > *p ? end - *p : 0);
}

static void
add_keys(struct buf *out, const json_t *x)
{
	const json_t *v;
	size_t i;

	for (i = 0; i < sizeof job->keys / sizeof *job->keys; i++) {
		if (job->keys[i] == NULL ||
		    (v = json_object_get(x, job->keys[i])) == NULL)
			continue;
		buf_addf(out, ",\"%s\":", job->keys[i]);
		json_write(out, v);
	}
}

/* Its form is checked by who asked; here it only must be JSON. */
static int
add_answer(struct buf *out, const char *p, size_t n, struct err *e)
{
	struct err bad;
	json_t *x;

	unfence(&p, &n);
	if ((x = json_read(p, n, &bad)) == NULL)
		return endpoint_wrong("the model did not say JSON", e);
	add_keys(out, x);
	json_decref(x);
	return 0;
}

static void
add_usage(struct buf *out, const json_t *x)
{
	const json_t *usage = json_object_get(x, "usage");
	int64_t in = 0, n = 0;

	get_int(usage, "prompt_tokens", &in);
	get_int(usage, "completion_tokens", &n);
	if (in > 0)
		buf_addf(out, ",\"tokens_in\":%lld", (long long)in);
	if (n > 0)
		buf_addf(out, ",\"tokens_out\":%lld", (long long)n);
}

static int
take_answer(struct endpoint *ep, struct buf *out, struct err *e)
{
	struct err bad;
	json_t *x = json_read(ep->body.p, ep->body.len, &bad);
	const json_t *choice, *content;
	int r;

	if (x == NULL)
		return endpoint_wrong(bad.msg, e);
	choice = json_array_get(json_object_get(x, "choices"), 0);
	content = json_object_get(json_object_get(choice, "message"),
	    "content");
	if (!json_is_string(content))
		r = endpoint_wrong("no 'content' in its first choice", e);
	else if (str_eq(get_str(choice, "finish_reason", NULL), "length"))
		r = endpoint_wrong("the model was cut off", e);
	else
		r = add_answer(out, json_string_value(content),
		    json_string_length(content), e);
	if (r == 0)
		add_usage(out, x);
	json_decref(x);
	return r;
}

static int
reply(struct endpoint *ep, const json_t *q, struct buf *out, struct err *e)
{
	const json_t *kinds = json_object_get(q, "kinds");
	struct buf turns = BUF_INIT;
	size_t n;
	int r;

	if (kinds != NULL) {
		buf_adds(&turns, "{\"kinds\":");
		json_write(&turns, kinds);
		buf_adds(&turns, "}\n");
	}
	n = turns.len;
	r = add_turns(&turns, json_object_get(q, "turns"), e);
	if (r == 0 && turns.len == n)
		r = err_set(e, ERR_INPUT, "the question has no 'turns'");
	if (r == 0)
		r = request(ep, &turns, e);
	if (r == 0)
		r = take_answer(ep, out, e);
	buf_release(&turns);
	return r;
}

static struct endpoint_kind kind;

/* Which job it is is known once the options are. */
static int
check(struct err *e)
{
	job = o.graph ? &graph : o.facts ? &facts : &contents;
	kind.asks = job->asks;
	kind.answers = job->answers;
	if (o.most == 0)
		o.most = job->most;
	if (o.most < 100 || o.most > 1000000)
		return err_set(e, ERR_USAGE, "--max-tokens is from 100 to "
		    "1000000");
	return 0;
}

int
main(int argc, char **argv)
{
	kind = (struct endpoint_kind){ &tool, "/chat/completions", NULL, NULL,
	    check, reply };
	return endpoint_main(&kind, argc, argv);
}
