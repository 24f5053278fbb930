/*
 * The bits of all rows, in order, choose the candidates; the int8 of those
 * make the scores.  The bits meet the query's components, not its bits: that
 * finds with 300 candidates what bits against bits find with thousands.  The
 * query has 15 bits a component in both; with 8 it would add as much error
 * to the scores as the rows have.
 *
 * Read by pread into a buffer that stays in the cache; a map of as many pages
 * costs a cold process more than the copying does.
 */
#include "index/vector.h"

#include "base/alloc.h"
#include "index/vector_dot.h"
#include "index/vector_file.h"
#include "index/vector_query.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK ((size_t)256 << 10)	/* bytes at a time: a block of the
				   widest bits, and no less */
#define NEAR 16			/* rows that are read over to save a call */

/* --- the query --------------------------------------------------------- */

size_t
vector_wide(const struct vector_model *m)
{
	return ((size_t)m->dim + 63) / 64 * 64;
}

struct vector_query *
vector_query_new(const struct vector_model *m, const float *v)
{
	struct vector_query *q = xcalloc(1, sizeof *q);
	float most = 0, a;
	long x;
	size_t i;

	assert(m->dim > 0 && m->dim <= VECTOR_DIM);
	q->model = *m;
	q->wide = vector_wide(m);
	q->high = xcalloc(q->wide, sizeof *q->high);
	q->low = xcalloc(q->wide, sizeof *q->low);
	q->fine = xcalloc(q->wide, sizeof *q->fine);
	q->lut = xcalloc(q->wide * 32, sizeof *q->lut);
	for (i = 0; i < m->dim; i++) {
		a = fabsf(v[i]);
		if (!(a <= 1e30f))	/* also NaN */
			break;
		most = a > most ? a : most;
	}
	if (i < m->dim || most < 1e-30f) {
		vector_query_free(q);
		return NULL;
	}
	q->scale = (double)most / (127 * 128);
	for (i = 0; i < m->dim; i++) {
		x = lrint((double)v[i] / q->scale);
		q->high[i] = (int8_t)lrint((double)x / 128);
		q->low[i] = (int8_t)(x - 128 * q->high[i]);
		q->high_sum += q->high[i];
		q->low_sum += q->low[i];
		q->fine[i] = (int16_t)lrint((double)v[i] /
		    (double)most * 4095);
	}
	vector_lut(q->fine, q->wide, q->lut);
	vector_ways(&q->way);
	return q;
}

const struct vector_model *
vector_query_model(const struct vector_query *q)
{
	return &q->model;
}

void
vector_query_free(struct vector_query *q)
{
	if (q == NULL)
		return;
	free(q->high);
	free(q->low);
	free(q->fine);
	free(q->lut);
	free(q);
}

/* --- the best ---------------------------------------------------------- */

/* A heap with the worst on top. */
struct best {
	struct vector_hit *h;		/* own */
	size_t n, cap;
	const struct vector_want *want;	/* borrowed */
};

/* < 0: a is before b. */
static int
compare(const struct vector_want *w, const struct vector_hit *a,
    const struct vector_hit *b)
{
	int r;

	if (a->score != b->score)
		return a->score > b->score ? -1 : 1;
	if (a->part != b->part) {
		if (w->order != NULL && (r = w->order(w->arg, a, b)) != 0)
			return r;
		return a->part < b->part ? -1 : 1;
	}
	return a->row < b->row ? -1 : a->row > b->row;
}

static void
sink(struct best *t, size_t i)
{
	struct vector_hit x = t->h[i];
	size_t c;

	for (; (c = 2 * i + 1) < t->n; i = c) {
		if (c + 1 < t->n &&
		    compare(t->want, &t->h[c + 1], &t->h[c]) > 0)
			c++;
		if (compare(t->want, &t->h[c], &x) <= 0)
			break;
		t->h[i] = t->h[c];
	}
	t->h[i] = x;
}

static void
push(struct best *t, const struct vector_hit *x)
{
	size_t i;

	if (t->n == t->cap) {
		t->h[0] = *x;
		sink(t, 0);
		return;
	}
	for (i = t->n++; i > 0 &&
	    compare(t->want, &t->h[(i - 1) / 2], x) < 0; i = (i - 1) / 2)
		t->h[i] = t->h[(i - 1) / 2];
	t->h[i] = *x;
}

/* Would it be among them? */
static bool
wanted(const struct best *t, const struct vector_hit *x)
{
	return t->n < t->cap || compare(t->want, x, &t->h[0]) < 0;
}

/* Best first: the worst goes to the end, again and again. */
static void
sort_best(struct best *t)
{
	struct vector_hit x;
	size_t n = t->n;

	while (t->n > 1) {
		x = t->h[0];
		t->h[0] = t->h[--t->n];
		sink(t, 0);
		t->h[t->n] = x;
	}
	t->n = n;
}

/* --- candidates -------------------------------------------------------- */

struct scan {
	const struct vector_part *part;		/* borrowed */
	size_t parts;
	const struct vector_query *q;		/* borrowed */
	const struct vector_want *want;		/* borrowed */
	struct best best;
	uint8_t *room;				/* own; CHUNK */
};

/* Rows 64 * word ... that may be hits. */
static uint64_t
open_rows(const struct vector_part *p, uint32_t word)
{
	uint64_t bits = p->v->present[word];

	if (p->dead != NULL)
		bits &= ~p->dead[word];
	if (p->allowed != NULL)
		bits &= p->allowed[word];
	return bits;
}

static bool
block_open(const struct vector_part *p, uint32_t block)
{
	uint32_t w = block * (VECTOR_BLOCK / 64), end = w + VECTOR_BLOCK / 64;

	for (; w < end && w * 64 < p->v->at.rows; w++)
		if (open_rows(p, w) != 0)
			return true;
	return false;
}

static int
offer(struct scan *s, const struct vector_hit *x, struct err *e)
{
	int r;

	if (!wanted(&s->best, x))
		return 0;
	if (s->want->allow != NULL &&
	    (r = s->want->allow(s->want->arg, x->part, x->row, e)) <= 0)
		return r;
	push(&s->best, x);
	return 0;
}

/* The rows of a block that their sums make candidates. */
static int
choose(struct scan *s, uint32_t part, uint32_t block, const int32_t *sum,
    struct err *e)
{
	const struct vector_part *p = &s->part[part];
	uint32_t first = block * VECTOR_BLOCK, i, n;
	struct vector_hit x = { 0, part, 0 };
	const struct best *t = &s->best;
	uint64_t bits = 0;
	double least = -HUGE_VAL;

	n = vector_block_rows(&p->v->at, block);
	for (i = 0; i < n; i++) {
		if (i % 64 == 0) {
			bits = open_rows(p, (first + i) / 64);
			if (t->n == t->cap)
				least = t->h[0].score;
		}
		if (sum[i] < least || !(bits >> (i % 64) & 1))
			continue;
		x.score = sum[i];
		x.row = first + i;
		if (offer(s, &x, e) < 0)
			return -1;
		if (t->n == t->cap)
			least = t->h[0].score;
	}
	return 0;
}

static int
scan_bits(struct scan *s, uint32_t part, struct err *e)
{
	const struct vector_part *p = &s->part[part];
	const struct vector_layout *l = &p->v->at;
	size_t block_len = VECTOR_BLOCK * l->bits_len, len;
	uint32_t b, i, n, at_once = (uint32_t)(CHUNK / block_len);
	int32_t sum[VECTOR_BLOCK];
	const uint8_t *bits;

	for (b = 0; b < l->blocks; b += n) {
		n = 1;
		if (!block_open(p, b))
			continue;
		while (n < at_once && b + n < l->blocks &&
		    block_open(p, b + n))
			n++;
		len = (n - 1) * block_len +
		    vector_block_rows(l, b + n - 1) * l->bits_len;
		if (vector_read(p->v, l->bits + (uint64_t)b * block_len,
		    s->room, len, e) < 0)
			return -1;
		for (i = 0; i < n; i++) {
			bits = s->room + i * block_len;
			if (vector_check_bits(p->v, b + i, bits, e) < 0)
				return -1;
			s->q->way->signs(bits, vector_block_rows(l, b + i),
			    s->q->fine, s->q->lut, l->wide, sum);
			if (choose(s, part, b + i, sum, e) < 0)
				return -1;
		}
	}
	return 0;
}

/* --- scores ------------------------------------------------------------ */

double
vector_query_row(const struct vector_query *q, const int8_t *row, float scale)
{
	int32_t high, low;

	q->way->dots(row, q->wide, 1, q->high, q->high_sum, q->wide, &high);
	q->way->dots(row, q->wide, 1, q->low, q->low_sum, q->wide, &low);
	return (128. * high + low) * (double)scale * q->scale;
}

/* A stretch of rows in the room: their scores. */
static int
score_rows(const struct vector_query *q, const struct vector *v,
    uint32_t first, const uint8_t *room, struct vector_hit *h, size_t n,
    struct err *e)
{
	const uint8_t *row;
	float scale;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!vector_has(v, h[i].row)) {
			h[i].score = VECTOR_NONE;
			continue;
		}
		row = room + (h[i].row - first) * v->at.row_len;
		if (vector_check_row(v, h[i].row, row, &scale, e) < 0)
			return -1;
		h[i].score = vector_query_row(q,
		    (const int8_t *)row + VECTOR_ROW, scale);
	}
	return 0;
}

static int
score_all(const struct vector_part *part, const struct vector_query *q,
    struct vector_hit *h, size_t n, uint8_t *room, struct err *e)
{
	const struct vector *v;
	size_t i, k, rows;

	for (i = 0; i < n; i += k) {
		v = part[h[i].part].v;
		for (k = 1; i + k < n && h[i + k].part == h[i].part &&
		    h[i + k].row - h[i + k - 1].row <= NEAR &&
		    (h[i + k].row - h[i].row + 1) * v->at.row_len <= CHUNK;
		    k++)
			;
		rows = h[i + k - 1].row - h[i].row + 1;
		if (vector_read(v, v->at.row +
		    (uint64_t)h[i].row * v->at.row_len, room,
		    rows * v->at.row_len, e) < 0 ||
		    score_rows(q, v, h[i].row, room, h + i, k, e) < 0)
			return -1;
	}
	return 0;
}

static int
check_parts(const struct vector_part *p, size_t n,
    const struct vector_query *q, struct err *e)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!vector_model_same(&p[i].v->model, &q->model))
			return err_set(e, ERR_EXISTS, "vectors '%s' were made "
			    "with the model '%s', not with '%s'", p[i].v->path,
			    p[i].v->model.name, q->model.name);
		if (vector_load(p[i].v, e) < 0)
			return -1;
	}
	return 0;
}

int
vector_score(const struct vector_part *part, size_t parts,
    const struct vector_query *q, struct vector_hit *h, size_t n,
    struct err *e)
{
	uint8_t *room;
	size_t i;
	int r;

	if (check_parts(part, parts, q, e) < 0)
		return -1;
	for (i = 0; i < n; i++)
		assert(h[i].part < parts &&
		    h[i].row < part[h[i].part].v->at.rows);
	room = xmalloc(CHUNK);
	r = score_all(part, q, h, n, room, e);
	free(room);
	return r;
}

/* --- the scan ---------------------------------------------------------- */

static int
by_place(const void *pa, const void *pb)
{
	const struct vector_hit *a = pa, *b = pb;

	if (a->part != b->part)
		return a->part < b->part ? -1 : 1;
	return a->row < b->row ? -1 : a->row > b->row;
}

/* All rows that may be hits, a stretch of them at a time. */
static int
scan_rows(struct scan *s, uint32_t part, struct err *e)
{
	const struct vector_part *p = &s->part[part];
	struct vector_hit h[VECTOR_BLOCK];
	uint32_t row, rows = p->v->at.rows;
	size_t i, n = 0;
	uint64_t bits = 0;

	for (row = 0; row < rows || n > 0; row++) {
		if (row < rows && row % 64 == 0)
			bits = open_rows(p, row / 64);
		if (row < rows && (bits >> (row % 64) & 1)) {
			h[n].part = part;
			h[n].row = row;
			n++;
		}
		if (n == 0 || (n < VECTOR_BLOCK && row + 1 < rows))
			continue;
		if (score_all(s->part, s->q, h, n, s->room, e) < 0)
			return -1;
		for (i = 0; i < n; i++)
			if (offer(s, &h[i], e) < 0)
				return -1;
		n = 0;
	}
	return 0;
}

static int
run(struct scan *s, struct err *e)
{
	struct best top = { NULL, 0, s->want->k, s->want };
	uint64_t rows = 0;
	uint32_t part;
	bool exact;
	size_t i;

	for (part = 0; part < s->parts; part++)
		rows += s->part[part].v->at.rows;
	exact = s->want->exact || rows <= s->want->candidates;
	s->best.cap = exact || s->want->candidates < s->want->k ?
	    s->want->k : s->want->candidates;
	if (s->best.cap > rows)
		s->best.cap = (size_t)rows;
	if (s->best.cap == 0)
		return 0;
	s->best.h = xreallocarray(NULL, s->best.cap, sizeof *s->best.h);
	for (part = 0; part < s->parts; part++)
		if ((exact ? scan_rows : scan_bits)(s, part, e) < 0)
			return -1;
	if (!exact) {
		qsort(s->best.h, s->best.n, sizeof *s->best.h, by_place);
		if (score_all(s->part, s->q, s->best.h, s->best.n, s->room,
		    e) < 0)
			return -1;
		/* the best k of them, in the same memory: what is written
		 * was read before */
		top.h = s->best.h;
		if (top.cap > s->best.n)
			top.cap = s->best.n;
		for (i = 0; i < s->best.n; i++) {
			struct vector_hit x = s->best.h[i];

			if (wanted(&top, &x))
				push(&top, &x);
		}
		s->best = top;
	}
	sort_best(&s->best);
	return 0;
}

int
vector_scan(const struct vector_part *part, size_t parts,
    const struct vector_query *q, const struct vector_want *w,
    struct vector_hit **out, size_t *n, struct err *e)
{
	struct scan s = { part, parts, q, w, { NULL, 0, 0, w }, NULL };

	if (check_parts(part, parts, q, e) < 0)
		return -1;
	s.room = xmalloc(CHUNK);
	if (w->k > 0 && run(&s, e) < 0) {
		free(s.best.h);
		free(s.room);
		return -1;
	}
	free(s.room);
	*out = s.best.h;
	*n = s.best.n;
	return 0;
}
