/*
 * Index segments measured: p-segment FOLDER [MEGABYTES] <PASSAGES
 *
 * Each line is a document with a key like a ULID and three columns.  What it
 * costs to read the words, to invert them, to write segments whenever the
 * maker has so many megabytes (64), and to merge them; how large the parts
 * are.  CPU seconds, JSON.
 */
#include "base/alloc.h"
#include "index/segment_make.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PARTS 256

static char *line[1 << 21];
static size_t lines;
static uint64_t bytes;

static double
cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
fail(const struct err *e)
{
	fprintf(stderr, "p-segment: %s\n", e->msg);
	exit(2);
}

static void
read_lines(void)
{
	char *p = NULL;
	size_t cap = 0;
	ssize_t n;

	while (lines < sizeof line / sizeof *line &&
	    (n = getline(&p, &cap, stdin)) > 0) {
		bytes += (uint64_t)n;
		p[n - (p[n - 1] == '\n')] = '\0';
		line[lines++] = xstrdup(p);
	}
	free(p);
}

static void
add(struct segment_maker *m, struct tokens *ts, size_t i)
{
	static uint64_t r = 88172645463325252u;
	int64_t column[3];
	char key[40];
	struct err e;
	size_t n;

	r ^= r << 13;
	r ^= r >> 7;
	r ^= r << 17;
	n = (size_t)sprintf(key, "01K%07zu%016" PRIX64, i / 3, r);
	column[0] = (int64_t)i;
	column[1] = INT64_C(1795176000000) + (int64_t)(40000 * i + r % 30000);
	column[2] = (int64_t)(i / 22);
	if (segment_doc(m, key, n, column, &e) < 0)
		fail(&e);
	segment_doc_text(m, ts, line[i], strlen(line[i]), 1);
	segment_doc_value(m, SEGMENT_FIELD, i % 2 ? "user" : "assistant",
	    i % 2 ? 4 : 9);
	segment_doc_end(m);
}

/* Bytes of positions, and terms of each kind. */
static void
parts(struct segment *s)
{
	struct segment_walk w;
	uint64_t positions = 0, terms = 0, one = 0, postings = 0;
	struct err e;
	int r;

	if (segment_walk(s, SEGMENT_TEXT, "", 0, &w, &e) < 0)
		fail(&e);
	while ((r = segment_walk_next(&w, &e)) == 1) {
		terms++;
		one += w.term.docs == 1;
		positions += w.term.positions_size;
		postings += w.term.postings_size;
	}
	if (r < 0)
		fail(&e);
	positions += one;	/* about a byte each stands with the term */
	printf(" \"terms\":%" PRIu64 ", \"of_one_document\":%" PRIu64
	    ", \"positions\":%" PRIu64 ", \"postings\":%" PRIu64
	    ",\n \"size\":%.4f, \"size_without_positions\":%.4f,\n", terms,
	    one, positions, postings, (double)segment_bytes(s) /
	    (double)bytes, (double)(segment_bytes(s) - positions) /
	    (double)bytes);
}

int
main(int argc, char **argv)
{
	size_t limit = (argc > 2 ? strtoul(argv[2], NULL, 10) : 64) << 20;
	struct segment *part[PARTS], *all;
	const uint64_t *dead[PARTS] = { NULL };
	struct segment_maker *m;
	double t0, words, made = 0, wrote = 0, merged, verified;
	size_t i, n = 0, most = 0;
	struct tokens ts;
	struct token t;
	char path[4096];
	struct err e;

	if (argc < 2)
		return 64;
	read_lines();
	tokens_init(&ts);
	t0 = cpu();
	for (i = 0; i < lines; i++) {
		tokens_start(&ts, line[i], strlen(line[i]), 0);
		while (token_next(&ts, &t))
			;
	}
	words = cpu() - t0;
	for (i = 0; i < lines && n < PARTS; n++) {
		m = segment_maker_new(3);
		t0 = cpu();
		while (i < lines && segment_maker_memory(m) < limit)
			add(m, &ts, i++);
		made += cpu() - t0;
		if (segment_maker_memory(m) > most)
			most = segment_maker_memory(m);
		t0 = cpu();
		snprintf(path, sizeof path, "%s/%zu", argv[1], n);
		if (segment_maker_write(m, path, &e) < 0)
			fail(&e);
		segment_maker_free(m);
		wrote += cpu() - t0;
		if (segment_open(&part[n], path, &e) < 0)
			fail(&e);
	}
	snprintf(path, sizeof path, "%s/all", argv[1]);
	t0 = cpu();
	if (segment_merge(part, dead, n, path, NULL, NULL, &e) < 0 ||
	    segment_open(&all, path, &e) < 0)
		fail(&e);
	merged = cpu() - t0;
	printf("{\"documents\":%zu, \"bytes\":%" PRIu64 ", \"segments\":%zu,\n"
	    " \"words\":%.3f, \"invert\":%.3f, \"write\":%.3f, "
	    "\"merge\":%.3f,\n \"us_per_document\":%.2f, \"memory\":%zu,\n",
	    lines, bytes, n, words, made - words, wrote, merged,
	    (made + wrote + merged) / (double)lines * 1e6, most);
	parts(all);
	t0 = cpu();
	if (segment_verify(all, &e) < 0)
		fail(&e);
	verified = cpu() - t0;
	printf(" \"verify\":%.3f}\n", verified);
	tokens_release(&ts);
	return 0;
}
