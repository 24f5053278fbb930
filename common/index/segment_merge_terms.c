/*
 * A term of a merge: its forms, then its postings.
 */
#include "index/segment_merge.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* --- postings ---------------------------------------------------------- */

/* To the next posting whose document is alive: 1, 0 none, -1. */
static int
next_posting(struct merge_source *x, struct err *e)
{
	for (;; x->i++) {
		if (x->i == x->list.n) {
			if (x->block + 1 == x->list.blocks)
				return 0;
			x->block++;
			x->i = 0;
			if (segment_list_load(&x->list, x->block, e) < 0 ||
			    segment_list_tf(&x->list, e) < 0)
				return -1;
		}
		x->doc = x->number[x->list.doc[x->i]];
		if (x->doc != MERGE_GONE)
			return 1;
	}
}

static int
first_posting(struct merge_source *x, struct err *e)
{
	segment_list(x->s, &x->w.term, &x->list);
	x->block = x->i = 0;
	if (segment_list_load(&x->list, 0, e) < 0 ||
	    segment_list_tf(&x->list, e) < 0)
		return -1;
	return next_posting(x, e);
}

static int
put_posting(struct merge *m, struct merge_source *x, struct err *e)
{
	const uint32_t *pos = NULL, *code = NULL;
	uint32_t n = 1, k, *to;

	if (seg_positional(x->w.field)) {
		if (seg_places(&x->list, x->i, &pos, &code, &n, e) < 0)
			return -1;
		if (n == 0 || n > SEGMENT_TF)
			return seg_damaged(x->s, "a frequency", e);
		to = x->list.places->code;
		for (k = 0; k < n && m->forms > 1; k++)
			to[k] = x->map[to[k]];
	}
	return seg_writer_posting(&m->w, x->doc, n, pos, code, e);
}

/* All of x that come before `end`; 1 there are more, 0, -1. */
static int
put_run(struct merge *m, struct merge_source *x, uint32_t end, struct err *e)
{
	int r;

	do {
		if (put_posting(m, x, e) < 0 || merge_step(m, e) < 0)
			return -1;
		x->i++;
		r = next_posting(x, e);
	} while (r == 1 && x->doc < end);
	return r;
}

/* Lists are disjoint: what is first in one goes on until another's first. */
static int
put_all(struct merge *m, struct err *e)
{
	struct merge_source *x, *first;
	uint32_t end;
	size_t i;
	int r;

	for (i = 0; i < m->n; i++) {
		x = &m->src[i];
		x->doc = MERGE_GONE;
		if (!x->here)
			continue;
		if ((r = first_posting(x, e)) < 0)
			return -1;
		if (r == 0)
			x->doc = MERGE_GONE;
	}
	for (;;) {
		first = NULL;
		end = MERGE_GONE;
		for (i = 0; i < m->n; i++) {
			x = &m->src[i];
			if (x->doc == MERGE_GONE)
				continue;
			if (first == NULL || x->doc < first->doc) {
				end = first == NULL ? MERGE_GONE : first->doc;
				first = x;
			} else if (x->doc < end) {
				end = x->doc;
			}
		}
		if (first == NULL)
			return 0;
		if ((r = put_run(m, first, end, e)) < 0)
			return -1;
		if (r == 0)
			first->doc = MERGE_GONE;
	}
}

static void
release_lists(struct merge *m)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (m->src[i].here)
			segment_list_release(&m->src[i].list);
}

int
merge_postings(struct merge *m, struct err *e)
{
	size_t i;
	int r;

	for (i = 0; i < m->n; i++)
		m->src[i].list.places = NULL;
	r = put_all(m, e);
	release_lists(m);
	return r;
}

/* --- forms ------------------------------------------------------------- */

static int
by_form(const void *a, const void *b)
{
	return seg_form_compare(a, b);
}

/* fn gets each form of a source's term. */
static int
each_form(struct merge *m, struct merge_source *x,
    int (*fn)(struct merge *, struct merge_source *, uint32_t,
    const struct seg_form *, struct err *), struct err *e)
{
	const struct segment_term *t = &x->w.term;
	const uint8_t *p, *end;
	struct seg_form f;
	uint32_t i;

	if (t->forms_size == 0) {
		memcpy(f.text, x->w.text, x->w.len);
		f.len = x->w.len;
		f.whole = false;
		return fn(m, x, 0, &f, e);
	}
	if ((p = seg_forms(x->s, t, e)) == NULL)
		return -1;
	end = p + t->forms_size;
	for (i = 0; i < t->codes; i++) {
		p = seg_form(p, end, x->w.text, x->w.len, &f);
		if (p == NULL)
			return seg_damaged(x->s, "a form", e);
		if (fn(m, x, i, &f, e) < 0)
			return -1;
	}
	return 0;
}

static int
count_form(struct merge *m, struct merge_source *x, uint32_t i,
    const struct seg_form *f, struct err *e)
{
	(void)x;
	(void)i;
	(void)f;
	(void)e;
	m->forms++;
	return 0;
}

static int
add_form(struct merge *m, struct merge_source *x, uint32_t i,
    const struct seg_form *f, struct err *e)
{
	(void)e;
	if (x->used[i])
		m->form[m->forms++] = *f;
	return 0;
}

static int
map_form(struct merge *m, struct merge_source *x, uint32_t i,
    const struct seg_form *f, struct err *e)
{
	const struct seg_form *at = NULL;

	if (m->forms > 0)
		at = bsearch(f, m->form, m->forms, sizeof *f, by_form);
	if (at == NULL && x->used[i])
		return seg_damaged(x->s, "a form", e);
	x->map[i] = at == NULL ? 0 : (uint32_t)(at - m->form);
	return 0;
}

/* Which forms do the documents have that are alive? */
static int
find_used(struct merge_source *x, struct err *e)
{
	const uint32_t *pos, *code;
	uint32_t k, n, left = x->w.term.codes;
	int r;

	memset(x->used, 0, left * sizeof *x->used);
	r = first_posting(x, e);
	while (r == 1 && left > 0) {
		if (seg_places(&x->list, x->i, &pos, &code, &n, e) < 0) {
			r = -1;
			break;
		}
		for (k = 0; k < n; k++) {
			left -= !x->used[code[k]];
			x->used[code[k]] = true;
		}
		x->i++;
		r = next_posting(x, e);
	}
	segment_list_release(&x->list);
	return r < 0 ? -1 : 0;
}

static int
ready_source(struct merge_source *x, struct err *e)
{
	uint32_t n = x->w.term.codes;

	if (n > x->w.term.forms_size + 1)	/* one takes 2 bytes */
		return seg_damaged(x->s, "a form", e);
	if (x->forms_cap < n) {
		x->forms_cap = 2 * (size_t)n;
		x->map = xreallocarray(x->map, x->forms_cap, sizeof *x->map);
		x->used = xreallocarray(x->used, x->forms_cap,
		    sizeof *x->used);
	}
	memset(x->used, 1, n * sizeof *x->used);
	memset(x->map, 0, n * sizeof *x->map);
	return 0;
}

/* Is the one form there is the term itself, a leaf? */
static bool
plain(const struct merge_source *x, const struct seg_form *f)
{
	return !f->whole && seg_compare(f->text, f->len, x->w.text,
	    x->w.len) == 0;
}

int
merge_forms(struct merge *m, struct err *e)
{
	struct merge_source *x, *one = NULL;
	bool all_plain = true;
	size_t i, k;

	for (i = 0; i < m->n; i++) {
		x = &m->src[i];
		if (!x->here)
			continue;
		one = x;
		all_plain = all_plain && x->w.term.forms_size == 0;
		if (ready_source(x, e) < 0 ||
		    each_form(m, x, count_form, e) < 0)
			return -1;
	}
	if (all_plain) {
		m->forms = 0;
		return 0;
	}
	if (m->forms_cap < m->forms) {
		m->forms_cap = 2 * (size_t)m->forms;
		m->form = xreallocarray(m->form, m->forms_cap,
		    sizeof *m->form);
	}
	for (i = m->forms = 0; i < m->n; i++) {
		x = &m->src[i];
		if (x->here && ((x->gone > 0 && find_used(x, e) < 0) ||
		    each_form(m, x, add_form, e) < 0))
			return -1;
	}
	if (m->forms > 1)
		qsort(m->form, m->forms, sizeof *m->form, by_form);
	for (i = k = 0; i < m->forms; i++)
		if (k == 0 || by_form(&m->form[k - 1], &m->form[i]) != 0)
			m->form[k++] = m->form[i];
	m->forms = (uint32_t)k;
	if (k == 1 && plain(one, m->form))
		m->forms = 0;
	for (i = 0; i < m->n && m->forms > 1; i++)
		if (m->src[i].here &&
		    each_form(m, &m->src[i], map_form, e) < 0)
			return -1;
	return 0;
}
