/*
 * Claude Code: ~/.claude/projects/FOLDER/UUID.jsonl, subagents in files of
 * their own or as side chains between the other lines.
 *
 * Most lines of type "user" hold what tools answered.  A fork repeats the
 * lines of the session it came from: with "forkedFrom" they go back to
 * where they were said first, without it they are found as copies by uuid.
 */
#include "from/format.h"

#include "base/alloc.h"
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct claude {
	struct from_tree tree;
	struct strv sessions;	/* by from_node.session - 1 */
	char *session;		/* own; of the line before */
	uint64_t fork;		/* message that the line before came from */
	bool rooted;		/* the first uuid was seen */
};

static enum from_shape
want(const char *name, const struct strv *names, const char **why)
{
	(void)names;
	if (strcmp(name, "history.jsonl") == 0) {
		*why = "prompt history, told in the transcripts";
		return FROM_NONE;
	}
	return from_want(name, ".jsonl", why);
}

static bool
has(const char *p, size_t len, const char *what)
{
	size_t n = strlen(what);
	const char *end = p + len, *q;

	for (; (size_t)(end - p) >= n; p = q + 1) {
		q = memchr(p, *what, (size_t)(end - p) - n + 1);
		if (q == NULL)
			return false;
		if (memcmp(q, what, n) == 0)
			return true;
	}
	return false;
}

static bool
peek_is(const char *p, size_t len, const char *key, const char *value)
{
	struct buf b = BUF_INIT;
	bool is;

	is = from_peek(p, len, key, &b) == 1 && strcmp(b.p, value) == 0;
	buf_release(&b);
	return is;
}

static uint64_t
peek_id(const char *p, size_t len, const char *key)
{
	struct buf b = BUF_INIT;
	uint64_t h = 0;

	if (from_peek(p, len, key, &b) == 1)
		h = from_hash(b.p, (char *)NULL);
	buf_release(&b);
	return h;
}

static uint16_t
session_no(struct claude *c, const char *name)
{
	size_t i;

	for (i = c->sessions.n; i > 0; i--)
		if (strcmp(c->sessions.v[i - 1], name) == 0)
			return (uint16_t)i;
	if (c->sessions.n == UINT16_MAX)
		return 0;
	strv_add(&c->sessions, name);
	return (uint16_t)c->sessions.n;
}

/* A line of the first pass: where it stands in the tree. */
static void
scan(struct from *f, const char *p, size_t len, int64_t begin)
{
	struct claude *c = f->priv;
	struct buf session = BUF_INIT;
	struct from_node *node;
	uint64_t id = peek_id(p, len, "uuid");
	bool side, user;
	unsigned flags = 0;

	(void)begin;
	if (id == 0)
		return;
	side = peek_is(p, len, "isSidechain", "true");
	user = peek_is(p, len, "type", "user");
	if (user || peek_is(p, len, "type", "assistant"))
		flags |= FROM_TALK;
	/* in a text it would be \"tool_result\" */
	if (user && !side && !has(p, len, "\"tool_result\"") &&
	    !peek_is(p, len, "isMeta", "true") &&
	    !peek_is(p, len, "isCompactSummary", "true"))
		flags |= FROM_PROMPT;
	node = from_tree_add(&c->tree, id, peek_id(p, len, "parentUuid"),
	    flags);
	if (node != NULL && node->session == 0 &&
	    from_peek(p, len, "sessionId", &session) == 1)
		node->session = session_no(c, session.p);
	buf_release(&session);
}

/* Its node; a line that the first pass did not see is added. */
static const struct from_node *
node_of(struct from *f, const json_t *v, const char *uuid)
{
	struct claude *c = f->priv;
	struct from_node *node;
	struct buf b = BUF_INIT;
	uint64_t id = from_hash(uuid, (char *)NULL);

	if ((node = from_tree_find(&c->tree, id)) == NULL) {
		json_write(&b, v);
		scan(f, b.p, b.len, 0);
		buf_release(&b);
		node = from_tree_find(&c->tree, id);
	}
	return node;
}

static bool
is_true(const json_t *v, const char *key)
{
	return json_is_true(json_object_get(v, key));
}

/* The session of a line; side chains have one of their own below it. */
static void
find_session(struct from *f, const json_t *v, const struct from_node *node,
    struct from_msg *m, struct buf *room)
{
	struct claude *c = f->priv;
	const char *s = get_str(v, "sessionId", NULL);
	const char *agent = get_str(v, "agentId", NULL);

	if (s == NULL)
		s = get_str(v, "session_id", NULL);
	if (s != NULL && !str_eq(s, c->session)) {
		free(c->session);
		c->session = xstrdup(s);
	}
	if (s == NULL)
		s = c->session;
	if (s == NULL && strcmp(f->src.path, "-") != 0)
		s = f->src.stem;
	m->session = s;
	if (s == NULL || (agent == NULL && !is_true(v, "isSidechain")))
		return;
	m->parent = s;
	m->by_agent = true;
	if (agent != NULL)
		buf_addf(room, "%s/%s", s, agent);
	else		/* older files: one chain for each first prompt */
		buf_addf(room, "%s/side-%08x", s, node == NULL ? 0U :
		    (unsigned)(((struct claude *)f->priv)->tree
		    .node[node->root - 1].id & 0xffffffff));
	m->session = room->p;
}

/* A line that was copied into a fork: as it was said first. */
static void
find_fork(struct from *f, const json_t *v, struct from_msg *m)
{
	struct claude *c = f->priv;
	const json_t *fork = json_object_get(v, "forkedFrom");
	const char *s = get_str(fork, "sessionId", NULL);
	const char *id = get_str(fork, "messageUuid", NULL);
	uint64_t h;

	if (s == NULL || m->parent != NULL)
		return;
	m->session = s;
	/* some writers name the point of the fork in every line of it */
	h = id != NULL ? from_hash(id, (char *)NULL) : 0;
	if (h != 0 && h != c->fork)
		m->id = id;
	c->fork = h;
}

static const char *
not_said(const json_t *v, const json_t *message)
{
	if (is_true(v, "isMeta"))
		return "meta line";
	if (is_true(v, "isCompactSummary"))
		return "compact summary";
	if (is_true(v, "isApiErrorMessage") ||
	    str_eq(get_str(message, "model", NULL), "<synthetic>"))
		return "answer not by the model";
	return NULL;
}

static int
message(struct from *f, const json_t *v, const char *type, struct err *e)
{
	struct claude *c = f->priv;
	const json_t *msg = json_object_get(v, "message");
	const struct from_node *node = NULL;
	struct from_msg m = { .global = true };
	struct buf room = BUF_INIT;
	const char *why;
	int r;

	m.id = get_str(v, "uuid", NULL);
	if (m.id != NULL) {
		if (!c->rooted)
			from_recall(f, from_hash("root", m.id, (char *)NULL));
		c->rooted = true;
		node = node_of(f, v, m.id);
	}
	find_session(f, v, node, &m, &room);
	find_fork(f, v, &m);
	from_when(f, &m, json_object_get(v, "timestamp"));
	m.cwd = get_str(v, "cwd", NULL);
	m.git_branch = get_str(v, "gitBranch", NULL);
	if (strcmp(type, "assistant") == 0)
		m.message_id = get_str(msg, "id", NULL);
	m.model = get_str(msg, "model", NULL);
	if (node != NULL && (node->flags & FROM_ABANDONED))
		m.branch = "abandoned";
	if (node != NULL && (node->flags & FROM_REWINDS))
		m.rewound_to = get_str(v, "parentUuid", NULL);
	if ((why = not_said(v, msg)) != NULL) {
		from_drop(f, why);
		r = 0;
	} else if (!json_is_object(msg)) {
		from_skip(f, "message that is no object");
		r = 0;
	} else
		r = from_content(f, &m, strcmp(type, "user") == 0 ?
		    ROLE_USER : ROLE_ASSISTANT,
		    json_object_get(msg, "content"), e);
	buf_release(&room);
	return r;
}

/* Prompts typed while the agent was at work stand only here. */
static int
attachment(struct from *f, const json_t *v, struct err *e)
{
	const json_t *a = json_object_get(v, "attachment");
	const char *type = get_str(a, "type", NULL);
	const char *mode = get_str(a, "commandMode", NULL);
	struct from_msg m = { .global = true };
	struct buf room = BUF_INIT;
	int r;

	if (!str_eq(type, "queued_command") ||
	    (mode != NULL && strcmp(mode, "prompt") != 0) ||
	    is_true(a, "isMeta")) {
		from_drop_of(f, "attachment", type);
		return 0;
	}
	m.id = get_str(v, "uuid", NULL);
	find_session(f, v, m.id != NULL ? node_of(f, v, m.id) : NULL, &m,
	    &room);
	find_fork(f, v, &m);
	from_when(f, &m, json_object_get(v, "timestamp"));
	m.cwd = get_str(v, "cwd", NULL);
	m.git_branch = get_str(v, "gitBranch", NULL);
	r = from_content(f, &m, ROLE_USER, json_object_get(a, "prompt"), e);
	buf_release(&room);
	return r;
}

/* A title that was given, or made; a summary names the last message of the
 * session it is of, which may be another file's. */
static void
title(struct from *f, const json_t *v, int rank, const char *key)
{
	struct claude *c = f->priv;
	const char *leaf = get_str(v, "leafUuid", NULL);
	const char *session = get_str(v, "sessionId", NULL);
	const char *text = get_str(v, key, NULL);
	const struct from_node *node = NULL;

	if (leaf != NULL)
		node = from_tree_find(&c->tree, from_hash(leaf, (char *)NULL));
	if (node != NULL && node->session != 0)
		session = c->sessions.v[node->session - 1];
	if (session == NULL || text == NULL)
		from_drop(f, "title of another session");
	else
		from_title(f, session, rank, text);
}

static int
value(struct from *f, const json_t *v, struct err *e)
{
	const char *type = get_str(v, "type", NULL);

	if (type == NULL)
		from_skip(f, "line without a type");
	else if (strcmp(type, "user") == 0 || strcmp(type, "assistant") == 0)
		return message(f, v, type, e);
	else if (strcmp(type, "attachment") == 0)
		return attachment(f, v, e);
	else if (strcmp(type, "summary") == 0)
		title(f, v, 0, "summary");
	else if (strcmp(type, "ai-title") == 0)
		title(f, v, 1, "aiTitle");
	else if (strcmp(type, "custom-title") == 0)
		title(f, v, 2, "customTitle");
	else
		from_drop_of(f, "line of type", type);
	return 0;
}

static void
save(struct from *f, json_t *state)
{
	struct claude *c = f->priv;

	if (c->session != NULL)
		json_object_set_new(state, "s", json_string(c->session));
	if (c->rooted)
		json_object_set_new(state, "rooted", json_true());
}

static void
restore(struct from *f, const json_t *state)
{
	struct claude *c = f->priv;

	from_set(&c->session, get_str(state, "s", NULL));
	c->rooted = json_is_true(json_object_get(state, "rooted"));
}

static void
release(struct from *f)
{
	struct claude *c = f->priv;

	from_tree_release(&c->tree);
	strv_release(&c->sessions);
	free(c->session);
}

const struct from_format from_claude_code = {
	.name = "claude-code",
	.agent = "claude-code",
	.size = sizeof(struct claude),
	.shape = FROM_LINES,
	.names = "*.jsonl",
	.want = want,
	.scan = scan,
	.value = value,
	.save = save,
	.restore = restore,
	.release = release,
};
