/*
 * What the candidates score.
 */
#include "search/fuse.h"

#include "base/alloc.h"
#include "index/vector.h"
#include "search/rerank.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS 86400000.0

/* --- normal numbers ---------------------------------------------------- */

static void
find_most(struct fuse *f, unsigned sources)
{
	const struct turn *t;
	size_t i;

	f->text_most = 0;
	f->vector_most = FUSE_FLOOR;
	for (i = 0; i < f->turns; i++) {
		t = &f->turn[i];
		if (!t->in || !t->allowed ||
		    !(sources >> f->c->cand[i].source & 1))
			continue;
		if (t->text > f->text_most)
			f->text_most = t->text;
		if (t->vector > f->vector_most)
			f->vector_most = t->vector;
	}
}

/* Who stands beside a hit may be better than all hits: 1 is the most. */
static double
share(double value, double most)
{
	return value <= 0 || most <= 0 ? 0 : value < most ? value / most : 1;
}

static double
text_part(const struct fuse *f, const struct turn *t)
{
	return f->without & FUSE_NO_WORDS ? 0 : share(t->text, f->text_most);
}

static double
vector_part(const struct fuse *f, const struct turn *t)
{
	return share(t->vector - FUSE_FLOOR, f->vector_most - FUSE_FLOOR);
}

static double
weight(const struct fuse *f, const struct cand *k, bool vector)
{
	bool both = f->query[k->source] != NULL;

	if (f->without & FUSE_NO_WORDS)
		return vector ? 1 : 0;
	return !both ? (vector ? 0 : 1) : vector ? FUSE_VECTOR : FUSE_TEXT;
}

/* What its age leaves of it; what has no time is as old as can be. */
static double
age(const struct fuse *f, const struct turn *t)
{
	double days;

	if (f->recent_days == 0)
		return 1;
	if (t->ts_ms == INDEXED_NO_TIME)
		return 0.5;
	days = t->ts_ms < f->now ? (double)(f->now - t->ts_ms) / DAY_MS : 0;
	return 0.5 + 0.5 * exp2(-days / (double)f->recent_days);
}

/* Both sides of each candidate, whatever it is a candidate for. */
static void
add_up(struct fuse *f)
{
	const struct cand *k;
	struct turn *t;
	size_t i;

	for (i = 0; i < f->turns; i++) {
		k = &f->c->cand[i];
		t = &f->turn[i];
		t->h = weight(f, k, false) * text_part(f, t) +
		    weight(f, k, true) * vector_part(f, t);
		t->age = age(f, t);
		t->h *= t->age;
	}
}

static double
h_of(const struct fuse *f, uint32_t turn)
{
	return turn == BESIDE_NONE ? 0 : f->turn[turn].h;
}

/* --- who speaks -------------------------------------------------------- */

static void
find_speakers(struct fuse *f)
{
	struct tokens ts;
	struct token t;
	size_t cap = 0;

	tokens_init(&ts, f->q->match.language);
	tokens_start(&ts, f->q->text.p, f->q->text.len, 0);
	while (token_next(&ts, &t)) {
		f->speaker = xgrow(f->speaker, f->speakers, &cap,
		    sizeof *f->speaker);
		f->speaker[f->speakers++] = doc_speaker(t.text, t.len);
	}
	tokens_release(&ts);
}

static bool
is_named(const struct fuse *f, const struct turn *t)
{
	uint32_t speaker = DOC_SPEAKER(t->traits);
	size_t i;

	for (i = 0; speaker != 0 && i < f->speakers; i++)
		if (f->speaker[i] == speaker)
			return true;
	return false;
}

/* --- neighbours -------------------------------------------------------- */

static void
add_speaker(struct fuse *f)
{
	struct turn *t;
	size_t i;

	find_speakers(f);
	for (i = 0; i < f->turns; i++) {
		t = &f->turn[i];
		if (t->in && t->allowed && t->sum > f->sum_most)
			f->sum_most = t->sum;
	}
	for (i = 0; i < f->turns; i++) {
		t = &f->turn[i];
		t->named = t->in && is_named(f, t);
		if (t->named)
			t->sum += FUSE_SPEAKER * f->sum_most;
	}
}

static void
add_beside(struct fuse *f)
{
	struct turn *t;
	size_t i;

	for (i = 0; i < f->turns; i++) {
		t = &f->turn[i];
		t->sum = t->h + FUSE_BESIDE * (h_of(f, t->beside[1]) +
		    h_of(f, t->beside[2])) + FUSE_BEYOND *
		    (h_of(f, t->beside[0]) + h_of(f, t->beside[3]));
	}
	if (!(f->without & FUSE_NO_BESIDE))
		add_speaker(f);
}

/* --- hits -------------------------------------------------------------- */

/* Has it something of its own that was asked for? */
static bool
is_hit(const struct fuse *f, const struct turn *t)
{
	if (!t->allowed)
		return false;
	if (f->without & FUSE_NO_WORDS)
		return t->in && t->h > 0;
	return t->matches || (t->in && t->vector >= FUSE_HIT);
}

/* Does it answer a question that was asked as the query asks it? */
static bool
answers(const struct fuse *f, const struct turn *t)
{
	uint32_t before = t->beside[BESIDE - 1];

	return before != BESIDE_NONE &&
	    (f->turn[before].traits & DOC_QUESTION) &&
	    f->turn[before].sum >= FUSE_AMONG * f->sum_most;
}

/* Or do those beside it speak of nothing else?  Where nobody speaks of it
 * there are no hits. */
static void
hide(struct fuse *f)
{
	const struct turn *t;
	bool any = false, is;
	size_t i;

	for (i = 0; i < f->turns; i++) {
		t = &f->turn[i];
		is = is_hit(f, t);
		any |= is;
		f->c->cand[i].hidden = !is && !(t->linked > 0 && t->allowed);
	}
	for (i = 0; i < f->turns && any; i++) {
		t = &f->turn[i];
		if (t->in && t->allowed &&
		    f->c->cand[i].source == SOURCE_EVENT &&
		    (t->sum >= FUSE_AMONG * f->sum_most || answers(f, t)))
			f->c->cand[i].hidden = false;
	}
}

static int64_t
count_found(const struct fuse *f, unsigned sources)
{
	int64_t n = 0;
	size_t i;

	for (i = 0; i < f->turns; i++)
		n += !f->c->cand[i].hidden &&
		    (sources >> f->c->cand[i].source & 1);
	return n;
}

/* --- the order of events ----------------------------------------------- */

/* The features are worked out for the best by their sums. */
static int
rerank_best(struct fuse *f, struct err *e)
{
	size_t i, n, *best;
	int r = 0;

	for (i = 0; i < f->turns; i++) {
		f->c->cand[i].score = f->turn[i].sum;
		f->turn[i].score = f->turn[i].sum;
	}
	if (f->without & FUSE_NO_RERANK)
		return 0;
	n = cands_best(f->c, SOURCE_EVENT, RERANK_BEST, &best);
	r = rerank(f, best, n, e);
	free(best);
	return r;
}

/* What matches but is not among the best follows those that are, in the
 * order of its words. */
static void
score_rest(struct fuse *f, enum source source)
{
	struct turn *t;
	double least = -1;
	size_t i;

	for (i = 0; i < f->turns; i++) {
		t = &f->turn[i];
		if (f->c->cand[i].source == source && t->in &&
		    !f->c->cand[i].hidden && (least < 0 || t->score < least))
			least = t->score;
	}
	for (i = 0; i < f->turns; i++) {
		t = &f->turn[i];
		if (f->c->cand[i].source == source && !t->in)
			t->score = least < 0 ? 0 : least * text_part(f, t);
	}
}

/* The best event scores as much as the greatest h of an event, so that all
 * sources can stand in one list. */
static void
score_events(struct fuse *f)
{
	struct turn *t;
	size_t i;

	score_rest(f, SOURCE_EVENT);
	f->h_most = f->score_most = 0;
	for (i = 0; i < f->turns; i++) {
		t = &f->turn[i];
		if (f->c->cand[i].source != SOURCE_EVENT || !t->in ||
		    f->c->cand[i].hidden)
			continue;
		if (t->h > f->h_most)
			f->h_most = t->h;
		if (t->score > f->score_most)
			f->score_most = t->score;
	}
	for (i = 0; i < f->turns; i++)
		if (f->c->cand[i].source == SOURCE_EVENT)
			f->c->cand[i].score = f->h_most *
			    share(f->turn[i].score, f->score_most);
}

static void
score_others(struct fuse *f)
{
	size_t i;
	int source;

	for (i = 0; i < f->turns; i++)
		if (f->c->cand[i].source != SOURCE_EVENT)
			f->turn[i].score = f->turn[i].h;
	for (source = SOURCE_KB; source < SOURCE_SESSION; source++)
		score_rest(f, (enum source)source);
	for (i = 0; i < f->turns; i++)
		if (f->c->cand[i].source != SOURCE_EVENT)
			f->c->cand[i].score = f->turn[i].score;
}

/* By what its events say themselves, for what is beside an event is of its
 * session, and a little by how good the best of them is. */
static void
score_sessions(struct fuse *f)
{
	struct cand_session *s;
	size_t i;

	for (i = 0; i < f->turns; i++)
		f->c->cand[i].score = f->turn[i].h;
	cands_sessions(f->c);
	for (i = 0; i < f->turns; i++) {
		s = &f->c->by_session[f->c->cand[i].session];
		if (f->c->cand[i].source == SOURCE_EVENT &&
		    f->turn[i].rerank.done && f->turn[i].score > s->more)
			s->more = f->turn[i].score;
	}
	for (i = 0; i < f->c->session.n; i++)
		f->c->by_session[i].score += FUSE_SESSION *
		    f->c->by_session[i].more;
}

int
fuse_score(struct fuse *f, unsigned sources, int64_t *found, struct err *e)
{
	find_most(f, sources);
	add_up(f);
	add_beside(f);
	hide(f);
	*found = count_found(f, sources);
	if (rerank_best(f, e) < 0)
		return -1;
	if (f->c->sessions_wanted)
		score_sessions(f);
	score_events(f);
	score_others(f);
	fuse_add_links(f, sources);
	f->c->fuse = f;
	return 0;
}

/* --- why --------------------------------------------------------------- */

static json_t *
part(const char *name, double weight_, double value)
{
	return json_pack("{s:s, s:f, s:f}", "part", name, "weight", weight_,
	    "value", value);
}

static json_t *
why_vector(const struct fuse *f, const struct cand *k, const struct turn *t)
{
	json_t *o = part("vector", weight(f, k, true), vector_part(f, t));

	json_object_set_new(o, "cosine", json_real(t->vector));
	json_object_set_new(o, "best_cosine", json_real(f->vector_most));
	json_object_set_new(o, "model", json_string(
	    vector_query_model(f->query[k->source])->name));
	return o;
}

static json_t *
why_h(const struct fuse *f, const struct cand *k, const struct turn *t,
    json_t *text)
{
	json_t *parts = json_array(), *o;

	o = part("text", weight(f, k, false), text_part(f, t));
	json_object_set_new(o, "bm25", json_real(t->text));
	json_object_set_new(o, "best_bm25", json_real(f->text_most));
	json_object_set_new(o, "of", text);
	json_array_append_new(parts, o);
	if (f->query[k->source] != NULL && t->vector > VECTOR_NONE)
		json_array_append_new(parts, why_vector(f, k, t));
	o = json_pack("{s:s, s:f, s:o}", "formula", "sum", "value", t->h,
	    "parts", parts);
	if (f->recent_days > 0)
		json_object_set_new(o, "age", json_real(t->age));
	return o;
}

static json_t *
why_beside(const struct fuse *f, const struct turn *t, json_t *h)
{
	static const double weights[BESIDE_N] = { FUSE_BEYOND, FUSE_BESIDE,
	    FUSE_BESIDE, FUSE_BEYOND };
	json_t *parts = json_array(), *o;
	char id[ULID_LEN + 1];
	int i;

	o = part("own", 1, t->h);
	json_object_set_new(o, "of", h);
	json_array_append_new(parts, o);
	for (i = 0; i < BESIDE_N; i++) {
		if (t->beside[i] == BESIDE_NONE)
			continue;
		o = part("beside", weights[i], h_of(f, t->beside[i]));
		ulid_from_bytes(id, f->c->cand[t->beside[i]].id);
		json_object_set_new(o, "event_id", json_string(id));
		json_array_append_new(parts, o);
	}
	if (t->named)
		json_array_append_new(parts, part("speaker", FUSE_SPEAKER,
		    f->sum_most));
	return json_pack("{s:s, s:f, s:o}", "formula", "neighbours", "value",
	    t->sum, "parts", parts);
}

static json_t *
why_rerank(const struct turn *t, json_t *sum)
{
	const struct rerank *k = &t->rerank;
	json_t *base = part("base", RERANK_BASE, k->base);

	json_object_set_new(base, "of", sum);
	return json_pack("{s:s, s:f, s:[o, o, o, o, o, o]}", "formula",
	    "rerank",
	    "value", t->score, "parts", base,
	    part("question", RERANK_QUESTION, k->question),
	    part("cover", RERANK_COVER, k->cover),
	    part("pairs", RERANK_PAIRS, k->pairs),
	    part("tells", RERANK_TELLS, k->tells),
	    part("first", RERANK_FIRST, k->first));
}

/* What it scored before what links it was added. */
static double
own_score(const struct fuse *f, const struct cand *k, const struct turn *t)
{
	return f->best_score <= 0 ? k->score : (1 + FUSE_LINKED) * k->score -
	    FUSE_LINKED * f->best_score * fuse_link(f, t);
}

static json_t *
why_linked(double score, double best, double link, json_t *own)
{
	const double all = 1 + FUSE_LINKED;
	json_t *o = part("own", 1 / all, all * score - FUSE_LINKED * best *
	    link);

	json_object_set_new(o, "of", own);
	return json_pack("{s:s, s:f, s:[o, o]}", "formula", "linked",
	    "value", score, "parts", o, part("linked", FUSE_LINKED * best /
	    all, link));
}

static json_t *
why_own(const struct fuse *f, size_t i, json_t *text)
{
	const struct cand *k = &f->c->cand[i];
	const struct turn *t = &f->turn[i];
	json_t *o = why_h(f, k, t, text);

	if (k->source != SOURCE_EVENT)
		return o;
	if (!(f->without & FUSE_NO_BESIDE))
		o = why_beside(f, t, o);
	if (t->rerank.done)
		o = why_rerank(t, o);
	o = json_pack("{s:s, s:f, s:f, s:f, s:o}", "formula", "scaled",
	    "value", own_score(f, k, t), "best", f->score_most,
	    "best_own", f->h_most, "of", o);
	return o;
}

json_t *
fuse_why(const struct fuse *f, size_t i, json_t *text)
{
	json_t *o = why_own(f, i, text);

	return f->best_score <= 0 ? o : why_linked(f->c->cand[i].score,
	    f->best_score, fuse_link(f, &f->turn[i]), o);
}

json_t *
fuse_why_session(const struct fuse *f, const struct cand_session *s,
    json_t *own)
{
	return f->best_session <= 0 ? own : why_linked(s->score,
	    f->best_session, s->linked == 0 ? 0 : fuse_link(f,
	    &f->turn[s->linked - 1]), own);
}

json_t *
fuse_linked_json(const struct fuse *f, size_t i)
{
	return f->turn[i].linked == 0 ? NULL : linked_json(f->linked,
	    f->turn[i].linked - 1);
}
