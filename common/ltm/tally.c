#include "ltm/tally.h"

#include "base/alloc.h"
#include "index/token.h"
#include "ltm/entry.h"
#include "ltm/intake.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUND 1048576.0		/* sums of exp2 are rounded to 2^-20 */

void
tally_init(struct tally *t, const struct processor *p,
    const struct dimension *d)
{
	memset(t, 0, sizeof *t);
	t->p = p;
	t->d = d;
	t->newest_ms = t->oldest_ms = ENTRY_NO_TIME;
}

void
tally_release(struct tally *t)
{
	size_t i;

	for (i = 0; i < DIM_FACETS; i++)
		map_release(&t->facet[i]);
	for (i = 0; i < t->nsources; i++)
		free(t->source[i].id);
	free(t->source);
	free(t->age);
}

/* --- sources ----------------------------------------------------------- */

/* The newest first, then by id. */
static int
compare_sources(const void *a, const void *b)
{
	const struct tally_source *x = a, *y = b;

	if (x->ts_ms != y->ts_ms)
		return x->ts_ms > y->ts_ms ? -1 : 1;
	return strcmp(x->id, y->id);
}

static void
keep_newest(struct tally *t)
{
	size_t max = (size_t)t->p->max_sources;

	if (t->nsources > 1)
		qsort(t->source, t->nsources, sizeof *t->source,
		    compare_sources);
	while (t->nsources > max)
		free(t->source[--t->nsources].id);
	if (t->nsources == max)
		t->oldest_ms = t->source[max - 1].ts_ms;
}

static void
add_source(struct tally *t, const struct entry_head *h)
{
	/* one that cannot be among them any more */
	if (h->ts_ms < t->oldest_ms)
		return;
	if (t->nsources == 2 * (size_t)t->p->max_sources)
		keep_newest(t);
	t->source = xgrow(t->source, t->nsources, &t->cap_sources,
	    sizeof *t->source);
	t->source[t->nsources].ts_ms = h->ts_ms;
	t->source[t->nsources++].id = xstrndup(h->id, h->id_len);
}

/* --- rows -------------------------------------------------------------- */

static bool
count_values(struct map *m, const char **p, const char *end)
{
	const char *s;
	uint64_t i, n;
	size_t len;

	if (!entry_get_count(p, end, &n))
		return false;
	for (i = 0; i < n; i++) {
		if (!entry_get_text(p, end, &s, &len))
			return false;
		map_put_n(m, s, len, NULL)->i++;
	}
	return true;
}

/* Keywords as "stem", separator, "word". */
static bool
count_keywords(struct tally *t, const char **p, const char *end)
{
	char room[2 * TOKEN_MAX + 2];
	const char *stem, *rest;
	size_t stem_len, same, len;
	uint64_t n, i;

	if (!entry_get_count(p, end, &n))
		return false;
	if (n > t->most)
		t->most = (size_t)n;
	for (i = 0; i < n; i++) {
		if (!entry_get_keyword(p, end, &stem, &stem_len, &same, &rest,
		    &len) || stem_len > TOKEN_MAX || same + len > TOKEN_MAX)
			return false;
		memcpy(room, stem, stem_len);
		room[stem_len] = WORDS_SEP;
		memcpy(room + stem_len + 1, stem, same);
		memcpy(room + stem_len + 1 + same, rest, len);
		map_put_n(&t->facet[0], room, stem_len + 1 + same + len,
		    NULL)->i++;
	}
	return true;
}

bool
tally_row(struct tally *t, const char *p, size_t len)
{
	const char *end = p + len;
	struct entry_head h;
	size_t i;

	if (!entry_get_head(&p, end, &h))
		return false;
	t->n++;
	t->digest += h.hash;
	if (h.severity < TALLY_SEVERITIES) {
		t->severity[h.severity]++;
		t->rated++;
	}
	if (h.ts_ms != ENTRY_NO_TIME && h.ts_ms > t->newest_ms)
		t->newest_ms = h.ts_ms;
	add_source(t, &h);
	if (t->d->half_life_ms > 0) {
		t->age = xgrow(t->age, t->nages, &t->cap_ages, sizeof *t->age);
		t->age[t->nages].ts_ms = h.ts_ms;
		t->age[t->nages++].weight = h.weight;
	}
	for (i = 0; i < t->d->nfacets; i++)
		if (i == 0 && t->d->kind == DIM_WORDS ?
		    !count_keywords(t, &p, end) :
		    !count_values(&t->facet[i], &p, end))
			return false;
	return true;
}

/* --- age --------------------------------------------------------------- */

static int
compare_ages(const void *a, const void *b)
{
	return memcmp(a, b, sizeof ((struct tally *)0)->age[0]);
}

/* A row without a time is as old as the oldest that has one. */
static void
weigh(struct tally *t)
{
	int64_t oldest = INT64_MAX, ts;
	double sum = 0;
	size_t i;

	for (i = 0; i < t->nages; i++)
		if (t->age[i].ts_ms != ENTRY_NO_TIME &&
		    t->age[i].ts_ms < oldest)
			oldest = t->age[i].ts_ms;
	if (oldest == INT64_MAX)
		oldest = t->newest_ms = 0;
	/* any order will do, as long as it is always the same: the last bits
	 * of a sum depend on it */
	qsort(t->age, t->nages, sizeof *t->age, compare_ages);
	for (i = 0; i < t->nages; i++) {
		ts = t->age[i].ts_ms == ENTRY_NO_TIME ? oldest :
		    t->age[i].ts_ms;
		sum += exp2(-(double)(t->newest_ms - ts) /
		    t->d->half_life_ms) / sqrt((double)t->age[i].weight);
	}
	t->n_eff = round(sum * ROUND) / ROUND;
}

void
tally_end(struct tally *t, const struct group *g)
{
	const char *p;

	for (p = strchr(g->name, GROUP_SEP); p != NULL;
	    p = strchr(p + 1, GROUP_SEP))
		t->words++;
	keep_newest(t);
	if (t->d->half_life_ms > 0)
		weigh(t);
}

int
tally_holds(const struct tally *t, char why[TALLY_WHY])
{
	const struct dimension *d = t->d;
	int64_t values = d->least_facet < 0 ? 0 :
	    (int64_t)t->facet[d->least_facet].n;

	if (t->n < d->least)
		snprintf(why, TALLY_WHY, "%" PRId64 " of %" PRId64 " rows that "
		    "it takes", t->n, d->least);
	else if (values < d->least_values)
		snprintf(why, TALLY_WHY, "%" PRId64 " of %" PRId64 " values of "
		    "%.40s that it takes", values, d->least_values,
		    t->p->key[d->facet[d->least_facet]].name);
	else
		return 1;
	return 0;
}
