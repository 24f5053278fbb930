#include "engine/index.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/json.h"
#include "engine/doc.h"
#include "engine/scroll.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define TRIES 5
#define PAGE 500		/* hits of a scan at once, of a few fields */
#define OLD_MS INT64_C(86400000)	/* nobody fills an index for so long */
#define FIRST 50		/* and whole documents, to begin with */
#define FOUND 1000		/* of these, if the alias is of several */
/* between two pages: longer than what is done with one waits for the engine */
#define KEEP "30m"
#define WHOLE "allow_partial_search_results=false"

/* --- asking ------------------------------------------------------------ */

/* What may be asked twice.  0, or -1 of a status that is not 2xx; of missing
 * (404) 1, if that is an answer. */
static int
ask(struct engine_index *x, const char *method, const char *path,
    const struct buf *body, const char *what, bool absent, json_t **out,
    struct err *e)
{
	struct engine_req q = { .method = method, .path = path,
	    .tries = TRIES };

	if (body != NULL) {
		q.body = body->p;
		q.len = body->len;
	}
	return engine_ask_well(x->engine, &q, what, absent, out, e);
}

/* Was every shard heard?  What was not is told nowhere else: an answer of a
 * part looks like one of all. */
static int
is_whole(struct engine_index *x, const json_t *o, struct err *e)
{
	const json_t *shards = json_object_get(o, "_shards");
	int64_t failed = 0, total = 0, successful = 0;

	get_int(shards, "failed", &failed);
	if (get_int(shards, "total", &total) != 1 ||
	    get_int(shards, "successful", &successful) != 1)
		total = successful = 0;
	if (failed == 0 && successful >= total &&
	    !json_is_true(json_object_get(o, "timed_out")))
		return 0;
	return err_set(e, ERR_NET, "engine '%s' has only a part of its index "
	    "now (%" PRId64 " of %" PRId64 " shards answered%s); see its "
	    "shards, and run it again", engine_conf(x->engine)->name,
	    successful, total, json_is_true(json_object_get(o, "timed_out")) ?
	    ", not in time" : "");
}

static int
ask_only(struct engine_index *x, const char *method, const char *path,
    const struct buf *body, const char *what, bool absent, struct err *e)
{
	json_t *o;
	int r = ask(x, method, path, body, what, absent, &o, e);

	json_decref(o);
	return r;
}

/* "/NAME/END" */
static void
set_path(struct buf *b, const char *name, const char *end)
{
	buf_reset(b);
	engine_path(b, name);
	buf_adds(b, end);
}

/* --- what there is ----------------------------------------------------- */

/* What the alias is of; of several the smallest. */
static int
look(struct engine_index *x, struct err *e)
{
	struct buf path = BUF_INIT;
	const char *name;
	json_t *o, *v;
	struct engine_meta is;
	int r;

	set_path(&path, x->alias, "/_mapping");
	r = ask(x, "GET", path.p, NULL, "question for its mapping", true, &o,
	    e);
	buf_release(&path);
	if (r != 0)
		return r < 0 ? -1 : 0;
	x->several = json_object_size(o) > 1;
	json_object_foreach(o, name, v) {
		if (r == 0 && (strcmp(name, x->alias) == 0 ||
		    engine_meta_read(&is, v) != 1))
			r = err_set(e, ERR_EXISTS, "index '%s' of engine '%s' "
			    "is none of memkit's; set engine.%s.index to "
			    "another prefix", name,
			    engine_conf(x->engine)->name,
			    engine_conf(x->engine)->name);
		if (r == 0 && (x->name == NULL || strcmp(name, x->name) < 0)) {
			free(x->name);
			x->name = xstrdup(name);
			x->meta = is;
		}
	}
	json_decref(o);
	return r < 0 ? -1 : x->name != NULL;
}

int
engine_index_find(struct engine_index *x, struct engine *engine,
    const char *tenant, bool several, struct err *e)
{
	struct buf alias = BUF_INIT;
	int r;

	memset(x, 0, sizeof *x);
	x->engine = engine;
	engine_alias(&alias, engine_conf(engine)->index, tenant);
	x->alias = buf_steal(&alias);
	r = look(x, e);
	if (r == 1 && x->several && !several)
		r = err_set(e, ERR_EXISTS, "alias '%s' of engine '%s' is of "
		    "several indexes; mem-index --to %s --rebuild makes one "
		    "of them", x->alias, engine_conf(engine)->name,
		    engine_conf(engine)->name);
	return r;
}

void
engine_index_release(struct engine_index *x)
{
	free(x->alias);
	free(x->name);
	x->alias = x->name = NULL;
}

/* --- making one -------------------------------------------------------- */

int
engine_index_make(struct engine_index *x, const struct engine_meta *meta,
    char **name, struct err *e)
{
	struct buf b = BUF_INIT, path = BUF_INIT, body = BUF_INIT;
	int r;

	buf_addf(&b, "%s.%s", x->alias, meta->generation);
	*name = buf_steal(&b);
	set_path(&path, *name, "");
	engine_mapping_add(&body, engine_conf(x->engine), meta);
	r = ask_only(x, "PUT", path.p, &body, "new index", false, e);
	buf_release(&path);
	buf_release(&body);
	if (r < 0) {
		free(*name);
		*name = NULL;
	}
	return r;
}

int
engine_index_check(struct engine_index *x, const char *name,
    const struct engine_meta *meta, struct err *e)
{
	struct buf path = BUF_INIT;
	struct engine_meta is;
	json_t *o;
	int r;

	set_path(&path, name, "/_mapping");
	r = ask(x, "GET", path.p, NULL, "question for its mapping", true, &o,
	    e);
	buf_release(&path);
	if (r == 0 && (engine_meta_read(&is, json_object_get(o, name)) != 1 ||
	    strcmp(is.generation, meta->generation) != 0))
		r = 1;
	json_decref(o);
	return r < 0 ? -1 : r == 0 ? 0 : err_set(e, ERR_EXISTS, "index '%s' of "
	    "engine '%s' is gone, or was made anew by another hand; run it "
	    "again", name, engine_conf(x->engine)->name);
}

/* The index is one of ours that no alias has, and nobody's that works: this
 * node's, of which one works at a time, or one that is old. */
static bool
is_left(const struct engine_index *x, const char *name, const json_t *v,
    const struct engine_meta *meta)
{
	const char *made = get_str(get_path(v, "settings.index"),
	    "creation_date", NULL);
	size_t n = strlen(x->alias);
	struct engine_meta is;
	int64_t ms;

	return strncmp(name, x->alias, n) == 0 && name[n] == '.' &&
	    strlen(name + n + 1) == ENGINE_GENERATION &&
	    json_is_object(json_object_get(v, "aliases")) &&
	    json_object_size(json_object_get(v, "aliases")) == 0 &&
	    engine_meta_read(&is, v) == 1 &&
	    strcmp(is.generation, meta->generation) != 0 &&
	    (strcmp(is.node, meta->node) == 0 || (made != NULL &&
	    str_int(made, 0, INT64_MAX, &ms) == 1 &&
	    date_real() - ms > OLD_MS));
}

/* What is left takes room, and no more: it is no error if it stays. */
void
engine_index_sweep(struct engine_index *x, const struct engine_meta *meta)
{
	struct buf path = BUF_INIT;
	struct err ignored;
	const char *name;
	json_t *o, *v;

	set_path(&path, x->alias, ".*");
	if (ask(x, "GET", path.p, NULL, "question for its indexes", true, &o,
	    &ignored) == 0)
		json_object_foreach(o, name, v)
			if (is_left(x, name, v, meta)) {
				set_path(&path, name, "");
				ask_only(x, "DELETE", path.p, NULL, "deletion",
				    true, &ignored);
			}
	json_decref(o);
	buf_release(&path);
}

void
engine_index_drop(struct engine_index *x, const char *name)
{
	struct buf path = BUF_INIT;
	const json_t *aliases;
	struct err ignored;
	json_t *o;

	/* the answer that it is in use now may have been lost */
	set_path(&path, name, "/_alias");
	if (ask(x, "GET", path.p, NULL, "question for its alias", true, &o,
	    &ignored) == 0) {
		aliases = json_object_get(json_object_get(o, name), "aliases");
		set_path(&path, name, "");
		if (json_is_object(aliases) && json_object_size(aliases) == 0)
			ask_only(x, "DELETE", path.p, NULL, "deletion", true,
			    &ignored);
	}
	json_decref(o);
	buf_release(&path);
}

/* An alias has one index that is written to, or the engine refuses it: so of
 * two that begin together one comes too late. */
static int
move_alias(struct engine_index *x, const char *name, struct err *e)
{
	struct buf body = BUF_INIT;
	int r;

	buf_adds(&body, "{\"actions\":[");
	if (x->name != NULL)
		buf_addf(&body, "{\"remove\":{\"index\":\"%s.*\",\"alias\":"
		    "\"%s\"}},", x->alias, x->alias);
	buf_addf(&body, "{\"add\":{\"index\":\"%s\",\"alias\":\"%s\","
	    "\"is_write_index\":true}}]}", name, x->alias);
	r = ask_only(x, "POST", "/_aliases", &body, "new alias", false, e);
	buf_release(&body);
	return r;
}

static void
now_is(struct engine_index *x, const char *name,
    const struct engine_meta *meta)
{
	free(x->name);
	x->name = xstrdup(name);
	x->meta = *meta;
	x->several = false;
}

/* All that the alias is of. */
static int
names(struct engine_index *x, struct strv *all, struct err *e)
{
	struct buf path = BUF_INIT;
	const char *name;
	json_t *o, *v;
	int r;

	set_path(&path, x->alias, "/_alias");
	r = ask(x, "GET", path.p, NULL, "question for its indexes", true, &o,
	    e);
	if (r == 0)
		json_object_foreach(o, name, v)
			strv_add(all, name);
	json_decref(o);
	buf_release(&path);
	return r < 0 ? -1 : 0;
}

int
engine_index_use(struct engine_index *x, const char *name,
    const struct engine_meta *meta, struct err *e)
{
	struct strv all = STRV_INIT;
	size_t i;
	int r = names(x, &all, e);

	if (r == 0)
		r = move_alias(x, name, e);
	for (i = 0; i < all.n && r == 0 && x->name != NULL; i++)
		if (strcmp(all.v[i], name) != 0)
			engine_index_drop(x, all.v[i]);
	strv_release(&all);
	if (r < 0)
		return -1;
	engine_index_sweep(x, meta);
	now_is(x, name, meta);
	return 0;
}

int
engine_index_first(struct engine_index *x, const char *name,
    const struct engine_meta *meta, struct err *e)
{
	struct err other;
	int r = move_alias(x, name, e);

	if (r < 0) {
		if (look(x, &other) != 1 || x->several) {
			engine_index_drop(x, name);
			return -1;
		}
		if (strcmp(x->name, name) != 0) {
			engine_index_drop(x, name);
			return 1;
		}
	}
	engine_index_sweep(x, meta);
	now_is(x, name, meta);
	return 0;
}

/* --- searching --------------------------------------------------------- */

int
engine_index_refresh(struct engine_index *x, const char *name,
    struct err *e)
{
	struct buf path = BUF_INIT;
	int64_t failed = 0;
	json_t *o;
	int r;

	set_path(&path, name, "/_refresh");
	r = ask(x, "POST", path.p, NULL, "refresh", false, &o, e);
	/* copies that are nowhere are no failure */
	get_int(json_object_get(o, "_shards"), "failed", &failed);
	if (r == 0 && failed > 0)
		r = is_whole(x, o, e);
	json_decref(o);
	buf_release(&path);
	return r;
}

int
engine_index_count(struct engine_index *x, const char *name,
    const char *query, int64_t *n, struct err *e)
{
	struct buf path = BUF_INIT, body = BUF_INIT;
	json_t *o;
	int r;

	set_path(&path, name, "/_count");
	buf_addf(&body, "{\"query\":%s}", query);
	r = ask(x, "POST", path.p, &body, "count", false, &o, e);
	if (r == 0)
		r = is_whole(x, o, e);
	if (r == 0 && get_int(o, "count", n) != 1)
		r = engine_wrong(x->engine, "count", e);
	json_decref(o);
	buf_release(&path);
	buf_release(&body);
	return r;
}

struct scan {
	struct engine_index *x;
	const char *name, *fields;	/* borrowed; NULL: whole documents */
	int (*fn)(void *, const char *, const json_t *, struct err *);
	void *arg;
	size_t size;			/* whole documents at once */
};

static int
give_page(struct scan *s, const json_t *hits, struct err *e)
{
	const char *id;
	json_t *hit;
	size_t i;
	int r = 0;

	json_array_foreach(hits, i, hit) {
		id = get_str(hit, "_id", NULL);
		if (id != NULL && (r = s->fn(s->arg, id, json_object_get(hit,
		    "_source"), e)) != 0)
			break;
	}
	return r;
}

/* Whole documents of n hits.  1: that is too much at once. */
static int
get_some(struct scan *s, const json_t *hits, size_t from, size_t n,
    struct err *e)
{
	struct buf path = BUF_INIT, body = BUF_INIT;
	const json_t *got;
	const char *id;
	json_t *o;
	size_t i;
	int r;

	set_path(&path, s->name, "/_search?" WHOLE);
	buf_addf(&body, "{\"size\":%d,\"query\":{\"ids\":{\"values\":[", FOUND);
	for (i = from; i < from + n; i++) {
		id = get_str(json_array_get(hits, i), "_id", NULL);
		if (i > from)
			buf_addc(&body, ',');
		json_quote(&body, id != NULL ? id : "", id != NULL ?
		    strlen(id) : 0);
	}
	buf_adds(&body, "]}}}");
	r = ask(s->x, "POST", path.p, &body, "search", false, &o, e);
	if (r < 0 && e->code == ERR_INPUT && n > 1)
		r = 1;
	if (r == 0)
		r = is_whole(s->x, o, e);
	got = r == 0 ? get_path(o, "hits.hits") : NULL;
	if (r == 0 && json_array_size(got) < n)
		r = err_set(e, ERR_NET, "engine '%s' loses documents while "
		    "they are read; run it again",
		    engine_conf(s->x->engine)->name);
	if (r == 0)
		r = give_page(s, got, e);
	json_decref(o);
	buf_release(&path);
	buf_release(&body);
	return r;
}

/* Their whole documents, of those that are long a few at a time. */
static int
give_whole(struct scan *s, const json_t *hits, struct err *e)
{
	size_t all = json_array_size(hits), i = 0, n;
	int r = 0;

	while (i < all && r == 0) {
		n = all - i < s->size ? all - i : s->size;
		r = get_some(s, hits, i, n, e);
		if (r == 1) {
			s->size = n / 2;
			r = 0;
			continue;
		}
		i += n;
		if (s->size < PAGE)
			s->size *= 2;
	}
	return r;
}

static int
take_page(struct scan *s, const struct engine_scroll *at, struct err *e)
{
	const json_t *hits = get_path(at->page, "hits.hits");

	if (is_whole(s->x, at->page, e) < 0)
		return -1;
	return s->fields != NULL ? give_page(s, hits, e) :
	    give_whole(s, hits, e);
}

/* All that it said that it has, and no less. */
static int
all_seen(const struct engine_scroll *at, struct err *e)
{
	return at->had == at->total ? 0 : err_set(e, ERR_NET, "engine '%s' "
	    "has %" PRId64 " documents, and gave %" PRId64 " of them; run it "
	    "again", engine_conf(at->engine)->name, at->total, at->had);
}

int
engine_index_scan(struct engine_index *x, const char *name,
    const char *query, const char *fields,
    int (*fn)(void *, const char *, const json_t *, struct err *), void *arg,
    struct err *e)
{
	struct scan s = { x, name, fields, fn, arg, FIRST };
	struct engine_scroll at = { .engine = x->engine, .keep = KEEP };
	struct buf path = BUF_INIT, body = BUF_INIT;
	int r, more = 0;

	set_path(&path, name, "/_search");
	buf_addf(&body, "{\"size\":%d,\"sort\":[\"_doc\"],\"_source\":%s,"
	    "\"query\":%s}", PAGE, fields != NULL ? fields : "false", query);
	if ((r = engine_scroll_first(&at, path.p, &body, e)) == 0)
		do
			r = take_page(&s, &at, e);
		while (r == 0 && (more = engine_scroll_next(&at, e)) == 1);
	if (r == 0)
		r = more < 0 ? -1 : all_seen(&at, e);
	engine_scroll_end(&at);
	buf_release(&path);
	buf_release(&body);
	return r < 0 ? -1 : 0;
}
