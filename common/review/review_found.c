/*
 * Findings in the making: ids, one for each thing that is said, and their
 * order.
 */
#include "review/review_work.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX 1000	/* bytes */

void
review_finding_release(struct review_finding *f)
{
	free(f->path);
	free(f->message);
	free(f->what);
	json_decref(f->steps);
	strv_release(&f->facts);
	strv_release(&f->sources);
	strv_release(&f->records);
}

/* --- ids --------------------------------------------------------------- */

void
strv_put(struct strv *v, const char *s)
{
	if (!strv_has(v, s))
		strv_add(v, s);
}

void
review_ids_release(struct review_ids *ids)
{
	strv_release(&ids->facts);
	strv_release(&ids->sources);
	strv_release(&ids->records);
}

void
review_ids_take(struct review_ids *ids, const json_t *fact)
{
	json_t *m = json_object_get(fact, "metadata"), *v;
	const char *id = get_str(fact, "fact_id", NULL), *key;
	size_t i;

	if (id != NULL)
		strv_put(&ids->facts, id);
	json_object_foreach(m, key, v)
		if (str_starts(key, "source_") && str_ends(key, "_ids"))
			for (i = 0; i < json_array_size(v); i++)
				if (json_is_string(json_array_get(v, i)))
					strv_put(&ids->sources,
					    json_string_value(
					    json_array_get(v, i)));
}

/* --- one --------------------------------------------------------------- */

static char *
cut(const char *s)
{
	return xstrndup(s, utf8_cut(s, strlen(s), MESSAGE_MAX));
}

/* The finding of this rule about this, made if there is none. */
static struct review_finding *
find_or_make(struct review *r, enum review_rule rule,
    const struct review_file *file, const char *what, int *made)
{
	struct buf key = BUF_INIT;
	union map_value *v;

	buf_addf(&key, "%d\n%s", (int)rule, what);
	/* what is said of a folder is said once */
	if (rule != REVIEW_MODULE)
		buf_addf(&key, "\n%s", file->path);
	v = map_put(&r->told, key.p, made);
	buf_release(&key);
	if (!*made)
		return &r->v[v->i];
	v->i = (int64_t)r->n;
	r->v = xgrow(r->v, r->n, &r->cap, sizeof *r->v);
	r->v[r->n] = (struct review_finding){ .rule = rule,
	    .path = xstrdup(file->path), .what = xstrdup(what) };
	return &r->v[r->n++];
}

static void
put_all(struct strv *to, const struct strv *from)
{
	size_t i;

	for (i = 0; i < from->n; i++)
		strv_put(to, from->v[i]);
}

/* It is told of this file. */
static void
place(struct review_finding *f, const struct review_file *file)
{
	if (strcmp(f->path, file->path) != 0) {
		free(f->path);
		f->path = xstrdup(file->path);
	}
	f->line = file->line;
	f->end_line = file->end_line;
}

/* As people read it: 0.6 is not below 0.6 by its last bit. */
static double
readable(double confidence)
{
	return floor(confidence * 1000 + 0.5) / 1000;
}

int
review_add(struct review *r, enum review_rule rule,
    const struct review_file *file, double confidence, const char *what,
    const char *message, const struct review_ids *ids, struct err *e)
{
	struct review_finding *f;
	json_t *steps = NULL;
	int made;

	confidence = readable(confidence);
	f = find_or_make(r, rule, file, what, &made);
	if (made || confidence > f->found) {
		f->found = confidence;
		free(f->message);
		f->message = cut(message);
	}
	if (ids != NULL) {
		put_all(&f->facts, &ids->facts);
		put_all(&f->sources, &ids->sources);
		put_all(&f->records, &ids->records);
	}
	confidence = f->found;
	if (review_weigh(r, f, file, &confidence, &steps, e) < 0)
		return -1;
	confidence = readable(confidence);
	/* a folder's is told of the file where it is surest */
	if (made || strcmp(f->path, file->path) == 0 ||
	    confidence > f->confidence) {
		place(f, file);
		f->confidence = confidence;
		json_decref(f->steps);
		f->steps = steps;
	} else
		json_decref(steps);
	return 0;
}

int
review_add_fact(struct review *r, enum review_rule rule,
    const struct review_file *f, double confidence, const char *what,
    const char *message, const json_t *fact, struct err *e)
{
	struct review_ids ids = { STRV_INIT, STRV_INIT, STRV_INIT };
	int n;

	review_ids_take(&ids, fact);
	n = review_add(r, rule, f, confidence, what, message, &ids, e);
	review_ids_release(&ids);
	return n;
}

int
review_add_row(struct review *r, const struct review_file *f,
    double confidence, const json_t *row, struct err *e)
{
	const char *id = get_str(row, "record_id", NULL);
	const char *title = get_str(row, "title", NULL);
	const char *kb = get_str(row, "kb", NULL);
	struct review_ids ids = { STRV_INIT, STRV_INIT, STRV_INIT };
	struct buf b = BUF_INIT;
	int n;

	if (id == NULL)
		return 0;
	strv_put(&ids.sources, id);
	if (kb != NULL) {
		buf_addf(&b, "%s/%s", kb, id);
		strv_put(&ids.records, b.p);
		buf_reset(&b);
	}
	buf_addf(&b, "%s: %s", id, title != NULL ? title : "a known bug");
	n = review_add(r, REVIEW_BUG, f, confidence, id, b.p, &ids, e);
	review_ids_release(&ids);
	buf_release(&b);
	return n;
}

/* --- all --------------------------------------------------------------- */

static enum review_level
level_of(const struct review *r, double confidence)
{
	return confidence >= r->how.error ? REVIEW_ERROR :
	    confidence >= r->how.warning ? REVIEW_WARNING : REVIEW_NOTE;
}

static int
worst_first(const void *a, const void *b)
{
	const struct review_finding *x = a, *y = b;
	int c;

	if (x->confidence < y->confidence || x->confidence > y->confidence)
		return x->confidence < y->confidence ? 1 : -1;
	if ((c = strcmp(x->path, y->path)) != 0)
		return c;
	return x->rule != y->rule ? (int)x->rule - (int)y->rule :
	    strcmp(x->what, y->what);
}

void
review_settle(struct review *r)
{
	size_t i, n = 0;

	for (i = 0; i < r->n; i++)
		if (r->v[i].confidence < r->how.least)
			review_finding_release(&r->v[i]);
		else {
			r->v[n] = r->v[i];
			r->v[n].level = level_of(r, r->v[n].confidence);
			n++;
		}
	r->n = n;
	if (n > 0)
		qsort(r->v, n, sizeof *r->v, worst_first);
}
