/*
 * Merging: the documents are numbered anew by their keys; then the terms of
 * all sources go by side by side, one at a time, so that memory depends on
 * the number of documents (nine bytes each) and on the longest term alone.
 */
#include "index/segment_merge.h"

#include "base/alloc.h"
#include "index/segment_make.h"

#include <stdlib.h>
#include <string.h>

#define ASK 8192	/* steps from one question to the next */

int
merge_step(struct merge *m, struct err *e)
{
	if (m->more == NULL || ++m->steps % ASK != 0)
		return 0;
	return m->more(m->arg, e) != 0 ? -1 : 0;
}

static int
term_compare(const struct segment_walk *a, const struct segment_walk *b)
{
	if (a->field != b->field)
		return a->field < b->field ? -1 : 1;
	return seg_compare(a->text, a->len, b->text, b->len);
}

static int
next_term(struct merge_source *x, struct err *e)
{
	int r = seg_terms_next(&x->w, e);

	x->has_term = r == 1;
	return r < 0 ? -1 : 0;
}

/* Which sources have the least term; 1, 0 there is none any more. */
static int
least_term(struct merge *m)
{
	struct merge_source *x, *least = NULL;
	size_t i, k;
	int d;

	for (i = 0; i < m->n; i++) {
		x = &m->src[i];
		x->here = false;
		if (!x->has_term)
			continue;
		d = least == NULL ? -1 : term_compare(&x->w, &least->w);
		if (d > 0)
			continue;
		for (k = 0; k < i && d < 0; k++)
			m->src[k].here = false;
		x->here = true;
		least = x;
	}
	return least != NULL;
}

static int
merge_term(struct merge *m, struct err *e)
{
	const struct merge_source *x = m->src;
	char key[SEGMENT_TERM];

	while (!x->here)
		x++;
	key[0] = (char)x->w.field;
	memcpy(key + 1, x->w.text, x->w.len);
	m->forms = 0;
	if (seg_positional(x->w.field) && merge_forms(m, e) < 0)
		return -1;
	seg_writer_term(&m->w, key, x->w.len + 1, m->form, m->forms);
	if (merge_postings(m, e) < 0)
		return -1;
	return seg_writer_term_end(&m->w, e);
}

static int
merge_terms(struct merge *m, struct err *e)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (seg_terms(&m->src[i].w, m->src[i].s, 0, e) < 0 ||
		    next_term(&m->src[i], e) < 0)
			return -1;
	while (least_term(m)) {
		if (merge_term(m, e) < 0 || merge_step(m, e) < 0)
			return -1;
		for (i = 0; i < m->n; i++)
			if (m->src[i].here && next_term(&m->src[i], e) < 0)
				return -1;
	}
	return 0;
}

static int
merge_open(struct merge *m, struct segment *const *s,
    const uint64_t *const *dead, struct err *e)
{
	struct merge_source *x;
	size_t i;

	for (i = 0; i < m->n; i++) {
		x = &m->src[i];
		x->s = s[i];
		x->dead = dead == NULL ? NULL : dead[i];
		x->number = xcalloc((size_t)s[i]->docs + 1,
		    sizeof *x->number);
		if (s[i]->columns != s[0]->columns)
			return err_set(e, ERR_INDEX, "the index files '%s' "
			    "and '%s' have different columns; mem-index "
			    "--rebuild makes the index again", s[0]->path,
			    s[i]->path);
	}
	return 0;
}

static void
merge_release(struct merge *m)
{
	size_t i;

	for (i = 0; i < m->n; i++) {
		free(m->src[i].number);
		free(m->src[i].map);
		free(m->src[i].used);
	}
	free(m->src);
	free(m->from);
	free(m->length);
	free(m->form);
	free(m);
}

int
segment_merge_from(struct segment *const *s, const uint64_t *const *dead,
    size_t n, const char *path, int (*more)(void *, struct err *), void *arg,
    uint32_t **from, struct err *e)
{
	struct merge *m = xcalloc(1, sizeof *m);
	struct seg_docs docs = { m, merge_key, merge_value };
	int r = -1;

	m->src = xcalloc(n + 1, sizeof *m->src);
	m->n = n;
	m->more = more;
	m->arg = arg;
	if (merge_open(m, s, dead, e) == 0 && merge_docs(m, e) == 0) {
		r = seg_writer_open(&m->w, path, n > 0 && s[0]->file != NULL ?
		    blockfile_key(s[0]->file) : NULL, m->docs, n > 0 ?
		    s[0]->columns : 0, m->length, e);
		if (r == 0 && (r = merge_terms(m, e)) == 0)
			r = seg_writer_done(&m->w, &docs, e);
		seg_writer_release(&m->w);
	}
	if (r == 0 && from != NULL) {
		*from = m->from;
		m->from = NULL;
	}
	merge_release(m);
	return r;
}

int
segment_merge(struct segment *const *s, const uint64_t *const *dead, size_t n,
    const char *path, int (*more)(void *, struct err *), void *arg,
    struct err *e)
{
	return segment_merge_from(s, dead, n, path, more, arg, NULL, e);
}
