#include "review/review.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "review/review_work.h"

#include <stdlib.h>
#include <string.h>

const char *const review_levels[] = { "note", "warning", "error", NULL };
const char *const review_rules[] = { "file-history", "module-history",
    "bug-pattern", "similar-bug", "missing-partner", NULL };
const char *const review_rule_texts[] = {
    "This file needed fixes before.",
    "What lies in this folder needed fixes before.",
    "Bugs of this kind were made before.",
    "A bug that is known is near these lines.",
    "This file is usually fixed together with one that did not change." };

struct review *
review_new(const struct review_how *how, const struct review_source *source,
    const struct churn *churn)
{
	struct review *r = xcalloc(1, sizeof *r);

	r->how = *how;
	r->source = source;
	r->churn = churn;
	return r;
}

void
review_free(struct review *r)
{
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < r->nfiles; i++) {
		free(r->file[i].path);
		free(r->file[i].was);
		map_release(&r->file[i].words);
		map_release(&r->file[i].stems);
	}
	for (i = 0; i < r->n; i++)
		review_finding_release(&r->v[i]);
	for (i = 0; i < r->npatterns; i++) {
		strv_release(&r->pattern[i].words);
		json_decref(r->pattern[i].fact);
	}
	free(r->file);
	free(r->v);
	free(r->pattern);
	map_release(&r->paths);
	map_release(&r->words);
	map_release(&r->stems);
	map_release(&r->told);
	free(r);
}

/* --- the patch --------------------------------------------------------- */

static int
on_file(void *arg, const struct patch_file *p, struct err *e)
{
	struct review *r = arg;
	struct review_file *f;
	int made;

	(void)e;
	r->file = xgrow(r->file, r->nfiles, &r->files_cap, sizeof *r->file);
	f = &r->file[r->nfiles];
	*f = (struct review_file){ .path = xstrdup(p->path),
	    .was = p->was != NULL ? xstrdup(p->was) : NULL,
	    .deleted = p->did == PATCH_DELETED };
	map_put(&r->paths, f->path, &made)->i = (int64_t)r->nfiles;
	if (f->was != NULL && p->did == PATCH_RENAMED)
		map_put(&r->paths, f->was, &made)->i = (int64_t)r->nfiles;
	r->nfiles++;
	return 0;
}

static int
on_text(void *arg, int64_t line, const char *s, size_t len, struct err *e)
{
	struct review *r = arg;

	(void)line;
	(void)e;
	review_words_add(&r->file[r->nfiles - 1].words, s, len);
	return 0;
}

static int
on_range(void *arg, const struct patch_range *p, struct err *e)
{
	struct review *r = arg;
	struct review_file *f = &r->file[r->nfiles - 1];

	(void)e;
	if (f->line == 0 && !f->deleted) {
		f->line = p->first;
		f->end_line = p->last < p->first ? p->first : p->last;
	}
	return 0;
}

void
review_sink(struct review *r, struct patch_sink *s)
{
	*s = (struct patch_sink){ on_file, on_text, on_range, r };
}

/* --- what is known ----------------------------------------------------- */

struct row_of {
	struct review *r;
	const struct review_file *f;
};

static int
on_row(void *arg, const json_t *row, double confidence, struct err *e)
{
	struct row_of *x = arg;

	return review_add_row(x->r, x->f, confidence, row, e);
}

static int
look_at(struct review *r, const struct review_file *f, struct err *e)
{
	struct row_of x = { r, f };

	if (review_file_facts(r, f, e) < 0 || review_partners(r, f, e) < 0)
		return -1;
	return r->source == NULL || r->source->rows == NULL ? 0 :
	    r->source->rows(r->source->arg, f->path, &f->words, on_row, &x, e);
}

int
review_end(struct review *r, struct err *e)
{
	const struct review_source *s = r->source;
	size_t i;

	if (s != NULL)
		review_stems(r);
	if (s != NULL && s->begin != NULL &&
	    s->begin(s->arg, &r->words, &r->stems, e) < 0)
		return -1;
	for (i = 0; i < r->nfiles; i++)
		if (!r->file[i].deleted && look_at(r, &r->file[i], e) < 0)
			return -1;
	if (s != NULL && review_patterns(r, e) < 0)
		return -1;
	for (i = 0; i < r->nfiles; i++)
		if (!r->file[i].deleted &&
		    review_missed(r, &r->file[i], e) < 0)
			return -1;
	review_settle(r);
	return 0;
}

const struct review_finding *
review_findings(const struct review *r, size_t *n)
{
	*n = r->n;
	return r->v;
}

size_t
review_files(const struct review *r)
{
	return r->nfiles;
}

static json_t *
strings(const struct strv *v)
{
	json_t *a = json_array();
	size_t i;

	for (i = 0; i < v->n; i++)
		json_array_append_new(a, json_string(v->v[i]));
	return a;
}

json_t *
review_json(const struct review_finding *f)
{
	json_t *o = json_pack("{s:s, s:s, s:s, s:s}", "type", "finding",
	    "file", f->path, "rule", review_rules[f->rule], "level",
	    review_levels[f->level]);

	if (f->line > 0) {
		json_object_set_new(o, "line", json_integer(f->line));
		json_object_set_new(o, "end_line", json_integer(f->end_line));
	}
	json_object_set_new(o, "confidence", json_real(f->confidence));
	json_object_set_new(o, "message", json_string(f->message));
	json_object_set_new(o, "facts", strings(&f->facts));
	json_object_set_new(o, "sources", strings(&f->sources));
	if (f->records.n > 0)
		json_object_set_new(o, "records", strings(&f->records));
	if (f->steps != NULL)
		json_object_set(o, "steps", f->steps);
	return o;
}

void
review_fingerprint(const struct review_finding *f, char *out)
{
	uint8_t sum[HASH_LEN];
	struct hash h;

	hash_init(&h);
	hash_add_field(&h, "memkit-finding-1");
	hash_add_field(&h, review_rules[f->rule]);
	/* a folder's stands at whichever of its files came first */
	hash_add_field(&h, f->rule != REVIEW_MODULE ? f->path : "");
	hash_add_field(&h, f->what);
	hash_end(&h, sum);
	hex_encode(out, sum, sizeof sum);
}
