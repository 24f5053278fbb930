/*
 * The sections [dimension "NAME"] and [key "NAME"] of a processor's file.
 */
#include "ltm/processor_read.h"

#include "base/alloc.h"
#include "text/template.h"

#include <stdlib.h>
#include <string.h>

#define DAY_MS 86400000.0
#define PAIRS_MOST 20		/* values of a row that makes pairs */

/* A key whose values are counted: its place among the facets. */
static int
facet_of(struct reading *rd, struct dimension *d, int key, size_t at)
{
	size_t i;

	for (i = 0; i < d->nfacets; i++)
		if (d->facet[i] == key)
			return (int)i;
	if (d->nfacets == DIM_FACETS)
		return processor_bad(rd, at, "a dimension counts the values "
		    "of at most %d keys", DIM_FACETS);
	d->facet[d->nfacets] = key;
	return (int)d->nfacets++;
}

static int
kind(struct reading *rd, enum dim_kind k, const struct strv *w)
{
	struct dimension *d = rd->dim;
	size_t most = k == DIM_VALUES ? 2 : 1, i;

	if (d->key[0] >= 0)
		return processor_bad(rd, rd->item->name_at, "a dimension has "
		    "one of by, pairs and words");
	if (w->n == 0 || w->n > most + (k == DIM_PAIRS))
		return processor_bad(rd, rd->item->value_at, "%s",
		    k == DIM_VALUES ? "one or two keys" : k == DIM_PAIRS ?
		    "a key, and how many values a row may have" : "one key");
	d->kind = k;
	for (i = 0; i < most && i < w->n; i++)
		if ((d->key[i] = processor_key_of(rd, w->v[i])) < 0)
			return -1;
	d->most = PAIRS_MOST;
	if (k == DIM_PAIRS && w->n == 2 && !str_int(w->v[1], 2, 100, &d->most))
		return processor_bad(rd, rd->item->value_at, "'%.40s' is no "
		    "number from 2 to 100", w->v[1]);
	/* order matters: the words of a row are its first facet */
	return k == DIM_WORDS ? facet_of(rd, d, d->key[0],
	    rd->item->value_at) < 0 ? -1 : 0 : 0;
}

static int
step(struct reading *rd, const struct strv *w)
{
	static const struct {
		const char *name;
		enum step_kind kind;
		size_t words;
	} kinds[] = {
		{ "rows", STEP_ROWS, 3 }, { "values", STEP_VALUES, 4 },
		{ "severity", STEP_SEVERITY, 3 }, { "exact", STEP_EXACT, 2 },
		{ "log", STEP_LOG, 2 }, { "mean", STEP_MEAN, 2 },
	};
	struct dimension *d = rd->dim;
	struct dim_step *s = &d->step[d->nsteps];
	size_t at = rd->item->value_at, i;
	int key;

	for (i = 0; w->n > 0 && i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i].name, w->v[0]) == 0)
			break;
	if (w->n == 0 || i == sizeof kinds / sizeof *kinds)
		return processor_bad(rd, at, "a step is one of: rows N ADD, "
		    "values KEY N ADD, severity NAME ADD, exact ADD, log ADD, "
		    "mean ADD");
	if (w->n != kinds[i].words || d->nsteps == DIM_STEPS)
		return processor_bad(rd, at, d->nsteps == DIM_STEPS ?
		    "more than 8 steps" : "step %s takes %d words",
		    kinds[i].name, (int)kinds[i].words - 1);
	s->kind = kinds[i].kind;
	if ((s->kind == STEP_ROWS || s->kind == STEP_VALUES) &&
	    !str_int(w->v[w->n - 2], 1, INT32_MAX, &s->least))
		return processor_bad(rd, at, "'%.40s' is no number",
		    w->v[w->n - 2]);
	if (s->kind == STEP_VALUES &&
	    ((key = processor_key_of(rd, w->v[1])) < 0 ||
	    (s->facet = facet_of(rd, d, key, at)) < 0))
		return -1;
	if (s->kind == STEP_SEVERITY &&
	    (s->least = strv_place(&rd->p->severities, w->v[1])) < 0)
		return processor_bad(rd, at, "[processor] names no severity "
		    "'%.40s' before this", w->v[1]);
	d->nsteps++;
	return processor_decimal(rd, w->v[w->n - 1], -PROCESSOR_ONE,
	    PROCESSOR_ONE, &s->add);
}

/* "3", or "2 module": rows, or values of a key. */
static int
least(struct reading *rd, const struct strv *w)
{
	struct dimension *d = rd->dim;
	int64_t n;
	int key;

	if (w->n == 0 || w->n > 2 || !str_int(w->v[0], 1, INT32_MAX, &n))
		return processor_bad(rd, rd->item->value_at, "a number of "
		    "rows, or a number and a key");
	if (w->n == 1) {
		d->least = n;
		return 0;
	}
	d->least_values = n;
	if ((key = processor_key_of(rd, w->v[1])) < 0)
		return -1;
	d->least_facet = facet_of(rd, d, key, rd->item->value_at);
	return d->least_facet < 0 ? -1 : 0;
}

static int
half_life(struct reading *rd, const struct strv *w)
{
	int64_t days;

	if (w->n != 1 || !str_int(w->v[0], 1, 100000, &days))
		return processor_bad(rd, rd->item->value_at, "a number of "
		    "days");
	rd->dim->half_life_ms = (double)days * DAY_MS;
	return 0;
}

static int
dim_word(struct reading *rd, const char *name, const struct strv *w)
{
	struct dimension *d = rd->dim;
	const char *value = rd->item->value;

	if (strcmp(name, "by") == 0)
		return kind(rd, DIM_VALUES, w);
	if (strcmp(name, "pairs") == 0)
		return kind(rd, DIM_PAIRS, w);
	if (strcmp(name, "words") == 0)
		return kind(rd, DIM_WORDS, w);
	if (strcmp(name, "least") == 0)
		return least(rd, w);
	if (strcmp(name, "base") == 0)
		return processor_decimal(rd, value, 0, PROCESSOR_ONE, &d->base);
	if (strcmp(name, "cap") == 0)
		return processor_decimal(rd, value, 0, PROCESSOR_ONE, &d->cap);
	if (strcmp(name, "step") == 0)
		return step(rd, w);
	if (strcmp(name, "halflife") == 0)
		return half_life(rd, w);
	if (strcmp(name, "weight") == 0)
		return (d->weight = processor_key_of(rd, value)) < 0 ? -1 : 0;
	return processor_bad(rd, rd->item->name_at, "unknown name '%.40s' in "
	    "a dimension", name);
}

int
processor_dim_item(struct reading *rd, const char *name)
{
	struct dimension *d = rd->dim;
	struct strv w = STRV_INIT;
	int r = 0;

	if (strcmp(name, "tag") == 0)
		strv_add(&d->tags, rd->item->value);
	else if (strcmp(name, "content") == 0) {
		free(d->content);
		d->content = xstrdup(rd->item->value);
		d->at = rd->item->value_at;
	} else {
		processor_words(rd, &w);
		r = dim_word(rd, name, &w);
		strv_release(&w);
	}
	return r;
}

/* --- [key] ------------------------------------------------------------- */

/* "RESULT: KEY word ..." */
static int
rule(struct reading *rd, const struct strv *w)
{
	struct processor_key *k = rd->key;
	struct key_rule *ru;
	size_t i, n;
	int key;

	if (w->n < 3 || (n = strlen(w->v[0])) < 2 || w->v[0][n - 1] != ':')
		return processor_bad(rd, rd->item->value_at,
		    "RESULT: KEY WORD ...");
	if ((key = processor_key_of(rd, w->v[1])) < 0)
		return -1;
	k->rules = xgrow(k->rules, k->nrules, &k->cap_rules, sizeof *k->rules);
	ru = &k->rules[k->nrules++];
	ru->result = xstrndup(w->v[0], n - 1);
	ru->key = key;
	ru->words = (struct strv)STRV_INIT;
	for (i = 2; i < w->n; i++)
		strv_add(&ru->words, w->v[i]);
	return 0;
}

static int
prefix(struct reading *rd, const struct strv *w)
{
	int64_t parts = 1;

	if (w->n == 0 || w->n > 2 || (w->n == 2 && !str_int(w->v[1], 1, 16,
	    &parts)))
		return processor_bad(rd, rd->item->value_at, "a key, and how "
		    "many parts of its paths");
	rd->key->prefix_parts = (int)parts;
	rd->key->prefix_of = processor_key_of(rd, w->v[0]);
	return rd->key->prefix_of < 0 ? -1 : 0;
}

int
processor_key_item(struct reading *rd, const char *name)
{
	struct strv w = STRV_INIT;
	int r = 0;

	processor_words(rd, &w);
	if (strcmp(name, "from") == 0 && w.n == 1)
		strv_add(&rd->key->from, w.v[0]);
	else if (strcmp(name, "from") == 0)
		r = processor_bad(rd, rd->item->value_at, "one name; say it "
		    "again for another");
	else if (strcmp(name, "prefix") == 0)
		r = prefix(rd, &w);
	else if (strcmp(name, "rule") == 0)
		r = rule(rd, &w);
	else
		r = processor_bad(rd, rd->item->name_at, "unknown name "
		    "'%.40s' in a key; there are from, prefix and rule", name);
	strv_release(&w);
	return r;
}

/* --- when all is read -------------------------------------------------- */

struct holes {
	struct reading *rd;
	struct dimension *d;
};

static const char *const own_holes[] = { "value", "value.1", "value.2",
    "count", "project", "severity", "words", NULL };

static int
hole(void *arg, const char *name, size_t len, size_t at)
{
	struct holes *h = arg;
	struct processor *p = h->rd->p;
	const char *dot;
	size_t i;

	(void)at;
	for (i = 0; own_holes[i] != NULL; i++)
		if (strlen(own_holes[i]) == len &&
		    memcmp(own_holes[i], name, len) == 0)
			return 0;
	dot = memchr(name, '.', len);
	if (dot != NULL && name + len == dot + 2 && dot[1] >= '1' &&
	    dot[1] <= '9')
		len = (size_t)(dot - name);
	for (i = 0; i < p->nkeys; i++)
		if (strlen(p->key[i].name) == len &&
		    memcmp(p->key[i].name, name, len) == 0)
			return facet_of(h->rd, h->d, (int)i, h->d->at) < 0 ?
			    -2 : 0;
	processor_bad(h->rd, h->d->at, "dimension '%s' has a hole {%.*s}, "
	    "and there is no such key", h->d->name, (int)(len > 40 ? 40 : len),
	    name);
	return -2;
}

static int
template(struct reading *rd, struct dimension *d, const char *t)
{
	struct holes h = { rd, d };
	size_t at = 0;
	int r = template_holes(t, hole, &h, &at);

	return r != -1 ? r : processor_bad(rd, d->at, "dimension '%s': a "
	    "brace or bracket has no other, in '%.40s'", d->name, t + at);
}

int
processor_dim_end(struct reading *rd, struct dimension *d)
{
	bool ages = false;
	size_t i;

	if (d->key[0] < 0)
		return processor_bad(rd, d->at, "dimension '%s' has none of "
		    "by, pairs and words", d->name);
	if (d->content == NULL || (d->least == 0 && d->least_values == 0))
		return processor_bad(rd, d->at, "dimension '%s' has no %s",
		    d->name, d->content == NULL ? "content" : "least");
	if (d->least < d->least_values)
		d->least = d->least_values;
	for (i = 0; i < d->nsteps; i++)
		ages = ages || d->step[i].kind == STEP_LOG;
	if (ages != (d->half_life_ms > 0))
		return processor_bad(rd, d->at, "dimension '%s': halfLife "
		    "and a step log go together", d->name);
	for (i = 0; i < d->tags.n; i++)
		if (template(rd, d, d->tags.v[i]) != 0)
			return -1;
	return template(rd, d, d->content) != 0 ? -1 : 0;
}
