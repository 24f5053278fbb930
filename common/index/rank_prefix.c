/*
 * A prefix is a set of terms, and of each the forms that begin so: terms
 * that begin so themselves, beginnings of the prefix ("walk" for "walki*"),
 * and what stems unlike its words ("happi" for "happy*").  A word is counted
 * once for each position, although an identifier and its first part both
 * begin there.
 */
#include "index/rank_list.h"

#include "base/alloc.h"
#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

struct part {
	struct segment_term t;
	uint64_t forms;		/* a bit for each that begins so */
	bool all, whole;
};

struct expand {
	struct segment *s;
	const char *prefix;
	size_t len;
	struct part *part;	/* own */
	size_t n, cap;
	struct buf word;
};

/* One posting of one form. */
struct spot {
	uint64_t at;		/* document, position */
	uint32_t form;
};

struct spots {
	struct spot *p;		/* own */
	size_t n, cap;
};

static bool
begins(const struct expand *x, const char *p, size_t n)
{
	return n >= x->len && memcmp(p, x->prefix, x->len) == 0;
}

/* A term some forms of which may begin so. */
static int
take(void *arg, const char *text, size_t len, const struct segment_term *t,
    struct err *e)
{
	struct expand *x = arg;
	struct part p = { *t, 0, true, false };
	unsigned i;
	bool whole;

	for (i = 0; i < t->forms && i < SEGMENT_FORMS; i++) {
		if (segment_form(x->s, t, text, len, i, &x->word, &whole,
		    e) < 0)
			return -1;
		if (!begins(x, x->word.p, x->word.len)) {
			p.all = false;
			continue;
		}
		p.forms |= UINT64_C(1) << i;
		p.whole |= whole;
	}
	if (p.forms == 0)
		return 0;
	x->part = xgrow(x->part, x->n, &x->cap, sizeof *x->part);
	x->part[x->n++] = p;
	return 0;
}

static int
walk(struct expand *x, unsigned field, struct err *e)
{
	struct segment_walk w;
	int r;

	if (segment_walk(x->s, field, x->prefix, x->len, &w, e) < 0)
		return -1;
	while ((r = segment_walk_next(&w, e)) == 1)
		if (take(x, w.text, w.len, &w.term, e) < 0)
			return -1;
	return r;
}

static int
by_term(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	return (x->t.number > y->t.number) - (x->t.number < y->t.number);
}

static int
expand(struct expand *x, struct err *e)
{
	struct segment_term t;
	size_t i, n;
	int r;

	if (walk(x, SEGMENT_TEXT, e) < 0 || walk(x, SEGMENT_LAST, e) < 0)
		return -1;
	for (i = 1; i < x->len; i++) {
		r = segment_term(x->s, SEGMENT_TEXT, x->prefix, i, &t, e);
		if (r < 0 || (r == 1 && take(x, x->prefix, i, &t, e) < 0))
			return -1;
	}
	if (segment_words(x->s, x->prefix, x->len, take, x, e) < 0)
		return -1;
	if (x->n > 1)
		qsort(x->part, x->n, sizeof *x->part, by_term);
	for (i = n = 0; i < x->n; i++)
		if (n == 0 || x->part[i].t.number != x->part[n - 1].t.number)
			x->part[n++] = x->part[i];
	x->n = n;
	return 0;
}

/* How many of a document's positions have one of the forms. */
static int
count_forms(struct segment_list *l, uint32_t i, uint64_t forms, uint32_t *tf,
    struct err *e)
{
	const uint32_t *pos;
	const uint8_t *form;
	uint32_t n, k;

	if (segment_positions(l, i, &pos, &form, &n, e) < 0)
		return -1;
	for (k = 0, *tf = 0; k < n; k++)
		*tf += form[k] < SEGMENT_FORMS && (forms >> form[k] & 1);
	return 0;
}

static int
add_list(struct segment_list *l, const struct part *p, uint32_t *acc,
    struct err *e)
{
	uint32_t block, i, tf;

	for (block = 0; block < l->blocks; block++) {
		if (segment_list_load(l, block, e) < 0 ||
		    segment_list_tf(l, e) < 0)
			return -1;
		for (i = 0; i < l->n; i++) {
			tf = l->tf[i];
			if (!p->all && count_forms(l, i, p->forms, &tf, e) < 0)
				return -1;
			tf += acc[l->doc[i]];
			acc[l->doc[i]] = tf < SEGMENT_TF ? tf : SEGMENT_TF;
		}
	}
	return 0;
}

static void
spot(struct spots *s, uint64_t at, uint32_t form)
{
	s->p = xgrow(s->p, s->n, &s->cap, sizeof *s->p);
	s->p[s->n].at = at;
	s->p[s->n++].form = form;
}

static int
add_spots(struct segment_list *l, const struct part *p, uint32_t number,
    struct spots *s, struct err *e)
{
	const uint32_t *pos;
	const uint8_t *form;
	uint32_t block, i, k, n;

	for (block = 0; block < l->blocks; block++) {
		if (segment_list_load(l, block, e) < 0 ||
		    segment_list_tf(l, e) < 0)
			return -1;
		for (i = 0; i < l->n; i++) {
			if (segment_positions(l, i, &pos, &form, &n, e) < 0)
				return -1;
			for (k = 0; k < n; k++)
				if (form[k] < SEGMENT_FORMS &&
				    (p->forms >> form[k] & 1))
					spot(s, (uint64_t)l->doc[i] << 32 |
					    pos[k], number << 8 | form[k]);
		}
	}
	return 0;
}

static int
by_spot(const void *a, const void *b)
{
	const struct spot *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return (x->form > y->form) - (x->form < y->form);
}

/* A position counts as often as the word that stands there most often (in a
 * title each word counts twice). */
static void
count_spots(struct spots *s, uint32_t *acc)
{
	size_t i = 0, from;
	uint32_t most, tf, doc;
	uint64_t at;

	if (s->n > 1)
		qsort(s->p, s->n, sizeof *s->p, by_spot);
	while (i < s->n) {
		at = s->p[i].at;
		for (most = 0; i < s->n && s->p[i].at == at; ) {
			from = i++;
			while (i < s->n && s->p[i].at == at &&
			    s->p[i].form == s->p[from].form)
				i++;
			if (i - from > most)
				most = (uint32_t)(i - from);
		}
		doc = (uint32_t)(at >> 32);
		tf = acc[doc] + most;
		acc[doc] = tf < SEGMENT_TF ? tf : SEGMENT_TF;
	}
}

static int
add_parts(struct expand *x, uint32_t *acc, struct err *e)
{
	struct spots spots = { 0 };
	struct segment_list *l = xmalloc(sizeof *l);
	bool whole = false;
	size_t i;
	int r = 0;

	for (i = 0; i < x->n; i++)
		whole |= x->part[i].whole;
	for (i = 0; i < x->n && r == 0; i++) {
		segment_list(x->s, &x->part[i].t, l);
		r = whole ? add_spots(l, &x->part[i], (uint32_t)i, &spots, e) :
		    add_list(l, &x->part[i], acc, e);
		segment_list_release(l);
	}
	if (r == 0)
		count_spots(&spots, acc);
	free(spots.p);
	free(l);
	return r;
}

int
rank_prefix(struct segment *s, const char *prefix, size_t len,
    struct doc_list *out, struct err *e)
{
	struct expand x = { .s = s, .prefix = prefix, .len = len };
	uint32_t docs = segment_docs(s), i, n = 0, *acc;
	int r;

	memset(out, 0, sizeof *out);
	if (len == 0 || len >= SEGMENT_TERM)
		return 0;
	buf_init(&x.word);
	acc = xcalloc((size_t)docs + 1, sizeof *acc);
	if ((r = expand(&x, e)) == 0)
		r = add_parts(&x, acc, e);
	for (i = 0; i < docs && r == 0; i++)
		n += acc[i] > 0;
	if (n > 0) {
		out->doc = xcalloc(n, sizeof *out->doc);
		out->tf = xcalloc(n, sizeof *out->tf);
	}
	for (i = 0; i < docs && n > 0; i++) {
		if (acc[i] == 0)
			continue;
		out->doc[out->n] = i;
		out->tf[out->n++] = acc[i];
	}
	free(acc);
	free(x.part);
	buf_release(&x.word);
	return r;
}
