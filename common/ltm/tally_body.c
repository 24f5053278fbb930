/*
 * From counts to words: confidence with each of its steps, the sentence, the
 * tags, the metadata.
 */
#include "ltm/tally.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/utf8.h"
#include "ltm/entry.h"
#include "ltm/intake.h"
#include "text/template.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOP 3			/* values that a sentence names */
#define RANKS 9			/* that it can ask for by its place */
#define TAG_MAX 250		/* bytes */
#define HOLE_MAX 200		/* bytes that fill one hole of a sentence */

/* --- values ------------------------------------------------------------ */

/* The most frequent first, then by name. */
static bool
before(const struct map_entry *x, const struct map_entry *y)
{
	if (x->v.i != y->v.i)
		return x->v.i > y->v.i;
	return strcmp(x->key, y->key) < 0;
}

/* The first of them in that order, at most RANKS; how many. */
static size_t
ranked(const struct map *m, const struct map_entry *v[RANKS])
{
	size_t i, j, n = 0;

	for (i = 0; i < m->n; i++) {
		if (n == RANKS && !before(&m->e[i], v[n - 1]))
			continue;
		for (j = n < RANKS ? n++ : n - 1; j > 0 &&
		    before(&m->e[i], v[j - 1]); j--)
			v[j] = v[j - 1];
		v[j] = &m->e[i];
	}
	return n;
}

static void
add_cut(struct buf *b, const char *s, size_t max)
{
	size_t len = strlen(s);

	if (len <= max) {
		buf_add(b, s, len);
		return;
	}
	buf_add(b, s, utf8_cut(s, len, max));
	buf_adds(b, "\xe2\x80\xa6");
}

struct filling {
	const struct tally *t;
	const struct group *g;
	struct buf parts;		/* of the group's name */
	const char *project, *value[2];
	size_t nvalues;
	size_t max;			/* bytes for a hole */
};

/* "null_check (4), overflow (2)", or only the nth. */
static bool
put_facet(const struct filling *f, struct buf *b, size_t facet, int nth)
{
	const struct map *m = &f->t->facet[facet];
	const struct map_entry *v[RANKS];
	size_t i, n = ranked(m, v);

	if (nth > 0) {
		if ((size_t)nth <= n)
			add_cut(b, v[nth - 1]->key, f->max);
		return (size_t)nth <= n;
	}
	for (i = 0; i < n && i < TOP; i++) {
		buf_adds(b, i > 0 ? ", " : "");
		add_cut(b, v[i]->key, f->max / TOP);
		buf_addf(b, " (%" PRId64 ")", v[i]->v.i);
	}
	if (m->n > TOP)
		buf_addf(b, " and %zu more", m->n - TOP);
	return n > 0;
}

/* How a stem is mostly written; NULL: never. */
static const struct map_entry *
mostly(const struct map *m, const char *stem, size_t len)
{
	const struct map_entry *en, *best = NULL;
	size_t i;

	for (i = 0; i < m->n; i++) {
		en = &m->e[i];
		if (strncmp(en->key, stem, len) == 0 &&
		    en->key[len] == WORDS_SEP &&
		    (best == NULL || before(en, best)))
			best = en;
	}
	return best;
}

/* Each word of the set as it is mostly written. */
static bool
put_words(const struct filling *f, struct buf *b)
{
	const char *first = strchr(f->g->name, GROUP_SEP), *stem, *next;
	const struct map_entry *en;
	size_t len;

	for (stem = first; stem != NULL; stem = next) {
		buf_adds(b, stem == first ? "" : ", ");
		stem++;
		next = strchr(stem, GROUP_SEP);
		len = next != NULL ? (size_t)(next - stem) : strlen(stem);
		if ((en = mostly(&f->t->facet[0], stem, len)) != NULL)
			buf_adds(b, en->key + len + 1);
		else
			buf_add(b, stem, len);
	}
	return true;
}

static bool
put_severity(const struct filling *f, struct buf *b)
{
	const struct strv *names = &f->t->p->severities;
	size_t i, at = b->len;

	for (i = 0; i < names->n && i < TALLY_SEVERITIES; i++)
		if (f->t->severity[i] > 0)
			buf_addf(b, "%s%" PRId64 " %s", b->len > at ? ", " : "",
			    f->t->severity[i], names->v[i]);
	return b->len > at;
}

static bool
is(const char *name, size_t len, const char *what)
{
	return strlen(what) == len && memcmp(name, what, len) == 0;
}

static bool
put_key(const struct filling *f, struct buf *b, const char *name, size_t len)
{
	const struct dimension *d = f->t->d;
	const struct processor_key *k;
	int nth = 0;
	size_t i;

	if (len > 2 && name[len - 2] == '.') {
		nth = name[len - 1] - '0';
		len -= 2;
	}
	for (i = 0; i < d->nfacets; i++) {
		k = &f->t->p->key[d->facet[i]];
		if (is(name, len, k->name))
			return put_facet(f, b, i, nth);
	}
	return false;
}

static bool
put(void *arg, struct buf *b, const char *name, size_t len)
{
	const struct filling *f = arg;
	struct buf value = BUF_INIT;

	if (is(name, len, "value")) {
		group_value(f->g, &value);
		add_cut(b, value.p, f->max);
		buf_release(&value);
		return true;
	}
	if (is(name, len, "value.1") || is(name, len, "value.2")) {
		if ((size_t)(name[6] - '1') >= f->nvalues)
			return false;
		add_cut(b, f->value[name[6] - '1'], f->max);
		return true;
	}
	if (is(name, len, "count")) {
		buf_add_int(b, f->t->n);
		return true;
	}
	if (is(name, len, "project")) {
		add_cut(b, f->project, f->max);
		return f->project[0] != '\0';
	}
	if (is(name, len, "severity"))
		return put_severity(f, b);
	if (is(name, len, "words"))
		return f->t->d->kind == DIM_WORDS && put_words(f, b);
	return put_key(f, b, name, len);
}

/* --- the sentence ------------------------------------------------------ */

/* Cut to so many characters, at the end of a word if there is one in the
 * last half. */
static void
cut_words(struct buf *b, int64_t max)
{
	size_t at = 0, len, end = 0, blank = 0;
	int64_t n = 0;

	while (at < b->len && n < max) {
		if (b->p[at] == ' ')
			blank = at;
		if (n == max - 1)
			end = at;
		utf8_decode(b->p + at, b->len - at, &len);
		at += len;
		n++;
	}
	if (at == b->len)
		return;
	buf_cut(b, blank > end / 2 ? blank : end);
	buf_adds(b, "\xe2\x80\xa6");
}

static json_t *
content(struct filling *f)
{
	struct buf b = BUF_INIT;
	json_t *s;

	f->max = HOLE_MAX;
	template_fill(&b, f->t->d->content, put, f);
	cut_words(&b, f->t->p->max_content);
	s = json_stringn(b.p, b.len);
	buf_release(&b);
	return s != NULL ? s : json_string("");
}

static void
add_tags(json_t *list, struct filling *f, const struct strv *tags)
{
	struct buf b = BUF_INIT;
	json_t *s, *have;
	size_t i, j;

	f->max = TAG_MAX;
	for (i = 0; i < tags->n; i++) {
		buf_reset(&b);
		if (!template_fill(&b, tags->v[i], put, f) ||
		    (s = json_stringn(b.p, b.len)) == NULL)
			continue;
		json_array_foreach(list, j, have)
			if (json_equal(have, s))
				break;
		if (j == json_array_size(list))
			json_array_append(list, s);
		json_decref(s);
	}
	buf_release(&b);
}

/* --- confidence -------------------------------------------------------- */

struct sum {
	const struct tally *t;
	json_t *steps;
	int64_t sum;		/* ten thousandths */
};

static double
as_real(int64_t ten_thousandths)
{
	return (double)ten_thousandths / PROCESSOR_ONE;
}

static void
add_step(struct sum *s, int64_t add, const char *why)
{
	s->sum += add;
	json_array_append_new(s->steps, json_pack("{s:s, s:f}", "why", why,
	    "add", as_real(add)));
}

/* From 0, the least severe, to 1; .5 where there is none. */
static double
mean_severity(const struct tally *t)
{
	size_t i, n = t->p->severities.n;
	double sum = 0;

	if (t->n == 0)
		return 0.5;
	for (i = 0; i < n && i < TALLY_SEVERITIES && n > 1; i++)
		sum += (double)t->severity[i] * (double)(n - 1 - i) /
		    (double)(n - 1);
	return (sum + 0.5 * (double)(t->n - t->rated)) / (double)t->n;
}

static void
take_step(struct sum *s, const struct dim_step *step)
{
	const struct tally *t = s->t;
	char why[160];

	switch (step->kind) {
	case STEP_ROWS:
		snprintf(why, sizeof why, "%" PRId64 " rows, %" PRId64
		    " or more", t->n, step->least);
		if (t->n >= step->least)
			add_step(s, step->add, why);
		break;
	case STEP_VALUES:
		snprintf(why, sizeof why, "%zu values of %.60s, %" PRId64
		    " or more", t->facet[step->facet].n,
		    t->p->key[t->d->facet[step->facet]].name, step->least);
		if ((int64_t)t->facet[step->facet].n >= step->least)
			add_step(s, step->add, why);
		break;
	case STEP_SEVERITY:
		snprintf(why, sizeof why, "%" PRId64 " of severity %.60s",
		    t->severity[step->least],
		    t->p->severities.v[step->least]);
		if (t->severity[step->least] > 0)
			add_step(s, step->add, why);
		break;
	case STEP_EXACT:
		if (t->most == t->words)
			add_step(s, step->add, "all rows have the same "
			    "keywords");
		break;
	case STEP_LOG:
		snprintf(why, sizeof why, "%.6g recent rows: %g x log2(1 + "
		    "rows)", t->n_eff, as_real(step->add));
		add_step(s, (int64_t)lround(step->add * log2(1 + t->n_eff)),
		    why);
		break;
	case STEP_MEAN:
		snprintf(why, sizeof why, "mean severity %.4g: %g x (mean - "
		    "0.5)", mean_severity(t), as_real(step->add));
		add_step(s, (int64_t)lround(step->add * (mean_severity(t) -
		    0.5)), why);
		break;
	}
}

/* What has to be known to tell the confidence at another time. */
static json_t *
decay_json(const struct tally *t, int64_t fixed)
{
	int64_t per_log = 0;
	size_t i;

	for (i = 0; i < t->d->nsteps; i++)
		if (t->d->step[i].kind == STEP_LOG)
			per_log += t->d->step[i].add;
	return json_pack("{s:f, s:I, s:f, s:f, s:f, s:f}", "n_eff", t->n_eff,
	    "as_of", (json_int_t)t->newest_ms, "half_life_days",
	    t->d->half_life_ms / 86400000.0, "fixed", as_real(fixed),
	    "per_log2", as_real(per_log), "cap", as_real(t->d->cap));
}

static double
bounded(double c, double cap)
{
	c = c > cap ? cap : c < 0 ? 0 : c;
	return round(c * PROCESSOR_ONE) / PROCESSOR_ONE;
}

double
tally_decayed(const json_t *decay, int64_t now_ms)
{
	double n, fixed, per_log, cap, days;
	json_int_t as_of;

	if (json_unpack((json_t *)decay, "{s:F, s:I, s:F, s:F, s:F, s:F}",
	    "n_eff", &n, "as_of", &as_of, "half_life_days", &days, "fixed",
	    &fixed, "per_log2", &per_log, "cap", &cap) < 0 || days <= 0)
		return 0;
	if (now_ms > as_of)
		n *= exp2(-((double)now_ms - (double)as_of) / 86400000.0 /
		    days);
	return bounded(fixed + per_log * log2(1 + n), cap);
}

static json_t *
steps_json(const struct tally *t, double *confidence, json_t **decay)
{
	struct sum s = { .t = t, .steps = json_array() };
	int64_t logs = 0;
	size_t i;

	add_step(&s, t->d->base, "base");
	for (i = 0; i < t->d->nsteps; i++) {
		int64_t before = s.sum;

		take_step(&s, &t->d->step[i]);
		if (t->d->step[i].kind == STEP_LOG)
			logs += s.sum - before;
	}
	*decay = t->d->half_life_ms > 0 ? decay_json(t, s.sum - logs) : NULL;
	if (s.sum > t->d->cap)
		add_step(&s, t->d->cap - s.sum, "cap");
	*confidence = bounded(as_real(s.sum), 1);
	return s.steps;
}

double
tally_confidence(const struct tally *t)
{
	json_t *decay = NULL;
	double confidence;

	json_decref(steps_json(t, &confidence, &decay));
	json_decref(decay);
	return confidence;
}

/* --- metadata ---------------------------------------------------------- */

static json_t *
text(const char *s)
{
	json_t *o = json_string(s);

	return o != NULL ? o : json_string("");
}

static json_t *
metadata(const struct filling *f, const char *kb)
{
	const struct tally *t = f->t;
	json_t *o = json_object(), *ids = json_array(), *severity;
	struct buf value = BUF_INIT;
	size_t i;

	for (i = 0; i < t->nsources; i++)
		json_array_append_new(ids, text(t->source[i].id));
	group_value(f->g, &value);
	json_object_set_new(o, t->p->sources, ids);
	json_object_set_new(o, t->p->counted, json_integer(t->n));
	json_object_set_new(o, "processor", text(t->p->name));
	json_object_set_new(o, "kb", text(kb));
	json_object_set_new(o, "extraction_type", text(t->d->name));
	json_object_set_new(o, "extraction_dimension", text(value.p));
	if (f->project[0] != '\0')
		json_object_set_new(o, "project", text(f->project));
	if (t->p->severity >= 0) {
		severity = json_object();
		for (i = 0; i < t->p->severities.n && i < TALLY_SEVERITIES; i++)
			if (t->severity[i] > 0)
				json_object_set_new(severity,
				    t->p->severities.v[i],
				    json_integer(t->severity[i]));
		json_object_set_new(o, "severity_distribution", severity);
	}
	buf_release(&value);
	return o;
}

json_t *
tally_body(const struct tally *t, const struct group *g, const char *kb,
    double *confidence)
{
	struct filling f = { .t = t, .g = g, .parts = BUF_INIT };
	json_t *o = json_object(), *tags = json_array(), *decay;

	f.nvalues = group_parts(g, &f.parts, &f.project, f.value);
	json_object_set_new(o, "content", content(&f));
	add_tags(tags, &f, &t->p->tags);
	add_tags(tags, &f, &t->d->tags);
	json_object_set_new(o, "tags", tags);
	json_object_set_new(o, "metadata", metadata(&f, kb));
	json_object_set_new(o, "steps", steps_json(t, confidence, &decay));
	if (decay != NULL)
		json_object_set_new(o, "decay", decay);
	/* where its rows are: a set of words has no group of its own */
	if (t->d->kind == DIM_WORDS)
		json_object_set_new(o, "group", json_integer(g->was));
	buf_release(&f.parts);
	return o;
}
