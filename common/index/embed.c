/*
 * Pieces are counted first, so that a row is fetched once for each, and
 * summed in the order of their ids, so that the same bag gives the same
 * bits.  Every component is a sum of its own: a machine that does sixteen at
 * a time gets the same floats as one that does one.
 */
#include "index/embed.h"

#include "base/cpu.h"

#include "base/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct embed {
	struct model *model;		/* borrowed */
	struct wordpiece words;
	uint64_t *seen;			/* own; a bit for each piece */
	uint16_t *times;		/* own; of each piece */
};

struct embed *
embed_new(struct model *m)
{
	struct embed *em = xcalloc(1, sizeof *em);

	em->model = m;
	wordpiece_init(&em->words, m);
	em->seen = xcalloc(model_pieces(m) / 64 + 1, sizeof *em->seen);
	em->times = xcalloc(model_pieces(m), sizeof *em->times);
	return em;
}

void
embed_free(struct embed *em)
{
	if (em == NULL)
		return;
	wordpiece_release(&em->words);
	free(em->seen);
	free(em->times);
	free(em);
}

static int
compare_ids(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* bits is not 0. */
static unsigned
lowest_bit(uint64_t bits)
{
#if defined(__GNUC__)
	return (unsigned)__builtin_ctzll(bits);
#else
	unsigned k = 0;

	for (; !(bits & 1); bits >>= 1)
		k++;
	return k;
#endif
}

/* All that is set, ascending, by walking the bits. */
static uint32_t
collect(struct embed *em, uint32_t *out)
{
	uint32_t i, words = model_pieces(em->model) / 64 + 1, n = 0;
	uint64_t bits;

	for (i = 0; i < words; i++)
		for (bits = em->seen[i]; bits != 0; bits &= bits - 1)
			out[n++] = 64 * i + lowest_bit(bits);
	return n;
}

int
embed_pieces(struct embed *em, const char *p, size_t len,
    struct embed_bag *b, struct err *e)
{
	uint32_t id[WORDPIECE_MAX], i;
	size_t n, k;

	if (wordpiece_text(&em->words, p, len, id, &n, e) < 0)
		return -1;
	b->n = 0;
	for (k = 0; k < n; k++) {
		if (em->times[id[k]]++ == 0)
			b->id[b->n++] = id[k];
	}
	/* a handful is sorted, a page of text is read off the bits */
	if (b->n <= 16)
		qsort(b->id, b->n, sizeof *b->id, compare_ids);
	else {
		for (i = 0; i < b->n; i++)
			em->seen[b->id[i] / 64] |=
			    UINT64_C(1) << (b->id[i] % 64);
		b->n = collect(em, b->id);
		for (i = 0; i < b->n; i++)
			em->seen[b->id[i] / 64] = 0;
	}
	for (i = 0; i < b->n; i++) {
		b->times[i] = em->times[b->id[i]];
		em->times[b->id[i]] = 0;
	}
	return 0;
}

/* --- the sum ----------------------------------------------------------- */

static inline void
add_row_body(float *restrict sum, const int8_t *restrict q, float w,
    size_t dim)
{
	size_t i, k;

	for (i = 0; i < dim; i += 64)
		for (k = 0; k < 64; k++)
			sum[i + k] += w * (float)q[i + k];
}

static void
add_row_plain(float *sum, const int8_t *q, float w, size_t dim)
{
	add_row_body(sum, q, w, dim);
}

typedef void add_row(float *, const int8_t *, float, size_t);

#if defined(__x86_64__) && defined(__GNUC__)
/* Without fma: it would round once where the others round twice. */
__attribute__((target("avx2")))
static void
add_row_avx2(float *sum, const int8_t *q, float w, size_t dim)
{
	add_row_body(sum, q, w, dim);
}

static add_row *
best_add_row(void)
{
	return CPU_HAS(AVX2) ? add_row_avx2 : add_row_plain;
}
#else
static add_row *
best_add_row(void)
{
	return add_row_plain;
}
#endif

/* As long as 1; 0 if it has no length. */
static int
normalise(float *v, size_t dim)
{
	double sum = 0, len;
	size_t i;

	for (i = 0; i < dim; i++)
		sum += (double)v[i] * (double)v[i];
	if (!(sum > 1e-24) || !(sum < 1e300)) {
		memset(v, 0, dim * sizeof *v);
		return 0;
	}
	len = sqrt(sum);
	for (i = 0; i < dim; i++)
		v[i] = (float)((double)v[i] / len);
	return 1;
}

static int
sum_up(struct embed *em, const struct embed_bag *b, uint64_t n,
    embed_df *ask, void *arg, float *out, struct err *e)
{
	size_t dim = model_dim(em->model);
	add_row *add = best_add_row();
	float scale, weight;
	const int8_t *q;
	uint64_t df;
	double by;
	uint32_t i;

	memset(out, 0, dim * sizeof *out);
	for (i = 0; i < b->n; i++) {
		if (model_row(em->model, b->id[i], &scale, &weight, &q, e) < 0)
			return -1;
		by = (double)weight * (double)scale * b->times[i];
		if (ask != NULL) {
			if (ask(arg, b->id[i], &df, e) < 0)
				return -1;
			if (df > n)
				df = n;
			by *= log1p(((double)(n - df) + .5) /
			    ((double)df + .5));
		}
		add(out, q, (float)by, dim);
	}
	return normalise(out, dim);
}

int
embed_document(struct embed *em, const struct embed_bag *b, float *out,
    struct err *e)
{
	return sum_up(em, b, 0, NULL, NULL, out, e);
}

int
embed_query(struct embed *em, const struct embed_bag *b, uint64_t n,
    embed_df *ask, void *arg, float *out, struct err *e)
{
	return sum_up(em, b, n, ask, arg, out, e);
}

void
embed_quantise(const float *v, size_t dim, int8_t *out, float *scale)
{
	float most = 0, a;
	size_t i;

	*scale = 0;
	memset(out, 0, dim);
	for (i = 0; i < dim; i++) {
		a = fabsf(v[i]);
		if (!(a <= 1e30f))	/* also NaN */
			return;
		if (a > most)
			most = a;
	}
	if (!(most / 127 > 1e-37f))
		return;
	*scale = most / 127;
	for (i = 0; i < dim; i++)
		out[i] = (int8_t)lrintf(v[i] / *scale);
}
