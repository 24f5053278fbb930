/*
 * JSON Lines of any making, by the rules of a mapping.
 */
#include "from/format.h"
#include "from/field_map.h"

#include "base/json.h"

#include <string.h>

static enum from_shape
want(const char *name, const struct strv *names, const char **why)
{
	enum from_shape shape = from_want(name, ".jsonl", why);

	(void)names;
	if (shape == FROM_NONE && *why == NULL)
		shape = from_want(name, ".ndjson", why);
	return shape;
}

/* The fields of a rule as text, each in its buffer. */
enum { SESSION, TEXT, ROLE, TYPE, AGENT, SOURCE_ID, AUTHOR, MODEL, CWD,
    GIT_BRANCH, TOOL, TOOL_ID, IS_ERROR, PARENT, TITLE, NTEXTS };
static const char *const names[NTEXTS] = { "session_id", "text", "role",
    "event_type", "agent", "source_id", "author", "model", "cwd",
    "git_branch", "tool_name", "tool_use_id", "is_error", "parent_session",
    "title" };

struct texts {
	struct buf b[NTEXTS];
	const char *s[NTEXTS];	/* in b, or NULL */
};

static void
texts_fill(struct texts *t, const struct map_rule *rule, const json_t *v)
{
	int i;

	for (i = 0; i < NTEXTS; i++) {
		buf_init(&t->b[i]);
		t->s[i] = from_map_text(rule, names[i], v, &t->b[i]) == 1 ?
		    t->b[i].p : NULL;
	}
}

static void
texts_release(struct texts *t)
{
	int i;

	for (i = 0; i < NTEXTS; i++)
		buf_release(&t->b[i]);
}

static int
index_of(const char *const *words, const char *s)
{
	int i;

	for (i = 0; words[i] != NULL; i++)
		if (strcmp(words[i], s) == 0)
			return i;
	return -1;
}

/* Role and type, each from the other when it is not told. */
static const char *
find_kind(const struct texts *t, struct from_part *p)
{
	int role = -1, type = -1;

	if (t->s[ROLE] != NULL &&
	    (role = index_of(event_roles, t->s[ROLE])) < 0)
		return "role that is none";
	if (t->s[TYPE] != NULL &&
	    (type = index_of(event_types, t->s[TYPE])) < 0)
		return "event type that is none";
	if (role < 0)
		role = type == EVENT_TOOL_RESULT ? ROLE_TOOL :
		    type == EVENT_ASSISTANT_MESSAGE ||
		    type == EVENT_TOOL_USE || type == EVENT_ASSISTANT_STOP ?
		    ROLE_ASSISTANT : type < 0 || type == EVENT_USER_MESSAGE ?
		    ROLE_USER : ROLE_SYSTEM;
	if (type < 0)
		type = role == ROLE_ASSISTANT ? EVENT_ASSISTANT_MESSAGE :
		    role == ROLE_TOOL ? EVENT_TOOL_RESULT :
		    EVENT_USER_MESSAGE;
	p->role = (enum event_role)role;
	p->type = (enum event_type)type;
	return NULL;
}

static void
fill(const struct from *f, const struct texts *t, struct from_msg *m)
{
	m->session = t->s[SESSION];
	if (m->session == NULL && strcmp(f->src.path, "-") != 0)
		m->session = f->src.stem;
	m->agent = t->s[AGENT];
	m->parent = t->s[PARENT];
	m->id = t->s[SOURCE_ID];
	m->author = t->s[AUTHOR];
	m->model = t->s[MODEL];
	m->cwd = t->s[CWD];
	m->git_branch = t->s[GIT_BRANCH];
}

static int
event(struct from *f, const struct map_rule *rule, const struct texts *t,
    const json_t *v, struct err *e)
{
	struct from_part p = { .text = t->s[TEXT], .tool = t->s[TOOL],
	    .tool_id = t->s[TOOL_ID], .is_error = -1 };
	struct from_msg m = { 0 };
	const char *why = find_kind(t, &p);
	json_t *own = NULL, *more;
	int r;

	if (why == NULL && p.text == NULL)
		why = "line without its text";
	if (why != NULL) {
		from_skip(f, why);
		return 0;
	}
	p.len = strlen(p.text);
	if (t->s[IS_ERROR] != NULL)
		p.is_error = str_eq(t->s[IS_ERROR], "true") ||
		    str_eq(t->s[IS_ERROR], "1");
	fill(f, t, &m);
	from_when(f, &m, from_map_get(rule, "timestamp", v, &own));
	more = from_map_members(rule, v, true);
	m.more = more;
	r = from_event(f, &m, &p, e);
	json_decref(more);
	json_decref(own);
	return r;
}

static int
record(struct from *f, const struct map_rule *rule, const json_t *v,
    struct err *e)
{
	static const char *const keys[] = { "kb", "record_id", "record_type",
	    "title", "text", "author", "status", NULL };
	json_t *o = json_object(), *own = NULL, *fields;
	struct buf b = BUF_INIT;
	const json_t *x;
	int64_t ms;
	int i, r = 0;

	json_object_set_new(o, "type", json_string("record"));
	for (i = 0; keys[i] != NULL; i++) {
		buf_reset(&b);
		if (from_map_text(rule, keys[i], v, &b) == 1)
			json_object_set_new(o, keys[i], json_string(b.p));
		else if (i < 3) {
			from_skip(f, "record without its id, type or kb");
			goto out;
		}
	}
	if ((x = from_map_get(rule, "tags", v, &own)) != NULL) {
		if (json_is_array(x))
			json_object_set(o, "tags", (json_t *)x);
		else {
			buf_reset(&b);
			from_flatten(&b, x);
			json_object_set_new(o, "tags", json_pack("[s]", b.p));
		}
	}
	json_decref(own);
	own = NULL;
	x = from_map_get(rule, "timestamp", v, &own);
	if (x != NULL && from_time(x, &ms))
		json_object_set_new(o, "timestamp", json_integer(ms));
	fields = from_map_members(rule, v, false);
	json_object_set_new(o, "fields", fields);
	r = from_record(f, o, e);
out:
	json_decref(own);
	json_decref(o);
	buf_release(&b);
	return r;
}

static int
value(struct from *f, const json_t *v, struct err *e)
{
	const struct map_rule *rule = from_map_find(f->o.map, v);
	struct from_msg m = { 0 };
	struct texts t;
	int r = 0;

	if (rule == NULL || rule->kind == MAP_DROP) {
		from_drop(f, rule == NULL ? "line that no rule matches" :
		    "line that a rule drops");
		return 0;
	}
	if (rule->kind == MAP_RECORD)
		return record(f, rule, v, e);
	texts_fill(&t, rule, v);
	if (rule->kind == MAP_EVENT)
		r = event(f, rule, &t, v, e);
	else {
		fill(f, &t, &m);
		if (m.session == NULL)
			from_skip(f, "no session id");
		else
			r = from_session(f, &m, t.s[TITLE], e);
	}
	texts_release(&t);
	return r;
}

const struct from_format from_jsonl = {
	.name = "jsonl",
	.shape = FROM_LINES,
	.names = "*.jsonl or *.ndjson",
	.want = want,
	.value = value,
};
