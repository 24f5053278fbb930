/*
 * Merging segments: documents by key, then terms side by side.
 */
#include "index/segment_make.h"
#include "index/segment_write.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define GONE UINT32_MAX
#define ASK 4096		/* documents or terms between two questions */

struct source {
	struct segment *s;
	const uint64_t *dead;
	uint32_t *number;		/* own; new numbers, GONE */
	struct seg_strings keys;
	bool more;			/* keys or terms left */
	struct segment_walk term;
};

struct merge {
	struct source *src;		/* own */
	size_t n;
	struct seg_writer w;
	struct seg_postings p;
	struct seg_form *form;		/* own; of the term now */
	uint8_t (*map)[SEGMENT_FORMS];	/* own; forms of each source */
	struct segment_list *list;	/* own */
	int (*ask)(void *, struct err *);
	void *arg;
	uint64_t steps;
};

static int
step(struct merge *m, struct err *e)
{
	if (m->ask == NULL || ++m->steps % ASK != 0)
		return 0;
	return m->ask(m->arg, e) != 0 ? -1 : 0;
}

/* --- documents --------------------------------------------------------- */

/* The next document alive. */
static int
next_key(struct source *x, struct err *e)
{
	uint64_t doc;
	int r;

	while ((r = seg_strings_next(&x->keys, e)) == 1) {
		doc = x->keys.next - 1;
		if (x->dead == NULL || !(x->dead[doc / 64] >> (doc % 64) & 1))
			break;
		x->number[doc] = GONE;
	}
	x->more = r == 1;
	return r < 0 ? -1 : 0;
}

static int
copy_doc(struct merge *m, struct source *x, struct err *e)
{
	uint32_t doc = (uint32_t)(x->keys.next - 1);
	int64_t column[SEGMENT_COLUMNS];
	uint8_t length;
	unsigned i;

	for (i = 0; i < m->w.ncolumns; i++)
		if (segment_value(x->s, i, doc, &column[i], e) < 0)
			return -1;
	if (segment_length_of(x->s, doc, &length, e) < 0)
		return -1;
	if (m->w.docs == SEGMENT_DOCS)
		return err_set(e, ERR_INPUT, "too many documents for one "
		    "segment");
	x->number[doc] = m->w.docs;
	seg_writer_doc(&m->w, x->keys.text.p, x->keys.text.len, length,
	    column);
	return next_key(x, e);
}

static int
merge_docs(struct merge *m, struct err *e)
{
	struct source *x, *first;
	size_t i;

	for (i = 0; i < m->n; i++)
		if (next_key(&m->src[i], e) < 0)
			return -1;
	for (;;) {
		for (i = 0, first = NULL; i < m->n; i++) {
			x = &m->src[i];
			if (x->more && (first == NULL ||
			    seg_compare(x->keys.text.p, x->keys.text.len,
			    first->keys.text.p, first->keys.text.len) < 0))
				first = x;
		}
		if (first == NULL)
			return 0;
		if (copy_doc(m, first, e) < 0 || step(m, e) < 0)
			return -1;
	}
}

/* --- terms ------------------------------------------------------------- */

static int
next_term(struct source *x, struct err *e)
{
	int r = seg_terms_next(&x->term, e);

	x->more = r == 1;
	return r < 0 ? -1 : 0;
}

/* Postings of one source, their forms as they are there; used: which. */
static int
add_list(struct merge *m, struct source *x, uint64_t *used, struct err *e)
{
	struct segment_list *l = m->list;
	bool has = seg_has_positions(x->term.term.field);
	const uint32_t *pos;
	const uint8_t *form;
	uint32_t b, i, k, n;

	segment_list_release(l);
	segment_list(x->s, &x->term.term, l);
	for (b = 0; b < l->blocks; b++) {
		if (segment_list_load(l, b, e) < 0 ||
		    segment_list_tf(l, e) < 0)
			return -1;
		for (i = 0; i < l->n; i++) {
			if (x->number[l->doc[i]] == GONE)
				continue;
			seg_postings_doc(&m->p, x->number[l->doc[i]],
			    l->tf[i]);
			if (!has)
				continue;
			if (segment_positions(l, i, &pos, &form, &n, e) < 0)
				return -1;
			for (k = 0; k < n; k++) {
				seg_postings_pos(&m->p, pos[k], form[k]);
				*used |= UINT64_C(1) << form[k];
			}
		}
	}
	return 0;
}

/* The forms that are used, added to those of other sources. */
static int
add_forms(struct merge *m, struct source *x, uint64_t used, unsigned *n,
    struct err *e)
{
	const struct segment_walk *t = &x->term;
	struct buf word = BUF_INIT;
	struct seg_form f;
	unsigned i, k;
	int r = 0;

	for (i = 0; i < t->term.forms && r == 0; i++) {
		if (!(used >> i & 1))
			continue;
		r = segment_form(x->s, &t->term, t->text, t->len, i, &word,
		    &f.whole, e);
		if (r < 0 || word.len > sizeof f.text)
			break;
		memcpy(f.text, word.p, word.len);
		f.len = word.len;
		for (k = 0; k < *n && seg_form_cmp(&m->form[k], &f) != 0; k++)
			;
		if (k == *n && *n < SEGMENT_FORMS)
			m->form[(*n)++] = f;
	}
	buf_release(&word);
	return r;
}

/* How a source's forms are numbered in the end. */
static int
map_forms(struct merge *m, struct source *x, uint64_t used, unsigned n,
    uint8_t map[SEGMENT_FORMS], struct err *e)
{
	const struct segment_walk *t = &x->term;
	struct buf word = BUF_INIT;
	bool whole;
	unsigned i, k;
	int r = 0;

	for (i = 0; i < t->term.forms && r == 0; i++) {
		map[i] = (uint8_t)(n > 0 ? n - 1 : 0);
		if (!(used >> i & 1))
			continue;
		r = segment_form(x->s, &t->term, t->text, t->len, i, &word,
		    &whole, e);
		for (k = 0; k < n; k++)
			if (m->form[k].whole == whole && seg_compare(word.p,
			    word.len, m->form[k].text, m->form[k].len) == 0)
				map[i] = (uint8_t)k;
	}
	buf_release(&word);
	return r;
}

/* A term of the sources [i] where at[i] is set. */
static int
merge_term(struct merge *m, const uint8_t *key, size_t len, const bool *at,
    struct err *e)
{
	uint64_t *used = xcalloc(m->n, sizeof *used);
	size_t *end = xcalloc(m->n, sizeof *end), i, k;
	unsigned forms = 0;
	int r = 0;

	seg_postings_reset(&m->p);
	for (i = 0; i < m->n && r == 0; i++) {
		if (at[i] && (r = add_list(m, &m->src[i], &used[i], e)) == 0 &&
		    seg_has_positions(key[0]))
			r = add_forms(m, &m->src[i], used[i], &forms, e);
		end[i] = m->p.npos;
	}
	if (forms > 1)
		qsort(m->form, forms, sizeof *m->form, seg_form_cmp);
	for (i = k = 0; i < m->n && r == 0; i++) {
		if (!at[i] || !seg_has_positions(key[0]))
			continue;
		r = map_forms(m, &m->src[i], used[i], forms, m->map[i], e);
		for (; r == 0 && k < end[i]; k++)
			m->p.form[k] = m->map[i][m->p.form[k]];
	}
	if (forms == 1 && !m->form[0].whole &&
	    seg_compare(m->form[0].text, m->form[0].len, key + 1,
	    len - 1) == 0)
		forms = 0;
	free(used);
	free(end);
	if (r < 0 || m->p.n == 0)
		return r;
	seg_postings_sort(&m->p);
	return seg_writer_term(&m->w, key, len, m->form, forms, &m->p, e);
}

static int
merge_terms(struct merge *m, struct err *e)
{
	bool *at = xcalloc(m->n, sizeof *at);
	struct segment_walk *x, *first;
	uint8_t key[SEGMENT_TERM];
	size_t i, len;
	int r = 0;

	for (i = 0; i < m->n && r == 0; i++)
		if ((r = seg_terms_start(&m->src[i].term, m->src[i].s, 0,
		    e)) == 0)
			r = next_term(&m->src[i], e);
	while (r == 0) {
		for (i = 0, first = NULL; i < m->n; i++) {
			x = &m->src[i].term;
			if (m->src[i].more && (first == NULL ||
			    seg_compare(x->key, x->key_len, first->key,
			    first->key_len) < 0))
				first = x;
		}
		if (first == NULL)
			break;
		len = first->key_len;
		memcpy(key, first->key, len);
		for (i = 0; i < m->n; i++)
			at[i] = m->src[i].more && seg_compare(key, len,
			    m->src[i].term.key, m->src[i].term.key_len) == 0;
		r = merge_term(m, key, len, at, e);
		for (i = 0; i < m->n && r == 0; i++)
			if (at[i])
				r = next_term(&m->src[i], e);
		if (r == 0)
			r = step(m, e);
	}
	free(at);
	return r;
}

/* --- all of it --------------------------------------------------------- */

int
segment_merge(struct segment *const *s, const uint64_t *const *dead,
    size_t n, const char *path, int (*more)(void *, struct err *), void *arg,
    struct err *e)
{
	struct merge m = { .n = n, .ask = more, .arg = arg };
	size_t i;
	int r;

	m.src = xcalloc(n + 1, sizeof *m.src);
	m.map = xcalloc(n + 1, sizeof *m.map);
	m.form = xcalloc(SEGMENT_FORMS, sizeof *m.form);
	m.list = xcalloc(1, sizeof *m.list);
	for (i = 0; i < n; i++) {
		m.src[i].s = s[i];
		m.src[i].dead = dead[i];
		m.src[i].number = xcalloc(s[i]->docs + 1,
		    sizeof *m.src[i].number);
		seg_strings_init(&m.src[i].keys, s[i], SEC_KEYS);
	}
	r = seg_writer_open(&m.w, path, n > 0 ? s[0]->columns : 0, e);
	if (r == 0 && (r = merge_docs(&m, e)) == 0)
		r = merge_terms(&m, e);
	r = seg_writer_close(&m.w, r, e);
	for (i = 0; i < n; i++) {
		seg_strings_release(&m.src[i].keys);
		free(m.src[i].number);
	}
	segment_list_release(m.list);
	seg_postings_release(&m.p);
	free(m.list);
	free(m.form);
	free(m.map);
	free(m.src);
	return r;
}
