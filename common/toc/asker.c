#include "toc/asker.h"

#include "base/alloc.h"
#include "base/child.h"
#include "base/conf.h"
#include "base/coprocess.h"
#include "base/json.h"
#include "base/str.h"
#include "store/store.h"
#include "toc/turn.h"

#include <stdio.h>
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
#define OUR_TOKENS 400		/* of what we say beside the question */
#define KEY_LEN 40		/* of a setting's name, and its NUL */

struct asker {
	const struct asker_kind *kind;	/* borrowed */
	struct strv argv;
	char name[KEY_LEN];		/* of who is asked */
	char *model;			/* own */
	struct child *child;		/* own; NULL: not started */
	int wait_ms;
	int64_t max_calls, max_tokens;
	json_int_t id;			/* of the question */
	struct asker_spent spent;
	int failures;			/* in a row */
	bool again;
	struct err why;			/* of the last one */
};

/* --- asking ------------------------------------------------------------ */

static int
wrong(const char *what, struct err *e)
{
	return err_set(e, ERR_INPUT, "it answered wrongly: %s", what);
}

static int
refused(struct asker *a, const json_t *o, struct err *e)
{
	const char *what = get_str(o, "message", NULL);

	a->again = json_is_true(json_object_get(o, "again"));
	return err_set(e, a->again ? ERR_NET : ERR_INPUT, "%.300s",
	    what != NULL ? what : "it failed, and does not say why");
}

/* The answer to this question, as JSON. */
static int
ask(struct asker *a, const struct buf *b, json_t **out, struct err *e)
{
	const char *type;
	struct err bad;
	json_t *o;
	size_t len;
	char *p;
	int r = -1;

	if (a->child == NULL && child_start(&a->child, a->name, a->argv.v,
	    e) < 0)
		return -1;
	if (child_ask(a->child, b->p, b->len, a->wait_ms, ANSWER, &p, &len,
	    e) < 0) {
		a->failures = FAILURES;	/* it is of no more use */
		return -1;
	}
	if ((o = json_read(p, len, &bad)) == NULL)
		return wrong(bad.msg, e);
	type = get_str(o, "type", NULL);
	if (json_integer_value(json_object_get(o, "id")) != a->id)
		wrong("its 'id' is that of another question", e);
	else if (str_eq(type, "error"))
		refused(a, o, e);
	else if (!str_eq(type, a->kind->answers))
		err_set(e, ERR_INPUT, "it answered wrongly: its 'type' is "
		    "neither '%s' nor 'error'", a->kind->answers);
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
count_tokens(struct asker *a, const json_t *o, uint32_t sent)
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
	a->spent.tokens += (in > 0 ? at_most(in) : sent) +
	    (out > 0 ? at_most(out) : 0);
}

static int
failed(struct asker *a, struct err *e)
{
	err_add(e, "'%s'", a->name);
	a->spent.failed++;
	a->failures++;
	a->why = *e;
	return -1;
}

int
asker_ask(struct asker *a, const struct buf *members, json_t **out,
    struct err *e)
{
	struct buf b = BUF_INIT;
	json_t *o = NULL;
	int r;

	if (a->failures >= FAILURES) {
		*e = a->why;
		return -1;
	}
	if (a->spent.calls >= a->max_calls ||
	    a->spent.tokens >= a->max_tokens)
		return err_set(e, ERR_BUSY, "'%s' was asked %lld times for "
		    "%lld tokens: more is not allowed in a run (%s.maxCalls, "
		    "%s.maxTokens)", a->name, (long long)a->spent.calls,
		    (long long)a->spent.tokens, a->kind->section,
		    a->kind->section);
	buf_addf(&b, "{\"type\":\"%s\",\"id\":%lld,\"timeout_ms\":%d,",
	    a->kind->asks, (long long)++a->id, a->wait_ms);
	buf_add(&b, members->p, members->len);
	buf_addc(&b, '}');
	a->spent.calls++;
	a->again = false;
	r = ask(a, &b, &o, e);
	count_tokens(a, o, OUR_TOKENS + turn_tokens(b.p, b.len));
	buf_release(&b);
	if (r < 0 && e->code == ERR_BUSY)
		a->why = *e;	/* stopped: nobody is to blame */
	else if (r < 0)
		failed(a, e);
	else
		*out = o;
	return r;
}

int
asker_judged(struct asker *a, int r, struct err *e)
{
	if (r < 0)
		return failed(a, e);
	a->failures = 0;
	return r;
}

bool
asker_again(const struct asker *a)
{
	return a->again;
}

/* --- opening ----------------------------------------------------------- */

static const char *
setting(const struct asker_kind *kind, const char *name, char key[KEY_LEN])
{
	snprintf(key, KEY_LEN, "%s.%s", kind->section, name);
	return key;
}

static const char *
value_of(const struct asker_kind *kind, const struct conf *conf,
    const char *name)
{
	char key[KEY_LEN];

	return conf_get(conf, setting(kind, name, key), "");
}

/* Settings that chat-http is called with. */
static const struct {
	const char *name, *option;
} passed[] = {
	{ "endpoint", "--url" },
	{ "endpointModel", "--model" },
	{ "endpointKeyEnv", "--key-env" },
	{ "endpointKeyFile", "--key-file" },
	{ "endpointCaFile", "--ca-file" },
};

static void
endpoint_argv(struct asker *a, const struct conf *conf)
{
	struct buf word = BUF_INIT;
	const char *value;
	size_t i;

	coprocess_path(CHAT_HTTP, &word);
	strv_add(&a->argv, word.p);
	if (a->kind->option != NULL)
		strv_add(&a->argv, a->kind->option);
	for (i = 0; i < sizeof passed / sizeof *passed; i++) {
		value = value_of(a->kind, conf, passed[i].name);
		if (*value == '\0')
			continue;
		buf_reset(&word);
		buf_addf(&word, "%s=%s", passed[i].option, value);
		strv_add(&a->argv, word.p);
	}
	buf_release(&word);
}

static int
limits(struct asker *a, const struct conf *conf, struct err *e)
{
	char key[KEY_LEN];
	int64_t wait_s = WAIT_S;

	a->max_calls = CALLS;
	a->max_tokens = TOKENS;
	if (conf_get_int(conf, setting(a->kind, "timeout", key), 1,
	    WAIT_MAX_S, &wait_s, e) < 0 ||
	    conf_get_int(conf, setting(a->kind, "maxCalls", key), 0,
	    INT32_MAX, &a->max_calls, e) < 0 ||
	    conf_get_int(conf, setting(a->kind, "maxTokens", key), 0,
	    TOKENS_MAX, &a->max_tokens, e) < 0)
		return -1;
	a->wait_ms = (int)wait_s * 1000;
	return 0;
}

static void
fill_argv(struct asker *a, const struct conf *conf, const char *command)
{
	if (*command != '\0') {
		strv_add(&a->argv, "sh");
		strv_add(&a->argv, "-c");
		strv_add(&a->argv, command);
	} else {
		endpoint_argv(a, conf);
	}
	/* it ends with NULL, which is none of the strings */
	a->argv.v = xgrow(a->argv.v, a->argv.n, &a->argv.cap,
	    sizeof *a->argv.v);
	a->argv.v[a->argv.n] = NULL;
}

int
asker_open(struct asker **out, const struct asker_kind *kind,
    const struct store *st, struct err *e)
{
	const char *command = value_of(kind, st->conf, "chatCommand");
	const char *url = value_of(kind, st->conf, "endpoint");
	const char *model = value_of(kind, st->conf, "endpointModel");
	char by[KEY_LEN];
	struct asker *a;

	if (*command == '\0' && *url == '\0')
		return 0;
	setting(kind, *command != '\0' ? "chatCommand" : "endpoint", by);
	if (store_obeys(st, by, e) < 0)
		return -1;
	a = xcalloc(1, sizeof *a);
	a->kind = kind;
	snprintf(a->name, sizeof a->name, "%s", *command != '\0' ? by :
	    CHAT_HTTP);
	a->model = xstrdup(*command == '\0' && *model != '\0' ? model : by);
	if (limits(a, st->conf, e) < 0) {
		asker_free(a);
		return -1;
	}
	fill_argv(a, st->conf, command);
	*out = a;
	return 1;
}

void
asker_free(struct asker *a)
{
	if (a == NULL)
		return;
	child_free(a->child);
	strv_release(&a->argv);
	free(a->model);
	free(a);
}

const struct asker_spent *
asker_spent(const struct asker *a)
{
	return &a->spent;
}

const char *
asker_model(const struct asker *a)
{
	return a->model;
}
