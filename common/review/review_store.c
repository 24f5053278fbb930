#include "review/review_store.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/json.h"
#include "ltm/fact.h"
#include "memory/record.h"
#include "text/language_conf.h"
#include "review/review_near.h"
#include "review/review_probe.h"
#include "review/review_work.h"
#include "store/db.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#define PROJECTS_MAX 64

struct review_store {
	struct store *st;	/* borrowed */
	const struct language *language;
	struct review_job *job;	/* own */
	size_t njobs, cap_jobs;
	json_t *by_hand;	/* own; facts */
	struct review_near *near;	/* own; rows */
	struct map kinds;	/* "pattern:x": tags that were met */
	const struct map *words;	/* of the change; borrowed */
	struct strv stems;
	bool verdicts;		/* there are some */
};

/* --- the store's jobs -------------------------------------------------- */

static int
add_job(struct review_store *s, const char *name, const char *kb,
    int64_t number, const char *project, struct err *e)
{
	struct processor *p;
	struct review_job *j;

	if (processor_find(&p, s->st, name, e) < 0)
		return e->code == ERR_ABSENT ? 0 : -1;
	s->job = xgrow(s->job, s->njobs, &s->cap_jobs, sizeof *s->job);
	j = &s->job[s->njobs++];
	*j = (struct review_job){ .p = p, .kb = xstrdup(kb) };
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
	int any;

	s->st = st;
	s->by_hand = json_array();
	if (language_configured(st, &s->language, e) < 0 ||
	    read_jobs(s, project, e) < 0 ||
	    fact_each_by_hand(st, keep_fact, s->by_hand, e) < 0 ||
	    (any = verdict_any(st, e)) < 0) {
		review_store_free(s);
		return -1;
	}
	s->verdicts = any;
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
	for (i = 0; i < s->njobs; i++)
		review_job_release(&s->job[i]);
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

/* --- what was put down by hand ----------------------------------------- */

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
ask_by_hand(const struct review_store *s, const char *tag, bool begins,
    int (*fn)(void *, const json_t *, struct err *), void *to, struct err *e)
{
	size_t i;
	json_t *v;
	int r = 0;

	json_array_foreach(s->by_hand, i, v)
		if (r == 0 && has_tag(v, tag, begins))
			r = fn(to, v, e);
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

static struct review_probe
probe_of(struct review_store *s, int (*fn)(void *, const json_t *,
    struct err *), void *to, struct err *e)
{
	return (struct review_probe){ s->st, s->job, s->njobs, s->near, false,
	    &s->kinds, fn, to, e };
}

/* Pairs last: what is known of the file tells which. */
static int
facts(void *arg, const char *tag, int (*fn)(void *, const json_t *,
    struct err *), void *to, struct err *e)
{
	struct review_probe p = probe_of(arg, fn, to, e);
	int r;

	p.rows = true;
	if ((r = ask_by_hand(arg, tag, false, fn, to, e)) != 0 ||
	    (r = review_probe_tag(&p, tag, false)) != 0)
		return r;
	p.rows = false;
	return review_probe_tag(&p, tag, true);
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
	struct review_probe p = probe_of(s, fn, to, e);
	struct strv kinds = STRV_INIT;
	size_t i;
	int r;

	if ((r = ask_by_hand(s, "pattern:", true, fn, to, e)) != 0 ||
	    (r = ask_by_hand(s, "cause:", true, fn, to, e)) != 0)
		return r;
	/* facts that are shown bring others */
	review_near_kinds(s->near, &s->kinds, REVIEW_KINDS_MAX);
	for (i = 0; i < s->kinds.n; i++)
		if (may_have(s, s->kinds.e[i].key))
			strv_add(&kinds, s->kinds.e[i].key);
	for (i = 0; r == 0 && i < kinds.n; i++)
		r = review_probe_tag(&p, kinds.v[i], false);
	strv_release(&kinds);
	return r != 0 ? r : review_probe_words(&p, &s->stems);
}

static int
rows(void *arg, const char *path, const struct map *words,
    int (*fn)(void *, const json_t *, double, struct err *), void *to,
    struct err *e)
{
	struct review_store *s = arg;

	return review_near_each(s->near, path, words, fn, to, e);
}

/* --- verdicts ---------------------------------------------------------- */

static int
verdicts(void *arg, const char *about, const char *path, const char *was,
    verdict_fn *fn, void *to, struct err *e)
{
	const struct review_store *s = arg;

	return verdict_each(s->st, about, path, was, fn, to, e);
}

struct missing {
	struct strv about;
	const char *now;
	int (*fn)(void *, const char *, const json_t *, struct err *);
	void *to;
};

/* Named first: what is asked of them asks the database, too. */
static int
note_missed(void *arg, const struct verdict *v, struct err *e)
{
	struct missing *m = arg;

	(void)e;
	if (strcmp(v->name, VERDICT_MISSED) == 0 && !strv_has(&m->about,
	    v->about))
		strv_add(&m->about, v->about);
	return 0;
}

static int
show_fact(void *arg, const struct fact *f, struct err *e)
{
	const struct missing *m = arg;
	json_t *o;
	int r;

	if (f->gone || f->valid_until_ms <= date_now() ||
	    (o = fact_json(f)) == NULL)
		return 0;
	r = m->fn(m->to, m->now, o, e);
	json_decref(o);
	return r;
}

static int
show_row(void *arg, const struct record *rec, struct err *e)
{
	const struct missing *m = arg;

	return str_eq(rec->status, "rejected") ? 0 :
	    m->fn(m->to, m->now, rec->json, e);
}

static int
show_missed(struct store *st, struct missing *m, struct err *e)
{
	char *kb, *slash;
	int64_t id;
	int r;

	if (fact_id_read(m->now, &id))
		return fact_find(st, id, 0, show_fact, m, e);
	if ((slash = strchr(m->now, '/')) == NULL)
		return 0;
	if ((r = verdict_rejected(st, m->now, e)) != 0)
		return r < 0 ? -1 : 0;
	kb = xstrndup(m->now, (size_t)(slash - m->now));
	r = record_find(st, kb, slash + 1, 0, show_row, m, e);
	free(kb);
	return r;
}

static int
missed(void *arg, const char *path, int (*fn)(void *, const char *,
    const json_t *, struct err *), void *to, struct err *e)
{
	const struct review_store *s = arg;
	struct missing m = { STRV_INIT, NULL, fn, to };
	size_t i;
	int r = verdict_each_in(s->st, path, note_missed, &m, e);

	for (i = 0; r >= 0 && i < m.about.n; i++) {
		m.now = m.about.v[i];
		r = show_missed(s->st, &m, e);
	}
	strv_release(&m.about);
	return r < 0 ? -1 : 0;
}

void
review_store_source(struct review_store *s, struct review_source *source)
{
	*source = (struct review_source){ begin, facts, patterns, rows,
	    s->verdicts ? verdicts : NULL, s->verdicts ? missed : NULL, s };
}
