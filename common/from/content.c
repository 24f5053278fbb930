/*
 * The parts of messages: texts, thoughts, calls of tools and their results;
 * and content as several vendors write it, a string or an array of blocks
 * of these.
 */
#include "from/format.h"

#include "base/json.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

int
from_text(struct from *f, const struct from_msg *m, int no,
    enum event_role role, const char *text, struct err *e)
{
	struct from_part p = { .no = no, .role = role, .text = text,
	    .is_error = -1 };

	p.len = strlen(text);
	p.type = role == ROLE_ASSISTANT ? EVENT_ASSISTANT_MESSAGE :
	    role == ROLE_TOOL ? EVENT_TOOL_RESULT : EVENT_USER_MESSAGE;
	if (m->by_agent && role == ROLE_USER) {
		/* what one agent tells another was said by no person */
		p.type = EVENT_SUBAGENT_START;
		p.role = ROLE_ASSISTANT;
	}
	return from_event(f, m, &p, e);
}

int
from_thought(struct from *f, const struct from_msg *m, int no,
    const char *text, struct err *e)
{
	struct from_part p = { .no = no, .role = ROLE_ASSISTANT,
	    .type = EVENT_ASSISTANT_MESSAGE, .text = text, .is_error = -1,
	    .thinking = true };

	p.len = strlen(text);
	return from_event(f, m, &p, e);
}

static struct from_tool *
tool_slot(struct from *f, uint64_t call)
{
	return &f->tools[call % FROM_TOOLS];
}

/* Input that is JSON within a string is shown as JSON. */
static void
add_input(struct buf *b, const json_t *input)
{
	const char *s = json_string_value(input);
	struct err ignored;	/* then it is shown as it is */
	json_t *v;

	if (input == NULL || json_is_null(input))
		return;
	buf_addc(b, ' ');
	if (s == NULL)
		json_write(b, input);
	else if ((*s == '{' || *s == '[') && (v = json_read(s,
	    json_string_length(input), &ignored)) != NULL) {
		json_write(b, v);
		json_decref(v);
	} else
		buf_adds(b, s);
}

int
from_tool_use(struct from *f, const struct from_msg *m, int no,
    const char *id, const char *name, const json_t *input, struct err *e)
{
	struct from_part p = { .no = no, .role = ROLE_ASSISTANT,
	    .type = EVENT_TOOL_USE, .tool_id = id, .is_error = -1 };
	struct buf b = BUF_INIT;
	struct from_tool *t;
	uint64_t call;
	int r;

	p.tool = name != NULL ? name : "tool";
	if (id != NULL) {
		call = from_hash(id, (char *)NULL);
		t = tool_slot(f, call);
		t->call = call;
		snprintf(t->name, sizeof t->name, "%s", p.tool);
		if (utf8_check(t->name, strlen(t->name)) < strlen(t->name))
			t->call = 0;	/* cut within a character */
	}
	buf_adds(&b, p.tool);
	add_input(&b, input);
	p.text = b.p;
	p.len = b.len;
	r = from_event(f, m, &p, e);
	buf_release(&b);
	return r;
}

int
from_tool_result(struct from *f, const struct from_msg *m, int no,
    const char *id, const char *name, const json_t *v, int is_error,
    const char *exit_code, struct err *e)
{
	struct from_part p = { .no = no, .role = ROLE_TOOL,
	    .type = EVENT_TOOL_RESULT, .tool_id = id, .is_error = is_error,
	    .exit_code = exit_code };
	struct buf b = BUF_INIT;
	struct from_tool *t;
	uint64_t call;
	int r;

	p.tool = name;
	if (name == NULL && id != NULL) {
		call = from_hash(id, (char *)NULL);
		t = tool_slot(f, call);
		if (t->call == call)
			p.tool = t->name;
	}
	from_flatten(&b, v);
	p.text = b.p;
	p.len = b.len;
	r = from_event(f, m, &p, e);
	buf_release(&b);
	return r;
}

/* Texts and images that follow one another are one message. */
struct run {
	struct buf b;
	int no;			/* place of its first block; -1: no run */
};

static int
end_run(struct from *f, const struct from_msg *m, enum event_role role,
    struct run *run, struct err *e)
{
	int r = 0;

	if (run->no >= 0)
		r = from_text(f, m, run->no, role, run->b.p, e);
	buf_reset(&run->b);
	run->no = -1;
	return r;
}

static void
add_run(struct from *f, const struct from_msg *m, enum event_role role,
    struct run *run, int no, const char *text)
{
	size_t len = strlen(text), n = 0;

	/* each block by itself: tools put theirs before and behind */
	if (role == ROLE_USER && !m->by_agent && !m->verbatim) {
		n = from_preamble(text, len);
		if (n > 0 && n == len) {
			from_drop(f, "injected text");
			return;
		}
	}
	if (run->no < 0)
		run->no = no;
	else
		buf_addc(&run->b, '\n');
	buf_adds(&run->b, text + (run->b.len > 0 ? n : 0));
}

static bool
is_one_of(const char *s, const char *const *words)
{
	for (; *words != NULL; words++)
		if (str_eq(s, *words))
			return true;
	return false;
}

static const char *
thought_text(const json_t *b)
{
	const char *s = get_str(b, "thinking", NULL);

	if (s == NULL)
		s = get_str(b, "text", NULL);
	return s != NULL ? s : "";
}

static int
result(struct from *f, const struct from_msg *m, int no, const json_t *b,
    struct err *e)
{
	const json_t *bad = json_object_get(b, "is_error");
	const char *id = get_str(b, "tool_use_id", NULL);

	if (id == NULL)
		id = get_str(b, "tool_call_id", NULL);
	return from_tool_result(f, m, no, id, get_str(b, "name", NULL),
	    json_object_get(b, "content"),
	    json_is_boolean(bad) ? json_is_true(bad) : -1, NULL, e);
}

static int
block(struct from *f, const struct from_msg *m, enum event_role role,
    struct run *run, int no, const json_t *b, struct err *e)
{
	static const char *const texts[] = { "text", "input_text",
	    "output_text", NULL };
	static const char *const thoughts[] = { "thinking", "reasoning",
	    "redacted_thinking", "thought", NULL };
	static const char *const images[] = { "image", "image_url",
	    "input_image", NULL };
	static const char *const files[] = { "document", "file",
	    "input_file", "input_audio", "audio", "video_url", NULL };
	const char *type = get_str(b, "type", NULL);
	const char *text = get_str(b, "text", NULL);

	if (json_is_string(b)) {
		add_run(f, m, role, run, no, json_string_value(b));
		return 0;
	}
	if (text != NULL && (type == NULL || is_one_of(type, texts))) {
		add_run(f, m, role, run, no, text);
		return 0;
	}
	if (is_one_of(type, images) || is_one_of(type, files)) {
		add_run(f, m, role, run, no,
		    is_one_of(type, images) ? "[image]" : "[file]");
		return 0;
	}
	if (end_run(f, m, role, run, e) < 0)
		return -1;
	if (is_one_of(type, thoughts))
		return from_thought(f, m, no, thought_text(b), e);
	if (type != NULL && str_ends(type, "tool_use"))
		return from_tool_use(f, m, no, get_str(b, "id", NULL),
		    get_str(b, "name", NULL), json_object_get(b, "input"), e);
	if (type != NULL && str_ends(type, "tool_result"))
		return result(f, m, no, b, e);
	from_drop_of(f, "block of type", type);
	return 0;
}

int
from_content(struct from *f, const struct from_msg *m, enum event_role role,
    const json_t *content, struct err *e)
{
	struct run run = { BUF_INIT, -1 };
	size_t i;
	int r = 0;

	if (json_is_string(content))
		return from_text(f, m, 0, role, json_string_value(content), e);
	if (json_is_object(content))
		r = block(f, m, role, &run, 0, content, e);
	else if (!json_is_array(content))
		from_skip(f, "message without content");
	for (i = 0; r == 0 && i < json_array_size(content); i++)
		r = block(f, m, role, &run, (int)i,
		    json_array_get(content, i), e);
	if (r == 0)
		r = end_run(f, m, role, &run, e);
	buf_release(&run.b);
	return r;
}
