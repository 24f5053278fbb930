#include "memory/chat.h"

#include "base/alloc.h"
#include "base/child.h"
#include "base/conf.h"
#include "base/json.h"
#include "base/str.h"
#include "memory/chat_check.h"
#include "memory/coprocess.h"
#include "store/store.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CHAT_HTTP "chat-http"
#define WAIT_S 60		/* for an answer, by default */
#define WAIT_MAX_S 3600
#define CALLS 500		/* of a run, by default */
#define TOKENS 1000000
#define TOKENS_MAX (INT64_MAX / 8)
#define ANSWER ((size_t)1 << 20)	/* longest */
#define FAILURES 3		/* in a row, until it is given up */
#define OUR_TOKENS 400		/* of what we say beside the turns */

struct chat {
	struct strv argv;
	const char *name;
	struct child *child;		/* own; NULL: not started */
	int wait_ms;
	int64_t max_calls, max_tokens;
	json_int_t id;			/* of the question */
	struct chat_spent spent;
	struct turn_reader *reader;	/* own */
	int failures;			/* in a row */
	struct err why;			/* of the last one */
};

/* --- asking ------------------------------------------------------------ */

static void
add_turn(struct buf *b, size_t n, const struct turn *t, bool context)
{
	buf_addf(b, "%s{\"n\":%zu,%s\"role\":\"%s\",\"text\":", n > 1 ? "," :
	    "", n, context ? "\"context\":true," : "", event_roles[t->role]);
	json_quote(b, t->text, t->read);
	buf_addc(b, '}');
}

static void
question(struct chat *c, struct buf *b, const struct turn *t, size_t n,
    size_t context)
{
	size_t i;

	buf_addf(b, "{\"type\":\"sum_up\",\"id\":%lld,\"timeout_ms\":%d,"
	    "\"turns\":[", (long long)++c->id, c->wait_ms);
	for (i = 0; i < n; i++)
		add_turn(b, i + 1, &t[i], i < context);
	buf_adds(b, "]}");
}

static int
wrong(const char *what, struct err *e)
{
	return err_set(e, ERR_INPUT, "it answered wrongly: %s", what);
}

static int
refused(const json_t *o, struct err *e)
{
	const char *what = get_str(o, "message", NULL);

	return err_set(e, json_is_true(json_object_get(o, "again")) ? ERR_NET :
	    ERR_INPUT, "%.300s", what != NULL ? what :
	    "it failed, and does not say why");
}

/* The answer to this question, as JSON. */
static int
ask(struct chat *c, const struct buf *b, json_t **out, struct err *e)
{
	const char *type;
	struct err bad;
	json_t *o;
	size_t len;
	char *p;
	int r = -1;

	if (c->child == NULL && child_start(&c->child, c->name, c->argv.v,
	    e) < 0)
		return -1;
	if (child_ask(c->child, b->p, b->len, c->wait_ms, ANSWER, &p, &len,
	    e) < 0) {
		c->failures = FAILURES;	/* it is of no more use */
		return -1;
	}
	if ((o = json_read(p, len, &bad)) == NULL)
		return wrong(bad.msg, e);
	type = get_str(o, "type", NULL);
	if (json_integer_value(json_object_get(o, "id")) != c->id)
		wrong("its 'id' is that of another question", e);
	else if (str_eq(type, "error"))
		refused(o, e);
	else if (!str_eq(type, "contents"))
		wrong("its 'type' is neither 'contents' nor 'error'", e);
	else
		r = 0;
	if (r < 0)
		json_decref(o);
	else
		*out = o;
	return r;
}

/* All that a run may cost, so that sums of it cannot overflow. */
static int64_t
at_most(int64_t tokens)
{
	return tokens < TOKENS_MAX ? tokens : TOKENS_MAX;
}

/* What it says that it cost, else what we sent and what came. */
static void
count_tokens(struct chat *c, const json_t *o, uint32_t sent)
{
	int64_t in = sent, out = 0;
	char *text;

	if (o != NULL && (text = json_dumps(o, JSON_COMPACT)) != NULL) {
		out = turn_tokens(text, strlen(text));
		free(text);
	}
	if (o != NULL) {
		get_int(o, "tokens_in", &in);
		get_int(o, "tokens_out", &out);
	}
	/* whoever tells that it cost nothing, or less, is not believed */
	c->spent.tokens += (in > 0 ? at_most(in) : sent) +
	    (out > 0 ? at_most(out) : 0);
}

static int
sum_up(struct chat *c, const struct turn *t, size_t n, size_t context,
    struct summary *out, struct err *e)
{
	struct buf b = BUF_INIT;
	json_t *o = NULL;
	int r, came = 0;

	question(c, &b, t, n, context);
	c->spent.calls++;
	r = ask(c, &b, &o, e);
	count_tokens(c, o, OUR_TOKENS + turn_tokens(b.p, b.len));
	buf_release(&b);
	if (r == 0)
		r = chat_check(c->reader, o, t, n, context, out, &came, e);
	json_decref(o);
	if (r < 0)
		return -1;
	c->spent.bullets += came;
	c->spent.dropped += r;
	if (out->bullets == 0) {
		summary_release(out);
		return err_set(e, ERR_INPUT, "none of %d bullets has support",
		    came);
	}
	return 0;
}

int
chat_turns(struct chat *c, const struct turn *t, size_t n, size_t context,
    struct summary *out, struct err *e)
{
	int r;

	if (c->failures >= FAILURES) {
		*e = c->why;
		return -1;
	}
	if (c->spent.calls >= c->max_calls ||
	    c->spent.tokens >= c->max_tokens)
		return err_set(e, ERR_BUSY, "'%s' was asked %lld times for "
		    "%lld tokens: more is not allowed in a run (toc.maxCalls, "
		    "toc.maxTokens)", c->name, (long long)c->spent.calls,
		    (long long)c->spent.tokens);
	r = sum_up(c, t, n, context, out, e);
	if (r == 0) {
		c->failures = 0;
		return 0;
	}
	err_add(e, "'%s'", c->name);
	c->spent.failed++;
	c->failures++;
	c->why = *e;
	return -1;
}

int
chat_parent(struct chat *c, const struct summary_part *p, size_t parts,
    struct summary *out, struct err *e)
{
	struct turn *t = xcalloc(parts + 1, sizeof *t);
	struct summary_bullet *b;
	size_t i, k;
	int r;

	for (i = 0; i < parts; i++) {
		t[i].text = p[i].text;
		t[i].len = p[i].len;
		t[i].type = EVENT_USER_MESSAGE;
		turn_read(c->reader, &t[i]);
	}
	r = chat_turns(c, t, parts, 0, out, e);
	for (b = out->bullet; r == 0 && b < out->bullet + out->bullets; b++) {
		b->source.at = 0;
		b->source.len = p[b->source.from].len;
		for (k = 0; k < b->mores; k++) {
			b->more[k].at = 0;
			b->more[k].len = p[b->more[k].from].len;
		}
	}
	for (i = 0; i < parts; i++)
		turn_release(&t[i]);
	free(t);
	return r;
}

/* --- opening ----------------------------------------------------------- */

/* Settings that chat-http is called with. */
static const struct {
	const char *key, *option;
} passed[] = {
	{ "toc.endpoint", "--url" },
	{ "toc.endpointModel", "--model" },
	{ "toc.endpointKeyEnv", "--key-env" },
	{ "toc.endpointKeyFile", "--key-file" },
	{ "toc.endpointCaFile", "--ca-file" },
};

static void
endpoint_argv(struct strv *argv, const struct conf *conf)
{
	struct buf word = BUF_INIT;
	const char *value;
	size_t i;

	coprocess_path(CHAT_HTTP, &word);
	strv_add(argv, word.p);
	for (i = 0; i < sizeof passed / sizeof *passed; i++) {
		value = conf_get(conf, passed[i].key, "");
		if (*value == '\0')
			continue;
		buf_reset(&word);
		buf_addf(&word, "%s=%s", passed[i].option, value);
		strv_add(argv, word.p);
	}
	buf_release(&word);
}

static int
limits(struct chat *c, const struct conf *conf, struct err *e)
{
	int64_t wait_s = WAIT_S;

	c->max_calls = CALLS;
	c->max_tokens = TOKENS;
	if (conf_get_int(conf, "toc.timeout", 1, WAIT_MAX_S, &wait_s, e) < 0 ||
	    conf_get_int(conf, "toc.maxCalls", 0, INT32_MAX, &c->max_calls,
	    e) < 0 || conf_get_int(conf, "toc.maxTokens", 0, TOKENS_MAX,
	    &c->max_tokens, e) < 0)
		return -1;
	c->wait_ms = (int)wait_s * 1000;
	return 0;
}

int
chat_open(struct chat **out, const struct store *st, struct err *e)
{
	const char *command = conf_get(st->conf, "toc.chatCommand", "");
	const char *url = conf_get(st->conf, "toc.endpoint", "");
	const char *setting = *command != '\0' ? "toc.chatCommand" :
	    "toc.endpoint";
	struct chat *c;

	if (*command == '\0' && *url == '\0')
		return 0;
	if (coprocess_allowed(st, setting, e) < 0)
		return -1;
	c = xcalloc(1, sizeof *c);
	c->name = *command != '\0' ? setting : CHAT_HTTP;
	c->reader = turn_reader_new();
	if (limits(c, st->conf, e) < 0) {
		chat_free(c);
		return -1;
	}
	if (*command != '\0') {
		strv_add(&c->argv, "sh");
		strv_add(&c->argv, "-c");
		strv_add(&c->argv, command);
	} else {
		endpoint_argv(&c->argv, st->conf);
	}
	/* it ends with NULL, which is none of the strings */
	c->argv.v = xgrow(c->argv.v, c->argv.n, &c->argv.cap,
	    sizeof *c->argv.v);
	c->argv.v[c->argv.n] = NULL;
	*out = c;
	return 1;
}

void
chat_free(struct chat *c)
{
	if (c == NULL)
		return;
	child_free(c->child);
	strv_release(&c->argv);
	turn_reader_free(c->reader);
	free(c);
}

const struct chat_spent *
chat_spent(const struct chat *c)
{
	return &c->spent;
}
