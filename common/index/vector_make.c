#include "index/vector_make.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/vint.h"
#include "index/embed.h"
#include "index/vector_file.h"
#include "index/vector_write.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct vector_maker {
	struct vector_model model;
	size_t wide;
	uint32_t n;
	struct buf q;			/* wide of each row */
	struct buf bits;		/* wide / 8 of each */
	struct buf list;
	float *scale;			/* own */
	size_t *end;			/* own; of the row's list */
	size_t scale_cap, end_cap;
};

struct vector_maker *
vector_maker_new(const struct vector_model *model)
{
	struct vector_maker *m = xcalloc(1, sizeof *m);

	m->model = *model;
	m->wide = ((size_t)model->dim + 63) / 64 * 64;
	buf_init(&m->q);
	buf_init(&m->bits);
	buf_init(&m->list);
	return m;
}

void
vector_maker_free(struct vector_maker *m)
{
	if (m == NULL)
		return;
	buf_release(&m->q);
	buf_release(&m->bits);
	buf_release(&m->list);
	free(m->scale);
	free(m->end);
	free(m);
}

uint32_t
vector_maker_rows(const struct vector_maker *m)
{
	return m->n;
}

size_t
vector_maker_memory(const struct vector_maker *m)
{
	return sizeof *m + m->q.cap + m->bits.cap + m->list.cap +
	    m->scale_cap * sizeof *m->scale + m->end_cap * sizeof *m->end;
}

static void
add_vector(struct vector_maker *m, const float *v, float *scale)
{
	int8_t *q = (int8_t *)buf_reserve(&m->q, m->wide);
	uint8_t *bits = (uint8_t *)buf_reserve(&m->bits, m->wide / 8);
	size_t i;

	memset(q, 0, m->wide);
	memset(bits, 0, m->wide / 8);
	*scale = 0;
	if (v != NULL)
		embed_quantise(v, m->model.dim, q, scale);
	for (i = 0; *scale > 0 && i < m->model.dim; i++)
		if (v[i] > 0)
			bits[i / 8] |= (uint8_t)(1 << i % 8);
	m->q.len += m->wide;
	m->bits.len += m->wide / 8;
}

void
vector_maker_add(struct vector_maker *m, const float *v,
    const uint32_t *piece, size_t n)
{
	uint8_t *p, *start;
	uint32_t before = 0;
	size_t i;

	m->scale = xgrow(m->scale, m->n, &m->scale_cap, sizeof *m->scale);
	m->end = xgrow(m->end, m->n, &m->end_cap, sizeof *m->end);
	add_vector(m, v, &m->scale[m->n]);
	if (m->model.pieces > 0) {
		start = p = (uint8_t *)buf_reserve(&m->list,
		    (n + 1) * VINT_MAX);
		p = vint_put(p, n);
		for (i = 0; i < n; before = piece[i++]) {
			assert(piece[i] < m->model.pieces &&
			    (i == 0 || piece[i] > before));
			p = vint_put(p, piece[i] - before);
		}
		m->list.len += (size_t)(p - start);
	}
	m->end[m->n++] = m->list.len;
}

int
vector_maker_write(struct vector_maker *m, const uint32_t *order,
    const char *path, const struct blockfile_key *key, struct err *e)
{
	struct vector_writer *w = NULL;
	struct vector_line l;
	size_t begin, k;
	uint32_t i;
	int r;

	r = vector_write_begin(&w, &m->model, m->n, path, key, e);
	for (i = 0; r == 0 && i < m->n; i++) {
		k = order == NULL ? i : order[i];
		assert(k < m->n);
		begin = k == 0 ? 0 : m->end[k - 1];
		l.scale = m->scale[k];
		l.q = (const int8_t *)m->q.p + k * m->wide;
		l.bits = (const uint8_t *)m->bits.p + k * (m->wide / 8);
		l.list = (const uint8_t *)m->list.p + begin;
		l.list_len = m->end[k] - begin;
		r = vector_write_line(w, &l, e);
	}
	if (r == 0)
		r = vector_write_end(w, e);
	vector_write_free(w);
	return r;
}
