#include "engine/look.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/json.h"
#include "base/str.h"
#include "engine/doc.h"
#include "engine/look_own.h"
#include "engine/query.h"
#include "index/vector.h"
#include "search/fuse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TOTAL_MOST (INT64_C(1) << 53)	/* of one answer: sums of some fit */
#define GENERATION 8		/* digits behind the alias and a dot */

/* --- candidates -------------------------------------------------------- */

void
engine_cands_init(struct engine_cands *c)
{
	memset(c, 0, sizeof *c);
}

void
engine_cands_release(struct engine_cands *c)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		free(c->v[i].key);
		free(c->v[i].id);
		free(c->v[i].session);
		free(c->v[i].within);
	}
	free(c->v);
	map_release(&c->by_key);
	memset(c, 0, sizeof *c);
}

static char *
copy(const char *s)
{
	return s == NULL ? NULL : xstrdup(s);
}

static struct engine_cand *
cand_add(struct engine_cands *c, const char *key,
    const struct engine_found *d, size_t who)
{
	struct engine_cand *k;

	c->v = xgrow(c->v, c->n, &c->cap, sizeof *c->v);
	k = &c->v[c->n++];
	memset(k, 0, sizeof *k);
	k->key = xstrdup(key);
	k->id = xstrdup(d->id);
	k->session = copy(d->session);
	k->within = copy(d->within);
	k->source = d->source;
	k->who = who;
	k->has_time = d->has_time;
	k->ts_ms = d->ts_ms;
	k->end_ms = d->end_ms;
	k->vector = VECTOR_NONE;
	return k;
}

void
engine_cand_says(const struct engine_cand *k, const struct seen *seen,
    struct engine_found *d)
{
	*d = (struct engine_found){ .source = k->source, .id = k->id,
	    .session = k->session, .within = k->within, .ts_ms = k->ts_ms,
	    .end_ms = k->end_ms, .has_time = k->has_time };
	if (!source_is_shared(k->source))
		d->user = seen->user[k->who]->name;
}

/* --- beginning and end ------------------------------------------------- */

/* Facts are asked for once. */
bool
engine_look_wants(const struct engine_look *x, enum source source)
{
	unsigned set = x->s->sources;

	if (source == SOURCE_OWN)
		return false;
	if (source == SOURCE_FACT && set >> SOURCE_OWN & 1)
		return true;
	return set >> source & 1 || (source == SOURCE_EVENT &&
	    set >> SOURCE_SESSION & 1);
}

/* Facts that have begun, and have not ended. */
static void
add_facts(json_t *filters, int64_t now)
{
	json_array_append_new(filters, engine_bool("must_not",
	    engine_clause("range", "ts", json_pack("{s:I}", "gt",
	    (json_int_t)now))));
	json_array_append_new(filters, engine_bool("must_not",
	    engine_clause("range", "until", json_pack("{s:I}", "lte",
	    (json_int_t)now))));
}

int
engine_look_init(struct engine_look *x, struct engine *en, struct seen *seen,
    const struct query *q, const struct search *s, const char *alias,
    struct err *e)
{
	int i;

	memset(x, 0, sizeof *x);
	x->en = en;
	x->seen = seen;
	x->q = q;
	x->s = s;
	x->alias = alias;
	x->now = date_now();
	for (i = 0; i < SOURCE_SESSION; i++)
		if (engine_look_wants(x, (enum source)i) && (x->may[i] =
		    engine_access(seen, (enum source)i, s->sources,
		    &x->loose, e)) == NULL)
			return -1;
	return 0;
}

void
engine_look_release(struct engine_look *x)
{
	int i;

	for (i = 0; i < SOURCE_SESSION; i++)
		json_decref(x->may[i]);
	free(x->v);
	memset(x, 0, sizeof *x);
}

/* --- questions --------------------------------------------------------- */

json_t *
engine_look_filters(const struct engine_look *x, enum source source, int but)
{
	json_t *list = engine_query_filters(x->q, source, but);

	json_array_insert(list, 0, x->may[source]);
	if (source == SOURCE_FACT)
		add_facts(list, x->now);
	return list;
}

static json_t *
members(bool vector)
{
	json_t *list = json_pack("[s, s, s, s, s, s, s]", "source", "user",
	    "session", "id", "within", "ts", "end");

	if (vector)
		json_array_append_new(list, json_string("v"));
	return list;
}

/* The best by words; of all sources ties are in the order of ids. */
json_t *
engine_look_words(const struct engine_look *x, enum source source,
    size_t size, json_t *among)
{
	json_t *all = engine_look_filters(x, source, -1);

	if (among != NULL)
		json_array_append_new(all, among);
	return json_pack("{s:I, s:b, s:o, s:[s, {s:s}], s:{s:{s:o, s:o}}}",
	    "size", (json_int_t)size, "track_total_hits", among == NULL,
	    "_source", members(x->v != NULL && x->best > 0 &&
	    x->best <= ENGINE_LOOK_MOST), "sort", "_score", "id", "asc",
	    "query", "bool", "filter", all,
	    "should", engine_query_terms(x->q, source));
}

/* The best by the vector, of what the query allows but for its words. */
static json_t *
by_vector(const struct engine_look *x, enum source source, size_t size)
{
	json_t *v = json_array(), *all, *knn;
	size_t i;

	for (i = 0; i < x->dim; i++)
		json_array_append_new(v, json_integer(x->v[i]));
	all = engine_bool("filter", engine_look_filters(x, source,
	    x->q->plain));
	if (engine_conf(x->en)->kind == ENGINE_ELASTICSEARCH)
		knn = json_pack("{s:s, s:o, s:I, s:o}", "field", "v",
		    "query_vector", v, "num_candidates", (json_int_t)size,
		    "filter", all);
	else
		knn = json_pack("{s:{s:o, s:I, s:o}}", "v", "vector", v,
		    "k", (json_int_t)size, "filter", all);
	return json_pack("{s:I, s:b, s:o, s:{s:o}}", "size",
	    (json_int_t)size, "track_total_hits", 0, "_source", members(true),
	    "query", "knn", knn);
}

/* --- answers ----------------------------------------------------------- */

/* Is it of the index that was asked? */
static bool
is_ours(const struct engine_look *x, const char *index)
{
	size_t n = strlen(x->alias);

	return index != NULL && str_starts(index, x->alias) &&
	    index[n] == '.' && strlen(index + n + 1) == GENERATION;
}

int
engine_look_read(struct engine_look *x, enum source source, const json_t *hit,
    struct engine_found *d, size_t *who, const char **key, struct err *e)
{
	const struct graft *by;
	struct buf id = BUF_INIT;
	int r = 0;

	*key = get_str(hit, "_id", NULL);
	if (is_ours(x, get_str(hit, "_index", NULL)) && *key != NULL &&
	    engine_found_read(d, source, json_object_get(hit, "_source"))) {
		engine_doc_id(&id, d->source, d->user, d->within, d->id);
		r = strcmp(id.p, *key) == 0 &&
		    (!source_is_fact(d->source) ||
		    x->s->sources >> d->source & 1);
	}
	if (r == 1)
		r = engine_may(x->seen, d, who, &by, e);
	buf_release(&id);
	return r;
}

/* The cosine with the query's, of whole numbers. */
static double
cosine(const struct engine_look *x, const json_t *list)
{
	double dot = 0, a = 0, b = 0, c;
	const json_t *n;
	size_t i;

	if (x->v == NULL || json_array_size(list) != x->dim)
		return VECTOR_NONE;
	json_array_foreach(list, i, n) {
		c = (double)json_integer_value(n);
		if (c < -128 || c > 127)
			return VECTOR_NONE;
		dot += x->v[i] * c;
		a += (double)x->v[i] * x->v[i];
		b += c * c;
	}
	return a > 0 && b > 0 ? dot / sqrt(a * b) : VECTOR_NONE;
}

static double
score_of(const json_t *hit)
{
	double s = json_number_value(json_object_get(hit, "_score"));

	return isfinite(s) && s > 0 ? s : 0;
}

int
engine_look_take(struct engine_look *x, struct engine_cands *c,
    enum source source, const json_t *hit, bool words, struct err *e)
{
	struct engine_found d;
	struct engine_cand *k;
	const char *key;
	size_t who;
	int made, r;

	if ((r = engine_look_read(x, source, hit, &d, &who, &key, e)) != 1) {
		c->wrong += r == 0;
		return r;
	}
	union map_value *at = map_put(&c->by_key, key, &made);

	if (made) {
		at->i = (int64_t)c->n;
		k = cand_add(c, key, &d, who);
		k->vector = cosine(x, json_object_get(json_object_get(hit,
		    "_source"), "v"));
	}
	k = &c->v[at->i];
	if (words) {
		k->matches = true;
		k->text = score_of(hit);
	} else if (k->vector <= VECTOR_NONE) {
		k->vector = 2 * score_of(hit) - 1;
	}
	return 1;
}

/* The list of hits of an answer; NULL: it has none, or a number that cannot
 * be. */
const json_t *
engine_look_hits(const json_t *answer, int64_t *total)
{
	const json_t *list = get_path(answer, "hits.hits");
	const json_t *v = get_path(answer, "hits.total.value");
	int64_t n = json_is_integer(v) ? json_integer_value(v) : 0;

	if (total != NULL)
		*total = n < 0 ? 0 : n < TOTAL_MOST ? n : TOTAL_MOST;
	return json_is_array(list) && n >= 0 ? list : NULL;
}

int
engine_look_whole(const struct engine_look *x, const json_t *answer,
    struct err *e)
{
	const char *name = engine_conf(x->en)->name;
	const json_t *failed = get_path(answer, "_shards.failed");

	if (json_is_true(json_object_get(answer, "timed_out")))
		return err_set(e, ERR_NET, "engine '%s' did not look "
		    "everywhere in its time; ask again, or for less", name);
	if (failed != NULL && json_integer_value(failed) != 0)
		return err_set(e, ERR_NET, "engine '%s' answers for a part "
		    "of what it has, shards of it fail; see its health, and "
		    "mem-search --engine '' asks the store itself", name);
	return 0;
}

/* --- many at once ------------------------------------------------------ */

void
engine_many_add(struct engine_many *m, enum source source, bool words,
    json_t *body)
{
	m->v = xgrow(m->v, m->n, &m->cap, sizeof *m->v);
	m->v[m->n].source = source;
	m->v[m->n++].words = words;
	buf_adds(&m->body, "{\"allow_partial_search_results\":false}\n");
	json_write(&m->body, body);
	buf_addc(&m->body, '\n');
	json_decref(body);
}

void
engine_many_release(struct engine_many *m)
{
	free(m->v);
	buf_release(&m->body);
	json_decref(m->answer);
}

/* What one of them was answered with, other than a result. */
static int
refused(struct engine_look *x, const json_t *one, struct err *e)
{
	struct buf b = BUF_INIT;
	int64_t status = 0;
	int r;

	get_int(one, "status", &status);
	json_write(&b, one);
	r = engine_refused(x->en, status >= 300 && status < 600 ?
	    (int)status : 400, &b, "search", e);
	buf_release(&b);
	return r;
}

int
engine_many_ask(struct engine_look *x, struct engine_many *m, struct err *e)
{
	struct buf path = BUF_INIT, got = BUF_INIT;
	struct engine_req req = { .method = "POST",
	    .type = "application/x-ndjson", .body = m->body.p,
	    .len = m->body.len, .tries = 3 };
	const json_t *all, *one;
	size_t i;
	int status, r = 0;

	engine_path(&path, x->alias);
	buf_adds(&path, "/_msearch");
	req.path = path.p;
	status = engine_ask_json(x->en, &req, &got, &m->answer, NULL, e);
	if (status >= 0 && status != 200)
		r = engine_refused(x->en, status, &got, "search", e);
	all = json_object_get(m->answer, "responses");
	if (status == 200 && json_array_size(all) != m->n)
		r = engine_wrong(x->en, "search", e);
	for (i = 0; status == 200 && r == 0 && i < m->n; i++) {
		one = json_array_get(all, i);
		if (json_object_get(one, "error") != NULL ||
		    engine_look_hits(one, NULL) == NULL)
			r = refused(x, one, e);
		else
			r = engine_look_whole(x, one, e);
	}
	buf_release(&path);
	buf_release(&got);
	return status < 0 ? -1 : r;
}

const json_t *
engine_many_answer(const struct engine_many *m, size_t i)
{
	return json_array_get(json_object_get(m->answer, "responses"), i);
}

/* --- the best ---------------------------------------------------------- */

static int
take_all(struct engine_look *x, struct engine_cands *c,
    const struct engine_many *m, struct err *e)
{
	const json_t *list, *hit;
	int64_t total;
	size_t i, k;

	for (i = 0; i < m->n; i++) {
		list = engine_look_hits(engine_many_answer(m, i), &total);
		if (m->v[i].words)
			c->found += total;
		json_array_foreach(list, k, hit)
			if (engine_look_take(x, c, m->v[i].source, hit,
			    m->v[i].words, e) < 0)
				return -1;
	}
	return 0;
}

/* Do those that came by their vectors have words of the query, too? */
static int
look_again(struct engine_look *x, struct engine_cands *c, struct err *e)
{
	json_t *ids[SOURCE_SESSION] = { NULL };
	struct engine_many m = { .body = BUF_INIT };
	int64_t found = c->found;
	enum source s;
	size_t i;
	int r = 0;

	for (i = 0; i < c->n; i++) {
		if (c->v[i].matches)
			continue;
		s = source_is_fact(c->v[i].source) ? SOURCE_FACT :
		    c->v[i].source;
		if (ids[s] == NULL)
			ids[s] = json_array();
		json_array_append_new(ids[s], json_string(c->v[i].key));
	}
	for (i = 0; i < SOURCE_SESSION; i++)
		if (ids[i] != NULL)
			engine_many_add(&m, (enum source)i, true,
			    engine_look_words(x, (enum source)i,
			    json_array_size(ids[i]), engine_clause("ids",
			    "values", ids[i])));
	if (m.n > 0 && (r = engine_many_ask(x, &m, e)) == 0)
		r = take_all(x, c, &m, e);
	c->found = found;
	engine_many_release(&m);
	return r;
}

int
engine_look_best(struct engine_look *x, struct engine_cands *c,
    struct err *e)
{
	struct engine_many m = { .body = BUF_INIT };
	bool words = !(x->s->mode == SEARCH_VECTOR && x->v != NULL);
	int i, r;

	if (x->best == 0 || x->best > ENGINE_LOOK_MOST)
		return engine_look_pages(x, c, e);
	for (i = 0; i < SOURCE_SESSION; i++) {
		if (x->may[i] == NULL)
			continue;
		if (words)
			engine_many_add(&m, (enum source)i, true,
			    engine_look_words(x, (enum source)i, x->best,
			    NULL));
		if (x->v != NULL)
			engine_many_add(&m, (enum source)i, false,
			    by_vector(x, (enum source)i, x->best));
	}
	if ((r = engine_many_ask(x, &m, e)) == 0)
		r = take_all(x, c, &m, e);
	engine_many_release(&m);
	if (r == 0 && words && x->v != NULL)
		r = look_again(x, c, e);
	return r;
}
