/*
 * Text to vectors, against values that the program which made the table
 * printed: ids, components and products of four texts.
 */
#include "tap.h"

#include "index/embed.h"
#include "index/model.h"
#include "model-file.h"

#include <math.h>

#define DIM 256

static struct err e;

static const struct {
	const char *text;
	double first[8];	/* components of the document's vector */
	double product[4];	/* with each of the four */
} known[] = {
	{ "what did caroline buy at the market",
	    { -0.025847, 0.193817, 0.048119, -0.026758, -0.015411, 0.119262,
	    0.014920, -0.183375 }, { 1.00000, 0.67437, -0.06114, 0.00126 } },
	{ "Caroline: I bought apples at the farmers market",
	    { -0.032059, 0.190123, -0.031586, 0.030267, 0.055796, 0.146391,
	    0.008780, -0.078404 }, { 0.67437, 1.00000, -0.03652, 0.04607 } },
	{ "we deployed the server on friday",
	    { 0.272232, 0.053023, 0.242927, 0.118440, -0.224521, -0.091825,
	    -0.098165, -0.072016 },
	    { -0.06114, -0.03652, 1.00000, -0.04583 } },
	{ "fix a NULL pointer dereference in the resolver (issue #1234)",
	    { 0.000488, -0.230530, 0.054246, -0.056415, 0.341297, -0.057329,
	    0.031182, -0.062705 }, { 0.00126, 0.04607, -0.04583, 1.00000 } }
};

static double
product(const float *a, const float *b)
{
	double s = 0;
	int i;

	for (i = 0; i < DIM; i++)
		s += (double)a[i] * (double)b[i];
	return s;
}

static int
document(struct embed *em, const char *text, float *out)
{
	struct embed_bag b;

	if (embed_pieces(em, text, strlen(text), &b, &e) < 0)
		return -1;
	return embed_document(em, &b, out, &e);
}

static void
published(struct embed *em)
{
	float v[4][DIM];
	double most;
	int i, k;

	for (i = 0; i < 4; i++) {
		is_int(document(em, known[i].text, v[i]), 1, "'%s'",
		    known[i].text);
		for (most = 0, k = 0; k < 8; k++)
			most = fmax(most, fabs((double)v[i][k] -
			    known[i].first[k]));
		ok(most < 2e-6, "its components, to %.1e", most);
	}
	for (i = 0; i < 4; i++) {
		for (most = 0, k = 0; k < 4; k++)
			most = fmax(most, fabs(product(v[i], v[k]) -
			    known[i].product[k]));
		ok(most < 2e-5, "its products, to %.1e", most);
	}
}

/* --- bags -------------------------------------------------------------- */

static void
bags(struct embed *em)
{
	struct embed_bag b;
	char text[8000];
	size_t n = 0;
	uint32_t i, total;
	int sorted;

	is_int(embed_pieces(em, "b a c a b a", 11, &b, &e), 0, "a bag");
	ok(b.n == 3 && b.id[0] == 1037 && b.id[1] == 1038 && b.id[2] == 1039,
	    "each piece once, in order");
	ok(b.times[0] == 3 && b.times[1] == 2 && b.times[2] == 1, "counted");
	for (i = 0; i < 700; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "%u ",
		    (i * 389u) % 1000);
	embed_pieces(em, text, n, &b, &e);
	for (sorted = 1, total = 0, i = 0; i < b.n; i++) {
		total += b.times[i];
		sorted &= i == 0 || b.id[i] > b.id[i - 1];
	}
	ok(sorted, "a long one in order");
	is_int(total, WORDPIECE_MAX, "and no longer than a text is read");
	embed_pieces(em, "", 0, &b, &e);
	is_int(b.n, 0, "none of nothing: the last one left no trace");
}

/* --- queries ----------------------------------------------------------- */

static int
df_of(void *arg, uint32_t id, uint64_t *df, struct err *ep)
{
	(void)ep;
	*df = id == *(uint32_t *)arg ? 900 : 1;
	return 0;
}

static int
df_fails(void *arg, uint32_t id, uint64_t *df, struct err *ep)
{
	(void)arg;
	(void)id;
	(void)df;
	return err_set(ep, ERR_INDEX, "no frequencies");
}

static int
df_huge(void *arg, uint32_t id, uint64_t *df, struct err *ep)
{
	(void)arg;
	(void)id;
	(void)ep;
	*df = UINT64_MAX;
	return 0;
}

/* The sum again, in doubles, with the idf that the header gives. */
static void
slow_query(struct model *m, const struct embed_bag *b, uint32_t often,
    double *out)
{
	float scale, weight;
	const int8_t *q;
	double df, by, len = 0;
	uint32_t i;
	int k;

	memset(out, 0, DIM * sizeof *out);
	for (i = 0; i < b->n; i++) {
		model_row(m, b->id[i], &scale, &weight, &q, &e);
		df = b->id[i] == often ? 900 : 1;
		by = (double)weight * (double)scale * b->times[i] *
		    log(1 + (1000 - df + .5) / (df + .5));
		for (k = 0; k < DIM; k++)
			out[k] += by * q[k];
	}
	for (k = 0; k < DIM; k++)
		len += out[k] * out[k];
	for (k = 0; k < DIM; k++)
		out[k] /= sqrt(len);
}

static void
queries(struct embed *em, struct model *m)
{
	const char *text = "the the server on friday";
	uint32_t often = 8241;		/* server */
	float v[DIM], plain[DIM];
	struct embed_bag b;
	double want[DIM], most = 0;
	int k;

	embed_pieces(em, text, strlen(text), &b, &e);
	is_int(embed_query(em, &b, 1000, df_of, &often, v, &e), 1, "a query");
	slow_query(m, &b, often, want);
	for (k = 0; k < DIM; k++)
		most = fmax(most, fabs(want[k] - (double)v[k]));
	ok(most < 1e-6, "is weighted by idf, to %.1e", most);
	embed_document(em, &b, plain, &e);
	ok(product(v, plain) < .98, "and differs from the document");
	is_int(embed_query(em, &b, 1000, df_fails, NULL, v, &e), -1,
	    "an error comes through");
	is_int(embed_query(em, &b, 0, df_huge, NULL, v, &e), 1,
	    "frequencies that cannot be");
	ok(fabs(product(v, plain) - 1) < 1e-5, "count as those of all");
	b.n = 0;
	is_int(embed_query(em, &b, 1000, df_of, &often, v, &e), 0,
	    "of nothing there is no vector");
	ok(product(v, v) == 0, "but zeros");
}

/* --- int8 -------------------------------------------------------------- */

static void
quantised(struct embed *em)
{
	float v[DIM], scale, bad[4] = { 1, NAN, 0, 0 };
	float two[4] = { 2, -1, 1e-9f, 0 };
	int8_t q[DIM];
	double most = 0;
	int k, top = 0;

	document(em, known[0].text, v);
	embed_quantise(v, DIM, q, &scale);
	for (k = 0; k < DIM; k++) {
		most = fmax(most, fabs((double)v[k] -
		    (double)scale * q[k]));
		top |= q[k] == 127 || q[k] == -127;
	}
	ok(most <= .50001 * (double)scale, "no more off than rounding");
	ok(top, "the greatest is 127");
	embed_quantise(two, 4, q, &scale);
	ok(q[0] == 127 && q[1] == -64 && q[2] == 0 && q[3] == 0, "rounded");
	embed_quantise(two + 3, 1, q, &scale);
	ok(scale == 0 && q[0] == 0, "zero is zero");
	embed_quantise(bad, 4, q, &scale);
	ok(scale == 0 && q[0] == 0, "what is no number is zero");
	bad[1] = INFINITY;
	embed_quantise(bad, 4, q, &scale);
	ok(scale == 0, "nor what is not finite");
}

int
main(void)
{
	struct embed *em;
	struct model *m;

	if (model_open(&m, real_model(), &e) < 0) {
		ok(0, "the model opens: %s", e.msg);
		return done();
	}
	em = embed_new(m);
	published(em);
	bags(em);
	queries(em, m);
	quantised(em);
	embed_free(em);
	model_close(m);
	return done();
}
