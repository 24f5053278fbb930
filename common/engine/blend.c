#include "engine/blend.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "index/vector.h"
#include "search/cands.h"
#include "search/fuse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS 86400000.0

/* --- both sides -------------------------------------------------------- */

static double
share(double value, double most)
{
	return value <= 0 || most <= 0 ? 0 : value / most;
}

static double
text_part(const struct engine_blend *b, const struct engine_cand *k)
{
	return share(k->text, b->text_most);
}

static double
vector_part(const struct engine_blend *b, const struct engine_cand *k)
{
	return share(k->vector - FUSE_FLOOR, b->vector_most - FUSE_FLOOR);
}

static double
text_weight(const struct engine_blend *b)
{
	return !b->vectors ? 1 : b->words ? FUSE_TEXT : 0;
}

static double
vector_weight(const struct engine_blend *b)
{
	return !b->vectors ? 0 : b->words ? FUSE_VECTOR : 1;
}

static double
age(const struct engine_blend *b, const struct engine_cand *k)
{
	double days;

	if (b->recent_days == 0)
		return 1;
	if (!k->has_time)
		return 0.5;
	days = k->ts_ms < b->now ? (double)(b->now - k->ts_ms) / DAY_MS : 0;
	return 0.5 + 0.5 * exp2(-days / (double)b->recent_days);
}

/* By words alone: BM25 as it is, with the factor that engines leave out. */
static void
score_words(struct engine_cands *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		c->v[i].score = c->v[i].text *
		    (cands_params(c->v[i].source)->k1 + 1);
}

static void
score_both(struct engine_blend *b, struct engine_cands *c)
{
	struct engine_cand *k;
	double most = 0;
	size_t i;

	b->vector_most = FUSE_FLOOR;
	for (i = 0; i < c->n; i++) {
		b->text_most = fmax(b->text_most, c->v[i].text);
		b->vector_most = fmax(b->vector_most, c->v[i].vector);
	}
	for (i = 0; i < c->n; i++) {
		k = &c->v[i];
		k->score = (text_weight(b) * text_part(b, k) +
		    vector_weight(b) * vector_part(b, k)) * age(b, k);
		k->hidden = b->words ? !k->matches && k->vector < FUSE_HIT :
		    k->score <= 0;
		if (!k->hidden && k->source == SOURCE_EVENT)
			most = fmax(most, k->score);
	}
	/* where something is a hit, what comes near to it is one, too */
	for (i = 0; i < c->n; i++)
		if (c->v[i].source == SOURCE_EVENT && most > 0 &&
		    c->v[i].score >= FUSE_AMONG * most)
			c->v[i].hidden = false;
}

/* --- sessions ---------------------------------------------------------- */

/* Into the place that it has among the best of its session. */
static void
put_event(const struct engine_cands *c, struct engine_rank *s, size_t i)
{
	size_t k, n = ENGINE_SESSION_BEST;

	for (k = 0; k < n; k++) {
		if (s->event[k] != SIZE_MAX && (c->v[i].score <
		    c->v[s->event[k]].score || (c->v[i].score ==
		    c->v[s->event[k]].score && strcmp(c->v[i].id,
		    c->v[s->event[k]].id) > 0)))
			continue;
		memmove(&s->event[k + 1], &s->event[k],
		    (n - 1 - k) * sizeof *s->event);
		s->event[k] = i;
		return;
	}
}

/* They are put behind what is ranked. */
static size_t
add_sessions(const struct engine_cands *c, struct engine_rank *rank,
    size_t n)
{
	struct map by = MAP_INIT;
	struct buf key = BUF_INIT;
	struct engine_rank *s;
	union map_value *at;
	double weight;
	size_t i, k, first = n;
	int made;

	for (i = 0; i < c->n; i++) {
		if (c->v[i].source != SOURCE_EVENT || c->v[i].hidden)
			continue;
		buf_reset(&key);
		buf_addf(&key, "%zu/%s", c->v[i].who, c->v[i].session);
		at = map_put(&by, key.p, &made);
		if (made) {
			at->i = (int64_t)n;
			s = &rank[n++];
			s->source = SOURCE_SESSION;
			for (k = 0; k < ENGINE_SESSION_BEST; k++)
				s->event[k] = SIZE_MAX;
		}
		put_event(c, &rank[at->i], i);
	}
	for (i = first; i < n; i++) {
		s = &rank[i];
		s->i = s->event[0];
		s->score = 0;
		for (k = 0, weight = 1; k < ENGINE_SESSION_BEST &&
		    s->event[k] != SIZE_MAX; k++, weight /= 2)
			s->score += weight * c->v[s->event[k]].score;
	}
	map_release(&by);
	buf_release(&key);
	return n;
}

/* --- in order ---------------------------------------------------------- */

struct order {
	struct engine_rank rank;
	const char *id;
};

static int
by_score(const void *pa, const void *pb)
{
	const struct order *a = pa, *b = pb;
	int r;

	if (a->rank.score != b->rank.score)
		return a->rank.score > b->rank.score ? -1 : 1;
	r = strcmp(a->id, b->id);
	return r != 0 ? r : (a->rank.source > b->rank.source) -
	    (a->rank.source < b->rank.source);
}

static void
sort(const struct engine_cands *c, struct engine_rank *rank, size_t n)
{
	struct order *o = xcalloc(n + 1, sizeof *o);
	size_t i;

	for (i = 0; i < n; i++) {
		o[i].rank = rank[i];
		o[i].id = rank[i].source == SOURCE_SESSION ?
		    c->v[rank[i].i].session : c->v[rank[i].i].id;
	}
	if (n > 1)
		qsort(o, n, sizeof *o, by_score);
	for (i = 0; i < n; i++)
		rank[i] = o[i].rank;
	free(o);
}

size_t
engine_blend(struct engine_blend *b, const struct engine_look *x,
    struct engine_cands *c, struct engine_rank **out)
{
	struct engine_rank *rank = xcalloc(2 * c->n + 1, sizeof *rank);
	unsigned set = x->s->sources;
	size_t i, n = 0;

	memset(b, 0, sizeof *b);
	b->vectors = x->v != NULL;
	b->words = !b->vectors || x->s->mode != SEARCH_VECTOR;
	b->recent_days = x->s->recent_days;
	b->now = x->now;
	if (x->s->mode == SEARCH_TEXT)
		score_words(c);
	else
		score_both(b, c);
	for (i = 0; i < c->n; i++) {
		if (c->v[i].hidden || !(set >> c->v[i].source & 1))
			continue;
		rank[n].score = c->v[i].score;
		rank[n].source = c->v[i].source;
		rank[n++].i = i;
	}
	if (set >> SOURCE_SESSION & 1)
		n = add_sessions(c, rank, n);
	sort(c, rank, n);
	*out = rank;
	return n;
}

/* --- why --------------------------------------------------------------- */

static json_t *
part(const char *name, double weight, double value)
{
	return json_pack("{s:s, s:f, s:f}", "part", name, "weight", weight,
	    "value", value);
}

static json_t *
why_event(const struct engine_blend *b, const struct engine_cand *k)
{
	json_t *parts, *o;

	if (b->text_most <= 0 && b->vector_most <= 0)
		return json_pack("{s:s, s:f, s:[o]}", "formula", "engine",
		    "value", k->score, "parts", part("text",
		    cands_params(k->source)->k1 + 1, k->text));
	parts = json_array();
	o = part("text", text_weight(b), text_part(b, k));
	json_object_set_new(o, "bm25", json_real(k->text));
	json_object_set_new(o, "best_bm25", json_real(b->text_most));
	json_array_append_new(parts, o);
	if (b->vectors && k->vector > VECTOR_NONE) {
		o = part("vector", vector_weight(b), vector_part(b, k));
		json_object_set_new(o, "cosine", json_real(k->vector));
		json_object_set_new(o, "best_cosine",
		    json_real(b->vector_most));
		json_array_append_new(parts, o);
	}
	o = json_pack("{s:s, s:f, s:o}", "formula", "sum", "value", k->score,
	    "parts", parts);
	if (b->recent_days > 0)
		json_object_set_new(o, "age", json_real(age(b, k)));
	return o;
}

json_t *
engine_why(const struct engine_blend *b, const struct engine_cands *c,
    const struct engine_rank *r)
{
	json_t *events;
	double weight = 1;
	size_t i;

	if (r->source != SOURCE_SESSION)
		return why_event(b, &c->v[r->i]);
	events = json_array();
	for (i = 0; i < ENGINE_SESSION_BEST && r->event[i] != SIZE_MAX;
	    i++, weight /= 2)
		json_array_append_new(events, json_pack("{s:s, s:f, s:f}",
		    "event_id", c->v[r->event[i]].id, "weight", weight,
		    "score", c->v[r->event[i]].score));
	return json_pack("{s:s, s:o}", "formula", "best events", "events",
	    events);
}
