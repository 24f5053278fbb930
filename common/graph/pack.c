/*
 * Values of a graph's file: numbers of base/vint.h.
 */
#include "graph/file.h"

#include "base/alloc.h"
#include "base/vint.h"

#include <string.h>

/* Those below zero, too. */
static void
put_signed(struct buf *b, int64_t v)
{
	vint_add(b, (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0));
}

static const uint8_t *
get_signed(const uint8_t *p, const uint8_t *end, int64_t *v)
{
	uint64_t u = 0;

	p = vint_get(p, end, &u);
	*v = (int64_t)(u >> 1 ^ (u & 1 ? UINT64_MAX : 0));
	return p;
}

static const uint8_t *
get_32(const uint8_t *p, const uint8_t *end, uint32_t *v)
{
	uint64_t u = 0;

	p = vint_get(p, end, &u);
	if (u > UINT32_MAX)
		return NULL;
	*v = (uint32_t)u;
	return p;
}

/* What follows from n is not written: of one text first and last are one. */
void
seen_in_pack(struct buf *b, const struct seen_in *s)
{
	uint32_t i;

	vint_add(b, s->n);
	put_signed(b, s->first_ms);
	put_signed(b, s->first);
	if (s->n < 2)
		return;
	put_signed(b, s->last_ms - s->first_ms);
	put_signed(b, s->last - s->first);
	if (s->n < 3)
		return;
	vint_add(b, s->somes);
	for (i = 0; i < s->somes; i++)
		put_signed(b, s->some[i]);
}

/* Numbers from outside: sums that overflow are of an altered file. */
static int64_t
plus(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

const uint8_t *
seen_in_unpack(struct seen_in *s, const uint8_t *p, const uint8_t *end)
{
	struct seen_in one = { 0 };
	uint32_t i;

	memset(s, 0, sizeof *s);
	p = get_32(p, end, &s->n);
	p = get_signed(p, end, &s->first_ms);
	p = get_signed(p, end, &s->first);
	if (p == NULL || s->n == 0)
		return NULL;
	s->last_ms = s->first_ms;
	s->last = s->first;
	if (s->n > 1) {
		p = get_signed(p, end, &s->last_ms);
		p = get_signed(p, end, &s->last);
		s->last_ms = plus(s->last_ms, s->first_ms);
		s->last = plus(s->last, s->first);
	}
	if (s->n < 3) {
		seen_in_add(&one, s->first, s->first_ms);
		if (s->n > 1)
			seen_in_add(&one, s->last, s->last_ms);
		s->somes = one.somes;
		memcpy(s->some, one.some, sizeof s->some);
		return p;
	}
	p = get_32(p, end, &s->somes);
	if (p == NULL || s->somes > GRAPH_SOME)
		return NULL;
	for (i = 0; i < s->somes; i++)
		p = get_signed(p, end, &s->some[i]);
	return p;
}

void
graph_row_pack(struct buf *b, const struct seen_in *in,
    const uint32_t kinds[GRAPH_KINDS])
{
	uint32_t k;

	seen_in_pack(b, in);
	for (k = 0; k < GRAPH_KINDS; k++)
		if (kinds[k] > 0) {
			vint_add(b, k);
			vint_add(b, kinds[k]);
		}
}

bool
graph_row_unpack(struct seen_in *in, uint32_t kinds[GRAPH_KINDS],
    const void *from, size_t len)
{
	const uint8_t *p = from, *end = p + len;
	uint32_t k = 0, n = 0;

	memset(kinds, 0, GRAPH_KINDS * sizeof *kinds);
	if (p == NULL)
		return false;
	p = seen_in_unpack(in, p, end);
	while (p != NULL && p < end) {
		p = get_32(p, end, &k);
		p = get_32(p, end, &n);
		if (k >= GRAPH_KINDS)
			return false;
		kinds[k] = n;
	}
	return p != NULL;
}

/* n, the kind in four bits, strong in one; least byte first. */
void
graph_count_pack(uint8_t out[4], const struct graph_count *c)
{
	uint32_t v = (c->n < GRAPH_COUNT_MAX ? c->n : GRAPH_COUNT_MAX - 1) <<
	    5 | (uint32_t)c->kind << 1 | c->strong;
	int i;

	for (i = 0; i < 4; i++)
		out[i] = (uint8_t)(v >> 8 * i);
}

void
graph_edges_pack(struct buf *b, const struct graph_edges *x)
{
	size_t i;

	for (i = 0; i < x->n; i++) {
		put_signed(b, x->v[i].other);
		vint_add(b, x->v[i].kind << 1 | x->v[i].in);
		seen_in_pack(b, &x->v[i].seen);
	}
}

int
graph_is_damaged(struct err *e)
{
	return err_set(e, ERR_INDEX, "the graph is damaged; run mem-graph "
	    "build --rebuild");
}

static const uint8_t *
get_ends(struct graph_edge *g, const uint8_t *p, const uint8_t *end)
{
	uint32_t kind = 0;

	p = get_signed(p, end, &g->other);
	p = get_32(p, end, &kind);
	g->kind = kind >> 1;
	g->in = kind & 1;
	return p;
}

const uint8_t *
graph_edge_unpack(struct graph_edge *g, const uint8_t *p, const uint8_t *end)
{
	return seen_in_unpack(&g->seen, get_ends(g, p, end), end);
}

/* So many numbers. */
static const uint8_t *
pass(const uint8_t *p, const uint8_t *end, uint32_t n)
{
	const uint8_t *from = p;

	for (; p != NULL && n > 0; n--) {
		for (from = p; p < end && *p > 127; p++)
			;
		p = p < end && p - from < VINT_MAX ? p + 1 : NULL;
	}
	return p;
}

const uint8_t *
graph_edge_skim(struct graph_edge *g, const uint8_t *p, const uint8_t *end)
{
	uint32_t *n = &g->seen.n, somes = 0;

	p = get_32(get_ends(g, p, end), end, n);
	p = pass(p, end, *n > 1 ? 4 : 2);
	if (p == NULL || *n == 0)
		return NULL;
	if (*n < 3)
		return p;
	p = get_32(p, end, &somes);
	return somes > GRAPH_SOME ? NULL : pass(p, end, somes);
}

int
graph_edges_unpack(struct graph_edges *x, const void *from, size_t len,
    struct err *e)
{
	const uint8_t *p = from, *end = p + len;

	x->n = 0;
	while (p != NULL && p < end) {
		x->v = xgrow(x->v, x->n, &x->cap, sizeof *x->v);
		p = graph_edge_unpack(&x->v[x->n], p, end);
		x->n += p != NULL;
	}
	return p != NULL || len == 0 ? 0 : graph_is_damaged(e);
}
