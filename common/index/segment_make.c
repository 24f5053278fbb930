/*
 * Documents on their way into a segment: inverted in memory as they come
 * (segment_invert), put in order when it is written.
 */
#include "index/segment_make.h"

#include "base/alloc.h"
#include "index/score.h"
#include "index/segment_invert.h"
#include "index/segment_write.h"

#include <stdlib.h>
#include <string.h>

struct doc {
	const char *key;
	uint32_t len;
	uint8_t length;
};

struct segment_maker {
	struct invert v;
	unsigned columns;
	struct doc *doc;		/* own */
	size_t docs, docs_cap;
	int64_t *column;		/* own; of each document */
	size_t column_cap;
	struct invert_table by_key;
	/* the document now */
	bool open;
	uint32_t pos;
	uint64_t length;
};

struct segment_maker *
segment_maker_new(unsigned columns)
{
	struct segment_maker *m = xcalloc(1, sizeof *m);

	m->columns = columns;
	invert_init(&m->v);
	return m;
}

void
segment_maker_free(struct segment_maker *m)
{
	if (m == NULL)
		return;
	invert_release(&m->v);
	free(m->doc);
	free(m->column);
	free(m->by_key.slot);
	free(m);
}

uint32_t
segment_maker_docs(const struct segment_maker *m)
{
	return (uint32_t)m->docs;
}

size_t
segment_maker_memory(const struct segment_maker *m)
{
	return invert_memory(&m->v) + m->docs_cap * sizeof *m->doc +
	    m->column_cap * sizeof *m->column +
	    m->docs * 2 * sizeof *m->by_key.slot;
}

/* --- documents --------------------------------------------------------- */

int
segment_doc(struct segment_maker *m, const void *key, size_t len,
    const int64_t *column, struct err *e)
{
	uint32_t hash = invert_hash(&m->v, key, len);
	struct invert_slot *s;
	struct doc *d;
	size_t at, i;

	m->open = false;
	if (len > SEGMENT_KEY)
		return err_set(e, ERR_INPUT, "a key of %zu bytes is longer "
		    "than %d", len, SEGMENT_KEY);
	if (m->docs == SEGMENT_DOCS)
		return err_set(e, ERR_INPUT, "too many documents for one "
		    "index file");
	invert_table_grow(&m->by_key);
	for (at = hash; (s = invert_slot(&m->by_key, &at, hash))->id != 0;
	    at++) {
		d = &m->doc[s->id - 1];
		if (d->len == len && memcmp(d->key, key, len) == 0)
			return err_set(e, ERR_EXISTS,
			    "the document is in the index already");
	}
	m->doc = xgrow(m->doc, m->docs, &m->docs_cap, sizeof *m->doc);
	d = &m->doc[m->docs];
	d->key = invert_keep(&m->v, key, len);
	d->len = (uint32_t)len;
	d->length = 0;
	for (i = 0; i < m->columns; i++) {
		m->column = xgrow(m->column, m->docs * m->columns + i,
		    &m->column_cap, sizeof *m->column);
		m->column[m->docs * m->columns + i] = column[i];
	}
	s->hash = hash;
	s->id = (uint32_t)++m->docs;
	m->by_key.n++;
	m->open = true;
	m->pos = 0;
	m->length = 0;
	return 0;
}

void
segment_doc_text(struct segment_maker *m, struct tokens *ts, const char *p,
    size_t len, unsigned times)
{
	uint32_t doc = (uint32_t)m->docs - 1, pos, leaves = 0;
	struct token t;

	if (!m->open)
		return;
	tokens_start(ts, p, len, m->pos);
	while (token_next(ts, &t)) {
		pos = t.pos < SEG_POSITION ? t.pos : SEG_POSITION;
		if (t.kind == TOKEN_LAST) {
			invert_term(&m->v, SEGMENT_LAST, t.stem, t.stem_len,
			    doc, pos, times);
			continue;
		}
		leaves += t.kind != TOKEN_WHOLE;
		invert_word(&m->v, t.stem, t.stem_len, t.text, t.len,
		    t.kind == TOKEN_WHOLE, doc, pos, times);
	}
	m->length += (uint64_t)leaves * times;
	m->pos = ts->pos < SEG_POSITION ? ts->pos + 1 : SEG_POSITION;
}

void
segment_doc_value(struct segment_maker *m, unsigned field, const char *text,
    size_t len)
{
	if (m->open)
		invert_value(&m->v, field, text, len, (uint32_t)m->docs - 1);
}

void
segment_doc_end(struct segment_maker *m)
{
	if (m->open)
		m->doc[m->docs - 1].length = score_pack(m->length <
		    UINT32_MAX ? (uint32_t)m->length : UINT32_MAX);
	m->open = false;
}

/* --- the order of documents -------------------------------------------- */

struct order {
	const struct segment_maker *m;
	uint32_t *doc;			/* own; of each new number */
	uint32_t *number;		/* own; of each document */
	uint8_t *length;		/* own; by new number */
	bool same;			/* they came in order */
};

struct keyed {
	const struct doc *d;
	uint32_t number;
};

static int
by_key(const void *a, const void *b)
{
	const struct doc *x = ((const struct keyed *)a)->d,
	    *y = ((const struct keyed *)b)->d;

	return seg_compare(x->key, x->len, y->key, y->len);
}

static void
order_docs(struct order *o, const struct segment_maker *m)
{
	struct keyed *k = xcalloc(m->docs + 1, sizeof *k);
	size_t i;

	o->m = m;
	o->doc = xcalloc(m->docs + 1, sizeof *o->doc);
	o->number = xcalloc(m->docs + 1, sizeof *o->number);
	o->length = xcalloc(m->docs + 1, sizeof *o->length);
	o->same = true;
	for (i = 0; i < m->docs; i++) {
		k[i].d = &m->doc[i];
		k[i].number = (uint32_t)i;
		if (i > 0 && by_key(&k[i - 1], &k[i]) > 0)
			o->same = false;
	}
	if (!o->same)
		qsort(k, m->docs, sizeof *k, by_key);
	for (i = 0; i < m->docs; i++) {
		o->doc[i] = k[i].number;
		o->number[k[i].number] = (uint32_t)i;
		o->length[i] = k[i].d->length;
	}
	free(k);
}

static void
order_release(struct order *o)
{
	free(o->doc);
	free(o->number);
	free(o->length);
}

static int
give_key(void *arg, uint32_t doc, const char **key, size_t *len,
    struct err *e)
{
	const struct order *o = arg;
	const struct doc *d = &o->m->doc[o->doc[doc]];

	(void)e;
	*key = d->key;
	*len = d->len;
	return 0;
}

static int
give_value(void *arg, unsigned column, uint32_t doc, int64_t *v,
    struct err *e)
{
	const struct order *o = arg;

	(void)e;
	*v = o->m->column[(size_t)o->doc[doc] * o->m->columns + column];
	return 0;
}

/* --- terms ------------------------------------------------------------- */

struct place {
	uint32_t doc, tf;
	size_t at;
};

/* The postings of a term, as its chain has them. */
struct postings {
	struct buf chain;
	struct place *place;		/* own */
	size_t n, cap;
	uint32_t *pos, *code;		/* own */
	size_t places, places_cap;
	struct seg_form *form;		/* own */
	uint32_t *map;			/* own; from their numbers */
	size_t forms_cap;
	uint32_t *slot;			/* own; of each document */
};

static int
by_form(const void *a, const void *b)
{
	return seg_form_compare(a, b);
}

static void
read_form(struct seg_form *f, const struct invert_form *from)
{
	f->len = from->len;
	f->whole = from->whole;
	memcpy(f->text, from->text, from->len);
}

/* The forms in order, and where each went; 0: the term itself as a leaf. */
static uint32_t
order_forms(const struct invert *v, const struct invert_term *t,
    struct postings *p)
{
	const struct invert_form *f;
	struct seg_form one, *at;
	uint32_t i, k;

	if (t->forms == 0 || (t->forms == 1 && !v->form[t->first].whole &&
	    v->form[t->first].text == t->key + 1))
		return 0;
	if (p->forms_cap < t->forms) {
		p->forms_cap = 2 * (size_t)t->forms;
		p->form = xreallocarray(p->form, p->forms_cap,
		    sizeof *p->form);
		p->map = xreallocarray(p->map, p->forms_cap, sizeof *p->map);
	}
	for (i = t->first, k = 0; i != INVERT_NONE; i = v->form[i].next)
		read_form(&p->form[k++], &v->form[i]);
	if (t->forms > 1)
		qsort(p->form, t->forms, sizeof *p->form, by_form);
	for (i = t->first; i != INVERT_NONE; i = f->next) {
		f = &v->form[i];
		read_form(&one, f);
		at = bsearch(&one, p->form, t->forms, sizeof *p->form,
		    by_form);
		p->map[f->number] = (uint32_t)(at - p->form);
	}
	return t->forms;
}

static void
read_chain(const struct invert *v, const struct invert_term *t,
    struct postings *p, const uint32_t *number, bool forms)
{
	const uint8_t *q, *end;
	uint64_t x = 0, y = 0;
	uint32_t doc = 0, pos = 0, code = 0;
	struct place *at = NULL;

	invert_chain(v, t, &p->chain);
	q = (const uint8_t *)p->chain.p;
	end = q + p->chain.len;
	if (forms)
		code = p->map[0];
	for (p->n = p->places = 0; q < end; ) {
		q = seg_vint(q, end, &x);
		if ((x & 2) && (q = seg_vint(q, end, &y)) != NULL && forms)
			code = p->map[y];
		pos += (uint32_t)(x >> 2);
		if (x & 1) {
			q = seg_vint(q, end, &y);
			pos = (uint32_t)y;
			doc += (uint32_t)(x >> 2);
			p->place = xgrow(p->place, p->n, &p->cap,
			    sizeof *p->place);
			at = &p->place[p->n++];
			at->doc = number[doc - 1];
			at->tf = 0;
			at->at = p->places;
		}
		if (p->places == p->places_cap) {
			p->places_cap = 2 * p->places_cap + 1024;
			p->pos = xreallocarray(p->pos, p->places_cap,
			    sizeof *p->pos);
			p->code = xreallocarray(p->code, p->places_cap,
			    sizeof *p->code);
		}
		at->tf++;
		p->pos[p->places] = pos;
		p->code[p->places++] = code;
	}
}

/* Of a field without positions. */
static void
read_values(const struct invert *v, const struct invert_term *t,
    struct postings *p, const uint32_t *number)
{
	const uint8_t *q, *end;
	uint32_t doc = 0;
	uint64_t x = 0;

	invert_chain(v, t, &p->chain);
	q = (const uint8_t *)p->chain.p;
	end = q + p->chain.len;
	for (p->n = 0; q < end; p->n++) {
		q = seg_vint(q, end, &x);
		doc += (uint32_t)x;
		p->place = xgrow(p->place, p->n, &p->cap, sizeof *p->place);
		p->place[p->n].doc = number[doc - 1];
		p->place[p->n].tf = 1;
		p->place[p->n].at = 0;
	}
}

static int
by_doc(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return (x->doc > y->doc) - (x->doc < y->doc);
}

/* Documents that came in another order than their keys'. */
static void
sort_places(struct postings *p, size_t docs)
{
	struct place *to;
	size_t i, n = 0;

	if (p->n < docs / 16) {
		qsort(p->place, p->n, sizeof *p->place, by_doc);
		return;
	}
	if (p->slot == NULL)
		p->slot = xcalloc(docs, sizeof *p->slot);
	to = xcalloc(p->n, sizeof *to);
	for (i = 0; i < p->n; i++)
		p->slot[p->place[i].doc] = (uint32_t)i + 1;
	for (i = 0; i < docs; i++)
		if (p->slot[i] != 0) {
			to[n++] = p->place[p->slot[i] - 1];
			p->slot[i] = 0;
		}
	free(p->place);
	p->place = to;
	p->cap = p->n;
}

static int
write_term(struct seg_writer *w, const struct invert *v,
    const struct invert_term *t, struct postings *p, const struct order *o,
    struct err *e)
{
	uint32_t forms = order_forms(v, t, p);
	size_t i;

	seg_writer_term(w, t->key, t->len, p->form, forms);
	if (seg_positional((unsigned char)t->key[0]))
		read_chain(v, t, p, o->number, forms > 0);
	else
		read_values(v, t, p, o->number);
	if (!o->same && p->n > 1)
		sort_places(p, o->m->docs);
	for (i = 0; i < p->n; i++)
		if (seg_writer_posting(w, p->place[i].doc, p->place[i].tf,
		    p->pos + p->place[i].at, p->code + p->place[i].at, e) < 0)
			return -1;
	return seg_writer_term_end(w, e);
}

/* The first bytes decide nearly always. */
struct sorted {
	uint64_t begin;
	const struct invert_term *t;
};

static int
by_term(const void *a, const void *b)
{
	const struct sorted *x = a, *y = b;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return seg_compare(x->t->key, x->t->len, y->t->key, y->t->len);
}

static int
write_terms(struct seg_writer *w, const struct order *o, struct err *e)
{
	const struct invert *v = &o->m->v;
	struct sorted *all = xcalloc(v->terms + 1, sizeof *all);
	struct postings p = { 0 };
	size_t i, k;
	int r = 0;

	buf_init(&p.chain);
	for (i = 0; i < v->terms; i++) {
		all[i].t = &v->term[i];
		for (k = 0; k < 8; k++)
			all[i].begin = all[i].begin << 8 | (k <
			    all[i].t->len ? (uint8_t)all[i].t->key[k] : 0);
	}
	if (v->terms > 1)
		qsort(all, v->terms, sizeof *all, by_term);
	for (i = 0; i < v->terms && r == 0; i++)
		if (all[i].t->docs > 0)
			r = write_term(w, v, all[i].t, &p, o, e);
	buf_release(&p.chain);
	free(p.place);
	free(p.pos);
	free(p.code);
	free(p.form);
	free(p.map);
	free(p.slot);
	free(all);
	return r;
}

int
segment_maker_write(struct segment_maker *m, const char *path, struct err *e)
{
	struct seg_docs docs = { NULL, give_key, give_value };
	struct order o;
	struct seg_writer *w = xmalloc(sizeof *w);
	int r;

	order_docs(&o, m);
	docs.arg = &o;
	r = seg_writer_open(w, path, (uint32_t)m->docs, m->columns, o.length,
	    e);
	if (r == 0 && (r = write_terms(w, &o, e)) == 0)
		r = seg_writer_done(w, &docs, e);
	seg_writer_release(w);
	free(w);
	order_release(&o);
	return r;
}
