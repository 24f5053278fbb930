/*
 * ShareGPT: conversations as data sets hold them, in an array or a line
 * each.  No times; a name only sometimes.
 */
#include "from/format.h"

#include "base/json.h"

#include <stdio.h>
#include <string.h>

static int
role_of(const char *from)
{
	static const struct {
		const char *name;
		enum event_role role;
	} names[] = { { "human", ROLE_USER }, { "user", ROLE_USER },
	    { "gpt", ROLE_ASSISTANT }, { "assistant", ROLE_ASSISTANT },
	    { "chatgpt", ROLE_ASSISTANT }, { "bard", ROLE_ASSISTANT },
	    { "bing", ROLE_ASSISTANT }, { "model", ROLE_ASSISTANT },
	    { "function_call", ROLE_ASSISTANT }, { "system", ROLE_SYSTEM },
	    { "tool", ROLE_TOOL }, { "observation", ROLE_TOOL },
	    { "function_response", ROLE_TOOL } };
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (str_eq(from, names[i].name))
			return (int)names[i].role;
	return -1;
}

static int
turn(struct from *f, const struct from_msg *talk, size_t no, const json_t *v,
    struct err *e)
{
	const char *from = get_str(v, "from", NULL);
	const json_t *text = json_object_get(v, "value");
	struct from_msg m = *talk;
	char id[24];
	int role;

	if (from == NULL)
		from = get_str(v, "role", NULL);
	if (text == NULL)
		text = json_object_get(v, "content");
	role = role_of(from);
	if (!json_is_string(text)) {
		from_skip(f, "turn without text");
		return 0;
	}
	if (role < 0) {
		from_drop_of(f, "turn from", from);
		return 0;
	}
	snprintf(id, sizeof id, "%zu", no);
	m.id = id;
	from_when(f, &m, json_object_get(v, "timestamp"));
	if (role == ROLE_TOOL)
		return from_tool_result(f, &m, 0, NULL, NULL, text, -1, NULL,
		    e);
	if (str_eq(from, "function_call"))
		return from_tool_use(f, &m, 0, NULL, NULL, text, e);
	return from_text(f, &m, 0, (enum event_role)role,
	    json_string_value(text), e);
}

static int
value(struct from *f, const json_t *v, struct err *e)
{
	static const char *const keys[] = { "conversations", "conversation",
	    "items", NULL };
	const json_t *turns = NULL, *id = json_object_get(v, "id");
	const char *system = get_str(v, "system", NULL);
	struct from_msg m = { 0 };
	struct buf b = BUF_INIT;
	char session[64];
	size_t i;
	int k, r;

	for (k = 0; keys[k] != NULL && turns == NULL; k++)
		turns = json_object_get(v, keys[k]);
	if (!json_is_array(turns)) {
		from_skip(f, "not a conversation");
		return 0;
	}
	if (json_is_string(id))
		m.session = json_string_value(id);
	else {
		/* numbers count within one file only */
		json_sorted(&b, turns);
		snprintf(session, sizeof session, "sharegpt-%016llx",
		    (unsigned long long)from_hash(b.p, (char *)NULL));
		buf_release(&b);
		m.session = session;
	}
	m.model = get_str(v, "model", NULL);
	f->src_ms = f->start_ms = 0;
	from_time(json_object_get(v, "timestamp"), &f->start_ms);
	r = from_session(f, &m, get_str(v, "title", NULL), e);
	if (r == 0 && system != NULL && *system != '\0') {
		struct from_msg own = m;

		own.id = "system";
		from_when(f, &own, NULL);
		r = from_text(f, &own, 0, ROLE_SYSTEM, system, e);
	}
	for (i = 0; i < json_array_size(turns) && r == 0; i++)
		r = turn(f, &m, i, json_array_get(turns, i), e);
	return r;
}

const struct from_format from_sharegpt = {
	.name = "sharegpt",
	.shape = FROM_VALUES,
	.names = "*.json or *.jsonl",
	.want = from_want_any,
	.value = value,
};
