#include "history/churn.h"

#include "base/alloc.h"
#include "base/map.h"
#include "history/fix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TOGETHER_MAX 30		/* files of a fix that makes partners */

/* An n_eff and when it was that. */
struct count {
	double n;
	int64_t at_ms;
};

struct partner {
	size_t file;
	struct count n;
	int64_t times;
};

struct file {
	char *path;		/* own */
	bool gone;
	size_t component;
	int64_t touches;
	struct count churn, fixes, severity;	/* the last: times severity */
	int64_t *fixed;		/* own; when */
	size_t nfixed, fixed_cap;
	struct partner *with;	/* own */
	size_t nwith, with_cap;
};

struct component {
	struct count fixes;
	int64_t serial;		/* of the fix that counted last */
};

struct churn {
	struct file *file;	/* own */
	size_t n, cap;
	struct map paths;	/* i: number of the file */
	struct map components;	/* folders; i: number */
	struct component *component;	/* own */
	int64_t serial;		/* of the fix at hand */
	size_t ncomponents, components_cap;
	int64_t start_ms;	/* of the first commit */
	bool begun;
	size_t *now;		/* own; files of the commit at hand */
	size_t nnow, now_cap;
};

static double
count_at(const struct count *c, int64_t at_ms)
{
	return risk_decay(c->n, at_ms - c->at_ms);
}

static void
count_add(struct count *c, int64_t at_ms, double n)
{
	c->n = count_at(c, at_ms) + n;
	if (at_ms > c->at_ms)
		c->at_ms = at_ms;
}

struct churn *
churn_new(void)
{
	return xcalloc(1, sizeof(struct churn));
}

void
churn_free(struct churn *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < c->n; i++) {
		free(c->file[i].path);
		free(c->file[i].fixed);
		free(c->file[i].with);
	}
	free(c->file);
	free(c->component);
	free(c->now);
	map_release(&c->paths);
	map_release(&c->components);
	free(c);
}

/* --- files ------------------------------------------------------------- */

static size_t
component_of(struct churn *c, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = xstrndup(path, slash != NULL ?
	    (size_t)(slash - path) : 0);
	union map_value *v;
	int made;

	v = map_put(&c->components, folder, &made);
	free(folder);
	if (made) {
		v->i = (int64_t)c->ncomponents;
		c->component = xgrow(c->component, c->ncomponents,
		    &c->components_cap, sizeof *c->component);
		memset(&c->component[c->ncomponents++], 0,
		    sizeof *c->component);
	}
	return (size_t)v->i;
}

static void
set_path(struct churn *c, size_t file, const char *path)
{
	int made;

	if (c->file[file].path == NULL ||
	    strcmp(c->file[file].path, path) != 0) {
		free(c->file[file].path);
		c->file[file].path = xstrdup(path);
		c->file[file].component = component_of(c, path);
	}
	map_put(&c->paths, path, &made)->i = (int64_t)file;
}

static size_t
make(struct churn *c, const char *path)
{
	c->file = xgrow(c->file, c->n, &c->cap, sizeof *c->file);
	memset(&c->file[c->n], 0, sizeof *c->file);
	set_path(c, c->n, path);
	return c->n++;
}

size_t
churn_find(const struct churn *c, const char *path)
{
	const union map_value *v = map_get(&c->paths, path);

	return v != NULL ? (size_t)v->i : CHURN_NONE;
}

/*
 * Which file a commit means.  On another branch a file may still have its
 * old name, so that this goes on to mean it; but one that is added under a
 * name that was given up is a new file.
 */
static size_t
meant(struct churn *c, const struct commit_file *f)
{
	size_t i = churn_find(c, f->was != NULL ? f->was : f->path);

	if (i == CHURN_NONE || (f->did == COMMIT_ADDED &&
	    strcmp(c->file[i].path, f->path) != 0))
		i = make(c, f->path);
	else if (f->did == COMMIT_RENAMED)
		set_path(c, i, f->path);
	c->file[i].gone = f->did == COMMIT_DELETED;
	return i;
}

int64_t
churn_start(const struct churn *c)
{
	return c->start_ms;
}

size_t
churn_files(const struct churn *c)
{
	return c->n;
}

const char *
churn_path(const struct churn *c, size_t file)
{
	return c->file[file].path;
}

bool
churn_gone(const struct churn *c, size_t file)
{
	return c->file[file].gone;
}

const int64_t *
churn_fixes(const struct churn *c, size_t file, size_t *n)
{
	*n = c->file[file].nfixed;
	return c->file[file].fixed;
}

int64_t
churn_touches(const struct churn *c, size_t file)
{
	return c->file[file].touches;
}

/* --- counting ---------------------------------------------------------- */

static void
pair(struct file *f, size_t other, int64_t at_ms, double weight)
{
	size_t i;

	for (i = 0; i < f->nwith && f->with[i].file != other; i++)
		;
	if (i == f->nwith) {
		f->with = xgrow(f->with, f->nwith, &f->with_cap,
		    sizeof *f->with);
		memset(&f->with[f->nwith++], 0, sizeof *f->with);
		f->with[i].file = other;
	}
	count_add(&f->with[i].n, at_ms, weight);
	f->with[i].times++;
}

static int
by_number(const void *a, const void *b)
{
	const size_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Each component once. */
static void
count_components(struct churn *c, int64_t at_ms, double weight)
{
	size_t i, x;

	c->serial++;
	for (i = 0; i < c->nnow; i++) {
		x = c->file[c->now[i]].component;
		if (c->component[x].serial == c->serial)
			continue;
		c->component[x].serial = c->serial;
		count_add(&c->component[x].fixes, at_ms, weight);
	}
}

static void
count_fix(struct churn *c, int64_t at_ms, double weight, int severity)
{
	struct file *f;
	size_t i, k;

	count_components(c, at_ms, weight);
	for (i = 0; i < c->nnow; i++) {
		f = &c->file[c->now[i]];
		count_add(&f->fixes, at_ms, weight);
		count_add(&f->severity, at_ms,
		    weight * severity / FIX_CRITICAL);
		f->fixed = xgrow(f->fixed, f->nfixed, &f->fixed_cap,
		    sizeof *f->fixed);
		f->fixed[f->nfixed++] = at_ms;
		for (k = 0; c->nnow <= TOGETHER_MAX && k < c->nnow; k++)
			if (k != i)
				pair(f, c->now[k], at_ms, weight);
	}
}

void
churn_add(struct churn *c, const struct commit *commit, int severity)
{
	double weight = risk_weight(commit->nfiles);
	size_t i, k;

	if (!c->begun)
		c->start_ms = commit->time_ms;
	c->begun = true;
	c->nnow = 0;
	for (i = 0; i < commit->nfiles; i++) {
		c->now = xgrow(c->now, c->nnow, &c->now_cap, sizeof *c->now);
		c->now[c->nnow++] = meant(c, &commit->files[i]);
	}
	if (c->nnow == 0)
		return;
	/* one that was renamed onto another comes up twice */
	qsort(c->now, c->nnow, sizeof *c->now, by_number);
	for (i = 1, k = 0; i < c->nnow; i++)
		if (c->now[i] != c->now[k])
			c->now[++k] = c->now[i];
	c->nnow = k + 1;
	for (i = 0; i < c->nnow; i++) {
		c->file[c->now[i]].touches++;
		count_add(&c->file[c->now[i]].churn, commit->time_ms, weight);
	}
	if (severity >= 0)
		count_fix(c, commit->time_ms, weight, severity);
}

/* --- asking ------------------------------------------------------------ */

void
churn_risk(const struct churn *c, size_t file, int64_t at_ms, struct risk *r)
{
	const struct file *f = &c->file[file];

	r->file = count_at(&f->fixes, at_ms);
	r->churn = count_at(&f->churn, at_ms);
	r->component = count_at(&c->component[f->component].fixes,
	    at_ms);
	r->severity = r->file > 0 ? count_at(&f->severity, at_ms) / r->file :
	    0.5;
}

double
churn_bugspots(const struct churn *c, size_t file, int64_t at_ms)
{
	const struct file *f = &c->file[file];
	double span = (double)(at_ms - c->start_ms), sum = 0, t;
	size_t i;

	for (i = 0; i < f->nfixed; i++) {
		t = span > 0 ? (double)(f->fixed[i] - c->start_ms) / span : 1;
		sum += 1 / (1 + exp(-12 * t + 12));
	}
	return sum;
}

static int
by_n_eff(const void *a, const void *b)
{
	const struct churn_partner *x = a, *y = b;

	if (x->n_eff < y->n_eff || x->n_eff > y->n_eff)
		return x->n_eff < y->n_eff ? 1 : -1;
	return by_number(&x->file, &y->file);
}

size_t
churn_partners(const struct churn *c, size_t file, int64_t at_ms,
    struct churn_partner *out, size_t n)
{
	const struct file *f = &c->file[file];
	struct churn_partner *v;
	size_t i, k = 0;

	if (f->nwith == 0)
		return 0;
	v = xcalloc(f->nwith, sizeof *v);
	for (i = 0; i < f->nwith; i++)
		if (!c->file[f->with[i].file].gone)
			v[k++] = (struct churn_partner){ f->with[i].file,
			    count_at(&f->with[i].n, at_ms), f->with[i].times };
	qsort(v, k, sizeof *v, by_n_eff);
	if (k > n)
		k = n;
	if (k > 0)
		memcpy(out, v, k * sizeof *v);
	free(v);
	return k;
}
