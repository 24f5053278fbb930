/*
 * An embedder for tests, as a program: a component for each word, by its
 * hash, so that texts with the same words have the same vector.
 *
 *	embedder [MODE [N [DIMENSION]]]
 *
 * From the N-th question on (the first is that for its name) it does what
 * MODE says.  EMBEDDER_LOG names a file that gets each question.
 */
#include "base/buf.h"
#include "base/json.h"
#include "base/jsonl.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DIM_MAX 4096

static int dim = 16;

static void
sleep_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

static void
vector(const char *p, double *v)
{
	unsigned h = 0;
	int in = 0;

	memset(v, 0, (size_t)dim * sizeof *v);
	for (;; p++) {
		if (isalnum((unsigned char)*p)) {
			h = (h * 31 + (unsigned)tolower((unsigned char)*p)) %
			    1000003;
			in = 1;
			continue;
		}
		if (in) {
			v[h % (unsigned)dim] += 1;
			v[h / 7 % (unsigned)dim] -= 0.5;
		}
		h = 0;
		in = 0;
		if (*p == '\0')
			break;
	}
}

static void
print_vector(const char *text, const char *mode)
{
	static double v[DIM_MAX];
	int i, n = dim;

	if (strcmp(mode, "null") == 0) {
		printf("null");
		return;
	}
	vector(text, v);
	if (strcmp(mode, "short") == 0)
		n--;
	putchar('[');
	for (i = 0; i < n; i++) {
		if (i > 0)
			putchar(',');
		if (i == 3 && strcmp(mode, "nan") == 0)
			printf("NaN");
		else if (i == 3 && strcmp(mode, "huge") == 0)
			printf("1e999");
		else if (i == 3 && strcmp(mode, "large") == 0)
			printf("1e300");
		else if (i == 3 && strcmp(mode, "string") == 0)
			printf("\"1\"");
		else if (strcmp(mode, "zero") == 0)
			printf("0");
		else
			printf("%g", v[i]);
	}
	putchar(']');
}

/* What keeps it from answering, or makes it do so in another way. */
static void
misbehave(const char *mode)
{
	long i;

	if (strcmp(mode, "exit") == 0) {
		fprintf(stderr, "out of order\n");
		exit(3);
	}
	if (strcmp(mode, "kill") == 0)
		abort();
	if (strcmp(mode, "hang") == 0) {
		fflush(stdout);
		for (;;)
			sleep_ms(1000);
	}
	if (strcmp(mode, "deaf") == 0) {
		fclose(stdout);
		sleep_ms(60000);
	}
	if (strcmp(mode, "junk") == 0)
		printf("loading model ...\n");
	if (strcmp(mode, "bytes") == 0)
		fwrite("\xff\xfe\0{}\n", 1, 6, stdout);
	if (strcmp(mode, "giant") == 0)
		for (i = 0; i < 1L << 28; i++)
			putchar('x');
	if (strcmp(mode, "deep") == 0) {
		for (i = 0; i < 2000; i++)
			putchar('[');
		putchar('\n');
	}
	if (strcmp(mode, "noise") == 0)
		for (i = 0; i < 100000; i++)
			fprintf(stderr, "noise %ld\n", i);
	if (strcmp(mode, "slow") == 0)
		sleep_ms(300);
}

static void
answer(const json_t *q, const char *mode)
{
	const json_t *texts = json_object_get(q, "texts");
	json_int_t id = json_integer_value(json_object_get(q, "id"));
	size_t i, n = json_array_size(texts);

	misbehave(mode);
	if (strcmp(mode, "error") == 0 || strcmp(mode, "again") == 0) {
		printf("{\"type\":\"error\",\"message\":\"no such tea\"%s}\n",
		    strcmp(mode, "again") == 0 ? ",\"again\":true" : "");
		return;
	}
	if (strcmp(mode, "id") == 0)
		id++;
	printf("{\"type\":\"%s\",\"id\":%lld,\"model\":\"%s\","
	    "\"dimension\":%d,\"batch\":8,\"vectors\":[",
	    strcmp(mode, "type") == 0 ? "vector" : "vectors", (long long)id,
	    strcmp(mode, "model") == 0 ? "other" : "words",
	    strcmp(mode, "dimension") == 0 ? dim + 1 : dim);
	if (strcmp(mode, "fewer") == 0 && n > 0)
		n--;
	for (i = 0; i < n; i++) {
		if (i > 0)
			putchar(',');
		print_vector(json_string_value(json_array_get(texts, i)),
		    mode);
	}
	printf("]}\n");
	if (strcmp(mode, "twice") == 0)
		printf("{\"type\":\"vectors\"}\n");
}

static void
note(const char *p, size_t n)
{
	const char *path = getenv("EMBEDDER_LOG");
	FILE *f = path == NULL ? NULL : fopen(path, "a");

	if (f == NULL)
		return;
	fprintf(f, "%.*s\n", (int)n, p);
	fclose(f);
}

int
main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "well";
	long number = 0, from = argc > 2 ? atol(argv[2]) : 2;
	struct jsonl in;
	struct err e;
	json_t *q;
	char *p;
	size_t n;

	if (argc > 3)
		dim = atoi(argv[3]);
	json_setup();
	if (strcmp(mode, "early") == 0) {
		answer(NULL, "well");
		fflush(stdout);
	}
	jsonl_init(&in, 0, "standard input");
	while (jsonl_next(&in, -1, &p, &n, NULL, &e) == JSONL_LINE) {
		note(p, n);
		if ((q = json_read(p, n, &e)) == NULL) {
			fprintf(stderr, "embedder: %s\n", e.msg);
			return 2;
		}
		answer(q, ++number >= from ? mode : "well");
		fflush(stdout);
		json_decref(q);
	}
	jsonl_release(&in);
	return 0;
}
