/*
 * OpenAI's chat messages: one conversation as an array of them, or one in
 * each element or line ({"messages": [...]}: fine-tuning files, batches,
 * logs of proxies).
 *
 * There is no name of a session in it.  A conversation that stands whole
 * before us is named by its hash; one that is a file of messages, which
 * may grow, by its messages up to the first answer.
 */
#include "from/format.h"

#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD_MAX 16		/* messages that may name a conversation */

struct openai {
	json_t *head;		/* own; messages held until it has a name */
	char session[64];	/* "" as long as it has none */
	int64_t n;		/* messages so far */
};

static void
name_by(char out[64], const json_t *v)
{
	struct buf b = BUF_INIT;

	json_sorted(&b, v);
	snprintf(out, 64, "openai-%016llx",
	    (unsigned long long)from_hash(b.p, (char *)NULL));
	buf_release(&b);
}

static int
calls(struct from *f, const struct from_msg *m, const json_t *msg,
    struct err *e)
{
	const json_t *all = json_object_get(msg, "tool_calls"), *c, *fn;
	const json_t *old = json_object_get(msg, "function_call");
	size_t i;

	for (i = 0; i < json_array_size(all); i++) {
		c = json_array_get(all, i);
		fn = json_object_get(c, "function");
		if (fn == NULL)
			fn = json_object_get(c, "custom");
		if (from_tool_use(f, m, 1000 + (int)i,
		    get_str(c, "id", NULL), get_str(fn, "name", NULL),
		    json_object_get(fn, json_object_get(fn, "arguments") !=
		    NULL ? "arguments" : "input"), e) < 0)
			return -1;
	}
	if (!json_is_object(old))
		return 0;
	return from_tool_use(f, m, 1000, NULL, get_str(old, "name", NULL),
	    json_object_get(old, "arguments"), e);
}

static const json_t *
stamp_of(const json_t *v)
{
	static const char *const keys[] = { "timestamp", "created_at",
	    "created", "create_time", "time", "date", NULL };
	const json_t *t;
	int i;

	for (i = 0; keys[i] != NULL; i++)
		if ((t = json_object_get(v, keys[i])) != NULL &&
		    !json_is_null(t))
			return t;
	return NULL;
}

static int
message(struct from *f, const struct from_msg *talk, int64_t no,
    const json_t *msg, struct err *e)
{
	const char *role = get_str(msg, "role", NULL);
	const json_t *content = json_object_get(msg, "content");
	const char *thought = get_str(msg, "reasoning_content", NULL);
	struct from_msg m = *talk;
	enum event_role who;
	char id[24];

	if (role == NULL) {
		from_skip(f, "message without a role");
		return 0;
	}
	snprintf(id, sizeof id, "%lld", (long long)no);
	m.id = get_str(msg, "id", NULL);
	if (m.id == NULL)
		m.id = id;
	from_when(f, &m, stamp_of(msg));
	if (str_eq(role, "tool") || str_eq(role, "function"))
		return from_tool_result(f, &m, 0,
		    get_str(msg, "tool_call_id", NULL),
		    get_str(msg, "name", NULL), content, -1, NULL, e);
	who = str_eq(role, "user") ? ROLE_USER : str_eq(role, "assistant") ?
	    ROLE_ASSISTANT : ROLE_SYSTEM;
	if (who == ROLE_SYSTEM && !str_eq(role, "system") &&
	    !str_eq(role, "developer")) {
		from_drop_of(f, "message of role", role);
		return 0;
	}
	m.author = get_str(msg, "name", NULL);
	if (thought != NULL && from_thought(f, &m, 900, thought, e) < 0)
		return -1;
	if (content == NULL || json_is_null(content))
		content = json_object_get(msg, "refusal");
	if (content != NULL && !json_is_null(content) &&
	    from_content(f, &m, who, content, e) < 0)
		return -1;
	return calls(f, &m, msg, e);
}

/* A whole conversation; v is what it stands in, or itself. */
static int
conversation(struct from *f, const json_t *v, const json_t *msgs,
    struct err *e)
{
	static const char *const names[] = { "session_id",
	    "conversation_id", "id", "custom_id", NULL };
	struct from_msg m = { 0 };
	char session[64];
	size_t i;
	int k, r = 0;

	for (k = 0; names[k] != NULL && m.session == NULL; k++)
		m.session = get_str(v, names[k], NULL);
	if (m.session == NULL) {
		name_by(session, msgs);
		m.session = session;
	}
	m.model = get_str(v, "model", NULL);
	f->src_ms = f->start_ms = 0;
	from_time(stamp_of(v), &f->start_ms);
	r = from_session(f, &m, get_str(v, "title", NULL), e);
	for (i = 0; i < json_array_size(msgs) && r == 0; i++)
		r = message(f, &m, (int64_t)i, json_array_get(msgs, i), e);
	return r;
}

static int
tell_head(struct from *f, struct err *e)
{
	struct openai *c = f->priv;
	struct from_msg m = { .session = c->session };
	json_t *head = c->head;
	size_t i;
	int r = 0;

	if (head == NULL)
		return 0;
	c->head = NULL;
	name_by(c->session, head);
	for (i = 0; i < json_array_size(head) && r == 0; i++)
		r = message(f, &m, c->n++, json_array_get(head, i), e);
	json_decref(head);
	return r;
}

/* A message at the top: the file is one conversation. */
static int
piece(struct from *f, const json_t *msg, struct err *e)
{
	struct openai *c = f->priv;
	struct from_msg m = { .session = c->session };

	if (c->session[0] != '\0')
		return message(f, &m, c->n++, msg, e);
	if (c->head == NULL)
		c->head = json_array();
	json_array_append(c->head, (json_t *)msg);
	if (str_eq(get_str(msg, "role", NULL), "assistant") ||
	    json_array_size(c->head) == HEAD_MAX)
		return tell_head(f, e);
	return 0;
}

static int
value(struct from *f, const json_t *v, struct err *e)
{
	const json_t *msgs = json_object_get(v, "messages");

	if (msgs == NULL)
		msgs = get_path(v, "body.messages");
	if (msgs == NULL)
		msgs = get_path(v, "request.messages");
	if (json_is_array(v))
		return conversation(f, v, v, e);
	if (json_is_array(msgs))
		return conversation(f, v, msgs, e);
	if (get_str(v, "role", NULL) != NULL)
		return piece(f, v, e);
	from_skip(f, "neither message nor conversation");
	return 0;
}

static void
release(struct from *f)
{
	json_decref(((struct openai *)f->priv)->head);
}

const struct from_format from_openai = {
	.name = "openai",
	.size = sizeof(struct openai),
	.shape = FROM_VALUES,
	.names = "*.json or *.jsonl",
	.want = from_want_any,
	.value = value,
	.flush = tell_head,
	.release = release,
};
