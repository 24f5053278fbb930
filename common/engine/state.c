#include "engine/state.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "search/indexed.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "index/engine"
#define STATE_MAX ((size_t)256 << 20)
#define FORM 1

/* --- marks ------------------------------------------------------------- */

static void
drop_users(struct engine_state *s)
{
	size_t i;

	for (i = 0; i < s->users.n; i++)
		free(s->users.e[i].v.p);
	map_release(&s->users);
	memset(&s->users, 0, sizeof s->users);
}

struct feed_mark *
engine_state_user(struct engine_state *s, const char *name)
{
	union map_value *v;
	int made;

	v = map_put(&s->users, name, &made);
	if (made)
		v->p = xcalloc(1, sizeof(struct feed_mark));
	return v->p;
}

void
engine_state_begin(struct engine_state *s, const char *generation,
    const char *node, bool fresh)
{
	drop_users(s);
	memset(&s->shared, 0, sizeof s->shared);
	snprintf(s->generation, sizeof s->generation, "%s", generation);
	snprintf(s->node, sizeof s->node, "%s", node);
	s->fresh = fresh;
}

/* --- the file ---------------------------------------------------------- */

static void
add_mark(struct buf *b, const struct feed_mark *m)
{
	int i;

	buf_addf(b, "{\"forgot\":%" PRId64, m->forgot);
	for (i = 0; i < FEED_PARTS; i++)
		if (m->after[i] != 0)
			json_add_int(b, feed_parts[i], m->after[i]);
	buf_addc(b, '}');
}

static void
read_mark(struct feed_mark *m, const json_t *o)
{
	int i;

	memset(m, 0, sizeof *m);
	get_int(o, "forgot", &m->forgot);
	for (i = 0; i < FEED_PARTS; i++)
		get_int(o, feed_parts[i], &m->after[i]);
}

static bool
take(char *to, size_t size, const json_t *o, const char *key)
{
	const char *s = get_str(o, key, NULL);

	if (s == NULL || strlen(s) >= size)
		return false;
	memcpy(to, s, strlen(s) + 1);
	return true;
}

/* 1, 0 it is none. */
static int
parse(struct engine_state *s, const struct buf *b)
{
	struct err ignored;
	json_t *o = json_read(b->p, b->len, &ignored), *mark;
	const char *name;
	int64_t form;
	int r = get_int(o, "form", &form) == 1 && form == FORM &&
	    take(s->generation, sizeof s->generation, o, "generation") &&
	    take(s->node, sizeof s->node, o, "node");

	if (r == 1) {
		s->fresh = json_is_true(json_object_get(o, "fresh"));
		read_mark(&s->shared, json_object_get(o, "shared"));
		json_object_foreach(json_object_get(o, "users"), name, mark)
			read_mark(engine_state_user(s, name), mark);
	}
	json_decref(o);
	return r;
}

static int
read_file(struct engine_state *s, bool *bad, struct err *e)
{
	struct buf b = BUF_INIT;
	int r = blockfile_get(&b, s->path, STATE_MAX, &s->key, e);

	*bad = false;
	if (r < 0 && e->code == ERR_ABSENT) {
		r = 0;
	} else if (r < 0 && (e->code == ERR_INDEX || e->code == ERR_INPUT ||
	    e->code == ERR_VERSION)) {
		*bad = true;
		r = 0;
	} else if (r == 0 && (*bad = parse(s, &b) != 1)) {
		engine_state_begin(s, "", "", false);
	}
	buf_release(&b);
	return r;
}

static int
find(struct engine_state *s, struct store *st, const char *engine,
    char **folder, struct err *e)
{
	struct buf path = BUF_INIT;

	memset(s, 0, sizeof *s);
	s->lock = (struct lock)LOCK_INIT;
	*folder = store_path(st, FOLDER);
	file_join(&path, *folder, engine);
	s->path = buf_steal(&path);
	return indexed_seal_of(st, FOLDER, &s->key, e) < 0 ? -1 : 0;
}

int
engine_state_open(struct engine_state *s, struct store *st,
    const char *engine, int wait_ms, void (*note)(void *, const char *),
    void *arg, struct err *e)
{
	struct buf path = BUF_INIT;
	char *folder;
	bool bad;
	int r = find(s, st, engine, &folder, e);

	buf_addf(&path, "%s.lock", s->path);
	if (r == 0)
		r = file_mkdirs(folder, 0700, e);
	if (r == 0)
		r = lock_take(&s->lock, path.p, wait_ms, e);
	if (r == 0 && (r = read_file(s, &bad, e)) == 0 && bad &&
	    note != NULL)
		note(arg, "how much the engine has cannot be read; all is "
		    "told once more");
	buf_release(&path);
	free(folder);
	return r;
}

int
engine_state_read(struct engine_state *s, struct store *st,
    const char *engine, struct err *e)
{
	char *folder;
	bool bad;
	int r = find(s, st, engine, &folder, e);

	free(folder);
	return r == 0 ? read_file(s, &bad, e) : r;
}

void
engine_state_close(struct engine_state *s)
{
	lock_drop(&s->lock);
	drop_users(s);
	free(s->path);
	mem_wipe(&s->key, sizeof s->key);
	s->path = NULL;
}

int
engine_state_write(struct engine_state *s, struct err *e)
{
	struct buf b = BUF_INIT;
	size_t i;
	int r;

	buf_addf(&b, "{\"form\":%d", FORM);
	json_add_text(&b, "generation", s->generation);
	json_add_text(&b, "node", s->node);
	if (s->fresh)
		buf_adds(&b, ",\"fresh\":true");
	buf_adds(&b, ",\"shared\":");
	add_mark(&b, &s->shared);
	buf_adds(&b, ",\"users\":{");
	for (i = 0; i < s->users.n; i++) {
		if (i > 0)
			buf_addc(&b, ',');
		json_quote(&b, s->users.e[i].key, strlen(s->users.e[i].key));
		buf_addc(&b, ':');
		add_mark(&b, s->users.e[i].v.p);
	}
	buf_adds(&b, "}}\n");
	r = blockfile_replace(s->path, b.p, b.len, &s->key, e);
	buf_release(&b);
	return r;
}
