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
	uint32_t *order;		/* own; NULL until it is written */
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
	free(m->order);
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
	struct invert_here h = { .doc = (uint32_t)m->docs - 1,
	    .times = times };
	uint32_t leaves = 0;
	struct token t;

	if (!m->open)
		return;
	tokens_start(ts, p, len, m->pos);
	while (token_next(ts, &t)) {
		h.field = t.kind == TOKEN_LAST ? SEGMENT_LAST : SEGMENT_TEXT;
		h.text = t.text;
		h.len = t.len;
		h.stem = t.stem;
		h.stem_len = t.stem_len;
		h.whole = t.kind == TOKEN_WHOLE;
		h.pos = t.pos < SEG_POSITION ? t.pos : SEG_POSITION;
		leaves += t.kind != TOKEN_LAST && t.kind != TOKEN_WHOLE;
		invert_soon(&m->v, &h);
	}
	invert_flush(&m->v);
	m->length += (uint64_t)leaves * times;
	m->pos = ts->pos < SEG_POSITION ? ts->pos + 1 : SEG_POSITION;
}

void
segment_doc_value(struct segment_maker *m, unsigned field, const char *text,
    size_t len)
{
	size_t n = len < SEGMENT_TERM ? len : SEGMENT_TERM - 1;
	struct invert_here h = { .field = field, .text = text, .len = n,
	    .stem = text, .stem_len = n, .doc = (uint32_t)m->docs - 1,
	    .times = 1 };

	if (m->open)
		invert_add(&m->v, &h);
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
	uint32_t *number;		/* own; of each document, as it came */
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

int
segment_maker_write(struct segment_maker *m, const char *path,
    const struct blockfile_key *key, struct err *e)
{
	struct seg_docs docs = { NULL, give_key, give_value };
	struct order o;
	struct seg_writer *w = xmalloc(sizeof *w);
	int r;

	order_docs(&o, m);
	docs.arg = &o;
	r = seg_writer_open(w, path, key, (uint32_t)m->docs, m->columns,
	    o.length, e);
	if (r == 0 && (r = invert_write(&m->v, o.number, o.same ? 0 :
	    (uint32_t)m->docs, w, e)) == 0)
		r = seg_writer_done(w, &docs, e);
	seg_writer_release(w);
	free(w);
	free(m->order);
	m->order = o.doc;
	o.doc = NULL;
	order_release(&o);
	return r;
}

const uint32_t *
segment_maker_order(const struct segment_maker *m)
{
	return m->order;
}
