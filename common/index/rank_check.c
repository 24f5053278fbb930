#include "index/rank_check.h"

#include "base/alloc.h"
#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

#define RANK_FEW 16

struct rank_checks *
rank_checks(struct rank *r, size_t part)
{
	struct rank_checks *c = xcalloc(1, sizeof *c);

	c->r = r;
	c->part = part;
	c->s = r->part[part].s;
	c->term = xcalloc(r->m->terms + 1, sizeof *c->term);
	c->phrase = xcalloc(r->m->phrases + 1, sizeof *c->phrase);
	c->filter = xcalloc(r->filters + 1, sizeof *c->filter);
	return c;
}

static void
list_free(struct rank_list *l)
{
	if (l != NULL)
		rank_list_release(l);
	free(l);
}

void
rank_checks_free(struct rank_checks *c)
{
	struct check_phrase *p;
	size_t i, k;

	if (c == NULL)
		return;
	for (i = 0; i < c->r->m->terms; i++)
		list_free(c->term[i]);
	for (i = 0; i < c->r->m->phrases; i++) {
		p = &c->phrase[i];
		for (k = 0; k < p->n; k++)
			if (p->word[k].open)
				rank_list_release(&p->word[k].list);
		free(p->word);
	}
	for (i = 0; i < c->r->filters; i++) {
		list_free(c->filter[i].list);
		free(c->filter[i].bits);
	}
	free(c->term);
	free(c->phrase);
	free(c->filter);
	free(c);
}

bool
rank_dead(const struct rank_part *p, uint32_t doc)
{
	return p->dead != NULL && (p->dead[doc / 64] >> (doc % 64) & 1);
}

bool
rank_few(const struct rank *r, size_t part)
{
	return r->alive[part] < segment_docs(r->part[part].s) / RANK_FEW;
}

int
rank_term_list(struct rank *r, size_t part, size_t term, struct rank_list *l)
{
	const struct rank_terms *t = &r->terms[part];

	if (r->m->term[term].kind == MATCH_PREFIX) {
		if (t->prefix[term].n == 0)
			return 0;
		rank_list_memory(l, &t->prefix[term]);
		return 1;
	}
	if (t->t[term].docs == 0)
		return 0;
	rank_list_disk(l, r->part[part].s, &t->t[term]);
	return 1;
}

int
rank_has_term(struct rank_checks *c, size_t term, uint32_t doc, uint32_t *tf,
    struct err *e)
{
	struct rank_list *l = c->term[term];
	int r;

	if (l == NULL) {
		l = xmalloc(sizeof *l);
		if (!rank_term_list(c->r, c->part, term, l)) {
			free(l);
			return 0;
		}
		c->term[term] = l;
	}
	if ((r = rank_list_has(l, doc, e)) != 1 || tf == NULL)
		return r;
	if (rank_list_tf(l, e) < 0)
		return -1;
	*tf = l->tf[l->at];
	return 1;
}

/* --- phrases ----------------------------------------------------------- */

/* The form of a term that is this very word; -1: it has none, -2 damaged. */
static int
form_of(struct rank_checks *c, const struct segment_term *t, const char *stem,
    size_t stem_len, const struct match_word *w, struct err *e)
{
	struct buf word = BUF_INIT;
	bool whole, found = false;
	unsigned i;
	int r = 0;

	for (i = 0; i < t->forms && r == 0; i++) {
		r = segment_form(c->s, t, stem, stem_len, i, &word, &whole, e);
		found = r == 0 && !whole && word.len == w->len &&
		    memcmp(word.p, w->text, w->len) == 0;
		if (found)
			break;
	}
	buf_release(&word);
	return r < 0 ? -2 : found ? (int)i : -1;
}

static int
phrase_word(struct rank_checks *c, struct check_word *x,
    const struct match_word *w, struct err *e)
{
	struct segment_term t;
	const char *stem;
	size_t n;
	int r, form;

	word_stem(c->r->words, w->text, w->len, &stem, &n);
	r = segment_term(c->s, SEGMENT_TEXT, stem, n, &t, e);
	if (r != 1)
		return r;
	if ((form = form_of(c, &t, stem, n, w, e)) < 0)
		return form == -1 ? 0 : -1;
	x->form = (unsigned)form;
	rank_list_disk(&x->list, c->s, &t);
	x->open = true;
	return 1;
}

static int
by_docs(const void *a, const void *b)
{
	const struct check_word *x = a, *y = b;

	return (x->list.docs > y->list.docs) - (x->list.docs < y->list.docs);
}

/* The rarest word comes first. */
int
rank_phrase_ready(struct rank_checks *c, size_t i, struct err *e)
{
	const struct match_phrase *p = &c->r->m->phrase[i];
	struct check_phrase *x = &c->phrase[i];
	unsigned k;
	int r = 1;

	x->ready = true;
	x->word = xcalloc((size_t)p->n + 1, sizeof *x->word);
	for (k = 0; k < p->n && r == 1; k++) {
		x->word[k].offset = p->at[k].offset;
		r = phrase_word(c, &x->word[k],
		    &c->r->m->word[p->at[k].word], e);
		x->n += r == 1;
	}
	x->never = r == 0 || p->n == 0;
	if (r == 1 && x->n > 1)
		qsort(x->word, x->n, sizeof *x->word, by_docs);
	return r < 0 ? -1 : 0;
}

/* Does the word stand at this position of the document its list is at? */
static int
word_at(struct check_word *w, uint32_t want, struct err *e)
{
	const uint32_t *pos;
	const uint8_t *form;
	uint32_t n, lo = 0, hi, mid;

	if (segment_positions(&w->list.disk, w->list.at, &pos, &form, &n,
	    e) < 0)
		return -1;
	for (hi = n; lo < hi; ) {
		mid = lo + (hi - lo) / 2;
		if (pos[mid] < want)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < n && pos[lo] == want; lo++)
		if (form[lo] == w->form)
			return 1;
	return 0;
}

/* All words at `base` and their offsets. */
static int
phrase_at(struct check_phrase *x, int64_t base, struct err *e)
{
	int64_t want;
	unsigned k;
	int r = 1;

	for (k = 1; k < x->n && r == 1; k++) {
		want = base + x->word[k].offset;
		if (want < 0 || want > UINT32_MAX)
			return 0;
		r = word_at(&x->word[k], (uint32_t)want, e);
	}
	return r;
}

static int
has_phrase(struct rank_checks *c, size_t i, uint32_t doc, struct err *e)
{
	struct check_phrase *x = &c->phrase[i];
	const uint32_t *pos;
	const uint8_t *form;
	uint32_t n, k, *own;
	unsigned w;
	int r = 0;

	if (!x->ready && rank_phrase_ready(c, i, e) < 0)
		return -1;
	if (x->never)
		return 0;
	for (w = 0; w < x->n; w++)
		if ((r = rank_list_has(&x->word[w].list, doc, e)) != 1)
			return r;
	if (segment_positions(&x->word[0].list.disk, x->word[0].list.at, &pos,
	    &form, &n, e) < 0)
		return -1;
	own = xcalloc((size_t)n + 1, sizeof *own);
	for (k = w = 0; k < n; k++)
		if (form[k] == x->word[0].form)
			own[w++] = pos[k];
	for (k = 0, r = 0; k < w && r == 0; k++)
		r = phrase_at(x, (int64_t)own[k] - x->word[0].offset, e);
	free(own);
	return r;
}

/* --- filters ----------------------------------------------------------- */

static void
bits_of(const struct segment_list *l, uint64_t *bits)
{
	uint32_t i;

	for (i = 0; i < l->n; i++)
		bits[l->doc[i] / 64] |= UINT64_C(1) << (l->doc[i] % 64);
}

int
rank_term_bits(struct rank_checks *c, const struct segment_term *t,
    uint64_t *bits, struct err *e)
{
	struct segment_list *l = c->r->scratch;
	uint32_t b;
	int r = 0;

	segment_list(c->s, t, l);
	for (b = 0; b < l->blocks && r == 0; b++)
		if ((r = segment_list_load(l, b, e)) == 0)
			bits_of(l, bits);
	segment_list_release(l);
	return r;
}

static int
value_bits(struct rank_checks *c, const struct rank_value *v, uint64_t *bits,
    struct err *e)
{
	struct segment_walk w;
	struct segment_term t;
	int r;

	if (!v->prefix) {
		r = segment_term(c->s, v->field, v->text, v->len, &t, e);
		return r == 1 ? rank_term_bits(c, &t, bits, e) : r;
	}
	if (segment_walk(c->s, v->field, v->text, v->len, &w, e) < 0)
		return -1;
	while ((r = segment_walk_next(&w, e)) == 1)
		if (rank_term_bits(c, &w.term, bits, e) < 0)
			return -1;
	return r;
}

int
rank_filter_ready(struct rank_checks *c, size_t i, struct err *e)
{
	const struct rank_filter *f = &c->r->filter[i];
	struct check_filter *x = &c->filter[i];
	struct segment_term t;
	size_t v;
	int r;

	x->ready = true;
	if (f->values == 1 && !f->value[0].prefix) {
		r = segment_term(c->s, f->value[0].field, f->value[0].text,
		    f->value[0].len, &t, e);
		if (r != 1)
			return r;
		x->list = xmalloc(sizeof *x->list);
		rank_list_disk(x->list, c->s, &t);
		x->lists = 1;
		return 0;
	}
	x->bits = xcalloc(segment_docs(c->s) / 64 + 1, sizeof *x->bits);
	x->lists = f->values;
	for (v = 0; v < f->values; v++)
		if (value_bits(c, &f->value[v], x->bits, e) < 0)
			return -1;
	return 0;
}

static int
has_filter(struct rank_checks *c, size_t i, uint32_t doc, struct err *e)
{
	const struct rank_filter *f = &c->r->filter[i];
	struct check_filter *x = &c->filter[i];
	int64_t v;

	switch (f->kind) {
	case RANK_ASK:
		return c->r->ask(c->r->arg, c->part, doc, (int)i, e);
	case RANK_RANGE:
		if (segment_value(c->s, f->column, doc, &v, e) < 0)
			return -1;
		return v >= f->min && v < f->end;
	case RANK_VALUES:
		break;
	}
	if (!x->ready && rank_filter_ready(c, i, e) < 0)
		return -1;
	if (x->lists == 0)
		return 0;
	if (x->bits != NULL)
		return (int)(x->bits[doc / 64] >> (doc % 64) & 1);
	return rank_list_has(x->list, doc, e);
}

/* --- groups ------------------------------------------------------------ */

static int
has_atom(struct rank_checks *c, const struct match_atom *a, uint32_t doc,
    struct err *e)
{
	int r;

	if (a->what == MATCH_TERM)
		r = rank_has_term(c, (size_t)a->i, doc, NULL, e);
	else if (a->what == MATCH_PHRASE)
		r = has_phrase(c, (size_t)a->i, doc, e);
	else
		r = has_filter(c, (size_t)a->i, doc, e);
	return r < 0 ? -1 : (r == 1) != a->not;
}

int
rank_holds(struct rank_checks *c, uint32_t doc, struct err *e)
{
	return rank_holds_but(c, -1, doc, e);
}

int
rank_holds_but(struct rank_checks *c, int group, uint32_t doc, struct err *e)
{
	const struct match_atom *a = c->r->atom;
	bool one = true;
	size_t i;
	int r;

	for (i = 0; i < c->r->atoms; i++) {
		if (i == 0 || a[i].group != a[i - 1].group) {
			if (!one)
				return 0;
			one = false;
		}
		one = one || a[i].group == group;
		if (one)
			continue;
		if ((r = has_atom(c, &a[i], doc, e)) < 0)
			return -1;
		one = r == 1;
	}
	return one;
}
