/*
 * Codex: ~/.codex/sessions/YYYY/MM/DD/rollout-*.jsonl.  The first line
 * alone names the thread.  Every turn stands there twice, as an event and
 * as an item of the conversation; the events are what was said, the items
 * hold the preambles too.  Files without events (old ones) have items only.
 *
 * Which kind a file is shows at the first turn: items of the user are held
 * until an event tells it again, or an answer comes without one.
 */
#include "from/codex.h"

#include "base/alloc.h"
#include "base/json.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum from_shape
want(const char *name, const struct strv *names, const char **why)
{
	enum from_shape shape = from_want(name, ".jsonl", why);

	(void)names;
	if (shape != FROM_NONE && !str_starts(name, "rollout-")) {
		if (strcmp(name, "history.jsonl") == 0)
			*why = "prompt history, told in the transcripts";
		shape = FROM_NONE;
	}
	return shape;
}

static const char *
payload_type(const json_t *v)
{
	return get_str(json_object_get(v, "payload"), "type", NULL);
}

/* Turns that were rolled back: bytes of the file.  Only lines that speak
 * of one are parsed. */
static void
scan(struct from *f, const char *p, size_t len, int64_t begin)
{
	struct codex *c = f->priv;
	struct buf type = BUF_INIT;
	struct err ignored;
	struct codex_span *s;
	int64_t n = 0;
	json_t *v;

	if (from_peek(p, len, "type", &type) == 1 &&
	    strcmp(type.p, "event_msg") == 0 && len < 1 << 20 &&
	    (v = json_read(p, len, &ignored)) != NULL) {
		if (str_eq(payload_type(v), "user_message")) {
			c->turn = xgrow(c->turn, c->nturn, &c->turncap,
			    sizeof *c->turn);
			c->turn[c->nturn++] = begin;
		} else if (str_eq(payload_type(v), "thread_rolled_back"))
			get_int(json_object_get(v, "payload"), "num_turns",
			    &n);
		json_decref(v);
	}
	buf_release(&type);
	if (n <= 0 || c->nturn == 0)
		return;
	c->nturn -= (uint64_t)n < c->nturn ? (size_t)n : c->nturn;
	c->gone = xgrow(c->gone, c->ngone, &c->gonecap, sizeof *c->gone);
	s = &c->gone[c->ngone++];
	s->begin = c->turn[c->nturn];
	s->end = begin;
}

static bool
rolled_back(const struct codex *c, int64_t at)
{
	size_t i;

	for (i = c->ngone; i > 0; i--)
		if (at >= c->gone[i - 1].begin && at < c->gone[i - 1].end)
			return true;
	return false;
}

void
codex_start(struct from *f, struct from_msg *m, const json_t *v)
{
	struct codex *c = f->priv;

	memset(m, 0, sizeof *m);
	m->session = c->session;
	if (m->session == NULL && strcmp(f->src.path, "-") != 0)
		m->session = f->src.stem;
	m->parent = c->parent;
	m->by_agent = c->by_agent;
	m->cwd = c->cwd;
	m->git_branch = c->branch;
	m->model = c->model;
	if (rolled_back(c, f->src.begin))
		m->branch = "abandoned";
	from_when(f, m, json_object_get(v, "timestamp"));
}

void
codex_id(char id[CODEX_ID], const char *kind, struct from_msg *m)
{
	snprintf(id, CODEX_ID, "%s@%lld", kind, (long long)m->ts_ms);
	m->id = id;
	m->by_time = true;
}

static uint64_t
turn_hash(const char *kind, enum event_role role, const json_t *content)
{
	struct buf b = BUF_INIT;
	uint64_t h;

	from_flatten(&b, content);
	while (b.len > 0 && strchr(" \t\r\n", b.p[b.len - 1]) != NULL)
		buf_cut(&b, b.len - 1);
	h = from_hash(kind, event_roles[role], b.p, (char *)NULL);
	buf_release(&b);
	return h;
}

/* Was this turn told already by the other kind of line?  Each is taken
 * back once: people do say the same thing twice. */
static bool
told(struct codex *c, uint64_t h)
{
	size_t i;

	for (i = 0; i < CODEX_TOLD_MAX; i++)
		if (c->told[i] == h) {
			c->told[i] = 0;
			return true;
		}
	return false;
}

static int
turn(struct from *f, struct from_msg *m, enum event_role role,
    const json_t *content, struct err *e)
{
	char id[CODEX_ID];

	codex_id(id, role == ROLE_USER ? "user" : "assistant", m);
	return from_content(f, m, role, content, e);
}

/* The items that were held are the turns: there are no events. */
static int
tell_held(struct from *f, bool tell, struct err *e)
{
	struct codex *c = f->priv;
	struct from_msg now;
	size_t i, n = c->nheld;
	int r = 0;

	c->nheld = 0;
	for (i = 0; i < n; i++) {
		if (tell && r == 0) {
			now = c->held[i].m;
			now.session = c->session != NULL ? c->session :
			    strcmp(f->src.path, "-") != 0 ? f->src.stem : NULL;
			now.parent = c->parent;
			now.cwd = c->cwd;
			now.git_branch = c->branch;
			now.model = c->model;
			c->told[c->ntold++ % CODEX_TOLD_MAX] =
			    turn_hash("item", ROLE_USER, c->held[i].content);
			r = turn(f, &now, ROLE_USER, c->held[i].content, e);
		} else if (!tell)
			from_drop(f, "turn told twice");
		json_decref(c->held[i].content);
	}
	return r;
}

static int
item_message(struct from *f, const json_t *v, const json_t *item,
    struct err *e)
{
	struct codex *c = f->priv;
	const char *role = get_str(item, "role", NULL);
	json_t *content = json_object_get(item, "content");
	enum event_role who = str_eq(role, "user") ? ROLE_USER :
	    ROLE_ASSISTANT;
	struct from_msg m;

	if (who == ROLE_ASSISTANT && !str_eq(role, "assistant")) {
		from_drop(f, "instructions");
		return 0;
	}
	if (c->mode == CODEX_UNKNOWN && who == ROLE_ASSISTANT) {
		c->mode = CODEX_ITEMS;
		if (tell_held(f, true, e) < 0)
			return -1;
	}
	if (c->mode == CODEX_EVENTS) {
		from_drop(f, "turn told twice");
		return 0;
	}
	codex_start(f, &m, v);
	if (c->mode == CODEX_UNKNOWN) {
		if (c->nheld == CODEX_HELD_MAX && tell_held(f, true, e) < 0)
			return -1;
		c->held[c->nheld].m = m;
		c->held[c->nheld].m.session = NULL;
		c->held[c->nheld++].content = json_incref(content);
		return 0;
	}
	if (told(c, turn_hash("event", who, content))) {
		from_drop(f, "turn told twice");
		return 0;
	}
	c->told[c->ntold++ % CODEX_TOLD_MAX] = turn_hash("item", who, content);
	return turn(f, &m, who, content, e);
}

static int
event_message(struct from *f, const json_t *v, const json_t *ev,
    enum event_role who, struct err *e)
{
	struct codex *c = f->priv;
	const json_t *text = json_object_get(ev, "message");
	struct from_msg m;

	if (!json_is_string(text)) {
		from_skip(f, "turn without text");
		return 0;
	}
	if (c->mode == CODEX_UNKNOWN) {
		c->mode = CODEX_EVENTS;
		if (tell_held(f, false, e) < 0)
			return -1;
	}
	codex_start(f, &m, v);
	if (told(c, turn_hash("item", who, text))) {
		from_drop(f, "turn told twice");
		return 0;
	}
	if (c->mode == CODEX_ITEMS)
		c->told[c->ntold++ % CODEX_TOLD_MAX] =
		    turn_hash("event", who, text);
	return turn(f, &m, who, text, e);
}

static int
thought(struct from *f, const json_t *v, const json_t *text, struct err *e)
{
	struct buf b = BUF_INIT;
	struct from_msg m;
	char id[CODEX_ID];
	int r;

	codex_start(f, &m, v);
	codex_id(id, "thought", &m);
	from_flatten(&b, text);
	r = from_thought(f, &m, 0, b.p, e);
	buf_release(&b);
	return r;
}

/*
 * A fork begins with the lines of the thread that it came from, written
 * again at another time: what they say is compared, up to the first that
 * is new.
 */
static bool
is_copy(struct from *f, const json_t *item)
{
	struct codex *c = f->priv;
	const char *type = get_str(item, "type", NULL);
	struct buf b = BUF_INIT;
	bool copy = false;

	if (c->session == NULL)
		return false;
	json_sorted(&b, item);
	if (c->origin != NULL)
		copy = from_seen_has(&f->seen, from_hash("codex", c->origin,
		    b.p, (char *)NULL)) || (c->parent != NULL &&
		    from_seen_has(&f->seen, from_hash("codex", c->parent,
		    b.p, (char *)NULL)));
	if (!copy)
		from_seen_put(&f->seen, from_hash("codex", c->session, b.p,
		    (char *)NULL));
	buf_release(&b);
	if (copy)
		from_drop(f, "copy of another thread's line");
	else if (type != NULL && (str_ends(type, "message") ||
	    str_ends(type, "_call"))) {
		free(c->origin);
		c->origin = NULL;
	}
	return copy;
}

static int
item(struct from *f, const json_t *v, const json_t *it, struct err *e)
{
	struct codex *c = f->priv;
	const char *type = get_str(it, "type", NULL);

	if (is_copy(f, it))
		return 0;
	if (type == NULL) {
		from_skip(f, "item without a type");
		return 0;
	}
	if (strcmp(type, "message") == 0)
		return item_message(f, v, it, e);
	if (c->mode == CODEX_UNKNOWN && c->nheld > 0) {
		c->mode = CODEX_ITEMS;
		if (tell_held(f, true, e) < 0)
			return -1;
	}
	if (str_ends(type, "call_output"))
		return codex_output(f, v, it, e);
	if (str_ends(type, "_call"))
		return codex_call(f, v, it, type, e);
	if (strcmp(type, "reasoning") == 0 && c->mode != CODEX_EVENTS)
		return thought(f, v, json_object_get(it, "summary"), e);
	from_drop_of(f, "item", type);
	return 0;
}

static int
event(struct from *f, const json_t *v, const json_t *ev, struct err *e)
{
	const char *type = get_str(ev, "type", NULL);
	const char *name = get_str(ev, "thread_name", NULL);
	struct codex *c = f->priv;

	if (is_copy(f, ev))
		return 0;
	if (str_eq(type, "user_message"))
		return event_message(f, v, ev, ROLE_USER, e);
	if (str_eq(type, "agent_message"))
		return event_message(f, v, ev, ROLE_ASSISTANT, e);
	if (str_eq(type, "agent_reasoning"))
		return thought(f, v, json_object_get(ev, "text"), e);
	if (str_eq(type, "thread_name_updated") && name != NULL &&
	    c->session != NULL)
		from_title(f, c->session, 0, name);
	else
		from_drop_of(f, "event", type);
	return 0;
}

static void
meta(struct from *f, const json_t *p)
{
	struct codex *c = f->priv;
	const char *id = get_str(p, "id", NULL);
	const char *fork = get_str(p, "forked_from_id", NULL);
	const json_t *spawn = get_path(p, "source.subagent.thread_spawn");

	if (id == NULL) {
		from_skip(f, "thread without an id");
		return;
	}
	if (c->session != NULL) {
		/* a second one: copies of that thread's lines follow */
		if (strcmp(c->session, id) != 0)
			from_set(&c->origin, id);
		return;
	}
	from_set(&c->session, id);
	from_set(&c->cwd, get_str(p, "cwd", NULL));
	from_set(&c->branch, get_str(json_object_get(p, "git"), "branch",
	    NULL));
	from_set(&c->parent, get_str(spawn, "parent_thread_id", NULL));
	c->by_agent = c->parent != NULL;
	from_set(&c->parent, fork);
	from_time(json_object_get(p, "timestamp"), &f->start_ms);
	if (fork != NULL)
		from_recall(f, from_hash("codex", fork, (char *)NULL));
	f->recall = from_hash("codex", id, (char *)NULL);
}

static int
value(struct from *f, const json_t *v, struct err *e)
{
	struct codex *c = f->priv;
	const char *type = get_str(v, "type", NULL);
	const json_t *p = json_object_get(v, "payload");

	if (p != NULL && !json_is_object(p))
		from_skip(f, "payload that is no object");
	else if (p == NULL && json_object_get(v, "session_id") != NULL &&
	    json_object_get(v, "ts") != NULL)
		from_drop(f, "prompt history, told in the transcripts");
	else if (str_eq(type, "session_meta") && p != NULL)
		meta(f, p);
	else if (str_eq(type, "response_item") && p != NULL)
		return item(f, v, p, e);
	else if (str_eq(type, "event_msg") && p != NULL)
		return event(f, v, p, e);
	else if (str_eq(type, "turn_context")) {
		from_set(&c->cwd, get_str(p, "cwd", NULL));
		from_set(&c->model, get_str(p, "model", NULL));
	} else if (str_eq(type, "compacted"))
		from_drop(f, "compact summary");
	else if (type == NULL && json_object_get(v, "id") != NULL)
		meta(f, v);		/* files of before mid-2025 */
	else if (type != NULL && p == NULL)
		return item(f, v, v, e);
	else
		from_drop_of(f, "line of type", type);
	return 0;
}

/* Held items that nothing followed yet are told; should an event tell one
 * again, it is known by its text. */
static int
flush(struct from *f, struct err *e)
{
	return tell_held(f, true, e);
}

static const struct from_kept kept[] = {
	{ "id", offsetof(struct codex, session) },
	{ "parent", offsetof(struct codex, parent) },
	{ "cwd", offsetof(struct codex, cwd) },
	{ "branch", offsetof(struct codex, branch) },
	{ "model", offsetof(struct codex, model) },
	{ "origin", offsetof(struct codex, origin) },
	{ "call", offsetof(struct codex, call) },
	{ NULL, 0 }
};

static void
save(struct from *f, json_t *state)
{
	struct codex *c = f->priv;

	from_kept_save(f, kept, state);
	json_object_set_new(state, "mode", json_integer(c->mode));
	if (c->by_agent)
		json_object_set_new(state, "by_agent", json_true());
	from_save_hashes(state, "told", c->told, CODEX_TOLD_MAX);
}

static void
restore(struct from *f, const json_t *state)
{
	struct codex *c = f->priv;
	int64_t mode;

	from_kept_restore(f, kept, state);
	if (get_int(state, "mode", &mode) == 1 && mode >= 0 &&
	    mode <= CODEX_ITEMS)
		c->mode = (enum codex_mode)mode;
	c->by_agent = json_is_true(json_object_get(state, "by_agent"));
	c->ntold = from_restore_hashes(state, "told", c->told, CODEX_TOLD_MAX);
}

static void
release(struct from *f)
{
	struct codex *c = f->priv;
	size_t i;

	for (i = 0; i < c->nheld; i++)
		json_decref(c->held[i].content);
	from_kept_release(f, kept);
	free(c->turn);
	free(c->gone);
}

const struct from_format from_codex = {
	.name = "codex",
	.agent = "codex",
	.size = sizeof(struct codex),
	.shape = FROM_LINES,
	.names = "rollout-*.jsonl",
	.want = want,
	.scan = scan,
	.value = value,
	.flush = flush,
	.save = save,
	.restore = restore,
	.release = release,
};
