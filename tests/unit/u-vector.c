/*
 * Files of vectors against the obvious slow way: scans with every filter,
 * merges, frequencies, damage.
 */
#include "tap.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/crc.h"
#include "index/embed.h"
#include "index/le.h"
#include "index/vector.h"
#include "index/vector_make.h"
#include "temp-dir.h"

#include <math.h>

#define DIM 80			/* no multiple of 64 */
#define PIECES 3000
#define ROWS 1500		/* three blocks, the last one short */

static struct err e;
static uint64_t seed = 88172645463325252u;

static uint32_t
draw(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 16) % below;
}

static const struct vector_model model = { "small", DIM, PIECES, { 1, 2, 3 } };

/* A document: its vector, as it is and as it is kept. */
struct doc {
	float v[DIM], scale;
	int8_t q[DIM];
	bool none;
	uint32_t piece[12], pieces;
};

static struct doc doc[ROWS];

static void
random_vector(float *v)
{
	int k;

	for (k = 0; k < DIM; k++)
		v[k] = (float)((int)draw(2001) - 1000) / 3000;
}

static void
make_docs(void)
{
	uint32_t i, k;

	for (i = 0; i < ROWS; i++) {
		if (i % 11 == 5 && i > 20)
			doc[i] = doc[i - 7];	/* equal ones */
		else
			random_vector(doc[i].v);
		doc[i].none = i % 97 == 3;
		embed_quantise(doc[i].v, DIM, doc[i].q, &doc[i].scale);
		doc[i].pieces = doc[i].none ? 0 : draw(13);
		for (k = 0; k < doc[i].pieces; k++)
			doc[i].piece[k] = k * (PIECES / 12) +
			    draw(k == 0 ? 3 : PIECES / 12);
	}
}

static void
add(struct vector_maker *m, uint32_t i)
{
	vector_maker_add(m, doc[i].none ? NULL : doc[i].v, doc[i].piece,
	    doc[i].pieces);
}

static void
make_file(const char *path, uint32_t from, uint32_t end, uint32_t step)
{
	struct vector_maker *m = vector_maker_new(&model);
	uint32_t i;

	for (i = from; i < end; i += step)
		add(m, i);
	if (vector_maker_write(m, NULL, path, NULL, &e) < 0)
		printf("# %s\n", e.msg);
	vector_maker_free(m);
}

static struct vector *
open_file(const char *path)
{
	struct vector *v = NULL;

	if (vector_open(&v, path, NULL, &e) < 0) {
		printf("Bail out! %s\n", e.msg);
		exit(2);
	}
	return v;
}

/* --- the slow way ------------------------------------------------------ */

struct slow {
	double score;
	uint32_t doc;
};

static int
slow_order(const void *pa, const void *pb)
{
	const struct slow *a = pa, *b = pb;

	if (a->score != b->score)
		return a->score > b->score ? -1 : 1;
	return a->doc < b->doc ? -1 : a->doc > b->doc;
}

/* All documents that may be hits, best first. */
static size_t
slow_scan(const float *query, const uint64_t *dead, const uint64_t *allowed,
    bool even, struct slow *out)
{
	long q[DIM];
	double most = 0;
	size_t n = 0;
	int64_t dot;
	uint32_t i;
	int k;

	for (k = 0; k < DIM; k++)
		most = fmax(most, fabs((double)query[k]));
	for (k = 0; k < DIM; k++)
		q[k] = lrint((double)query[k] / (most / (127 * 128)));
	for (i = 0; i < ROWS; i++) {
		if (doc[i].none || (even && i % 2) ||
		    (dead != NULL && (dead[i / 64] >> i % 64 & 1)) ||
		    (allowed != NULL && !(allowed[i / 64] >> i % 64 & 1)))
			continue;
		for (dot = 0, k = 0; k < DIM; k++)
			dot += q[k] * doc[i].q[k];
		out[n].score = (double)dot * (double)doc[i].scale *
		    (most / (127 * 128));
		out[n++].doc = i;
	}
	qsort(out, n, sizeof *out, slow_order);
	return n;
}

static int
even_only(void *arg, uint32_t part, uint32_t row, struct err *ep)
{
	(void)arg;
	(void)part;
	(void)ep;
	return row % 2 == 0;
}

static int
no_answer(void *arg, uint32_t part, uint32_t row, struct err *ep)
{
	(void)arg;
	(void)part;
	(void)row;
	return err_set(ep, ERR_BUSY, "ask again");
}

static bool
alike(const struct vector_hit *h, size_t n, const struct slow *s, size_t k)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (h[i].row != s[i].doc || h[i].part != 0 ||
		    h[i].score != s[i].score)
			return false;
	return n == k;
}

static void
random_bits(uint64_t *bits, unsigned one_in)
{
	uint32_t i;

	memset(bits, 0, (ROWS / 64 + 1) * sizeof *bits);
	for (i = 0; i < ROWS; i++)
		if (draw(one_in) == 0)
			bits[i / 64] |= UINT64_C(1) << i % 64;
}

/* One combination of filters, some queries: how many are not as they must
 * be.  recall: how many of the best ten the bits lose. */
static int
filtered(struct vector *v, int which, unsigned one_in, int *lost)
{
	static struct slow s[ROWS];
	uint64_t dead[ROWS / 64 + 1], allowed[ROWS / 64 + 1];
	struct vector_part p = { v, which & 1 ? dead : NULL,
	    which & 2 ? allowed : NULL };
	struct vector_want w = { 10, 300, true, which & 4 ? even_only : NULL,
	    NULL, NULL };
	struct vector_query *q;
	struct vector_hit *h = NULL;
	float query[DIM];
	size_t n, k, i, j;
	int round, bad = 0;

	for (round = 0; round < 20; round++) {
		random_bits(dead, 3);
		random_bits(allowed, one_in);
		random_vector(query);
		q = vector_query_new(&model, query);
		k = slow_scan(query, p.dead, p.allowed, which & 4, s);
		k = k < 10 ? k : 10;
		w.exact = true;
		bad += vector_scan(&p, 1, q, &w, &h, &n, &e) < 0 ||
		    !alike(h, n, s, k);
		free(h);
		w.exact = false;
		bad += vector_scan(&p, 1, q, &w, &h, &n, &e) < 0 || n != k;
		for (i = 0; i < k; i++) {
			for (j = 0; j < n && h[j].row != s[i].doc; j++)
				;
			*lost += j == n;
			bad += i > 0 && slow_order(&(struct slow){
			    h[i - 1].score, h[i - 1].row },
			    &(struct slow){ h[i].score, h[i].row }) >= 0;
		}
		free(h);
		vector_query_free(q);
	}
	return bad;
}

static void
scanning(struct vector *v)
{
	static const unsigned one_in[] = { 2, 20, 2000 };
	int which, i, lost;

	for (which = 0; which < 8; which++)
		for (i = 0; i < (which & 2 ? 3 : 1); i++) {
			lost = 0;
			is_int(filtered(v, which, one_in[i], &lost), 0,
			    "filters %d, one in %u", which, one_in[i]);
			ok(lost <= 10, "the bits lose %d of 200", lost);
		}
}

static void
asking(struct vector *v)
{
	struct vector_part p = { v, NULL, NULL };
	struct vector_want w = { 5, 300, false, NULL, NULL, NULL };
	struct vector_model other = model;
	struct vector_query *q;
	struct vector_hit *h = NULL, some[3];
	float query[DIM] = { 0 };
	size_t n;

	ok(vector_query_new(&model, query) == NULL, "no query of zeros");
	query[3] = NAN;
	ok(vector_query_new(&model, query) == NULL, "nor of no numbers");
	query[3] = INFINITY;
	ok(vector_query_new(&model, query) == NULL, "nor of endless ones");
	memcpy(query, doc[200].v, sizeof query);
	q = vector_query_new(&model, query);
	is_int(vector_scan(&p, 1, q, &w, &h, &n, &e), 0, "a scan");
	ok(n == 5 && h[0].row == 200, "finds what it asks for");
	some[0] = (struct vector_hit){ 7, 0, 3 };
	some[1] = (struct vector_hit){ 7, 0, 200 };
	some[2] = (struct vector_hit){ 7, 0, ROWS - 1 };
	is_int(vector_score(&p, 1, q, some, 3, &e), 0, "rows by name");
	ok(some[0].score == VECTOR_NONE, "one without a vector says so");
	ok(some[1].score == h[0].score, "one with it has the scan's score");
	free(h);
	w.allow = no_answer;
	ok(vector_scan(&p, 1, q, &w, &h, &n, &e) < 0 && e.code == ERR_BUSY,
	    "an error of the filter comes through");
	w.allow = NULL;
	w.k = 0;
	ok(vector_scan(&p, 1, q, &w, &h, &n, &e) == 0 && n == 0,
	    "none are none");
	free(h);
	w.k = 5000;
	ok(vector_scan(&p, 1, q, &w, &h, &n, &e) == 0 && n == vector_held(v),
	    "more than there are: all of them");
	free(h);
	ok(vector_scan(&p, 0, q, &w, &h, &n, &e) == 0 && n == 0,
	    "no parts, no hits");
	free(h);
	vector_query_free(q);
	other.hash[0] ^= 1;
	q = vector_query_new(&other, query);
	ok(vector_scan(&p, 1, q, &w, &h, &n, &e) < 0 && e.code == ERR_EXISTS,
	    "another model's query is refused");
	vector_query_free(q);
}

/* --- several ----------------------------------------------------------- */

/* Document i is row i / 3 of part i % 3. */
static int
by_doc(void *arg, const struct vector_hit *a, const struct vector_hit *b)
{
	uint32_t x = a->row * 3 + a->part, y = b->row * 3 + b->part;

	(void)arg;
	return x < y ? -1 : x > y;
}

static void
parts(struct vector *whole)
{
	struct vector_part one = { whole, NULL, NULL }, three[3];
	struct vector_want w = { 40, 60, false, NULL, by_doc, NULL };
	struct vector_query *q;
	struct vector_hit *a, *b;
	const char *const name[] = { "p0", "p1", "p2" };
	float query[DIM];
	size_t n, m, i;
	int round, bad = 0;
	uint32_t k;

	for (k = 0; k < 3; k++) {
		make_file(name[k], k, ROWS, 3);
		three[k] = (struct vector_part){ open_file(name[k]), NULL,
		    NULL };
	}
	for (round = 0; round < 40; round++) {
		/* close to one of those that are there several times */
		memcpy(query, doc[(uint32_t)round * 11 + 27].v, sizeof query);
		q = vector_query_new(&model, query);
		w.exact = round % 2;
		if (vector_scan(&one, 1, q, &w, &a, &n, &e) < 0 ||
		    vector_scan(three, 3, q, &w, &b, &m, &e) < 0) {
			bad++;
			continue;
		}
		bad += n != m;
		for (i = 0; i < n && i < m; i++)
			bad += a[i].row != b[i].row * 3 + b[i].part ||
			    a[i].score != b[i].score;
		free(a);
		free(b);
		vector_query_free(q);
	}
	is_int(bad, 0, "three files answer as one does");
	for (k = 0; k < 3; k++)
		vector_close(three[k].v);
}

struct walk {
	uint32_t i;
	const uint64_t *dead;
};

/* Of three files again. */
static int
next_doc(void *arg, uint32_t *source, uint32_t *row, struct err *ep)
{
	struct walk *w = arg;

	(void)ep;
	while (w->i < ROWS && w->dead != NULL &&
	    (w->dead[w->i / 64] >> w->i % 64 & 1))
		w->i++;
	if (w->i >= ROWS)
		return 0;
	*source = doc[w->i].none && w->i % 2 ? VECTOR_NOTHING : w->i % 3;
	*row = w->i / 3;
	w->i++;
	return 1;
}

static bool
same_file(const char *a, const char *b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;
	bool same;

	same = buf_read_file(&x, a, 1 << 24, &e) == 0 &&
	    buf_read_file(&y, b, 1 << 24, &e) == 0 && x.len == y.len &&
	    memcmp(x.p, y.p, x.len) == 0;
	buf_release(&x);
	buf_release(&y);
	return same;
}

static void
merging(void)
{
	struct vector *v[3] = { open_file("p0"), open_file("p1"),
	    open_file("p2") }, *m;
	struct vector_maker *alive = vector_maker_new(&model), *back;
	uint64_t dead[ROWS / 64 + 1];
	uint32_t order[ROWS], i;
	struct walk w = { 0, NULL };

	ok(vector_merge(v, 3, ROWS, next_doc, &w, "merged", &e) == 0,
	    "three files are merged");
	ok(same_file("merged", "whole"), "byte for byte as made at once");
	random_bits(dead, 3);
	for (i = 0; i < ROWS; i++)
		if (!(dead[i / 64] >> i % 64 & 1))
			add(alive, i);
	vector_maker_write(alive, NULL, "alive", NULL, &e);
	w = (struct walk){ 0, dead };
	ok(vector_merge(v, 3, vector_maker_rows(alive), next_doc, &w, "merged",
	    &e) == 0 && same_file("merged", "alive"),
	    "without the dead, as if they had never been");
	m = open_file("merged");
	ok(vector_verify(m, &e) == 0, "and whole");
	vector_close(m);
	w = (struct walk){ 0, dead };
	ok(vector_merge(v, 3, ROWS, next_doc, &w, "wrong", &e) < 0 &&
	    !file_exists("wrong") && !file_exists("wrong.new"),
	    "fewer rows than were said: nothing is made");
	w = (struct walk){ 0, NULL };
	ok(vector_merge(v, 3, 7, next_doc, &w, "wrong", &e) < 0 &&
	    !file_exists("wrong"), "nor of more");
	back = vector_maker_new(&model);
	for (i = 0; i < ROWS; i++) {
		add(back, ROWS - 1 - i);
		order[i] = ROWS - 1 - i;
	}
	ok(vector_maker_write(back, order, "back", NULL, &e) == 0 &&
	    same_file("back", "whole"), "rows are put in order");
	ok(vector_maker_memory(back) > ROWS * DIM, "memory is counted");
	ok(vector_maker_write(back, order, "no/such/folder", NULL, &e) < 0,
	    "where nothing can be made, an error");
	vector_maker_free(back);
	vector_maker_free(alive);
	for (i = 0; i < 3; i++)
		vector_close(v[i]);
}

/* --- frequencies ------------------------------------------------------- */

/* How many are not as the documents say. */
static int
wrong_df(struct vector *v, const uint64_t *dead)
{
	static uint32_t want[PIECES];
	uint32_t i, k, df, held = 0;
	int bad = 0;

	memset(want, 0, sizeof want);
	for (i = 0; i < ROWS; i++) {
		if (dead != NULL && (dead[i / 64] >> i % 64 & 1))
			continue;
		held += !doc[i].none;
		for (k = 0; k < doc[i].pieces; k++)
			want[doc[i].piece[k]]++;
	}
	for (i = 0; i < PIECES; i++)
		bad += vector_df(v, i, &df, &e) < 0 || df != want[i];
	return bad + (vector_held(v) != held);
}

static void
frequencies(struct vector *v)
{
	uint64_t dead[ROWS / 64 + 1], all[ROWS / 64 + 1];
	struct vector *part = open_file("p1");
	uint32_t df;

	is_int(wrong_df(v, NULL), 0, "pieces are counted");
	ok(vector_df(v, PIECES, &df, &e) == 0 && df == 0,
	    "a piece that is none is nowhere");
	random_bits(dead, 4);
	ok(vector_df_write(v, dead, "df", &e) == 0 &&
	    vector_df_use(v, "df", &e) == 0, "a file without the dead");
	is_int(wrong_df(v, dead), 0, "counts those that live");
	memset(all, 0xff, sizeof all);
	ok(vector_df_write(v, all, "df", &e) == 0 &&
	    vector_df_use(v, "df", &e) == 0, "when all are dead");
	is_int(wrong_df(v, all), 0, "nothing is left");
	ok(vector_df_write(v, NULL, "df2", &e) == 0 &&
	    vector_df_use(v, "df2", &e) == 0, "when none is");
	is_int(wrong_df(v, NULL), 0, "all is");
	ok(vector_df_use(part, "df2", &e) < 0 && e.code == ERR_INDEX,
	    "of other vectors it is refused");
	ok(vector_df_use(part, "nowhere", &e) < 0 && e.code == ERR_ABSENT,
	    "one that is not there");
	vector_close(part);
}

/* --- damage ------------------------------------------------------------ */

static void
put_bytes(const char *path, const void *p, size_t n)
{
	FILE *f = fopen(path, "wb");

	if (f == NULL || fwrite(p, 1, n, f) != n || fclose(f) != 0)
		exit(2);
}

/* Everything that can be asked of a file, as text; -1 on an error. */
static int
ask_all(const char *path, const struct vector_query *q, struct buf *out)
{
	struct vector_want w = { 10, 20, false, NULL, NULL, NULL };
	struct vector_part p = { NULL, NULL, NULL };
	struct vector_hit *h;
	uint32_t df, i;
	size_t n, k;
	int r;

	buf_reset(out);
	if (vector_open(&p.v, path, NULL, &e) < 0)
		return -1;
	if ((r = vector_scan(&p, 1, q, &w, &h, &n, &e)) == 0) {
		for (k = 0; k < n; k++)
			buf_addf(out, "%" PRIu32 " %.17g,", h[k].row,
			    h[k].score);
		free(h);
	}
	for (i = 0; r == 0 && i < PIECES; i += 31) {
		r = vector_df(p.v, i, &df, &e);
		buf_addf(out, "%" PRIu32 " ", df);
	}
	if (r == 0)
		r = vector_verify(p.v, &e);
	vector_close(p.v);
	return r;
}

static void
damage(void)
{
	struct buf file = BUF_INIT, want = BUF_INIT, got = BUF_INIT;
	struct vector_query *q = vector_query_new(&model, doc[1].v);
	size_t i, seen = 0, wrong = 0, tries = 0;
	int r;

	make_file("f", 0, 40, 1);
	buf_read_file(&file, "f", 1 << 24, &e);
	is_int(ask_all("f", q, &want), 0, "a small file is whole");
	for (i = 0; i < file.len; i += i < 1200 ? 1 : 7) {
		file.p[i] ^= 0x24;
		put_bytes("f", file.p, file.len);
		r = ask_all("f", q, &got);
		tries++;
		seen += r < 0;
		/* between sections it means nothing */
		wrong += r == 0 && strcmp(got.p, want.p) != 0;
		wrong += r < 0 && e.code != ERR_INDEX &&
		    e.code != ERR_VERSION;
		file.p[i] ^= 0x24;
	}
	is_int((int64_t)wrong, 0, "no changed byte gives another answer");
	ok(seen * 100 > tries * 90, "%zu of %zu are seen", seen, tries);
	for (wrong = 0, i = 0; i < file.len; i += 61) {
		put_bytes("f", file.p, i);
		wrong += ask_all("f", q, &got) == 0;
	}
	is_int((int64_t)wrong, 0, "a file cut off is seen");
	buf_addc(&file, 0);
	put_bytes("f", file.p, file.len);
	ok(ask_all("f", q, &got) < 0, "so is one with a byte more");
	vector_query_free(q);
	buf_release(&file);
	buf_release(&want);
	buf_release(&got);
}

/* A header with the right checksum and wrong numbers. */
static void
hostile(void)
{
	static const struct { size_t at; uint32_t is; } bad[] = {
		{ 12, 0 }, { 12, 39 }, { 12, 0x40000000 }, { 12, 0xffffffff },
		{ 16, 0 }, { 16, 64 }, { 16, 4097 }, { 20, 0 }, { 20, 65537 },
		{ 20, 2999 }, { 24, 41 }, { 24, 0 }, { 128, 0 },
		{ 132, 0xffffffff }
	};
	struct vector_query *q = vector_query_new(&model, doc[1].v);
	struct buf file = BUF_INIT, got = BUF_INIT;
	struct vector *v;
	size_t i, wrong = 0;

	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		make_file("f", 0, 40, 1);
		buf_reset(&file);
		buf_read_file(&file, "f", 1 << 24, &e);
		le32_put(file.p + bad[i].at, bad[i].is);
		le32_put(file.p + 508, crc32c(0, file.p, 508));
		put_bytes("f", file.p, file.len);
		if (ask_all("f", q, &got) == 0) {
			printf("# %zu: %u\n", bad[i].at, bad[i].is);
			wrong++;
		}
	}
	is_int((int64_t)wrong, 0, "numbers that cannot be are refused");
	ok(vector_open(&v, "nowhere", NULL, &e) < 0 && e.code == ERR_ABSENT,
	    "no file is told from damage");
	ok(vector_open(&v, ".", NULL, &e) < 0, "a folder is no file");
	if (symlink("whole", "link") == 0)
		ok(vector_open(&v, "link", NULL, &e) < 0,
		    "a link is not followed");
	vector_query_free(q);
	buf_release(&file);
	buf_release(&got);
}

/* --- odd ones ---------------------------------------------------------- */

static void
odd(void)
{
	struct vector_model endpoint = { "endpoint", 1536, 0, { 9 } };
	struct vector_maker *m = vector_maker_new(&endpoint);
	struct vector_want w = { 3, 10, false, NULL, NULL, NULL };
	struct vector_part p = { NULL, NULL, NULL };
	struct vector_query *q;
	struct vector_hit *h;
	static float v[1536];
	uint32_t df = 7;
	size_t n, i, k;

	ok(vector_maker_write(m, NULL, "none", NULL, &e) == 0,
	    "a file of no rows");
	p.v = open_file("none");
	ok(vector_verify(p.v, &e) == 0, "is whole");
	v[5] = 1;
	q = vector_query_new(&endpoint, v);
	ok(vector_scan(&p, 1, q, &w, &h, &n, &e) == 0 && n == 0,
	    "and finds nothing");
	free(h);
	vector_close(p.v);
	for (i = 0; i < 600; i++) {
		for (k = 0; k < 1536; k++)
			v[k] = (float)((int)draw(200) - 100);
		v[5] = (float)i;
		vector_maker_add(m, v, NULL, 0);
	}
	ok(vector_maker_write(m, NULL, "wide", NULL, &e) == 0,
	    "one of an endpoint's, wide and without pieces");
	p.v = open_file("wide");
	ok(vector_verify(p.v, &e) == 0 && vector_rows(p.v) == 600 &&
	    vector_model_same(vector_model(p.v), &endpoint), "is whole");
	ok(vector_scan(&p, 1, q, &w, &h, &n, &e) == 0 && n == 3,
	    "is searched");
	free(h);
	ok(vector_df(p.v, 0, &df, &e) == 0 && df == 0, "counts nothing");
	vector_query_free(q);
	/* the last row, by all of it */
	q = vector_query_new(&endpoint, v);
	ok(vector_scan(&p, 1, q, &w, &h, &n, &e) == 0 && n == 3 &&
	    h[0].row == 599, "and found in");
	free(h);
	vector_query_free(q);
	vector_close(p.v);
	vector_maker_free(m);
}

int
main(void)
{
	struct vector *v;

	temp_begin();
	make_docs();
	make_file("whole", 0, ROWS, 1);
	v = open_file("whole");
	is_int(vector_rows(v), ROWS, "rows");
	ok(vector_verify(v, &e) == 0, "a file is whole");
	scanning(v);
	asking(v);
	parts(v);
	merging();
	frequencies(v);
	vector_close(v);
	damage();
	hostile();
	odd();
	return done() || temp_end();
}
