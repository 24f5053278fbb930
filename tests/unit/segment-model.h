/*
 * Random documents for segments, and what a segment of them must hold, in
 * the slowest and plainest way: a list of all occurrences of all terms.
 */
#ifndef TESTS_SEGMENT_MODEL_H
#define TESTS_SEGMENT_MODEL_H

#include "base/alloc.h"
#include "index/score.h"
#include "index/segment_make.h"
#include "index/token.h"
#include "tap.h"

#include <stdlib.h>

#define COLUMNS 5
#define FIELD_A SEGMENT_FIELD
#define FIELD_B (SEGMENT_FIELD + 9)

struct doc {
	unsigned char key[SEGMENT_KEY];
	size_t key_len;
	int64_t column[COLUMNS];
	struct { char *p; unsigned times; } text[3];
	int texts;
	struct { unsigned field; char text[SEGMENT_TERM]; } value[4];
	int values;
};

/* One occurrence of a term. */
struct occ {
	unsigned field;
	char term[SEGMENT_TERM], word[TOKEN_MAX + 1];
	size_t len, word_len;
	bool whole;
	uint32_t doc, pos;
	size_t order;
};

struct model {
	struct doc **doc;	/* own; the array, ascending by key */
	uint32_t docs;
	uint32_t *length;	/* own */
	struct occ *occ;	/* own; by field, term, document, order */
	size_t n, cap;
	size_t *term;		/* own; where each term begins, and the end */
	size_t terms;
};

static uint64_t seed = 88172645463325252u;

static inline unsigned
below(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 33) % n;
}

/* --- documents --------------------------------------------------------- */

#define LONG_WORD "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz" \
	"abcdefghijklmnopqrstuvwxyz"
static const char *const vocabulary[] = { "run", "runs", "running", "ran",
    "the", "of", "happy", "happily", "happiness", "dying", "die", "dies",
    "lying", "try", "tries", "tried", "get_user_name", "getUserName", "runS",
    "max_retries", "maxRetries", "src/auth/jwt.c", "ERR-42", "v1.2.3", "C++",
    "c#", "x", "it's", "its", "caf\xc3\xa9", "CAF\xc3\x89", "na\xc3\xafve",
    "\xe6\x9d\xb1\xe4\xba\xac\xe9\x83\xbd", "\xe6\x9d\xb1\xe4\xba\xac",
    "\xe9\x83\xbd", "\xe3\x83\x87\xe3\x83\xbc\xe3\x82\xbf",
    "\xed\x95\x9c\xea\xb5\xad\xec\x96\xb4", "\xd0\xbc\xd0\xb8\xd1\x80",
    "\xf0\x9f\x98\x80", "4294967295", "a.b.c", "e-mail", "\xff\xfe",
    LONG_WORD };
#define WORDS (sizeof vocabulary / sizeof *vocabulary)

/* n words: few of them often, some of them once. */
static inline char *
random_text(unsigned n)
{
	size_t cap = 100 * (size_t)n + 1, len = 0;
	char *p = xmalloc(cap);

	p[0] = '\0';
	while (n-- > 0) {
		if (below(6) == 0)
			len += (size_t)sprintf(p + len, "w%uq", below(400));
		else if (below(30) == 0)
			len += (size_t)sprintf(p + len, "rare%u%uy",
			    below(100000), below(1000));
		else
			len += (size_t)sprintf(p + len, "%s",
			    vocabulary[below(4) ? below(8) : below(WORDS)]);
		p[len++] = ". \n,-/_"[below(4) ? 1 : below(7)];
		p[len] = '\0';
	}
	return p;
}

static inline void
random_values(struct doc *d)
{
	int i;

	d->values = (int)below(5);
	for (i = 0; i < d->values; i++) {
		d->value[i].field = below(2) ? FIELD_A : FIELD_B;
		if (below(40) == 0) {
			memset(d->value[i].text, 'v', SEGMENT_TERM - 1);
			d->value[i].text[SEGMENT_TERM - 2 - below(3)] = 'w';
			d->value[i].text[SEGMENT_TERM - 1] = '\0';
		} else {
			sprintf(d->value[i].text, "tag%u", below(9));
		}
	}
}

/* Words by number, so that terms end beside the borders of blocks. */
static inline char *
border_text(uint32_t i)
{
	static const uint32_t docs[] = { 1, 2, 126, 127, 128, 129, 130, 255,
	    256, 257, 384, 511, 512 };
	char *p = xmalloc(16 * sizeof docs);
	size_t k, len = 0;

	p[0] = '\0';
	for (k = 0; k < sizeof docs / sizeof *docs; k++)
		if (i < docs[k])
			len += (size_t)sprintf(p + len, "border%u ",
			    (unsigned)docs[k]);
	return p;
}

static inline struct doc *
random_doc(uint32_t i, unsigned words)
{
	struct doc *d = xcalloc(1, sizeof *d);
	size_t k;

	switch (below(8)) {
	case 0:		/* any bytes */
		d->key_len = 3 + below(5);
		for (k = 0; k < d->key_len; k++)
			d->key[k] = (unsigned char)below(256);
		break;
	case 1:		/* long, with much in common */
		d->key_len = 480 + below(33);
		memset(d->key, 'k', d->key_len);
		d->key[d->key_len - 1 - below(400)] = (unsigned char)below(256);
		break;
	default:
		d->key_len = (size_t)sprintf((char *)d->key, "key-%06u",
		    below(1000000));
	}
	d->column[0] = i;
	d->column[1] = (int64_t)below(2000) - 1000;
	d->column[2] = below(20) == 0 ? INT64_MIN : (int64_t)below(99);
	d->column[3] = (int64_t)((uint64_t)below(1u << 31) << 33 ^ below(9));
	d->column[4] = 42;
	d->text[0].p = random_text(below(10) ? below(words) :
	    below(8 * words));
	d->text[0].times = 1;
	d->text[1].p = random_text(below(4));
	d->text[1].times = 1 + below(3);
	d->text[2].p = border_text(i);
	d->text[2].times = 1;
	d->texts = 3;
	random_values(d);
	return d;
}

static inline void
doc_free(struct doc *d)
{
	while (d->texts > 0)
		free(d->text[--d->texts].p);
	free(d);
}

static inline int
key_compare(const void *a, size_t an, const void *b, size_t bn)
{
	int d = memcmp(a, b, an < bn ? an : bn);

	return d != 0 ? d : (an > bn) - (an < bn);
}

static inline int
by_key(const void *a, const void *b)
{
	const struct doc *x = *(struct doc *const *)a,
	    *y = *(struct doc *const *)b;

	return key_compare(x->key, x->key_len, y->key, y->key_len);
}

/* n documents with different keys; own. */
static inline struct doc **
random_docs(uint32_t n, unsigned words)
{
	struct doc **d = xcalloc(n + 1, sizeof *d), *swap;
	uint32_t i, k, same = 1;

	for (i = 0; i < n; i++)
		d[i] = random_doc(i, words);
	while (same > 0) {
		if (n > 1)
			qsort(d, n, sizeof *d, by_key);
		for (i = 1, same = 0; i < n; i++)
			if (by_key(&d[i - 1], &d[i]) == 0) {
				d[i]->key[d[i]->key_len++ % SEGMENT_KEY] = '!';
				if (d[i]->key_len > SEGMENT_KEY)
					d[i]->key_len = 1 + below(9);
				same++;
			}
	}
	for (i = n; i > 1; i--) {	/* in any order */
		k = below(i);
		swap = d[i - 1];
		d[i - 1] = d[k];
		d[k] = swap;
	}
	return d;
}

static inline void
docs_free(struct doc **d, uint32_t n)
{
	while (n > 0)
		doc_free(d[--n]);
	free(d);
}

/* --- a segment of them ------------------------------------------------- */

static inline void
make_segment(struct doc **d, uint32_t n, const char *path)
{
	struct segment_maker *m = segment_maker_new(COLUMNS);
	struct tokens ts;
	struct err e;
	uint32_t i;
	int k;

	tokens_init(&ts, NULL);
	for (i = 0; i < n; i++) {
		if (segment_doc(m, d[i]->key, d[i]->key_len, d[i]->column,
		    &e) < 0) {
			printf("# %s\n", e.msg);
			abort();
		}
		for (k = 0; k < d[i]->values; k++)
			segment_doc_value(m, d[i]->value[k].field,
			    d[i]->value[k].text, strlen(d[i]->value[k].text));
		for (k = 0; k < d[i]->texts; k++)
			segment_doc_text(m, &ts, d[i]->text[k].p,
			    strlen(d[i]->text[k].p), d[i]->text[k].times);
		segment_doc_end(m);
	}
	tokens_release(&ts);
	if (segment_maker_docs(m) != n ||
	    segment_maker_write(m, path, NULL, &e) < 0) {
		printf("# %s\n", e.msg);
		abort();
	}
	segment_maker_free(m);
}

static inline struct segment *
open_segment(const char *path)
{
	struct segment *s = NULL;
	struct err e;

	if (segment_open(&s, path, NULL, &e) < 0) {
		printf("# %s\n", e.msg);
		abort();
	}
	return s;
}

/* --- what it must hold ------------------------------------------------- */

static inline struct occ *
occ_add(struct model *m, unsigned field, const char *term, size_t len,
    uint32_t doc)
{
	struct occ *o;

	m->occ = xgrow(m->occ, m->n, &m->cap, sizeof *m->occ);
	o = &m->occ[m->n];
	memset(o, 0, sizeof *o);
	o->field = field;
	memcpy(o->term, term, len);
	o->len = len;
	o->doc = doc;
	o->order = m->n++;
	return o;
}

static inline void
model_text(struct model *m, struct tokens *ts, uint32_t doc, const char *p,
    unsigned times, uint32_t *pos)
{
	struct token t;
	struct occ *o;
	unsigned k;

	tokens_start(ts, p, strlen(p), *pos);
	while (token_next(ts, &t)) {
		for (k = 0; k < times; k++) {
			o = occ_add(m, t.kind == TOKEN_LAST ? SEGMENT_LAST :
			    SEGMENT_TEXT, t.stem, t.stem_len, doc);
			o->pos = t.pos;
			memcpy(o->word, t.text, t.len);
			o->word_len = t.len;
			o->whole = t.kind == TOKEN_WHOLE;
		}
		if (t.kind != TOKEN_LAST && t.kind != TOKEN_WHOLE)
			m->length[doc] += times;
	}
	*pos = ts->pos + 1;
}

static inline void
model_values(struct model *m, uint32_t doc)
{
	const struct doc *d = m->doc[doc];
	int i, k;

	for (i = 0; i < d->values; i++) {
		for (k = 0; k < i; k++)
			if (d->value[k].field == d->value[i].field &&
			    strcmp(d->value[k].text, d->value[i].text) == 0)
				break;
		if (k == i)
			occ_add(m, d->value[i].field, d->value[i].text,
			    strlen(d->value[i].text), doc);
	}
}

static inline int
by_term(const void *a, const void *b)
{
	const struct occ *x = a, *y = b;
	int d;

	if (x->field != y->field)
		return x->field < y->field ? -1 : 1;
	if ((d = key_compare(x->term, x->len, y->term, y->len)) != 0)
		return d;
	if (x->doc != y->doc)
		return x->doc < y->doc ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

static inline void
model_make(struct model *m, struct doc **d, uint32_t n)
{
	struct tokens ts;
	uint32_t i, pos;
	size_t k;
	int t;

	memset(m, 0, sizeof *m);
	m->doc = xmemdup(d, (n + 1) * sizeof *d);
	m->docs = n;
	if (n > 1)
		qsort(m->doc, n, sizeof *m->doc, by_key);
	m->length = xcalloc(n + 1, sizeof *m->length);
	tokens_init(&ts, NULL);
	for (i = 0; i < n; i++) {
		for (t = 0, pos = 0; t < m->doc[i]->texts; t++)
			model_text(m, &ts, i, m->doc[i]->text[t].p,
			    m->doc[i]->text[t].times, &pos);
		model_values(m, i);
	}
	tokens_release(&ts);
	if (m->n > 1)
		qsort(m->occ, m->n, sizeof *m->occ, by_term);
	m->term = xcalloc(m->n + 1, sizeof *m->term);
	for (k = 0; k < m->n; k++)
		if (k == 0 || m->occ[k].field != m->occ[k - 1].field ||
		    m->occ[k].len != m->occ[k - 1].len ||
		    memcmp(m->occ[k].term, m->occ[k - 1].term,
		    m->occ[k].len) != 0)
			m->term[m->terms++] = k;
	m->term[m->terms] = m->n;
}

static inline void
model_free(struct model *m)
{
	free(m->doc);
	free(m->length);
	free(m->occ);
	free(m->term);
}

#endif
