/*
 * How well cut finds where one conversation ends and the next begins:
 *
 *	q-cut [-v] COLLECTION ...
 *
 * The sessions of a collection, or its documents sentence by sentence, are
 * put one after the other without a pause, in several ways:
 *
 *	in order	each conversation's sessions as they were
 *	mixed		the sessions of all conversations, in disorder
 *	no hello	in order, without the first and the last two turns of
 *			each: no greeting tells where one begins
 *	documents	of what is no conversation: at least ten sentences
 *
 * For each a line of JSON: Pk (Beeferman et al. 1999) and WindowDiff
 * (Pevzner and Hearst 2002), the share of windows in which the number of
 * ends is wrong, with windows of half the mean length; beside them those of
 * a cut after every so many turns, as long as the mean of the true ones
 * ("fixed"), and of TextTiling ("tiling").  "alone": segments when each
 * session is cut for itself.
 */
#include "base/alloc.h"
#include "base/buf.h"
#include "collection.h"
#include "toc/cut.h"
#include "toc/sentence.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TURN_MS 20000
#define SENTENCES 10

static bool verbose;

/* Turns, and which of them begin something. */
struct stream {
	struct turn *turn;	/* own */
	bool *begins, *found;	/* own */
	size_t n, turn_cap, begins_cap;
};

/* Turns of one session or document, in the collection. */
struct source {
	size_t first, n;	/* of texts */
	const char *conv;
};

struct texts {
	struct strv text;
	struct source *source;	/* own */
	size_t sources, cap;
};

static void
add_turn(struct stream *s, struct turn_reader *r, const char *text, bool begins)
{
	struct turn *t;

	s->turn = xgrow(s->turn, s->n, &s->turn_cap, sizeof *s->turn);
	s->begins = xgrow(s->begins, s->n, &s->begins_cap, sizeof *s->begins);
	t = &s->turn[s->n];
	memset(t, 0, sizeof *t);
	t->text = text;
	t->len = strlen(text);
	t->time_ms = (int64_t)s->n * TURN_MS;
	t->type = EVENT_USER_MESSAGE;
	turn_read(r, t);
	s->begins[s->n++] = begins;
}

static void
stream_release(struct stream *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		turn_release(&s->turn[i]);
	free(s->turn);
	free(s->begins);
	free(s->found);
}

/* --- the measure ------------------------------------------------------- */

struct score {
	double pk, wd;
};

static struct score
compare(const bool *is, const bool *got, size_t n, size_t k)
{
	size_t i, j, a, b, pk = 0, wd = 0;
	struct score s = { 0, 0 };

	if (n <= k)
		return s;
	for (i = 0; i + k < n; i++) {
		for (a = b = 0, j = i + 1; j <= i + k; j++) {
			a += is[j];
			b += got[j];
		}
		pk += (a == 0) != (b == 0);
		wd += a != b;
	}
	s.pk = (double)pk / (double)(n - k);
	s.wd = (double)wd / (double)(n - k);
	return s;
}

static size_t
count(const bool *begins, size_t n)
{
	size_t i, c = 0;

	for (i = 0; i < n; i++)
		c += begins[i];
	return c;
}

static void
cut_all(struct stream *s)
{
	struct cut rules = CUT_INIT;
	size_t at = 0, seen;

	s->found = xcalloc(s->n + 1, sizeof *s->found);
	while (at < s->n) {
		s->found[at] = true;
		at += cut_next(&rules, s->turn + at, s->n - at, &seen);
	}
}

/* --- TextTiling (M. Hearst, Computational Linguistics 23, 1997) --------- */

#define BLOCK 6			/* turns on either side of a gap */

static int
by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static uint64_t *
block(const struct stream *s, size_t from, size_t to, size_t *n)
{
	uint64_t *w = NULL;
	size_t cap = 0, i, k;

	for (*n = 0, i = from; i < to; i++)
		for (k = 0; k < s->turn[i].words; k++) {
			w = xgrow(w, *n, &cap, sizeof *w);
			w[(*n)++] = s->turn[i].word[k].stem;
		}
	if (*n > 1)
		qsort(w, *n, sizeof *w, by_value);
	return w;
}

static size_t
row(const uint64_t *w, size_t n, size_t i)
{
	size_t k = i;

	while (k < n && w[k] == w[i])
		k++;
	return k - i;
}

/* Cosine of the words of both sides of a gap. */
static double
cohesion(const struct stream *s, size_t at)
{
	size_t n, m, i = 0, k = 0, a, b;
	uint64_t *x = block(s, at < BLOCK ? 0 : at - BLOCK, at, &n);
	uint64_t *y = block(s, at, at + BLOCK > s->n ? s->n : at + BLOCK, &m);
	double xy = 0, xx = 0, yy = 0;

	while (i < n || k < m) {
		a = i < n && (k == m || x[i] <= y[k]) ? row(x, n, i) : 0;
		b = k < m && (i == n || y[k] <= x[i]) ? row(y, m, k) : 0;
		xy += (double)a * (double)b;
		xx += (double)a * (double)a;
		yy += (double)b * (double)b;
		i += a;
		k += b;
	}
	free(x);
	free(y);
	return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : 0;
}

/* A gap is an end where the cohesion is least around and its depth more than
 * the mean less half a standard deviation. */
static void
tile(const struct stream *s, bool *found)
{
	double *c = xcalloc(s->n + 1, sizeof *c);
	double *depth = xcalloc(s->n + 1, sizeof *depth);
	double sum = 0, squares = 0, least;
	size_t i, l, r, last = 0;

	for (i = 1; i < s->n; i++)
		c[i] = cohesion(s, i);
	for (i = 1; i < s->n; i++) {
		for (l = i; l > 1 && c[l - 1] >= c[l]; l--)
			;
		for (r = i; r + 1 < s->n && c[r + 1] >= c[r]; r++)
			;
		depth[i] = c[l] - c[i] + c[r] - c[i];
		sum += depth[i];
		squares += depth[i] * depth[i];
	}
	sum /= (double)s->n;
	least = sum - sqrt(squares / (double)s->n - sum * sum) / 2;
	for (i = 1; i < s->n; i++)
		if (depth[i] > least && c[i] <= c[i - 1] &&
		    (i + 1 == s->n || c[i] <= c[i + 1]) && i - last > 3) {
			found[i] = true;
			last = i;
		}
	found[0] = true;
	free(c);
	free(depth);
}

struct sum {
	double tiling_pk, tiling_wd;
	double pk, wd, fixed_pk, fixed_wd, n, is, got, alone;
};

/* Segments when each session is cut for itself. */
static size_t
cut_alone(const struct stream *s)
{
	struct cut rules = CUT_INIT;
	size_t at = 0, end, k = 0, seen;

	for (end = 0; end < s->n; ) {
		for (end++; end < s->n && !s->begins[end]; end++)
			;
		for (; at < end; k++)
			at += cut_next(&rules, s->turn + at, end - at, &seen);
	}
	return k;
}

static void
measure(struct stream *s, struct sum *sum)
{
	size_t is = count(s->begins, s->n), i, k;
	double mean = (double)s->n / (double)is, n = (double)s->n;
	bool *fixed;
	struct score a, b;

	if (s->n == 0)		/* all of it was dropped */
		return;
	fixed = xcalloc(s->n + 1, sizeof *fixed);
	cut_all(s);
	for (i = 0; i < is; i++)
		fixed[(size_t)((double)i * mean)] = true;
	k = (size_t)(mean / 2 + 0.5);
	a = compare(s->begins, s->found, s->n, k);
	b = compare(s->begins, fixed, s->n, k);
	sum->pk += a.pk * n;
	sum->wd += a.wd * n;
	sum->fixed_pk += b.pk * n;
	sum->fixed_wd += b.wd * n;
	memset(fixed, 0, s->n);
	tile(s, fixed);
	a = compare(s->begins, fixed, s->n, k);
	sum->tiling_pk += a.pk * n;
	sum->tiling_wd += a.wd * n;
	sum->n += n;
	sum->alone += (double)cut_alone(s);
	sum->is += (double)is;
	sum->got += (double)count(s->found, s->n);
	for (i = 0; verbose && i < s->n; i++)
		printf("%c%c %.100s\n", s->begins[i] ? '=' : ' ',
		    s->found[i] ? '>' : ' ', s->turn[i].text);
	free(fixed);
}

/* --- streams ----------------------------------------------------------- */

static void
read_texts(struct texts *x, const struct collection *c)
{
	const struct passage *p;
	const char *session = NULL;
	struct sentences s;
	struct turn_sentence t;
	size_t i;

	for (i = 0; i < c->passages; i++) {
		p = &c->passage[i];
		if (p->conv == NULL || session == NULL ||
		    strcmp(session, p->session) != 0) {
			x->source = xgrow(x->source, x->sources, &x->cap,
			    sizeof *x->source);
			x->source[x->sources].first = x->text.n;
			x->source[x->sources].conv = p->conv;
			x->source[x->sources++].n = 0;
		}
		session = p->session;
		if (p->conv != NULL) {
			strv_add(&x->text, p->text);
			x->source[x->sources - 1].n++;
			continue;
		}
		sentences_start(&s, p->text, strlen(p->text), SENTENCE_SAID);
		while (sentence_next(&s, &t)) {
			if (t.kind == TURN_GO_ON)
				continue;
			strv_add_n(&x->text, p->text + t.at, t.len);
			x->source[x->sources - 1].n++;
		}
		if (x->source[x->sources - 1].n < SENTENCES)
			x->sources--;
	}
}

static void
disorder(struct texts *x)
{
	uint64_t seed = 88172645463325252u;	/* xorshift64 */
	struct source t;
	size_t i, k;

	for (i = x->sources; i > 1; i--) {
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		k = seed % i;
		t = x->source[k];
		x->source[k] = x->source[i - 1];
		x->source[i - 1] = t;
	}
}

/* Sources of one conversation make a stream, or all of them do. */
static void
run(const struct texts *x, const char *name, const char *how, bool all,
    size_t drop)
{
	struct turn_reader *r = turn_reader_new();
	struct sum sum = { 0 };
	struct stream s;
	const struct source *o;
	size_t i = 0, k;

	while (i < x->sources) {
		memset(&s, 0, sizeof s);
		do {
			o = &x->source[i++];
			for (k = drop; k + drop < o->n; k++)
				add_turn(&s, r, x->text.v[o->first + k],
				    k == drop);
		} while (i < x->sources && (all ||
		    strcmp(x->source[i].conv, o->conv) == 0));
		measure(&s, &sum);
		stream_release(&s);
	}
	turn_reader_free(r);
	if (sum.is <= 1)
		return;
	printf("{\"type\":\"cut\",\"collection\":\"%s\",\"stream\":\"%s\","
	    "\"turns\":%.0f,\"sessions\":%.0f,\"segments\":%.0f,"
	    "\"alone\":%.0f,\"pk\":%.3f,\"windowdiff\":%.3f,"
	    "\"fixed_pk\":%.3f,\"fixed_windowdiff\":%.3f,"
	    "\"tiling_pk\":%.3f,\"tiling_windowdiff\":%.3f}\n", name, how,
	    sum.n, sum.is, sum.got, sum.alone, sum.pk / sum.n,
	    sum.wd / sum.n, sum.fixed_pk / sum.n, sum.fixed_wd / sum.n,
	    sum.tiling_pk / sum.n, sum.tiling_wd / sum.n);
}

static void
one(const char *dir)
{
	const char *slash = strrchr(dir, '/');
	const char *name = slash == NULL ? dir : slash + 1;
	struct texts x = { STRV_INIT, NULL, 0, 0 };
	struct collection c;

	collection_read(&c, dir, false);
	read_texts(&x, &c);
	if (c.conversations) {
		run(&x, name, "in order", false, 0);
		run(&x, name, "no hello", false, 2);
		disorder(&x);
		run(&x, name, "mixed", true, 0);
		run(&x, name, "mixed, no hello", true, 2);
	} else {
		disorder(&x);
		run(&x, name, "documents", true, 0);
	}
	strv_release(&x.text);
	free(x.source);
	collection_release(&c);
}

int
main(int argc, char **argv)
{
	int opt;

	alloc_name = "q-cut";
	json_setup();
	while ((opt = getopt(argc, argv, "v")) == 'v')
		verbose = true;
	if (opt != -1 || optind == argc)
		die("usage: q-cut [-v] COLLECTION ...");
	for (; optind < argc; optind++)
		one(argv[optind]);
	return 0;
}
