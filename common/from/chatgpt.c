/*
 * ChatGPT exports: conversations.json, an array of conversations, each a
 * tree of messages.  What was said in the end is the way from current_node
 * up to the root.
 *
 * A message without a time takes that of the nearest one above it, so that
 * it is the same whether branches are told or not.
 */
#include "from/format.h"

#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#define STEP 8			/* ordinals between two without a time */

struct talk {
	const json_t *v, *mapping;
	struct map chain;	/* ids of what was said in the end */
	struct from_msg m;	/* what all messages have */
};

static const json_t *
node_of(const struct talk *t, const char *id)
{
	return id != NULL ? json_object_get(t->mapping, id) : NULL;
}

/* Where it ended; exports of old lack current_node: then the message said
 * last. */
static const char *
find_leaf(const struct talk *t)
{
	const char *leaf = get_str(t->v, "current_node", NULL), *key;
	int64_t best = INT64_MIN, ms;
	const json_t *msg;
	json_t *node;

	if (node_of(t, leaf) != NULL)
		return leaf;
	leaf = NULL;
	json_object_foreach((json_t *)t->mapping, key, node) {
		msg = json_object_get(node, "message");
		ms = INT64_MIN + 1;
		if (json_is_object(msg))
			from_time(json_object_get(msg, "create_time"), &ms);
		if (ms > best || leaf == NULL) {
			best = ms;
			leaf = key;
		}
	}
	return leaf;
}

static void
find_chain(struct talk *t)
{
	const char *id = find_leaf(t);
	const json_t *node;
	int made;

	while ((node = node_of(t, id)) != NULL) {
		map_put(&t->chain, id, &made);
		if (!made)
			return;		/* a circle */
		id = get_str(node, "parent", NULL);
	}
}

static void
find_time(struct from *f, const struct talk *t, const json_t *node,
    struct from_msg *m)
{
	const json_t *msg;
	size_t up, max = json_object_size(t->mapping);

	for (up = 0; node != NULL && up <= max; up++) {
		msg = json_object_get(node, "message");
		if (from_time(json_object_get(msg, "create_time"), &m->ts_ms)) {
			m->guessed = up > 0;
			m->first = up > INT16_MAX / STEP ? INT16_MAX :
			    STEP * (int)up;
			return;
		}
		node = node_of(t, get_str(node, "parent", NULL));
	}
	f->src_ms = f->start_ms = 0;
	if (!from_time(json_object_get(t->v, "create_time"), &f->start_ms))
		from_time(json_object_get(t->v, "update_time"), &f->start_ms);
	from_when(f, m, NULL);
	m->first = up > INT16_MAX / STEP ? INT16_MAX : STEP * (int)up;
}

/* The text of a message: parts, or by the kind of content. */
static void
add_content(struct buf *b, const json_t *content)
{
	static const char *const keys[] = { "parts", "text", "result",
	    "content", NULL };
	const char *title = get_str(content, "title", NULL);
	const json_t *v;
	int i;

	if (title != NULL)
		buf_addf(b, "%s\n", title);
	for (i = 0; keys[i] != NULL; i++)
		if ((v = json_object_get(content, keys[i])) != NULL &&
		    !json_is_null(v)) {
			from_flatten(b, v);
			return;
		}
}

static int
thoughts(struct from *f, const struct from_msg *m, const json_t *content,
    struct err *e)
{
	const json_t *all = json_object_get(content, "thoughts");
	struct buf b = BUF_INIT;
	int r;

	if (all != NULL)
		from_flatten(&b, all);
	else
		add_content(&b, content);
	r = from_thought(f, m, 0, b.p, e);
	buf_release(&b);
	return r;
}

/* By who says it to whom: a turn, a call of a tool, what it answered. */
static int
tell(struct from *f, const struct from_msg *m, const json_t *msg,
    struct err *e)
{
	const json_t *content = json_object_get(msg, "content");
	const json_t *author = json_object_get(msg, "author");
	const char *role = get_str(author, "role", NULL);
	const char *type = get_str(content, "content_type", NULL);
	const char *to = get_str(msg, "recipient", NULL);
	struct buf b = BUF_INIT;
	json_t *text;
	int r;

	if (str_eq(type, "thoughts") || str_eq(type, "reasoning_recap"))
		return thoughts(f, m, content, e);
	if (type != NULL && str_ends(type, "_editable_context")) {
		from_drop(f, "injected text");
		return 0;
	}
	if (json_is_string(content))
		from_flatten(&b, content);
	else
		add_content(&b, content);
	text = json_stringn(b.p, b.len);
	if (str_eq(role, "tool"))
		r = from_tool_result(f, m, 0, NULL,
		    get_str(author, "name", NULL), text, -1, NULL, e);
	else if (str_eq(role, "assistant") && to != NULL &&
	    strcmp(to, "all") != 0)
		r = from_tool_use(f, m, 0, NULL, to, text, e);
	else if (str_eq(role, "user") || str_eq(role, "assistant") ||
	    str_eq(role, "system"))
		r = from_text(f, m, 0, str_eq(role, "user") ? ROLE_USER :
		    str_eq(role, "system") ? ROLE_SYSTEM : ROLE_ASSISTANT,
		    b.p, e);
	else {
		from_drop_of(f, "message of role", role);
		r = 0;
	}
	json_decref(text);
	buf_release(&b);
	return r;
}

static int
node(struct from *f, const struct talk *t, const char *key,
    const json_t *n, struct err *e)
{
	const json_t *msg = json_object_get(n, "message");
	const json_t *meta = json_object_get(msg, "metadata");
	bool said = map_get(&t->chain, key) != NULL;
	struct from_msg m = t->m;

	if (msg == NULL || json_is_null(msg))
		return 0;		/* the root has none */
	if (!json_is_object(msg)) {
		from_skip(f, "message that is no object");
		return 0;
	}
	if (!said && !f->o.branches) {
		from_drop(f, "another branch");
		return 0;
	}
	if (json_is_true(json_object_get(meta,
	    "is_visually_hidden_from_conversation"))) {
		from_drop(f, "hidden message");
		return 0;
	}
	find_time(f, t, n, &m);
	m.id = get_str(msg, "id", NULL);
	if (m.id == NULL)
		m.id = key;
	m.model = get_str(meta, "model_slug", NULL);
	if (!said)
		m.branch = "abandoned";
	return tell(f, &m, msg, e);
}

static int
value(struct from *f, const json_t *v, struct err *e)
{
	struct talk t = { .v = v, .mapping = json_object_get(v, "mapping") };
	struct buf id = BUF_INIT;
	const char *key;
	size_t i;
	json_t *n;
	int r;

	if (!json_is_object(t.mapping)) {
		from_skip(f, "not a conversation");
		return 0;
	}
	t.m.session = get_str(v, "id", NULL);
	if (t.m.session == NULL)
		t.m.session = get_str(v, "conversation_id", NULL);
	if (t.m.session == NULL) {
		json_sorted(&id, t.mapping);
		buf_addf(&id, "%016llx", (unsigned long long)from_hash(id.p,
		    (char *)NULL));
		t.m.session = id.p + id.len - 16;
	}
	find_chain(&t);
	r = from_session(f, &t.m, get_str(v, "title", NULL), e);
	for (i = t.chain.n; i > 0 && r == 0; i--)
		r = node(f, &t, t.chain.e[i - 1].key,
		    node_of(&t, t.chain.e[i - 1].key), e);
	json_object_foreach((json_t *)t.mapping, key, n)
		if (r == 0 && map_get(&t.chain, key) == NULL)
			r = node(f, &t, key, n, e);
	map_release(&t.chain);
	buf_release(&id);
	return r;
}

const struct from_format from_chatgpt = {
	.name = "chatgpt",
	.agent = "chatgpt",
	.shape = FROM_VALUES,
	.names = FROM_EXPORTS,
	.want = from_want_export,
	.value = value,
};
