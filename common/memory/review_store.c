#include "memory/review_store.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/json.h"
#include "memory/fact.h"
#include "memory/group.h"
#include "memory/language_conf.h"
#include "memory/processor.h"
#include "memory/review_near.h"
#include "memory/review_work.h"
#include "store/db.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROJECTS_MAX 64
#define KINDS_MAX 1000		/* names of patterns that are asked for */
#define TOGETHER 2		/* rows that two files are both in, of those
				   that are known */

struct job {
	struct processor *p;	/* own */
	char *kb;		/* own */
	struct strv projects;
};

struct review_store {
	struct store *st;	/* borrowed */
	const struct language *language;
	struct job *job;	/* own */
	size_t njobs, cap_jobs;
	json_t *by_hand;	/* own; facts */
	struct review_near *near;	/* own; rows */
	struct map kinds;	/* "pattern:x": tags that were met */
	const struct map *words;	/* of the change; borrowed */
	struct strv stems;
};

/* What a fact is asked for with, and to whom it goes. */
struct asking {
	struct review_store *s;
	const struct job *job;
	const struct dimension *d;
	const char *path;	/* its rows are wanted; NULL: they are not */
	int (*fn)(void *, const json_t *, struct err *);
	void *to;
	struct err *e;
};

/* --- the store's jobs -------------------------------------------------- */

static int
add_job(struct review_store *s, const char *name, const char *kb,
    int64_t number, const char *project, struct err *e)
{
	struct processor *p;
	struct job *j;

	if (processor_find(&p, s->st, name, e) < 0)
		return e->code == ERR_ABSENT ? 0 : -1;
	s->job = xgrow(s->job, s->njobs, &s->cap_jobs, sizeof *s->job);
	j = &s->job[s->njobs++];
	*j = (struct job){ .p = p, .kb = xstrdup(kb) };
	if (project != NULL) {
		strv_add(&j->projects, project);
		return 0;
	}
	if (fact_projects(s->st, number, PROJECTS_MAX, &j->projects, e) < 0)
		return -1;
	return j->projects.n <= PROJECTS_MAX ? 0 : err_set(e, ERR_INPUT,
	    "'%s' has facts of more than %d projects; name one with --project",
	    kb, PROJECTS_MAX);
}

/* "ltm/PROCESSOR/KB" and "NUMBER ..."; the names are copied first, for what
 * is asked of a job asks the database, too. */
static int
read_jobs(struct review_store *s, const char *project, struct err *e)
{
	struct strv found = STRV_INIT;
	struct db_query *q;
	char *name, *kb;
	size_t i;
	int r;

	if ((q = db_sql(s->st->db, e, "SELECT name, value FROM meta "
	    "WHERE name >= 'ltm/' AND name < 'ltm0'")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		strv_add(&found, db_get_text(q, 0));
		strv_add(&found, db_get_text(q, 1));
	}
	db_end(q);
	for (i = 0; r == 0 && i < found.n; i += 2) {
		name = found.v[i] + strlen("ltm/");
		if ((kb = strchr(name, '/')) == NULL)
			continue;
		*kb++ = '\0';
		r = add_job(s, name, kb, strtoll(found.v[i + 1], NULL, 10),
		    project, e);
	}
	strv_release(&found);
	return r;
}

static int
keep_fact(void *arg, const struct fact *f, struct err *e)
{
	(void)e;
	json_array_append_new(arg, fact_json(f));
	return 0;
}

int
review_store_new(struct review_store **out, struct store *st,
    const char *project, struct err *e)
{
	struct review_store *s = xcalloc(1, sizeof *s);

	s->st = st;
	s->by_hand = json_array();
	if (language_configured(st, &s->language, e) < 0 ||
	    read_jobs(s, project, e) < 0 ||
	    fact_each_by_hand(st, keep_fact, s->by_hand, e) < 0) {
		review_store_free(s);
		return -1;
	}
	s->near = review_near_new(st, s->language);
	*out = s;
	return 0;
}

void
review_store_free(struct review_store *s)
{
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < s->njobs; i++) {
		processor_free(s->job[i].p);
		free(s->job[i].kb);
		strv_release(&s->job[i].projects);
	}
	free(s->job);
	json_decref(s->by_hand);
	review_near_free(s->near);
	map_release(&s->kinds);
	strv_release(&s->stems);
	free(s);
}

const struct language *
review_store_language(const struct review_store *s)
{
	return s->language;
}

/* --- probes ------------------------------------------------------------ */

static void
meet_kind(struct review_store *s, const char *tag)
{
	int made;

	if (str_starts(tag, "pattern:") && s->kinds.n < KINDS_MAX)
		map_put(&s->kinds, tag, &made);
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
			meet_kind(a->s, json_string_value(v));
	ids = json_object_get(json_object_get(o, "metadata"),
	    a->job->p->sources);
	if (a->path != NULL)
		r = review_near_take(a->s->near, a->job->kb, ids, e);
	if (r == 0)
		r = a->fn(a->to, o, e);
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
		r = fact_find(a->s->st, id, 0, show, a, a->e);
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

	review_near_together(a->s->near, path,
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

/* With each value that the rules of the other key make. */
static int
probe_two(struct asking *a, int slot, const char *value)
{
	const struct processor_key *k = &a->job->p->key[a->d->key[1 - slot]];
	size_t i, j;
	int r = 0;

	for (i = 0; r == 0 && i < k->nrules; i++) {
		for (j = 0; j < i; j++)
			if (strcmp(k->rules[j].result,
			    k->rules[i].result) == 0)
				break;
		if (j == i)
			r = slot == 0 ? probe(a, value, k->rules[i].result) :
			    probe(a, k->rules[i].result, value);
	}
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

/* The facts of a dimension with a tag. */
static int
ask_dimension(struct asking *a, const char *tag, bool pairs)
{
	const struct dimension *d = a->d;
	const char *value = NULL;
	size_t i;
	int slot = 0;

	for (i = 0; value == NULL && i < d->tags.n; i++)
		value = value_of(d->tags.v[i], tag, &slot);
	if (value == NULL || d->kind == DIM_WORDS ||
	    pairs != (d->kind == DIM_PAIRS))
		return 0;
	if (pairs)
		return probe_pairs(a, value);
	return d->key[1] >= 0 ? probe_two(a, slot, value) :
	    probe(a, value, NULL);
}

static int
ask_dimensions(struct asking *a, const char *tag, bool pairs)
{
	size_t i, k;
	int r = 0;

	for (i = 0; r == 0 && i < a->s->njobs; i++) {
		a->job = &a->s->job[i];
		for (k = 0; r == 0 && k < a->job->p->ndims; k++) {
			a->d = &a->job->p->dim[k];
			r = ask_dimension(a, tag, pairs);
		}
	}
	return r;
}

static bool
has_tag(const json_t *fact, const char *tag, bool begins)
{
	const char *s;
	size_t i;
	json_t *v;

	json_array_foreach(json_object_get(fact, "tags"), i, v)
		if ((s = json_string_value(v)) != NULL && (begins ?
		    str_starts(s, tag) : strcmp(s, tag) == 0))
			return true;
	return false;
}

static int
ask_by_hand(struct asking *a, const char *tag, bool begins)
{
	size_t i;
	json_t *v;
	int r = 0;

	json_array_foreach(a->s->by_hand, i, v)
		if (r == 0 && has_tag(v, tag, begins))
			r = a->fn(a->to, v, a->e);
	return r;
}

/* --- the source -------------------------------------------------------- */

static int
begin(void *arg, const struct map *words, const struct map *stems,
    struct err *e)
{
	struct review_store *s = arg;
	size_t i;

	s->words = words;
	for (i = 0; i < stems->n; i++)
		strv_add(&s->stems, stems->e[i].key);
	return review_near_search(s->near, words, e);
}

/* Pairs last: what is known of the file tells which. */
static int
facts(void *arg, const char *tag, int (*fn)(void *, const json_t *,
    struct err *), void *to, struct err *e)
{
	struct asking a = { .s = arg, .fn = fn, .to = to, .e = e };
	int r;

	if (str_starts(tag, "file:"))
		a.path = tag + strlen("file:");
	if ((r = ask_by_hand(&a, tag, false)) != 0 ||
	    (r = ask_dimensions(&a, tag, false)) != 0)
		return r;
	a.path = NULL;
	return ask_dimensions(&a, tag, true);
}

/* Of the words that a row's root cause is found by, each has a group, which
 * knows the facts that it makes. */
static int
ask_words(struct asking *a)
{
	const struct strv *projects = &a->job->projects;
	struct buf ids = BUF_INIT;
	size_t i, k;
	int r = 0;

	for (k = 0; r == 0 && k < projects->n; k++)
		for (i = 0; r == 0 && i < a->s->stems.n; i++)
			r = group_facts(a->s->st, fact_id_derived(
			    a->job->p->name, a->job->kb, a->d->name,
			    projects->v[k], a->s->stems.v[i], NULL), &ids,
			    a->e);
	for (i = 0; r >= 0 && i < ids.len; i += 8)
		r = fact_find(a->s->st, group_id_read(ids.p + i), 0, show, a,
		    a->e);
	buf_release(&ids);
	return r < 0 ? -1 : 0;
}

/* Are the words of "pattern:null_check" in the change? */
static bool
may_have(const struct review_store *s, const char *tag)
{
	struct strv words = STRV_INIT;
	bool may;

	review_words_of(&words, tag + strlen("pattern:"));
	may = review_has_words(s->words, &words);
	strv_release(&words);
	return may;
}

static int
patterns(void *arg, int (*fn)(void *, const json_t *, struct err *), void *to,
    struct err *e)
{
	struct review_store *s = arg;
	struct asking a = { .s = s, .fn = fn, .to = to, .e = e };
	struct strv kinds = STRV_INIT;
	size_t i, k;
	int r;

	if ((r = ask_by_hand(&a, "pattern:", true)) != 0 ||
	    (r = ask_by_hand(&a, "cause:", true)) != 0)
		return r;
	/* facts that are shown bring others */
	review_near_kinds(s->near, &s->kinds, KINDS_MAX);
	for (i = 0; i < s->kinds.n; i++)
		if (may_have(s, s->kinds.e[i].key))
			strv_add(&kinds, s->kinds.e[i].key);
	for (i = 0; r == 0 && i < kinds.n; i++)
		r = ask_dimensions(&a, kinds.v[i], false);
	strv_release(&kinds);
	for (i = 0; r == 0 && i < s->njobs; i++) {
		a.job = &s->job[i];
		for (k = 0; r == 0 && k < a.job->p->ndims; k++) {
			a.d = &a.job->p->dim[k];
			if (a.d->kind == DIM_WORDS)
				r = ask_words(&a);
		}
	}
	return r;
}

static int
rows(void *arg, const char *path, const struct map *words,
    int (*fn)(void *, const json_t *, double, struct err *), void *to,
    struct err *e)
{
	struct review_store *s = arg;

	return review_near_each(s->near, path, words, fn, to, e);
}

void
review_store_source(struct review_store *s, struct review_source *source)
{
	*source = (struct review_source){ begin, facts, patterns, rows, s };
}
