/*
 * GitHub Copilot CLI: ~/.copilot/session-state/ID/events.jsonl.  An answer
 * may come in pieces, whole or as differences, with calls of tools between
 * them: its text is joined by messageId and told when the next turn begins.
 */
#include "from/format.h"

#include "base/alloc.h"
#include "base/json.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct copilot {
	char *session, *cwd, *branch, *model;	/* own */
	char *answer;		/* own; messageId of what is held; or NULL */
	struct buf text;
	struct from_msg m;	/* its time and place */
};

static enum from_shape
want(const char *name, const struct strv *names, const char **why)
{
	enum from_shape shape = from_want(name, ".jsonl", why);

	(void)names;
	return strcmp(name, "events.jsonl") == 0 ? shape : FROM_NONE;
}

static void
fill(struct from *f, struct from_msg *m)
{
	struct copilot *c = f->priv;

	m->session = c->session;
	if (m->session == NULL && strcmp(f->src.path, "-") != 0)
		m->session = strcmp(f->src.stem, "events") == 0 ?
		    f->src.folder : f->src.stem;
	m->cwd = c->cwd;
	m->git_branch = c->branch;
	m->model = c->model;
}

static int
tell_answer(struct from *f, struct err *e)
{
	struct copilot *c = f->priv;
	int r;

	if (c->answer == NULL)
		return 0;
	f->hold = -1;
	fill(f, &c->m);
	c->m.id = c->answer;
	r = c->text.len > 0 ?
	    from_text(f, &c->m, 0, ROLE_ASSISTANT, c->text.p, e) : 0;
	free(c->answer);
	c->answer = NULL;
	return r;
}

/* A piece of an answer; whole: all of it so far, or what follows. */
static int
answer(struct from *f, const json_t *v, const json_t *data, const char *text,
    bool whole, struct err *e)
{
	struct copilot *c = f->priv;
	const char *id = get_str(data, "messageId", NULL);

	if (id == NULL)
		id = get_str(v, "id", NULL);
	if (id == NULL || !str_eq(id, c->answer)) {
		if (tell_answer(f, e) < 0)
			return -1;
		memset(&c->m, 0, sizeof c->m);
		from_when(f, &c->m, json_object_get(v, "timestamp"));
		c->answer = xstrdup(id != NULL ? id : "");
		if (c->text.p == NULL)
			buf_init(&c->text);
		buf_reset(&c->text);
		f->hold = f->src.begin;
	}
	if (text == NULL)
		return 0;
	if (whole && str_starts(text, c->text.p))
		buf_reset(&c->text);
	buf_adds(&c->text, text);
	return 0;
}

static int
thought(struct from *f, const json_t *v, const json_t *data, struct err *e)
{
	struct from_msg m = { 0 };
	const char *text = get_str(data, "reasoningText", NULL);

	if (text == NULL)
		text = get_str(data, "content", NULL);
	if (text == NULL)
		return 0;
	from_when(f, &m, json_object_get(v, "timestamp"));
	fill(f, &m);
	m.id = get_str(v, "id", NULL);
	return from_thought(f, &m, 1, text, e);
}

static int
tool(struct from *f, const json_t *v, const json_t *data, bool done,
    struct err *e)
{
	const char *call = get_str(data, "toolCallId", NULL);
	const json_t *ok = json_object_get(data, "success");
	const json_t *result = json_object_get(data, "result");
	struct from_msg m = { 0 };
	struct buf id = BUF_INIT;
	int r;

	from_when(f, &m, json_object_get(v, "timestamp"));
	fill(f, &m);
	m.id = call != NULL ? call : get_str(v, "id", NULL);
	if (!done)
		return from_tool_use(f, &m, 0, call,
		    get_str(data, "toolName", NULL),
		    json_object_get(data, "arguments"), e);
	if (call != NULL) {
		buf_addf(&id, "%s/result", call);
		m.id = id.p;
	}
	if (result == NULL || json_is_null(result))
		result = json_object_get(data, "error");
	r = from_tool_result(f, &m, 0, call, get_str(data, "toolName", NULL),
	    result, json_is_boolean(ok) ? json_is_false(ok) : -1, NULL, e);
	buf_release(&id);
	return r;
}

static void
start(struct from *f, const json_t *data)
{
	struct copilot *c = f->priv;
	const json_t *context = json_object_get(data, "context");

	from_set(&c->session, get_str(data, "sessionId", NULL));
	from_set(&c->model, get_str(data, "selectedModel", NULL));
	from_set(&c->cwd, get_str(context, "cwd", NULL));
	from_set(&c->branch, get_str(context, "branch", NULL));
	if (f->start_ms == 0)
		from_time(json_object_get(data, "startTime"), &f->start_ms);
}

static int
user(struct from *f, const json_t *v, const json_t *data, struct err *e)
{
	struct from_msg m = { 0 };

	from_when(f, &m, json_object_get(v, "timestamp"));
	fill(f, &m);
	m.id = get_str(v, "id", NULL);
	return from_content(f, &m, ROLE_USER, json_object_get(data,
	    "content"), e);
}

static int
value(struct from *f, const json_t *v, struct err *e)
{
	struct copilot *c = f->priv;
	const char *type = get_str(v, "type", NULL);
	const json_t *data = json_object_get(v, "data");
	const char *text = get_str(data, "content", NULL);

	if (type == NULL) {
		from_skip(f, "line without a type");
		return 0;
	}
	from_set(&c->model, get_str(data, "newModel", NULL));
	if (strcmp(type, "assistant.message_delta") == 0)
		return answer(f, v, data, get_str(data, "deltaContent", NULL),
		    false, e);
	if (strcmp(type, "assistant.message") == 0) {
		from_set(&c->model, get_str(data, "model", NULL));
		if (get_str(data, "reasoningText", NULL) != NULL &&
		    thought(f, v, data, e) < 0)
			return -1;
		return answer(f, v, data, text, true, e);
	}
	if (strcmp(type, "assistant.reasoning") == 0)
		return thought(f, v, data, e);
	if (strcmp(type, "tool.execution_start") == 0)
		return tool(f, v, data, false, e);
	if (strcmp(type, "tool.execution_complete") == 0)
		return tool(f, v, data, true, e);
	if (strcmp(type, "user.message") == 0)
		return tell_answer(f, e) < 0 ? -1 : user(f, v, data, e);
	if (strcmp(type, "assistant.turn_end") == 0 ||
	    str_starts(type, "session.")) {
		if (tell_answer(f, e) < 0)
			return -1;
		if (strcmp(type, "session.start") == 0)
			start(f, data);
	}
	from_drop_of(f, "line of type", type);
	return 0;
}

static int
flush(struct from *f, struct err *e)
{
	return f->src.quiet ? tell_answer(f, e) : 0;
}

static const struct from_kept kept[] = {
	{ "id", offsetof(struct copilot, session) },
	{ "cwd", offsetof(struct copilot, cwd) },
	{ "branch", offsetof(struct copilot, branch) },
	{ "model", offsetof(struct copilot, model) },
	{ NULL, 0 }
};

static void
save(struct from *f, json_t *state)
{
	from_kept_save(f, kept, state);
}

static void
restore(struct from *f, const json_t *state)
{
	from_kept_restore(f, kept, state);
}

static void
release(struct from *f)
{
	struct copilot *c = f->priv;

	from_kept_release(f, kept);
	free(c->answer);
	if (c->text.p != NULL)
		buf_release(&c->text);
}

const struct from_format from_copilot = {
	.name = "copilot",
	.agent = "copilot",
	.size = sizeof(struct copilot),
	.shape = FROM_LINES,
	.names = "events.jsonl",
	.want = want,
	.value = value,
	.flush = flush,
	.save = save,
	.restore = restore,
	.release = release,
};
