/*
 * Verdicts in a review.  A person counts once in a finding for its file and
 * once for all files, however many of its facts he judged: so what marks a
 * finding may name them all.
 */
#include "review/review_work.h"

#include "base/json.h"

#include <string.h>

struct weighing {
	double found, sum;
	json_t *steps;		/* own; NULL: no verdict yet */
	struct strv seen;	/* name, person, file */
};

static void
put_step(json_t *steps, const char *why, double add)
{
	json_array_append_new(steps, json_pack("{s:s, s:f}", "why", why,
	    "add", add));
}

double
review_verdict_adds(const char *name)
{
	return strcmp(name, VERDICT_FALSE) == 0 ? -REVIEW_WRONG :
	    strcmp(name, VERDICT_MISSED) == 0 ? REVIEW_MISSED : 0;
}

static int
on_verdict(void *arg, const struct verdict *v, struct err *e)
{
	double add = review_verdict_adds(v->name);
	struct weighing *w = arg;
	struct buf b = BUF_INIT;

	(void)e;
	if (add == 0)
		return 0;
	buf_addf(&b, "%s\n%s\n%s", v->name, v->by, v->file != NULL ?
	    "" : "all");
	if (!strv_has(&w->seen, b.p)) {
		strv_add(&w->seen, b.p);
		if (w->steps == NULL) {
			w->steps = json_array();
			put_step(w->steps, "found", w->found);
		}
		buf_reset(&b);
		buf_addf(&b, "verdict: %s, %s", v->name, v->by);
		if (v->file != NULL)
			buf_addf(&b, ", in %s", v->file);
		if (v->reason != NULL)
			buf_addf(&b, ": %s", v->reason);
		put_step(w->steps, b.p, add);
		w->sum += add;
	}
	buf_release(&b);
	return 0;
}

static int
ask(const struct review *r, const struct strv *about,
    const struct review_file *file, struct weighing *w, struct err *e)
{
	size_t i;
	int n = 0;

	for (i = 0; n == 0 && i < about->n; i++)
		n = r->source->verdicts(r->source->arg, about->v[i],
		    file->path, file->was, on_verdict, w, e);
	return n;
}

int
review_weigh(const struct review *r, const struct review_finding *f,
    const struct review_file *file, double *confidence, json_t **steps,
    struct err *e)
{
	struct weighing w = { *confidence, 0, NULL, STRV_INIT };
	double most, c;
	int n;

	if (r->source == NULL || r->source->verdicts == NULL)
		return 0;
	n = ask(r, &f->facts, file, &w, e);
	if (n == 0)
		n = ask(r, &f->records, file, &w, e);
	if (n == 0 && w.steps != NULL) {
		most = w.found > RISK_CAP ? w.found : RISK_CAP;
		c = w.found + w.sum;
		if (c > most)
			put_step(w.steps, "at most", most - c);
		if (c < 0)
			put_step(w.steps, "at least", -c);
		*confidence = c > most ? most : c < 0 ? 0 : c;
		*steps = w.steps;
		w.steps = NULL;
	}
	json_decref(w.steps);
	strv_release(&w.seen);
	return n;
}

/* --- what was missed --------------------------------------------------- */

struct missing {
	struct review *r;
	const struct review_file *f;
};

/* Something told of it here as it is. */
static bool
is_found(const struct missing *m, const char *about)
{
	const struct review_finding *f;
	size_t i;

	for (i = 0; i < m->r->n; i++) {
		f = &m->r->v[i];
		if (strcmp(f->path, m->f->path) == 0 &&
		    (strv_has(&f->facts, about) ||
		    strv_has(&f->records, about)))
			return true;
	}
	return false;
}

static int
on_missed(void *arg, const char *about, const json_t *o, struct err *e)
{
	const json_t *sure = json_object_get(o, "confidence");
	const char *content = get_str(o, "content", NULL);
	const struct missing *m = arg;
	double c = REVIEW_ROW_ELSEWHERE;

	if (is_found(m, about))
		return 0;
	if (strcmp(get_str(o, "type", NULL), "record") == 0)
		return review_add_row(m->r, m->f, c, o, e);
	if (json_is_number(sure) && json_number_value(sure) > c)
		c = json_number_value(sure);
	return review_add_fact(m->r, REVIEW_PATTERN, m->f, c, about,
	    content != NULL ? content : "somebody missed this here", o, e);
}

int
review_missed(struct review *r, const struct review_file *f, struct err *e)
{
	const struct review_source *s = r->source;
	struct missing m = { r, f };
	int n;

	if (s == NULL || s->missed == NULL)
		return 0;
	n = s->missed(s->arg, f->path, on_missed, &m, e);
	if (n == 0 && f->was != NULL)
		n = s->missed(s->arg, f->was, on_missed, &m, e);
	return n;
}
