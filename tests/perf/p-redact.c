/*
 * What redaction costs on clean text, as JSON, beside the fastest look at
 * the same bytes there is (memchr for a byte that is not there), and what
 * the rules cost a process at its start.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/json.h"
#include "text/redact.h"

#define TEXTS 512
#define ROUNDS 9		/* the best one counts: others disturb */

/* Of the kind that agents write; none of it is a secret. */
static const char *const samples[] = {
    "I looked at the failing test in tests/unit/u-parse.c: the parser "
    "reads one byte too far when the last line has no newline. The fix is "
    "to check for the end before the next token is taken. ",
    "static int\nread_line(struct reader *r, struct buf *out)\n{\n\tif "
    "(r->eof && r->len == 0)\n\t\treturn 0;\n\tbuf_add(out, r->p, "
    "r->len);\n\treturn 1;\n}\n",
    "commit 5f2d1c0e9b7a4d3c8e6f1a2b3c4d5e6f7a8b9c0d changes the order of "
    "the columns, so the report at https://example.org/r/42?x=1 is wrong "
    "since Tuesday; request id 7d444840-9dc0-11d1-b245-5ffdce74fad2. ",
    "{\"command\": \"grep -rn 'session' src | head -20\", \"timeout\": "
    "30000, \"description\": \"look for uses of the session\"} ",
    "Ran 214 tests in 3.2 s: 213 passed, 1 failed.\nFAIL: passes a token "
    "to the next stage (tests/pipe.sh:88)\nexpected: 3, got: 4\n",
};

static double
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void
make_texts(char *room, size_t len)
{
	size_t n = sizeof samples / sizeof *samples, i, k, at, take;
	const char *s;

	for (i = 0; i < TEXTS; i++)
		for (at = 0, k = i; at < len; at += take, k++) {
			s = samples[k % n] + (at == 0 ? i % 60 : 0);
			take = strlen(s);
			if (take > len - at)
				take = len - at;
			memcpy(room + i * len + at, s, take);
		}
}

static int
measure(struct redact *r, size_t len)
{
	char *room = malloc(TEXTS * len);
	struct buf out = BUF_INIT;
	double best = 1e18, ref = 1e18, t;
	size_t i, sum = 0;
	int round, found = 0;

	if (room == NULL)
		return -1;
	make_texts(room, len);
	for (round = 0; round < ROUNDS * 20; round++) {
		t = now_ns();
		for (i = 0; i < TEXTS; i++)
			found += redact_text(r, &out, room + i * len, len);
		t = now_ns() - t;
		best = t < best ? t : best;
		t = now_ns();
		for (i = 0; i < TEXTS; i++)
			sum += memchr(room + i * len, 1, len) != NULL;
		t = now_ns() - t;
		ref = t < ref ? t : ref;
	}
	best /= TEXTS;
	ref /= TEXTS;
	printf("{\"name\":\"redaction of a clean text of %zu bytes\","
	    "\"value\":%.0f,\"unit\":\"ns CPU\",\"at_most\":1000,"
	    "\"mb_per_s\":%.0f,\"reference\":\"memchr\","
	    "\"reference_ns\":%.1f,\"found\":%d}\n", len, best,
	    (double)len * 1e3 / best, ref, found + (int)sum);
	buf_release(&out);
	free(room);
	return 0;
}

static int
measure_start(void)
{
	double first = 0, best = 1e18, t;
	struct redact *r;
	struct err e;
	int i;

	for (i = 0; i < ROUNDS * 10; i++) {
		t = now_ns();
		if (redact_new(&r, NULL, &e) < 0) {
			fprintf(stderr, "p-redact: %s\n", e.msg);
			return -1;
		}
		t = now_ns() - t;
		redact_free(r);
		if (i == 0)
			first = t;
		best = t < best ? t : best;
	}
	printf("{\"name\":\"reading the rules\",\"value\":%.1f,"
	    "\"unit\":\"us CPU\",\"at_most\":100,\"best\":%.1f}\n",
	    first / 1e3, best / 1e3);
	return 0;
}

int
main(void)
{
	struct redact *r;
	struct err e;

	json_setup();
	if (measure_start() < 0 || redact_new(&r, NULL, &e) < 0)
		return 2;
	if (measure(r, 140) < 0 || measure(r, 490) < 0)
		return 2;
	redact_free(r);
	return 0;
}
