/*
 * Documents are inverted in memory: each term has a chain of bytes, to which
 * every document that has it appends its number, and how often and where it
 * has it.  Order is made at the end.
 *
 * A chain: vint of the document (delta to the term's last), vint of the
 * frequency, then vints of the positions (deltas), each with its form in the
 * byte before.  Fields without positions have documents alone.
 */
#include "index/segment_make.h"

#include "base/alloc.h"
#include "index/score.h"
#include "index/segment_write.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX
#define ARENA ((size_t)1 << 20)
#define MEMO 8192		/* words looked up lately; a power of two */
#define MEMO_TEXT 23

struct term {
	const char *key;	/* in the arena: field, text */
	uint32_t hash;
	uint8_t len;
	uint8_t forms;
	uint32_t docs, last;	/* documents; the last + 1 */
	uint32_t head, tail;	/* of the document now: its spots */
	uint8_t *chain;		/* own */
	uint32_t n, cap;
	uint32_t form;		/* first of its forms; NONE: itself, a leaf */
};

struct form {
	const char *text;	/* in the arena */
	uint8_t len;
	bool whole;
	uint32_t next;
};

/* Where a term stands in the document now. */
struct spot {
	uint32_t pos, times, next;
	uint8_t form;
};

struct doc {
	const char *key;	/* in the arena */
	size_t len;
	uint32_t number;
	uint8_t length;
	int64_t column[SEGMENT_COLUMNS];
};

struct arena {
	char **chunk;		/* own */
	size_t n, cap, used, size;
};

/* A word, and what was found for it: most are among the last ones. */
struct memo {
	uint32_t term;
	uint8_t form, len;	/* len 0: empty */
	bool whole;
	char text[MEMO_TEXT];
};

struct segment_maker {
	unsigned columns;
	struct memo *memo;	/* own; by hash */
	struct arena arena;
	struct term *term;	/* own */
	size_t terms, term_cap;
	struct form *form;	/* own */
	size_t forms, form_cap;
	uint64_t *slot;		/* own; hash << 32 | term + 1 */
	size_t slots;
	struct doc *doc;	/* own */
	size_t docs, doc_cap;
	uint32_t *doc_slot;	/* own; by key, document + 1 */
	size_t doc_slots;
	/* the document now */
	bool open;
	uint32_t pos;
	uint64_t length;
	struct spot *spot;	/* own */
	size_t spots, spot_cap;
	uint32_t *touched;	/* own; terms it has */
	size_t ntouched, touched_cap;
	size_t chains;		/* bytes of all chains */
};

struct segment_maker *
segment_maker_new(unsigned columns)
{
	struct segment_maker *m = xcalloc(1, sizeof *m);

	m->columns = columns;
	m->memo = xcalloc(MEMO, sizeof *m->memo);
	return m;
}

void
segment_maker_free(struct segment_maker *m)
{
	size_t i;

	if (m == NULL)
		return;
	for (i = 0; i < m->terms; i++)
		free(m->term[i].chain);
	for (i = 0; i < m->arena.n; i++)
		free(m->arena.chunk[i]);
	free(m->arena.chunk);
	free(m->term);
	free(m->form);
	free(m->slot);
	free(m->doc);
	free(m->doc_slot);
	free(m->spot);
	free(m->touched);
	free(m->memo);
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
	return m->arena.n * ARENA + m->term_cap * sizeof *m->term +
	    m->form_cap * sizeof *m->form + m->slots * sizeof *m->slot +
	    m->doc_slots * sizeof *m->doc_slot +
	    m->doc_cap * sizeof *m->doc + m->chains;
}

/* n <= ARENA bytes that stay. */
static const char *
keep(struct arena *a, const void *p, size_t n)
{
	char *to;

	if (a->n == 0 || a->size - a->used < n) {
		a->chunk = xgrow(a->chunk, a->n, &a->cap, sizeof *a->chunk);
		a->chunk[a->n++] = xmalloc(ARENA);
		a->used = 0;
		a->size = ARENA;
	}
	to = a->chunk[a->n - 1] + a->used;
	memcpy(to, p, n);
	a->used += n;
	return to;
}

/* Eight bytes at a time; only for tables in memory. */
static uint32_t
hash(const void *data, size_t n)
{
	const char *p = data;
	uint64_t h = n * UINT64_C(0x9e3779b97f4a7c15), w;

	for (; n > 0; p += 8, n -= 8) {
		w = 0;
		memcpy(&w, p, n < 8 ? n : 8);
		h = (h ^ w) * UINT64_C(0xff51afd7ed558ccd);
		h ^= h >> 32;
		if (n < 8)
			break;
	}
	return (uint32_t)(h ^ h >> 29);
}

/* --- terms ------------------------------------------------------------- */

static void
slots_grow(struct segment_maker *m)
{
	size_t i, at;

	if (2 * (m->terms + 1) <= m->slots)
		return;
	m->slots = m->slots > 0 ? 2 * m->slots : 4096;
	free(m->slot);
	m->slot = xcalloc(m->slots, sizeof *m->slot);
	for (i = 0; i < m->terms; i++) {
		at = m->term[i].hash & (m->slots - 1);
		while (m->slot[at] != 0)
			at = (at + 1) & (m->slots - 1);
		m->slot[at] = (uint64_t)m->term[i].hash << 32 | (i + 1);
	}
}

static uint32_t
term_of(struct segment_maker *m, unsigned field, const char *text,
    size_t len)
{
	char key[SEGMENT_TERM];
	struct term *t;
	uint32_t h;
	size_t at;

	if (len > SEGMENT_TERM - 2)	/* its length fits a byte */
		len = SEGMENT_TERM - 2;
	key[0] = (char)field;
	memcpy(key + 1, text, len++);
	h = hash(key, len);
	slots_grow(m);
	for (at = h & (m->slots - 1); m->slot[at] != 0;
	    at = (at + 1) & (m->slots - 1)) {
		if (m->slot[at] >> 32 != h)
			continue;
		t = &m->term[(uint32_t)m->slot[at] - 1];
		if (t->len == len && memcmp(t->key, key, len) == 0)
			return (uint32_t)m->slot[at] - 1;
	}
	m->term = xgrow(m->term, m->terms, &m->term_cap, sizeof *m->term);
	t = &m->term[m->terms++];
	memset(t, 0, sizeof *t);
	t->key = keep(&m->arena, key, len);
	t->hash = h;
	t->len = (uint8_t)len;
	t->form = t->head = NONE;
	m->slot[at] = (uint64_t)h << 32 | m->terms;
	return (uint32_t)m->terms - 1;
}

/* The number of a form of a term, made if it is new. */
static uint8_t
form_of(struct segment_maker *m, struct term *t, const char *text, size_t len,
    bool whole)
{
	uint32_t *link = &t->form, i;
	struct form *f;
	uint8_t n = 0;

	for (i = t->form; i != NONE; i = f->next, n++) {
		f = &m->form[i];
		if (f->whole == whole && f->len == len &&
		    memcmp(f->text, text, len) == 0)
			return n;
		link = &f->next;
	}
	if (n == SEGMENT_FORMS)
		return n - 1;
	*link = (uint32_t)m->forms;	/* before form moves */
	m->form = xgrow(m->form, m->forms, &m->form_cap, sizeof *m->form);
	f = &m->form[m->forms++];
	f->text = keep(&m->arena, text, len);
	f->len = (uint8_t)len;
	f->whole = whole;
	f->next = NONE;
	t->forms = n + 1;
	return n;
}

/* --- a document -------------------------------------------------------- */

static int
key_slot(struct segment_maker *m, const void *key, size_t len, size_t *slot)
{
	size_t i, at;
	const struct doc *d;

	if (2 * (m->docs + 1) > m->doc_slots) {
		m->doc_slots = m->doc_slots > 0 ? 2 * m->doc_slots : 1024;
		free(m->doc_slot);
		m->doc_slot = xcalloc(m->doc_slots, sizeof *m->doc_slot);
		for (i = 0; i < m->docs; i++) {
			at = hash(m->doc[i].key, m->doc[i].len) &
			    (m->doc_slots - 1);
			while (m->doc_slot[at] != 0)
				at = (at + 1) & (m->doc_slots - 1);
			m->doc_slot[at] = (uint32_t)i + 1;
		}
	}
	for (at = hash(key, len) & (m->doc_slots - 1); m->doc_slot[at] != 0;
	    at = (at + 1) & (m->doc_slots - 1)) {
		d = &m->doc[m->doc_slot[at] - 1];
		if (d->len == len && memcmp(d->key, key, len) == 0)
			return 1;
	}
	*slot = at;
	return 0;
}

int
segment_doc(struct segment_maker *m, const void *key, size_t len,
    const int64_t *column, struct err *e)
{
	struct doc *d;
	size_t slot;

	if (len > SEGMENT_KEY)
		return err_set(e, ERR_INPUT, "a key of over %d bytes",
		    SEGMENT_KEY);
	if (m->docs == SEGMENT_DOCS)
		return err_set(e, ERR_INPUT, "too many documents for one "
		    "segment");
	if (key_slot(m, key, len, &slot))
		return err_set(e, ERR_EXISTS, "the document is there already");
	m->doc = xgrow(m->doc, m->docs, &m->doc_cap, sizeof *m->doc);
	d = &m->doc[m->docs++];
	m->doc_slot[slot] = (uint32_t)m->docs;
	d->key = keep(&m->arena, key, len);
	d->len = len;
	d->number = (uint32_t)m->docs - 1;
	memcpy(d->column, column, m->columns * sizeof *column);
	m->spots = m->ntouched = 0;
	m->pos = 0;
	m->length = 0;
	return 0;
}

/* The term stands in the document now; its spots are a list in order. */
static void
add_spot(struct segment_maker *m, uint32_t number, uint32_t pos,
    unsigned times, uint8_t form)
{
	struct term *t = &m->term[number];
	struct spot *s;

	m->spot = xgrow(m->spot, m->spots, &m->spot_cap, sizeof *m->spot);
	s = &m->spot[m->spots];
	s->pos = pos;
	s->times = times;
	s->form = form;
	s->next = NONE;
	if (t->head == NONE) {
		t->head = (uint32_t)m->spots;
		m->touched = xgrow(m->touched, m->ntouched, &m->touched_cap,
		    sizeof *m->touched);
		m->touched[m->ntouched++] = number;
	} else {
		m->spot[t->tail].next = (uint32_t)m->spots;
	}
	t->tail = (uint32_t)m->spots++;
}

/* The term and form of a word. */
static uint32_t
look_up(struct segment_maker *m, const struct token *t, uint8_t *form)
{
	bool whole = t->kind == TOKEN_WHOLE;
	struct memo *k = NULL;
	uint32_t number;

	if (t->len <= MEMO_TEXT) {
		k = &m->memo[hash(t->text, t->len) % MEMO];
		if (k->len == t->len && k->whole == whole &&
		    memcmp(k->text, t->text, t->len) == 0) {
			*form = k->form;
			return k->term;
		}
	}
	number = term_of(m, SEGMENT_TEXT, t->stem, t->stem_len);
	*form = form_of(m, &m->term[number], t->text, t->len, whole);
	if (k != NULL) {
		k->term = number;
		k->form = *form;
		k->len = (uint8_t)t->len;
		k->whole = whole;
		memcpy(k->text, t->text, t->len);
	}
	return number;
}

void
segment_doc_text(struct segment_maker *m, struct tokens *ts, const char *p,
    size_t len, unsigned times)
{
	struct token t;
	uint32_t number, leaves = 0;
	uint8_t form;

	tokens_start(ts, p, len, m->pos);
	while (token_next(ts, &t)) {
		if (t.kind == TOKEN_LAST) {
			add_spot(m, term_of(m, SEGMENT_LAST, t.text, t.len),
			    t.pos, times, 0);
			continue;
		}
		leaves += t.kind != TOKEN_WHOLE;
		number = look_up(m, &t, &form);
		add_spot(m, number, t.pos, times, form);
	}
	m->length += (uint64_t)leaves * times;
	m->pos = ts->pos + 1;
}

void
segment_doc_value(struct segment_maker *m, unsigned field, const char *text,
    size_t len)
{
	uint32_t number = term_of(m, field, text, len);

	if (m->term[number].head == NONE)
		add_spot(m, number, 0, 1, 0);
}

static void
chain_room(struct segment_maker *m, struct term *t, size_t n)
{
	size_t cap = t->cap;

	if (t->cap - t->n >= n)
		return;
	while (cap - t->n < n)
		cap = cap > 0 ? cap + cap / 2 + 8 : 16;
	m->chains += cap - t->cap;
	t->chain = xrealloc(t->chain, cap);
	t->cap = (uint32_t)cap;
}

static void
chain_vint(struct segment_maker *m, struct term *t, uint64_t v)
{
	chain_room(m, t, VINT_MAX);
	t->n = (uint32_t)(vint_put(t->chain + t->n, v) - t->chain);
}

static void
chain_doc(struct segment_maker *m, struct term *t, uint32_t doc)
{
	uint64_t tf = 0, left;
	uint32_t i, k, before = 0;

	chain_vint(m, t, doc + 1 - t->last);
	t->last = doc + 1;
	t->docs++;
	if (!seg_has_positions((uint8_t)t->key[0]))
		return;
	for (i = t->head; i != NONE; i = m->spot[i].next)
		tf += m->spot[i].times;
	tf = tf < SEGMENT_TF ? tf : SEGMENT_TF;
	chain_vint(m, t, tf);
	for (i = t->head, left = tf; i != NONE; i = m->spot[i].next)
		for (k = 0; k < m->spot[i].times && left > 0; k++, left--) {
			chain_room(m, t, VINT_MAX + 1);
			t->chain[t->n++] = m->spot[i].form;
			chain_vint(m, t, m->spot[i].pos - before);
			before = m->spot[i].pos;
		}
}

void
segment_doc_end(struct segment_maker *m)
{
	uint32_t doc = (uint32_t)m->docs - 1;
	struct term *t;
	size_t i;

	for (i = 0; i < m->ntouched; i++) {
		t = &m->term[m->touched[i]];
		chain_doc(m, t, doc);
		t->head = NONE;
	}
	m->doc[doc].length = score_pack(m->length < UINT32_MAX ?
	    (uint32_t)m->length : UINT32_MAX);
}

/* --- writing ----------------------------------------------------------- */

static int
by_key(const void *a, const void *b)
{
	const struct doc *x = a, *y = b;

	return seg_compare(x->key, x->len, y->key, y->len);
}

static int
by_term(const void *a, const void *b)
{
	const struct term *x = *(struct term *const *)a;
	const struct term *y = *(struct term *const *)b;

	return seg_compare(x->key, x->len, y->key, y->len);
}

struct numbered {
	struct seg_form form;
	uint8_t was;
};

static int
by_form(const void *a, const void *b)
{
	const struct numbered *x = a, *y = b;

	return seg_form_cmp(&x->form, &y->form);
}

/* The forms in their order; map: from the numbers in the chain.  Returns how
 * many, 0 for the term itself as a leaf. */
static unsigned
forms_of(const struct segment_maker *m, const struct term *t,
    struct numbered *tmp, struct seg_form *form, uint8_t map[SEGMENT_FORMS])
{
	const struct form *f;
	unsigned n = 0, i;
	uint32_t k;

	memset(map, 0, SEGMENT_FORMS);
	for (k = t->form; k != NONE; k = f->next, n++) {
		f = &m->form[k];
		memcpy(tmp[n].form.text, f->text, f->len);
		tmp[n].form.len = f->len;
		tmp[n].form.whole = f->whole;
		tmp[n].was = (uint8_t)n;
	}
	if (n > 1)
		qsort(tmp, n, sizeof *tmp, by_form);
	for (i = 0; i < n; i++) {
		map[tmp[i].was] = (uint8_t)i;
		form[i] = tmp[i].form;
	}
	if (n == 1 && !form[0].whole && form[0].len + 1u == t->len &&
	    memcmp(form[0].text, t->key + 1, form[0].len) == 0)
		return 0;
	return n;
}

/* A chain as postings, its documents by their new numbers. */
static void
unchain(const struct term *t, const uint32_t *number, const uint8_t *map,
    struct seg_postings *p)
{
	const uint8_t *q = t->chain, *end = t->chain + t->n;
	uint64_t v, tf;
	uint32_t doc = 0, pos, i, k;
	uint8_t form;

	seg_postings_reset(p);
	for (i = 0; i < t->docs; i++) {
		q = vint_get(q, end, &v);
		doc += (uint32_t)v;
		if (!seg_has_positions((uint8_t)t->key[0])) {
			seg_postings_doc(p, number[doc - 1], 1);
			continue;
		}
		q = vint_get(q, end, &tf);
		seg_postings_doc(p, number[doc - 1], (uint32_t)tf);
		for (k = 0, pos = 0; k < tf; k++) {
			form = map[*q++];
			q = vint_get(q, end, &v);
			pos += (uint32_t)v;
			seg_postings_pos(p, pos, form);
		}
	}
	seg_postings_sort(p);
}

static int
write_terms(struct segment_maker *m, struct seg_writer *w,
    const uint32_t *number, struct err *e)
{
	struct numbered *tmp = xcalloc(SEGMENT_FORMS, sizeof *tmp);
	struct seg_form *form = xcalloc(SEGMENT_FORMS, sizeof *form);
	struct term **order = xcalloc(m->terms + 1, sizeof *order);
	struct seg_postings p = { 0 };
	uint8_t map[SEGMENT_FORMS];
	unsigned n;
	size_t i;
	int r = 0;

	for (i = 0; i < m->terms; i++)
		order[i] = &m->term[i];
	if (m->terms > 1)
		qsort(order, m->terms, sizeof *order, by_term);
	for (i = 0; i < m->terms && r == 0; i++) {
		if (order[i]->docs == 0)
			continue;
		n = forms_of(m, order[i], tmp, form, map);
		unchain(order[i], number, map, &p);
		r = seg_writer_term(w, order[i]->key, order[i]->len, form, n,
		    &p, e);
	}
	seg_postings_release(&p);
	free(order);
	free(form);
	free(tmp);
	return r;
}

int
segment_maker_write(struct segment_maker *m, const char *path, struct err *e)
{
	struct seg_writer w;
	uint32_t *number = xcalloc(m->docs + 1, sizeof *number);
	size_t i;
	int r;

	if (m->docs > 1)
		qsort(m->doc, m->docs, sizeof *m->doc, by_key);
	r = seg_writer_open(&w, path, m->columns, e);
	for (i = 0; i < m->docs && r == 0; i++) {
		number[m->doc[i].number] = (uint32_t)i;
		seg_writer_doc(&w, m->doc[i].key, m->doc[i].len,
		    m->doc[i].length, m->doc[i].column);
	}
	if (r == 0)
		r = write_terms(m, &w, number, e);
	free(number);
	return seg_writer_close(&w, r, e);
}
