/*
 * Gemini CLI: ~/.gemini/tmp/HASH/chats/session-*.json, one object, and the
 * newer session-*.jsonl, a log: a message is written again, whole, whenever
 * a call of it changes; "$rewindTo" takes back a message and all behind it;
 * "$set" changes the head.  "$set.messages" is what the model is shown
 * (summaries, preambles), not what was said, unless nothing else is there.
 *
 * Only the last message is ever written again, so that one is held.
 */
#include "from/format.h"

#include "base/alloc.h"
#include "base/json.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define TOLD_MAX 32		/* results remembered over a cursor */

struct gemini {
	char *session, *parent, *cwd, *rewound;	/* own */
	bool bare;		/* messages stand on lines of their own */
	json_t *held;		/* own */
	struct from_msg m;	/* of it: time and place */
	uint64_t told[TOLD_MAX];	/* results, by their call; ring */
	size_t ntold;
	/* of the first pass */
	struct from_tree tree;	/* message ids */
	uint32_t *live;		/* own; nodes not taken back */
	size_t nlive, livecap;
};

static enum from_shape
want(const char *name, const struct strv *names, const char **why)
{
	struct buf other = BUF_INIT;
	enum from_shape shape = FROM_NONE;

	*why = NULL;
	if (from_is_copy(name) && strstr(name, ".json") != NULL)
		*why = "backup copy";
	else if (str_ends(name, ".jsonl"))
		shape = FROM_LINES;
	else if (str_ends(name, ".json") && str_starts(name, "session-")) {
		shape = FROM_VALUES;
		buf_addf(&other, "%sl", name);
		if (strv_has(names, other.p)) {
			*why = "older form of a .jsonl";
			shape = FROM_NONE;
		}
		buf_release(&other);
	}
	return shape;
}

static void
scan(struct from *f, const char *p, size_t len, int64_t begin)
{
	struct gemini *c = f->priv;
	struct buf id = BUF_INIT;
	struct from_node *node;
	size_t n = c->tree.n;
	uint32_t last;

	(void)begin;
	if (from_peek(p, len, "$rewindTo", &id) == 1) {
		node = from_tree_find(&c->tree, from_hash(id.p,
		    (char *)NULL));
		while (node != NULL && !(node->flags & FROM_ABANDONED) &&
		    c->nlive > 0) {
			last = c->live[--c->nlive];
			c->tree.node[last].flags |= FROM_ABANDONED;
		}
	} else if (from_peek(p, len, "id", &id) == 1 &&
	    from_tree_add(&c->tree, from_hash(id.p, (char *)NULL), 0, 0) !=
	    NULL && c->tree.n > n) {
		c->live = xgrow(c->live, c->nlive, &c->livecap,
		    sizeof *c->live);
		c->live[c->nlive++] = (uint32_t)n;
	}
	buf_release(&id);
}

static const char *
thought_text(const json_t *t, struct buf *b)
{
	const char *subject = get_str(t, "subject", NULL);
	const char *text = get_str(t, "description", NULL);

	buf_reset(b);
	if (subject != NULL)
		buf_addf(b, "%s\n", subject);
	if (text != NULL)
		buf_adds(b, text);
	return b->p;
}

/* A result stands in its call, and in a message of its own: the first one
 * counts. */
static bool
result_told(struct from *f, const struct from_msg *m, const char *call)
{
	struct gemini *c = f->priv;
	uint64_t h;
	size_t i;

	if (call == NULL || m->session == NULL)
		return false;
	h = from_hash(m->session, call, (char *)NULL);
	for (i = 0; i < TOLD_MAX; i++)
		if (c->told[i] == h)
			return true;
	c->told[c->ntold++ % TOLD_MAX] = h;
	return false;
}

static int
tool_result(struct from *f, const struct from_msg *m, int no,
    const char *call, const char *name, const json_t *v, int failed,
    struct err *e)
{
	struct from_msg own = *m;
	struct buf id = BUF_INIT;
	int r;

	if (result_told(f, m, call)) {
		from_drop(f, "result told twice");
		return 0;
	}
	if (call != NULL) {
		buf_addf(&id, "%s/result", call);
		own.id = id.p;
	}
	r = from_tool_result(f, &own, no, call, name, v, failed, NULL, e);
	buf_release(&id);
	return r;
}

static int
tool_call(struct from *f, const struct from_msg *m, int no, const json_t *t,
    struct err *e)
{
	const char *call = get_str(t, "id", NULL);
	const char *name = get_str(t, "name", NULL);
	const char *status = get_str(t, "status", NULL);
	const json_t *result = json_object_get(t, "result");
	struct from_msg own = *m;

	if (!json_is_object(t)) {
		from_skip(f, "call that is no object");
		return 0;
	}
	if (call != NULL)
		own.id = call;
	if (from_tool_use(f, &own, no, call, name,
	    json_object_get(t, "args"), e) < 0)
		return -1;
	if (result == NULL || json_is_null(result))
		result = json_object_get(t, "resultDisplay");
	if (result == NULL || json_is_null(result))
		return 0;
	return tool_result(f, m, no + 1, call, name, result, status == NULL ?
	    -1 : strcmp(status, "error") == 0, e);
}

/* Parts of a turn.  Its texts are pieces of one. */
static int
parts(struct from *f, const struct from_msg *m, enum event_role role,
    const json_t *content, bool calls, struct err *e)
{
	struct buf text = BUF_INIT;
	const json_t *p, *v;
	const char *s;
	size_t i, n;
	int r = 0, no;

	n = json_is_array(content) ? json_array_size(content) : 1;
	for (i = 0; i < n && r == 0; i++) {
		p = json_is_array(content) ? json_array_get(content, i) :
		    content;
		no = 2 * (int)i + 1;
		s = json_is_string(p) ? json_string_value(p) :
		    get_str(p, "text", NULL);
		if (json_is_true(json_object_get(p, "thought")))
			r = from_thought(f, m, no, s != NULL ? s : "", e);
		else if (s != NULL) {
			/* what tools add stands in parts of its own */
			if (role == ROLE_USER && !m->by_agent && *s != '\0' &&
			    from_preamble(s, strlen(s)) == strlen(s))
				from_drop(f, "injected text");
			else
				buf_adds(&text, s);
		} else if ((v = json_object_get(p, "functionResponse")) != NULL)
			r = tool_result(f, m, no, get_str(v, "id", NULL),
			    get_str(v, "name", NULL), v, -1, e);
		else if ((v = json_object_get(p, "functionCall")) != NULL)
			r = calls ? tool_call(f, m, no, v, e) : 0;
		else if (json_object_get(p, "inlineData") != NULL ||
		    json_object_get(p, "fileData") != NULL)
			buf_adds(&text, "[file]");
	}
	if (r == 0 && text.len > 0)
		r = from_text(f, m, 0, role, text.p, e);
	buf_release(&text);
	return r;
}

static int
model_extras(struct from *f, const struct from_msg *m, const json_t *v,
    struct err *e)
{
	const json_t *thoughts = json_object_get(v, "thoughts");
	const json_t *calls = json_object_get(v, "toolCalls");
	struct buf b = BUF_INIT;
	size_t i;
	int r = 0;

	for (i = 0; i < json_array_size(thoughts) && r == 0; i++)
		r = from_thought(f, m, 1000 + (int)i,
		    thought_text(json_array_get(thoughts, i), &b), e);
	for (i = 0; i < json_array_size(calls) && r == 0; i++)
		r = tool_call(f, m, 2000 + 2 * (int)i,
		    json_array_get(calls, i), e);
	buf_release(&b);
	return r;
}

/* The message is as it will be: tell it.  m has its time and place. */
static int
tell(struct from *f, const json_t *v, struct from_msg *m, struct err *e)
{
	struct gemini *c = f->priv;
	const char *type = get_str(v, "type", NULL);
	const json_t *content = json_object_get(v, "displayContent");
	const json_t *calls = json_object_get(v, "toolCalls");
	const struct from_node *node;

	m->session = c->session;
	if (m->session == NULL && strcmp(f->src.path, "-") != 0)
		m->session = f->src.stem;
	m->parent = c->parent;
	m->by_agent = c->parent != NULL;
	m->cwd = c->cwd;
	m->id = get_str(v, "id", NULL);
	m->model = get_str(v, "model", NULL);
	node = m->id != NULL ? from_tree_find(&c->tree, from_hash(m->id,
	    (char *)NULL)) : NULL;
	if (node != NULL && (node->flags & FROM_ABANDONED))
		m->branch = "abandoned";
	if (content == NULL || json_is_null(content))
		content = json_object_get(v, "content");
	if (str_eq(type, "user"))
		return content == NULL ? 0 :
		    parts(f, m, ROLE_USER, content, true, e);
	if (!str_eq(type, "gemini")) {
		from_drop_of(f, "message", type);
		return 0;
	}
	if (content != NULL && parts(f, m, ROLE_ASSISTANT, content,
	    json_array_size(calls) == 0, e) < 0)
		return -1;
	return model_extras(f, m, v, e);
}

static int
tell_held(struct from *f, struct err *e)
{
	struct gemini *c = f->priv;
	json_t *v = c->held;
	int r;

	if (v == NULL)
		return 0;
	c->held = NULL;
	f->hold = -1;
	c->m.rewound_to = c->rewound;
	r = tell(f, v, &c->m, e);
	c->m.rewound_to = NULL;
	free(c->rewound);
	c->rewound = NULL;
	json_decref(v);
	return r;
}

static int
message(struct from *f, const json_t *v, struct err *e)
{
	struct gemini *c = f->priv;
	const char *id = get_str(v, "id", NULL);
	bool again = c->held != NULL && id != NULL &&
	    str_eq(get_str(c->held, "id", NULL), id);

	if (!json_is_object(v)) {
		from_skip(f, "message that is no object");
		return 0;
	}
	if (again) {
		json_decref(c->held);
		c->held = json_incref((json_t *)v);
		return 0;
	}
	if (tell_held(f, e) < 0)
		return -1;
	memset(&c->m, 0, sizeof c->m);
	from_when(f, &c->m, json_object_get(v, "timestamp"));
	c->held = json_incref((json_t *)v);
	f->hold = f->src.begin;
	return 0;
}

/* What the head, or a change of it, says. */
static int
head(struct from *f, const json_t *v, bool messages, struct err *e)
{
	struct gemini *c = f->priv;
	const char *title = get_str(v, "summary", NULL);
	const json_t *all = json_object_get(v, "messages");
	const json_t *dirs = json_object_get(v, "directories");
	size_t i;

	from_set(&c->session, get_str(v, "sessionId", NULL));
	from_set(&c->cwd, json_string_value(json_array_get(dirs, 0)));
	/* the folder of a subagent's file is named after its parent */
	if (str_eq(get_str(v, "kind", NULL), "subagent") &&
	    strcmp(f->src.path, "-") != 0)
		from_set(&c->parent, f->src.folder);
	if (f->start_ms == 0)
		from_time(json_object_get(v, "startTime"), &f->start_ms);
	for (i = 0; messages && i < json_array_size(all); i++)
		if (message(f, json_array_get(all, i), e) < 0)
			return -1;
	if (title != NULL && c->session != NULL)
		from_title(f, c->session, 0, title);
	return 0;
}

static int
value(struct from *f, const json_t *v, struct err *e)
{
	struct gemini *c = f->priv;
	const char *back = get_str(v, "$rewindTo", NULL);
	const json_t *change = json_object_get(v, "$set");

	if (back != NULL) {
		if (tell_held(f, e) < 0)
			return -1;
		from_set(&c->rewound, back);
		from_note(f, "rewound");
		return 0;
	}
	if (json_is_object(change))
		return head(f, change, !c->bare, e);
	if (get_str(v, "id", NULL) != NULL && get_str(v, "type", NULL)) {
		c->bare = true;
		return message(f, v, e);
	}
	if (get_str(v, "sessionId", NULL) != NULL)
		return head(f, v, true, e);
	from_skip(f, "neither head nor message");
	return 0;
}

static int
flush(struct from *f, struct err *e)
{
	return f->src.quiet || f->hold < 0 ? tell_held(f, e) : 0;
}

static const struct from_kept kept[] = {
	{ "id", offsetof(struct gemini, session) },
	{ "parent", offsetof(struct gemini, parent) },
	{ "cwd", offsetof(struct gemini, cwd) },
	{ "rewound", offsetof(struct gemini, rewound) },
	{ NULL, 0 }
};

static void
save(struct from *f, json_t *state)
{
	struct gemini *c = f->priv;

	from_kept_save(f, kept, state);
	if (c->bare)
		json_object_set_new(state, "bare", json_true());
	from_save_hashes(state, "told", c->told, TOLD_MAX);
}

static void
restore(struct from *f, const json_t *state)
{
	struct gemini *c = f->priv;

	from_kept_restore(f, kept, state);
	c->bare = json_is_true(json_object_get(state, "bare"));
	c->ntold = from_restore_hashes(state, "told", c->told, TOLD_MAX);
}

static void
release(struct from *f)
{
	struct gemini *c = f->priv;

	json_decref(c->held);
	from_tree_release(&c->tree);
	free(c->live);
	from_kept_release(f, kept);
}

const struct from_format from_gemini = {
	.name = "gemini",
	.agent = "gemini",
	.size = sizeof(struct gemini),
	.shape = FROM_VALUES,
	.names = "session-*.json or *.jsonl",
	.want = want,
	.scan = scan,
	.value = value,
	.flush = flush,
	.save = save,
	.restore = restore,
	.release = release,
};
