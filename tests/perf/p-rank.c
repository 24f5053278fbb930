/*
 * The text index without store and process around it:
 *
 *	p-rank build [-m MIB] [-p PARTS] TEXT DIR
 *		Segments DIR/1.seg ... of TEXT, a passage a line; each of
 *		PARTS (1) is made of segments of at most MIB (96) of memory,
 *		merged.  A document is what an event is: a key of 16 bytes,
 *		three columns, three values.  Prints JSON: CPU, bytes of each
 *		section.
 *	p-rank bench QUERIES SEGMENT ...
 *		For each line "class TAB query": class TAB nanoseconds TAB
 *		hits.  The best of five; each reads the query, looks the terms
 *		up and opens the lists anew.
 *	p-rank check QUERIES SEGMENT ...
 *		Is the best ten what scoring every document gives?  Exits 1
 *		and names the queries for which it is not.
 *	p-rank query SEGMENT QUERY
 *		A cold process: open, search, print number and score, exit.
 *	p-rank tokens TEXT
 *		The terms of each passage, with blanks between: what another
 *		index has to read to hold the same.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "index/rank.h"
#include "index/segment_format.h"
#include "index/segment_make.h"
#include "search/query.h"

#define PARTS 16
#define PIECES 256
#define RUNS 5
#define HITS 10
#define TURNS 22		/* passages of a session */
#define MEMORY_MIB 96		/* as in search/indexing.c */

static struct err e;

static _Noreturn void
die(void)
{
	fprintf(stderr, "p-rank: %s\n", e.msg);
	exit(2);
}

static _Noreturn void
usage(void)
{
	fprintf(stderr, "usage: p-rank build|bench|check|query|tokens ...; "
	    "see its source\n");
	exit(64);
}

static FILE *
open_text(const char *path)
{
	FILE *f = fopen(path, "r");

	if (f == NULL) {
		err_sys(&e, "cannot open '%s'", path);
		die();
	}
	return f;
}

static double
cpu_s(void)
{
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	return (double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) +
	    (double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6;
}

static double
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* --- making ------------------------------------------------------------ */

struct build {
	const char *dir;
	size_t memory;
	int parts, part, pieces;
	int64_t docs, bytes;
	struct segment_maker *maker;
	struct tokens ts;
	double merge_s;
};

static void
path_of(char *out, size_t cap, const struct build *b, const char *kind, int i)
{
	snprintf(out, cap, "%s/%s%d.seg", b->dir, kind, i);
}

/* What was read becomes a piece of this part. */
static void
flush(struct build *b)
{
	char path[4096];

	if (segment_maker_docs(b->maker) > 0) {
		if (b->pieces == PIECES) {
			err_set(&e, ERR_USAGE, "too many pieces; give -m more");
			die();
		}
		path_of(path, sizeof path, b, "piece", b->pieces++);
		if (segment_maker_write(b->maker, path, NULL, &e) < 0)
			die();
	}
	segment_maker_free(b->maker);
	b->maker = segment_maker_new(3);
}

/* The pieces become the part. */
static void
join(struct build *b)
{
	struct segment *s[PIECES];
	const uint64_t *dead[PIECES] = { NULL };
	char path[4096], piece[4096];
	double start;
	int i;

	flush(b);
	path_of(path, sizeof path, b, "", ++b->part);
	start = cpu_s();
	for (i = 0; i < b->pieces; i++) {
		path_of(piece, sizeof piece, b, "piece", i);
		if (b->pieces > 1 && segment_open(&s[i], piece, NULL, &e) < 0)
			die();
	}
	if (b->pieces == 1 && rename(piece, path) < 0) {
		err_sys(&e, "cannot rename '%s'", piece);
		die();
	}
	if (b->pieces > 1 && segment_merge(s, dead, (size_t)b->pieces, path,
	    NULL, NULL, &e) < 0)
		die();
	for (i = 0; i < b->pieces && b->pieces > 1; i++) {
		segment_close(s[i]);
		path_of(piece, sizeof piece, b, "piece", i);
		unlink(piece);
	}
	b->merge_s += cpu_s() - start;
	b->pieces = 0;
}

/* Keys ascend with the time, as ULIDs do, and end in what is random. */
static void
add(struct build *b, const char *text, size_t len)
{
	static const char *const role[] = { "user", "assistant" };
	int64_t i = b->docs++, column[3];
	uint64_t r = (uint64_t)i * UINT64_C(0x9e3779b97f4a7c15);
	uint8_t key[16];
	char session[32];
	int k;

	column[0] = i + 1;
	column[1] = INT64_C(1735689600000) + i * 31536 +
	    (int64_t)(r >> 20) % 31536;
	column[2] = i / TURNS;
	for (k = 0; k < 6; k++)
		key[k] = (uint8_t)(column[1] >> (40 - 8 * k));
	for (; k < 16; k++)
		key[k] = (uint8_t)(r >> (4 * (k - 6)));
	if (segment_doc(b->maker, key, sizeof key, column, &e) < 0)
		die();
	segment_doc_text(b->maker, &b->ts, text, len, 1);
	snprintf(session, sizeof session, "session-%" PRId64, column[2]);
	segment_doc_value(b->maker, SEGMENT_FIELD, session, strlen(session));
	segment_doc_value(b->maker, SEGMENT_FIELD + 1, role[i % 2],
	    strlen(role[i % 2]));
	segment_doc_value(b->maker, SEGMENT_FIELD + 2, "claude-code", 11);
	segment_doc_end(b->maker);
	b->bytes += (int64_t)len;
	if (segment_maker_memory(b->maker) >= b->memory)
		flush(b);
}

/* Bytes of positions, and of the forms before them. */
static uint64_t
positions(struct segment *s)
{
	static const unsigned field[] = { SEGMENT_TEXT, SEGMENT_LAST };
	struct segment_walk w;
	uint64_t sum = 0;
	size_t i;
	int r;

	for (i = 0; i < 2; i++) {
		if (segment_walk(s, field[i], "", 0, &w, &e) < 0)
			die();
		/* what comes once has about a byte beside its term */
		while ((r = segment_walk_next(&w, &e)) == 1)
			sum += w.term.positions_size + (w.term.docs == 1 &&
			    w.term.tf == 1);
		if (r < 0)
			die();
	}
	return sum;
}

static void
print_sections(const struct build *b)
{
	static const char *const name[SEG_SECTIONS] = { "postings", "blocks",
	    "terms", "termix", "words", "wordix", "keys", "keyix", "lengths",
	    "columns", "colix" };
	uint64_t sum[SEG_SECTIONS] = { 0 }, all = 0, terms = 0, pos = 0;
	struct segment *s;
	char path[4096];
	int i, k;

	for (i = 1; i <= b->part; i++) {
		path_of(path, sizeof path, b, "", i);
		if (segment_open(&s, path, NULL, &e) < 0)
			die();
		for (k = 0; k < SEG_SECTIONS; k++)
			sum[k] += s->start[k + 1] - s->start[k];
		all += segment_bytes(s);
		terms += segment_terms(s);
		pos += positions(s);
		segment_close(s);
	}
	sum[SEG_DATA] -= pos < sum[SEG_DATA] ? pos : sum[SEG_DATA];
	printf(",\"terms\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"of_text\":%.4f,"
	    "\"of_text_without_positions\":%.4f,\"positions\":%.4f", terms,
	    all, (double)all / (double)b->bytes,
	    (double)(all - pos) / (double)b->bytes,
	    (double)pos / (double)b->bytes);
	for (k = 0; k < SEG_SECTIONS; k++)
		printf(",\"%s\":%.4f", name[k],
		    (double)sum[k] / (double)b->bytes);
	printf("}\n");
}

static int
build(int argc, char **argv)
{
	struct build b = { .memory = (size_t)MEMORY_MIB << 20, .parts = 1 };
	int64_t lines = 0;
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	FILE *f;
	int c;

	while ((c = getopt(argc, argv, "m:p:")) != -1) {
		if (c == 'm')
			b.memory = (size_t)strtoul(optarg, NULL, 10) << 20;
		else if (c == 'p')
			b.parts = (int)strtol(optarg, NULL, 10);
		else
			usage();
	}
	if (argc - optind != 2 || b.parts < 1 || b.parts > PARTS)
		usage();
	f = open_text(argv[optind]);
	b.dir = argv[optind + 1];
	if (b.parts > 1) {	/* all are of one size */
		while (getline(&line, &cap, f) > 0)
			lines++;
		rewind(f);
	}
	tokens_init(&b.ts, NULL);
	b.maker = segment_maker_new(3);
	while ((n = getline(&line, &cap, f)) > 0) {
		add(&b, line, (size_t)n - (line[n - 1] == '\n'));
		if (b.parts > 1 && b.part + 1 < b.parts &&
		    b.docs == lines * (b.part + 1) / b.parts)
			join(&b);
	}
	join(&b);
	segment_maker_free(b.maker);
	tokens_release(&b.ts);
	free(line);
	fclose(f);
	printf("{\"passages\":%" PRId64 ",\"text_bytes\":%" PRId64
	    ",\"parts\":%d,\"cpu_s\":%.2f,\"merge_cpu_s\":%.2f", b.docs,
	    b.bytes, b.part, cpu_s(), b.merge_s);
	print_sections(&b);
	return 0;
}

/* --- asking ------------------------------------------------------------ */

static struct rank_part part[PARTS];
static size_t parts;

static void
open_parts(char **path, int n)
{
	if (n < 1 || n > PARTS)
		usage();
	for (; n > 0; n--, path++, parts++)
		if (segment_open(&part[parts].s, *path, NULL, &e) < 0)
			die();
}

static void
close_parts(void)
{
	while (parts > 0)
		segment_close(part[--parts].s);
}

static void
search(const char *text, bool slow, struct rank_hit **hit, size_t *n)
{
	struct score_scope scope = { 0 };
	struct rank_filter filter[QUERY_ITEMS];
	struct query q;
	struct rank *r;
	int64_t *df;

	query_parse(&q, NULL, text, strlen(text), 0);
	query_ready(&q);
	if (q.fields > 0) {
		err_set(&e, ERR_USAGE, "queries with fields need a store");
		die();
	}
	df = xcalloc(q.match.terms + 1, sizeof *df);
	if (rank_open(&r, &q.match, filter, 0, 0, part, parts, NULL, NULL,
	    &e) < 0 || rank_stats(r, &scope, df, &e) < 0 ||
	    rank_top(r, &score_event, &scope, df, HITS, slow, hit, n, &e) < 0)
		die();
	rank_close(r);
	free(df);
	query_release(&q);
}

/* The query of a line "class TAB query", NULL: it is none. */
static char *
query_of(char *line)
{
	char *tab = strchr(line, '\t');

	if (tab == NULL)
		return NULL;
	*tab++ = '\0';
	tab[strcspn(tab, "\n")] = '\0';
	return tab;
}

static void
bench_one(const char *class, const char *text)
{
	struct rank_hit *hit;
	double best = 1e18, start, took;
	size_t n = 0;
	int i;

	for (i = 0; i < RUNS; i++) {
		start = now_ns();
		search(text, false, &hit, &n);
		took = now_ns() - start;
		best = took < best ? took : best;
		free(hit);
	}
	printf("%s\t%.0f\t%zu\n", class, best, n);
}

static bool
check_one(const char *text)
{
	struct rank_hit *hit, *want;
	size_t n, wanted, i;
	bool same;

	search(text, false, &hit, &n);
	search(text, true, &want, &wanted);
	same = n == wanted;
	for (i = 0; same && i < n; i++)
		same = hit[i].score == want[i].score &&
		    hit[i].part == want[i].part && hit[i].doc == want[i].doc;
	if (!same)
		printf("pruned differs from slow: %s\n", text);
	free(hit);
	free(want);
	return same;
}

static int
bench(int argc, char **argv, bool check)
{
	char *line = NULL, *text;
	size_t cap = 0;
	bool same = true;
	FILE *f;

	if (argc < 3)
		usage();
	f = open_text(argv[1]);
	open_parts(argv + 2, argc - 2);
	while (getline(&line, &cap, f) > 0) {
		if ((text = query_of(line)) == NULL)
			continue;
		if (check)
			same = check_one(text) && same;
		else
			bench_one(line, text);
	}
	free(line);
	fclose(f);
	close_parts();
	return same ? 0 : 1;
}

static int
query(int argc, char **argv)
{
	struct rank_hit *hit;
	size_t n, i;

	if (argc != 3)
		usage();
	open_parts(argv + 1, 1);
	search(argv[2], false, &hit, &n);
	for (i = 0; i < n; i++)
		printf("%" PRIu32 " %.4f\n", hit[i].doc, hit[i].score);
	free(hit);
	close_parts();
	return 0;
}

static int
tokens(int argc, char **argv)
{
	char *line = NULL;
	struct tokens ts;
	struct token t;
	size_t cap = 0;
	ssize_t n;
	FILE *f;

	if (argc != 2)
		usage();
	f = open_text(argv[1]);
	tokens_init(&ts, NULL);
	while ((n = getline(&line, &cap, f)) > 0) {
		tokens_start(&ts, line, (size_t)n, 0);
		while (token_next(&ts, &t) == 1)
			printf("%.*s ", (int)t.stem_len, t.stem);
		putchar('\n');
	}
	tokens_release(&ts);
	free(line);
	fclose(f);
	return 0;
}

int
main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	argc--;
	argv++;
	if (strcmp(what, "build") == 0)
		return build(argc, argv);
	if (strcmp(what, "bench") == 0)
		return bench(argc, argv, false);
	if (strcmp(what, "check") == 0)
		return bench(argc, argv, true);
	if (strcmp(what, "query") == 0)
		return query(argc, argv);
	if (strcmp(what, "tokens") == 0)
		return tokens(argc, argv);
	usage();
}
