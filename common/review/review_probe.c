#include "review/review_probe.h"

#include "base/date.h"
#include "base/str.h"
#include "ltm/fact.h"
#include "ltm/group.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#define TOGETHER 2		/* rows that two files are both in, of those
				   that are known */

#define OTHERS_MAX 100		/* values of the other key that are tried */

struct asking {
	struct review_probe *p;
	const struct review_job *job;	/* each_dimension */
	const struct dimension *d;
	const char *tag;		/* of review_probe_tag */
	bool pairs;
	const struct strv *stems;	/* of review_probe_words */
};

void
review_job_release(struct review_job *j)
{
	processor_free(j->p);
	free(j->kb);
	strv_release(&j->projects);
}

static void
meet_kind(struct map *kinds, const char *tag)
{
	int made;

	if (str_starts(tag, "pattern:") && kinds->n < REVIEW_KINDS_MAX)
		map_put(kinds, tag, &made);
}

static int
show(void *arg, const struct fact *f, struct err *e)
{
	struct asking *a = arg;
	const json_t *ids;
	json_t *o, *v;
	size_t i;
	int r = 0;

	if (f->gone || f->valid_until_ms <= date_now() ||
	    (o = fact_json(f)) == NULL)
		return 0;
	json_array_foreach(json_object_get(o, "tags"), i, v)
		if (json_is_string(v))
			meet_kind(a->p->kinds, json_string_value(v));
	ids = json_object_get(json_object_get(o, "metadata"),
	    a->job->p->sources);
	if (a->p->rows)
		r = review_near_take(a->p->near, a->job->kb, ids, e);
	if (r == 0)
		r = a->p->fn(a->p->to, o, e);
	json_decref(o);
	return r;
}

/* In each project. */
static int
probe(struct asking *a, const char *value, const char *value2)
{
	const struct strv *projects = &a->job->projects;
	int64_t id;
	size_t i;
	int r = 0;

	for (i = 0; r >= 0 && i < projects->n; i++) {
		id = fact_id_derived(a->job->p->name, a->job->kb, a->d->name,
		    projects->v[i], value, value2);
		r = fact_find(a->p->st, id, 0, show, a, a->p->e);
	}
	return r < 0 ? -1 : 0;
}

/* A pair with each file that is known to have been fixed with it. */
static int
probe_pairs(struct asking *a, const char *path)
{
	struct map together = MAP_INIT;
	const char *other;
	bool first;
	size_t i;
	int r = 0;

	review_near_together(a->p->near, path,
	    &a->job->p->key[a->d->key[0]].from, &together);
	for (i = 0; r == 0 && i < together.n; i++) {
		other = together.e[i].key;
		first = strcmp(path, other) < 0;
		if (together.e[i].v.i >= TOGETHER)
			r = probe(a, first ? path : other,
			    first ? other : path);
	}
	map_release(&together);
	return r;
}

/* With each value of the other key that its rules make, or that rows near by
 * have of their own. */
static int
probe_two(struct asking *a, int slot, const char *value)
{
	const struct processor_key *k = &a->job->p->key[a->d->key[1 - slot]];
	struct map others = MAP_INIT;
	const char *other;
	int made, r = 0;
	size_t i;

	for (i = 0; i < k->nrules; i++)
		map_put(&others, k->rules[i].result, &made);
	review_near_values(a->p->near, &k->from, OTHERS_MAX, &others);
	for (i = 0; r == 0 && i < others.n; i++) {
		other = others.e[i].key;
		r = slot == 0 ? probe(a, value, other) :
		    probe(a, other, value);
	}
	map_release(&others);
	return r;
}

/* The value of a tag that a template makes: "file:{value}", "file:{value.2}"
 * (*slot 1); NULL: it makes no such tag. */
static const char *
value_of(const char *template, const char *tag, int *slot)
{
	static const char *const holes[] = { "{value}", "{value.1}",
	    "{value.2}" };
	const char *hole = strchr(template, '{');
	int i;

	if (hole == NULL || strncmp(template, tag,
	    (size_t)(hole - template)) != 0)
		return NULL;
	for (i = 0; i < 3; i++)
		if (strcmp(hole, holes[i]) == 0) {
			*slot = i == 2;
			return tag + (hole - template);
		}
	return NULL;
}

static int
ask_tag(struct asking *a)
{
	const struct dimension *d = a->d;
	const char *value = NULL;
	size_t i;
	int slot = 0;

	for (i = 0; value == NULL && i < d->tags.n; i++)
		value = value_of(d->tags.v[i], a->tag, &slot);
	if (value == NULL || d->kind == DIM_WORDS ||
	    a->pairs != (d->kind == DIM_PAIRS))
		return 0;
	if (a->pairs)
		return probe_pairs(a, value);
	return d->key[1] >= 0 ? probe_two(a, slot, value) :
	    probe(a, value, NULL);
}

/* Of the words that a row's root cause is found by, each has a group, which
 * knows the facts that it makes. */
static int
ask_words(struct asking *a)
{
	const struct strv *projects = &a->job->projects, *stems = a->stems;
	struct buf ids = BUF_INIT;
	size_t i, k;
	int r = 0;

	if (a->d->kind != DIM_WORDS)
		return 0;
	for (k = 0; r == 0 && k < projects->n; k++)
		for (i = 0; r == 0 && i < stems->n; i++)
			r = group_facts(a->p->st, fact_id_derived(
			    a->job->p->name, a->job->kb, a->d->name,
			    projects->v[k], stems->v[i], NULL), &ids,
			    a->p->e);
	for (i = 0; r >= 0 && i < ids.len; i += 8)
		r = fact_find(a->p->st, group_id_read(ids.p + i), 0, show, a,
		    a->p->e);
	buf_release(&ids);
	return r < 0 ? -1 : 0;
}

static int
each_dimension(struct asking *a, int (*ask)(struct asking *))
{
	size_t i, k;
	int r = 0;

	for (i = 0; r == 0 && i < a->p->njobs; i++) {
		a->job = &a->p->job[i];
		for (k = 0; r == 0 && k < a->job->p->ndims; k++) {
			a->d = &a->job->p->dim[k];
			r = ask(a);
		}
	}
	return r;
}

int
review_probe_tag(struct review_probe *p, const char *tag, bool pairs)
{
	struct asking a = { .p = p, .tag = tag, .pairs = pairs };

	return each_dimension(&a, ask_tag);
}

int
review_probe_words(struct review_probe *p, const struct strv *stems)
{
	struct asking a = { .p = p, .stems = stems };

	return each_dimension(&a, ask_words);
}
