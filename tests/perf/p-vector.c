/*
 * What vectors cost, as JSON, a line a figure:
 *
 *	p-vector DIR		files of 100,000 and 1,000,000 random rows in
 *				DIR; scans of them by processes that do nothing
 *				else; a resident buffer of rows, beside the
 *				memory bandwidth measured in the same run
 *	p-vector DIR MODEL TEXT [QUERIES]
 *				embeds TEXT in pieces of about 490 bytes, and
 *				compares scans with exact products of floats;
 *				QUERIES has one a line, else pieces of 60 bytes
 *				of TEXT are asked for
 *	p-vector --scan FILE CANDIDATES
 *				the process that is measured
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "index/embed.h"
#include "index/vector.h"
#include "index/vector_dot.h"
#include "index/vector_make.h"
#include "index/vector_write.h"

#define DIM 256
#define RUNS 15
#define PIECE 490
#define ASKED 60
#define QUERIES 300

static struct err e;
static uint64_t seed = 88172645463325252u;

static const struct vector_model random_model = { "random", DIM, 0, { 1 } };

static _Noreturn void
die(void)
{
	fprintf(stderr, "p-vector: %s\n", e.msg);
	exit(2);
}

static uint64_t
draw(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static double
seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* --- cold processes ---------------------------------------------------- */

static void
random_row(int8_t *q, uint8_t *bits)
{
	uint64_t x = 0, y = 0;
	int i;

	memset(bits, 0, DIM / 8);
	for (i = 0; i < DIM; i++) {
		if (i % 8 == 0) {
			x = draw();
			y = draw();
		}
		/* the sum of four is bell-shaped enough */
		q[i] = (int8_t)((int)(x & 63) + (int)(y & 63) - 63);
		x >>= 8;
		y >>= 8;
		bits[i / 8] |= (uint8_t)((q[i] > 0) << i % 8);
	}
}

static void
make_file(const char *path, uint32_t rows)
{
	struct vector_writer *w;
	uint8_t bits[DIM / 8];
	int8_t q[DIM];
	struct vector_line l = { .001f, q, bits, NULL, 0 };
	uint32_t i;

	if (vector_write_begin(&w, &random_model, rows, path, &e) < 0)
		die();
	for (i = 0; i < rows; i++) {
		random_row(q, bits);
		if (vector_write_line(w, &l, &e) < 0)
			die();
	}
	if (vector_write_end(w, &e) < 0)
		die();
	vector_write_free(w);
}

static void
random_query(float *v)
{
	int i;

	for (i = 0; i < DIM; i++)
		v[i] = (float)((int)(draw() % 2001) - 1000);
}

static int
scan_once(const char *path, uint32_t candidates)
{
	struct vector_want w = { 10, candidates, false, NULL, NULL, NULL };
	struct vector_part p = { NULL, NULL, NULL };
	struct vector_query *q;
	struct vector_hit *h;
	float v[DIM];
	size_t n;

	random_query(v);
	if (vector_open(&p.v, path, NULL, &e) < 0)
		die();
	if ((q = vector_query_new(vector_model(p.v), v)) == NULL)
		return 2;
	if (vector_scan(&p, 1, q, &w, &h, &n, &e) < 0)
		die();
	printf("%zu %g\n", n, h[0].score);
	free(h);
	vector_query_free(q);
	vector_close(p.v);
	return 0;
}

static int
up(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Median CPU of a process, in ms. */
static double
cold(const char *self, const char *path, const char *candidates)
{
	double ms[RUNS];
	struct rusage ru;
	int i, status;
	pid_t pid;

	for (i = 0; i < RUNS; i++) {
		fflush(stdout);
		if ((pid = fork()) == 0) {
			if (freopen("/dev/null", "w", stdout) != NULL)
				execl(self, self, path == NULL ? "--nothing" :
				    "--scan", path, candidates, (char *)NULL);
			_exit(127);
		}
		if (pid < 0 || wait4(pid, &status, 0, &ru) < 0 ||
		    status != 0) {
			fprintf(stderr, "p-vector: a process failed\n");
			exit(2);
		}
		ms[i] = (double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) *
		    1e3 + (double)(ru.ru_utime.tv_usec +
		    ru.ru_stime.tv_usec) / 1e3;
	}
	qsort(ms, RUNS, sizeof *ms, up);
	return ms[RUNS / 2];
}

static void
measure_cold(const char *self, const char *dir, uint32_t rows)
{
	double nothing, few, many;
	struct buf path = BUF_INIT;

	buf_addf(&path, "%s/%" PRIu32 ".vec", dir, rows);
	if (access(path.p, R_OK) < 0)
		make_file(path.p, rows);
	cold(self, path.p, "300");
	nothing = cold(self, NULL, NULL);
	few = cold(self, path.p, "300");
	many = cold(self, path.p, "1000");
	printf("{\"figure\":\"cold scan of %" PRIu32 " vectors, 1000 rescored"
	    "\",\"value\":%.3f,\"unit\":\"ms CPU over an empty process\","
	    "\"at_most\":null,\"rescored_300\":%.3f,\"empty\":%.3f}\n", rows,
	    many - nothing, few - nothing, nothing);
	buf_release(&path);
}

/* --- a resident buffer ------------------------------------------------- */

static double
bandwidth(const uint8_t *p, size_t len)
{
	uint64_t a = 0, b = 0, c = 0, d = 0, w[4];
	double best = 1e9, t;
	int round;
	size_t i;

	for (round = 0; round < RUNS; round++) {
		t = seconds(CLOCK_MONOTONIC);
		for (i = 0; i + 32 <= len; i += 32) {
			memcpy(w, p + i, 32);
			a += w[0];
			b += w[1];
			c += w[2];
			d += w[3];
		}
		t = seconds(CLOCK_MONOTONIC) - t;
		best = t < best ? t : best;
	}
	if (a + b + c + d == 1)
		puts("");	/* or the compiler drops it all */
	return (double)len / best / 1e9;
}

static void
measure_way(const struct vector_way *way, const int8_t *rows,
    const int8_t *q, size_t n, double memory)
{
	int16_t fine[DIM], lut[DIM * 32];
	int32_t out[500], sum = 0;
	double dots = 1e9, signs = 1e9, t;
	int round;
	size_t i;

	for (i = 0; i < DIM; i++) {
		sum += q[i];
		fine[i] = (int16_t)(q[i] * 31);
	}
	vector_lut(fine, DIM, lut);
	for (round = 0; round < RUNS; round++) {
		t = seconds(CLOCK_MONOTONIC);
		for (i = 0; i + 500 <= n; i += 500)
			way->dots(rows + i * DIM, DIM, 500, q, sum, DIM, out);
		t = seconds(CLOCK_MONOTONIC) - t;
		dots = t < dots ? t : dots;
		t = seconds(CLOCK_MONOTONIC);
		for (i = 0; i + 500 <= n; i += 500)
			way->signs((const uint8_t *)rows + i * DIM / 8, 500,
			    fine, lut, DIM, out);
		t = seconds(CLOCK_MONOTONIC) - t;
		signs = t < signs ? t : signs;
	}
	printf("{\"figure\":\"int8 scan of a resident buffer, %s\","
	    "\"value\":%.3f,\"unit\":\"x the time of reading it\","
	    "\"at_most\":1.3,\"rows\":%zu,\"rows_per_s\":%.3g,"
	    "\"gb_per_s\":%.1f,\"memory_gb_per_s\":%.1f,"
	    "\"bit_rows_per_s\":%.3g}\n", way->name,
	    memory * dots * 1e9 / ((double)n * DIM), n, (double)n / dots,
	    (double)n * DIM / dots / 1e9, memory, (double)n / signs);
}

static void
measure_resident(size_t n)
{
	int8_t *rows = xmalloc(n * DIM), q[DIM];
	const struct vector_way *way;
	uint8_t bits[DIM / 8];
	size_t i, ways = vector_ways(&way);
	double memory;

	for (i = 0; i < n; i++)
		random_row(rows + i * DIM, bits);
	random_row(q, bits);
	memory = bandwidth((const uint8_t *)rows, n * DIM);
	for (i = 0; i < ways; i++)
		measure_way(&way[i], rows, q, n, memory);
	free(rows);
}

/* --- recall ------------------------------------------------------------ */

struct texts {
	struct model *m;
	struct embed *em;
	struct vector *v;
	float *exact;			/* DIM of each row */
	uint32_t rows;
};

static int
df_of(void *arg, uint32_t id, uint64_t *df, struct err *ep)
{
	uint32_t n;

	if (vector_df(arg, id, &n, ep) < 0)
		return -1;
	*df = n;
	return 0;
}

static void
embed_all(struct texts *t, const struct buf *text, const char *dir)
{
	struct vector_model id = { { 0 }, DIM, 0, { 0 } };
	struct vector_maker *vm;
	struct buf path = BUF_INIT;
	struct embed_bag bag;
	double cpu;
	size_t at;
	float *v;

	memcpy(id.name, model_name(t->m), strlen(model_name(t->m)));
	id.pieces = model_pieces(t->m);
	memcpy(id.hash, model_hash(t->m), HASH_LEN);
	vm = vector_maker_new(&id);
	t->exact = xcalloc(text->len / PIECE + 1, DIM * sizeof *t->exact);
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	for (at = 0; at + PIECE <= text->len; at += PIECE) {
		v = t->exact + (size_t)DIM * t->rows;
		if (embed_pieces(t->em, text->p + at, PIECE, &bag, &e) < 0 ||
		    embed_document(t->em, &bag, v, &e) < 0)
			die();
		vector_maker_add(vm, v, bag.id, bag.n);
		t->rows++;
	}
	buf_addf(&path, "%s/recall.vec", dir);
	if (vector_maker_write(vm, NULL, path.p, NULL, &e) < 0)
		die();
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	printf("{\"figure\":\"text of %d bytes to vector, written\","
	    "\"value\":%.2f,\"unit\":\"us CPU\",\"at_most\":null,"
	    "\"texts\":%" PRIu32 "}\n", PIECE, cpu * 1e6 / t->rows, t->rows);
	vector_maker_free(vm);
	if (vector_open(&t->v, path.p, NULL, &e) < 0)
		die();
	buf_release(&path);
}

struct scored {
	double score;
	uint32_t row;
};

static int
down(const void *pa, const void *pb)
{
	const struct scored *a = pa, *b = pb;

	if (a->score != b->score)
		return a->score > b->score ? -1 : 1;
	return a->row < b->row ? -1 : a->row > b->row;
}

/* How many of the ten best, by floats, are among the ten hits. */
static unsigned
found(const struct texts *t, const struct scored *best,
    const struct vector_query *q, uint32_t candidates)
{
	struct vector_part p = { t->v, NULL, NULL };
	struct vector_want w = { 10, candidates, candidates == 0, NULL, NULL,
	    NULL };
	struct vector_hit *h;
	unsigned r = 0, i;
	size_t n, k;

	if (vector_scan(&p, 1, q, &w, &h, &n, &e) < 0)
		die();
	for (i = 0; i < 10; i++)
		for (k = 0; k < n; k++)
			r += h[k].row == best[i].row;
	free(h);
	return r;
}

static bool
ask(struct texts *t, const char *text, size_t len, struct scored *s,
    unsigned hits[4])
{
	static const uint32_t candidates[4] = { 100, 300, 1000, 0 };
	struct vector_query *q;
	struct embed_bag bag;
	float v[DIM];
	uint32_t i;
	int k;

	if (embed_pieces(t->em, text, len, &bag, &e) < 0 ||
	    (k = embed_query(t->em, &bag, vector_held(t->v), df_of, t->v, v,
	    &e)) < 0)
		die();
	if (k == 0 || (q = vector_query_new(vector_model(t->v), v)) == NULL)
		return false;
	for (i = 0; i < t->rows; i++) {
		s[i].row = i;
		for (s[i].score = 0, k = 0; k < DIM; k++)
			s[i].score += (double)v[k] *
			    (double)t->exact[(size_t)DIM * i + (size_t)k];
	}
	qsort(s, t->rows, sizeof *s, down);
	for (k = 0; k < 4; k++)
		hits[k] += found(t, s, q, candidates[k]);
	vector_query_free(q);
	return true;
}

static void
measure_recall(const char *dir, char **argv)
{
	struct texts t = { 0 };
	struct buf text = BUF_INIT, queries = BUF_INIT;
	struct scored *s;
	unsigned hits[4] = { 0 }, asked = 0;
	char *line, *end;

	if (model_open(&t.m, argv[0], &e) < 0 ||
	    buf_read_file(&text, argv[1], (size_t)1 << 30, &e) < 0)
		die();
	t.em = embed_new(t.m);
	embed_all(&t, &text, dir);
	s = xcalloc(t.rows, sizeof *s);
	if (argv[2] != NULL) {
		if (buf_read_file(&queries, argv[2], 1 << 24, &e) < 0)
			die();
		for (line = queries.p; (end = strchr(line, '\n')) != NULL;
		    line = end + 1)
			asked += ask(&t, line, (size_t)(end - line), s, hits);
	} else
		for (; asked < QUERIES && text.len > ASKED; )
			asked += ask(&t, text.p + draw() %
			    (text.len - ASKED), ASKED, s, hits);
	printf("{\"figure\":\"recall@10 of %" PRIu32 " vectors, 1000 rescored"
	    "\",\"value\":%.4f,\"unit\":\"of exact floats\","
	    "\"at_least\":0.99,\"rescored_100\":%.4f,\"rescored_300\":%.4f,"
	    "\"int8_of_all\":%.4f,\"queries\":%u}\n", t.rows,
	    hits[2] / (10. * asked), hits[0] / (10. * asked),
	    hits[1] / (10. * asked), hits[3] / (10. * asked), asked);
	free(s);
	free(t.exact);
	buf_release(&queries);
	buf_release(&text);
	vector_close(t.v);
	embed_free(t.em);
	model_close(t.m);
}

int
main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--nothing") == 0)
		return 0;
	if (argc == 4 && strcmp(argv[1], "--scan") == 0)
		return scan_once(argv[2], (uint32_t)strtoul(argv[3], NULL,
		    10));
	if (argc != 2 && argc != 4 && argc != 5) {
		fprintf(stderr, "usage: p-vector dir [model text "
		    "[queries]]\n");
		return 64;
	}
	if (argc > 2) {
		measure_recall(argv[1], argv + 2);
		return 0;
	}
	measure_cold(argv[0], argv[1], 100000);
	measure_cold(argv[0], argv[1], 1000000);
	measure_resident(1000000);
	return 0;
}
