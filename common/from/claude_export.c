/*
 * Claude's export: conversations.json, an array of conversations with their
 * messages in order.  A question that was asked again in other words stands
 * beside the first one, under the same parent; what counts is the way from
 * the last message up.
 */
#include "from/format.h"

#include "base/json.h"

#include <stdlib.h>
#include <string.h>

static const char *
parent_of(const json_t *msg)
{
	return get_str(msg, "parent_message_uuid", NULL);
}

/* Parents of what was said in the end, and the messages themselves. */
struct chain {
	struct map index;	/* uuid: place + 1 */
	struct map said, parents;
};

static void
find_chain(struct chain *c, const json_t *msgs)
{
	const char *id;
	int64_t n = (int64_t)json_array_size(msgs), i;
	const json_t *msg;
	union map_value *v;
	int made;

	for (i = 0; i < n; i++)
		if ((id = get_str(json_array_get(msgs, (size_t)i), "uuid",
		    NULL)) != NULL)
			map_put(&c->index, id, &made)->i = i;
	for (i = n - 1; i >= 0; i = v->i) {
		msg = json_array_get(msgs, (size_t)i);
		if ((id = get_str(msg, "uuid", NULL)) == NULL)
			return;
		map_put(&c->said, id, &made);
		if (!made || (id = parent_of(msg)) == NULL)
			return;
		map_put(&c->parents, id, &made);
		if ((v = map_get(&c->index, id)) == NULL)
			return;
	}
}

/* Was it given up: does it hang on a sibling of something that was said? */
static bool
abandoned(const struct chain *c, const json_t *msgs, const json_t *msg)
{
	size_t up, n = json_array_size(msgs);
	const char *id, *parent;
	union map_value *v;

	for (up = 0; up <= n; up++) {
		id = get_str(msg, "uuid", NULL);
		parent = parent_of(msg);
		if (id == NULL || parent == NULL ||
		    map_get(&c->said, id) != NULL)
			return false;
		if (map_get(&c->parents, parent) != NULL)
			return true;
		if ((v = map_get(&c->index, parent)) == NULL)
			return false;
		msg = json_array_get(msgs, (size_t)v->i);
	}
	return false;
}

static int
attachments(struct from *f, const struct from_msg *m, const json_t *msg,
    struct err *e)
{
	const json_t *all = json_object_get(msg, "attachments"), *a;
	const char *text;
	struct from_msg own;
	size_t i;

	for (i = 0; i < json_array_size(all); i++) {
		a = json_array_get(all, i);
		text = get_str(a, "extracted_content", NULL);
		if (text == NULL)
			continue;
		own = *m;
		own.verbatim = true;
		own.attachment = get_str(a, "file_name", NULL);
		if (from_text(f, &own, 1000 + (int)i, ROLE_USER, text, e) < 0)
			return -1;
	}
	return 0;
}

static int
message(struct from *f, const struct from_msg *talk, const json_t *msg,
    bool gone, struct err *e)
{
	const char *sender = get_str(msg, "sender", NULL);
	const json_t *content = json_object_get(msg, "content");
	struct from_msg m = *talk;
	enum event_role role;

	if (str_eq(sender, "human"))
		role = ROLE_USER;
	else if (str_eq(sender, "assistant"))
		role = ROLE_ASSISTANT;
	else {
		from_drop_of(f, "message of sender", sender);
		return 0;
	}
	from_when(f, &m, json_object_get(msg, "created_at"));
	if (gone && !f->o.branches) {
		from_drop(f, "another branch");
		return 0;
	}
	m.id = get_str(msg, "uuid", NULL);
	m.branch = gone ? "abandoned" : NULL;
	if (json_array_size(content) == 0)
		content = json_object_get(msg, "text");
	if (json_is_string(content) && *json_string_value(content) == '\0' &&
	    json_array_size(json_object_get(msg, "attachments")) > 0)
		content = NULL;		/* only files */
	if (content != NULL && from_content(f, &m, role, content, e) < 0)
		return -1;
	return attachments(f, &m, msg, e);
}

static int
value(struct from *f, const json_t *v, struct err *e)
{
	const json_t *msgs = json_object_get(v, "chat_messages"), *msg;
	struct chain c = { MAP_INIT, MAP_INIT, MAP_INIT };
	struct from_msg talk = { 0 };
	size_t i;
	int r;

	talk.session = get_str(v, "uuid", NULL);
	if (!json_is_array(msgs) || talk.session == NULL) {
		from_skip(f, "not a conversation");
		return 0;
	}
	f->src_ms = f->start_ms = 0;
	from_time(json_object_get(v, "created_at"), &f->start_ms);
	find_chain(&c, msgs);
	r = from_session(f, &talk, get_str(v, "name", NULL), e);
	for (i = 0; r == 0 && i < json_array_size(msgs); i++) {
		msg = json_array_get(msgs, i);
		if (json_is_object(msg))
			r = message(f, &talk, msg, abandoned(&c, msgs, msg),
			    e);
		else
			from_skip(f, "message that is no object");
	}
	map_release(&c.index);
	map_release(&c.said);
	map_release(&c.parents);
	return r;
}

const struct from_format from_claude_export = {
	.name = "claude-export",
	.agent = "claude",
	.shape = FROM_VALUES,
	.names = FROM_EXPORTS,
	.want = from_want_export,
	.value = value,
};
