/*
 * What is asked besides the best: all, how many, and records.
 */
#include "engine/look_own.h"

#include "base/alloc.h"
#include "base/json.h"
#include "engine/query.h"
#include "engine/scroll.h"
#include "search/doc.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 1000
#define ALL 5000000		/* hits, or sessions, that are more than anybody
				   reads: an engine that tells on and on */
#define KEEP "2m"		/* how long it keeps a place for us */

/* An answer to a search that is not one of many; own. */
static int
search(struct engine_look *x, json_t *body, json_t **out, struct err *e)
{
	struct engine_req req = { .method = "POST", .tries = 3 };
	struct buf path = BUF_INIT, text = BUF_INIT;
	int r;

	engine_path(&path, x->alias);
	buf_adds(&path, "/_search?allow_partial_search_results=false");
	json_write(&text, body);
	json_decref(body);
	req.path = path.p;
	req.body = text.p;
	req.len = text.len;
	r = engine_ask_well(x->en, &req, "search", false, out, e);
	if (r == 0 && engine_look_hits(*out, NULL) == NULL)
		r = engine_wrong(x->en, "search", e);
	if (r == 0)
		r = engine_look_whole(x, *out, e);
	if (r < 0) {
		json_decref(*out);
		*out = NULL;
	}
	buf_release(&path);
	buf_release(&text);
	return r;
}

/* --- page by page ------------------------------------------------------ */

static int
take_page(struct engine_look *x, struct engine_cands *c, enum source source,
    const json_t *page, struct err *e)
{
	const json_t *list = engine_look_hits(page, NULL), *hit;
	size_t i;

	if (list == NULL)
		return engine_wrong(x->en, "search", e);
	json_array_foreach(list, i, hit)
		if (engine_look_take(x, c, source, hit, true, e) < 0)
			return -1;
	return c->n > ALL ? err_set(e, ERR_INPUT, "'%s' tells over %d hits; "
	    "name a limit (-n)", engine_conf(x->en)->name, ALL) : 0;
}

static int
scroll(struct engine_look *x, struct engine_scroll *at, struct engine_cands *c,
    enum source source, struct err *e)
{
	int r;

	do {
		if (engine_look_whole(x, at->page, e) < 0 ||
		    take_page(x, c, source, at->page, e) < 0)
			return -1;
		if (x->best > 0 && (size_t)at->had >= x->best)
			return 0;
	} while ((r = engine_scroll_next(at, e)) == 1);
	if (r == 0 && at->had < at->total)
		r = err_set(e, ERR_NET, "engine '%s' told %" PRId64 " hits "
		    "of %" PRId64 "; ask again, or name a limit (-n)",
		    engine_conf(x->en)->name, at->had, at->total);
	return r;
}

static int
pages_of(struct engine_look *x, struct engine_cands *c, enum source source,
    struct err *e)
{
	struct engine_scroll at = { .engine = x->en, .keep = KEEP };
	struct buf path = BUF_INIT, text = BUF_INIT;
	json_t *body = engine_look_words(x, source, PAGE, NULL);
	int64_t total;
	int r;

	engine_path(&path, x->alias);
	buf_adds(&path, "/_search");
	json_write(&text, body);
	json_decref(body);
	if ((r = engine_scroll_first(&at, path.p, &text, e)) == 0) {
		engine_look_hits(at.page, &total);
		c->found += total;
		r = scroll(x, &at, c, source, e);
	}
	engine_scroll_end(&at);
	buf_release(&path);
	buf_release(&text);
	return r;
}

/* Most have no more than a page. */
int
engine_look_pages(struct engine_look *x, struct engine_cands *c,
    struct err *e)
{
	struct engine_many m = { .body = BUF_INIT };
	enum source source;
	int64_t total;
	size_t i;
	int k, r;

	for (k = 0; k < SOURCE_SESSION; k++)
		if (x->may[k] != NULL)
			engine_many_add(&m, (enum source)k, true,
			    engine_look_words(x, (enum source)k, PAGE, NULL));
	r = engine_many_ask(x, &m, e);
	for (i = 0; i < m.n && r == 0; i++) {
		source = m.v[i].source;
		engine_look_hits(engine_many_answer(&m, i), &total);
		if (total > PAGE) {
			r = pages_of(x, c, source, e);
			continue;
		}
		c->found += total;
		r = take_page(x, c, source, engine_many_answer(&m, i), e);
	}
	engine_many_release(&m);
	return r;
}

/* --- how many ---------------------------------------------------------- */

static json_t *
sessions_after(const struct engine_look *x, const json_t *after)
{
	json_t *by = json_pack("{s:i, s:[{s:{s:{s:s}}}, {s:{s:{s:s}}}]}",
	    "size", PAGE, "sources",
	    "u", "terms", "field", "user", "s", "terms", "field", "session");

	if (after != NULL)
		json_object_set_new(by, "after", json_deep_copy(after));
	return json_pack("{s:i, s:b, s:o, s:{s:{s:o}}}", "size", 0,
	    "track_total_hits", 0, "query", engine_bool("filter",
	    engine_look_filters(x, SOURCE_EVENT, -1)),
	    "aggs", "by", "composite", by);
}

/* The sessions that the events are of. */
static int
count_sessions(struct engine_look *x, int64_t *n, struct err *e)
{
	json_t *answer = NULL, *after = NULL;
	const json_t *list;
	int64_t had = 0;
	size_t got;
	int r;

	do {
		if ((r = search(x, sessions_after(x, after), &answer,
		    e)) < 0)
			break;
		list = get_path(answer, "aggregations.by.buckets");
		got = json_array_size(list);
		had += (int64_t)got;
		json_decref(after);
		after = json_incref((json_t *)get_path(answer,
		    "aggregations.by.after_key"));
		if (!json_is_array(list))
			r = engine_wrong(x->en, "search", e);
		json_decref(answer);
	} while (r == 0 && got >= PAGE && had < ALL &&
	    json_is_object(after) && !x->s->first);
	json_decref(after);
	*n += had;
	return r;
}

int
engine_look_count(struct engine_look *x, int64_t *n, struct err *e)
{
	struct engine_many m = { .body = BUF_INIT };
	int64_t total;
	json_t *body;
	size_t k;
	int i, r = 0;

	*n = 0;
	for (i = 0; i < SOURCE_SESSION; i++) {
		if (x->may[i] == NULL || (i == SOURCE_EVENT &&
		    !(x->s->sources >> SOURCE_EVENT & 1)))
			continue;
		body = json_pack("{s:i, s:b, s:o}", "size", 0,
		    "track_total_hits", 1, "query", engine_bool("filter",
		    engine_look_filters(x, (enum source)i, -1)));
		engine_many_add(&m, (enum source)i, true, body);
	}
	if (m.n > 0)
		r = engine_many_ask(x, &m, e);
	for (k = 0; k < m.n && r == 0; k++) {
		engine_look_hits(engine_many_answer(&m, k), &total);
		*n += total;
	}
	engine_many_release(&m);
	if (r == 0 && x->s->sources >> SOURCE_SESSION & 1)
		r = count_sessions(x, n, e);
	return r;
}

/* --- records ----------------------------------------------------------- */

static json_t *
records_question(const struct engine_look *x, const struct engine_cands *c,
    const size_t *which, size_t n)
{
	json_t *ids = json_array(), *may = json_array();
	size_t i;

	for (i = 0; i < n; i++)
		json_array_append_new(ids, json_string(c->v[which[i]].key));
	for (i = 0; i < SOURCE_SESSION; i++)
		if (x->may[i] != NULL)
			json_array_append(may, x->may[i]);
	return json_pack("{s:I, s:b, s:[s, s, s, s, s, s, s, s, s, s, s], "
	    "s:{s:{s:[o, o]}}}", "size", (json_int_t)n,
	    "track_total_hits", 0, "_source", "source", "user", "session",
	    "id", "within", "ts", "end", "at", "row", "node",
	    "record",
	    "query", "bool", "filter", engine_clause("ids", "values", ids),
	    engine_bool("should", may));
}

/* The candidate that a hit is, if it was asked for, and not yet told. */
static bool
is_asked(const struct engine_cands *c, const json_t *hit, const size_t *which,
    size_t n, bool *told, size_t *at)
{
	const char *key = get_str(hit, "_id", NULL);
	union map_value *v = key == NULL ? NULL : map_get(&c->by_key, key);
	bool asked = false;
	size_t i;

	for (i = 0; v != NULL && i < n; i++)
		if (which[i] == (size_t)v->i && !told[i])
			asked = told[i] = true;
	if (asked)
		*at = (size_t)v->i;
	return asked;
}

int
engine_look_records(struct engine_look *x, const struct engine_cands *c,
    const size_t *which, size_t n, int (*fn)(void *, size_t cand,
    const json_t *source, struct err *), void *arg, struct err *e)
{
	bool *told = xcalloc(n + 1, sizeof *told);
	struct engine_found d;
	const json_t *hit;
	json_t *answer;
	const char *key;
	size_t i, at, who;
	int r;

	r = search(x, records_question(x, c, which, n), &answer, e);
	if (r == 0)
		json_array_foreach(engine_look_hits(answer, NULL), i, hit) {
			if (!is_asked(c, hit, which, n, told, &at))
				continue;
			r = engine_look_read(x, c->v[at].source, hit, &d,
			    &who, &key, e);
			if (r == 1)
				r = fn(arg, at, json_object_get(hit,
				    "_source"), e);
			if (r < 0)
				break;
		}
	json_decref(answer);
	free(told);
	return r < 0 ? -1 : 0;
}
