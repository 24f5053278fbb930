/*
 * Asks an engine as the tools do (engine/ask.h), for tests:
 *
 *	engine [-n] STORE NAME METHOD PATH [TYPE [WAIT_MS [TRIES]]]
 *
 * The body is standard input where there is a type; -n: nothing is read from
 * it, and the body is empty.  "STATUS RETRY_MS" and then the answer.  With
 * PATH "-" each line of standard input is "METHOD PATH", one after the other,
 * of one engine, and of each answer a line "STATUS BYTES".  What is no 2xx is
 * told by engine_refused on standard error, and ends with 1.
 */
#include "base/alloc.h"
#include "base/child.h"
#include "base/json.h"
#include "base/jsonl.h"
#include "engine/ask.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
heard(const char *name, const char *line)
{
	fprintf(stderr, "%s: %s\n", name, line);
}

static int
many(struct engine *x, struct err *e)
{
	struct buf body = BUF_INIT;
	struct jsonl in;
	struct err bad;
	char *p, *path;
	size_t n;
	int r;

	jsonl_init(&in, 0, "standard input");
	while (jsonl_next(&in, -1, &p, &n, NULL, e) == JSONL_LINE) {
		if ((path = strchr(p, ' ')) == NULL)
			continue;
		*path++ = '\0';
		r = engine_ask(x, &(struct engine_req){ .method = p,
		    .path = path }, &body, NULL, &bad);
		if (r < 0)
			printf("-1 %d %s\n", bad.code, bad.msg);
		else
			printf("%d %zu\n", r, body.len);
		fflush(stdout);
	}
	jsonl_release(&in);
	buf_release(&body);
	return 0;
}

static int
one(struct engine *x, int argc, char **argv, bool empty, struct err *e)
{
	struct engine_req req = { .method = argv[2], .path = argv[3],
	    .wait_ms = argc > 5 ? atoi(argv[5]) : 0,
	    .tries = argc > 6 ? atoi(argv[6]) : 0 };
	struct buf in = BUF_INIT, body = BUF_INIT;
	int retry_ms = 0, r = 0;

	if (argc > 4 && argv[4][0] != '\0') {
		req.type = argv[4];
		if (!empty)
			r = buf_read_fd(&in, 0, "standard input",
			    2 * ENGINE_WHOLE, e);
		req.body = in.p;
		req.len = in.len;
	}
	if (r == 0)
		r = engine_ask(x, &req, &body, &retry_ms, e);
	if (r >= 0) {
		printf("%d %d\n", r, retry_ms);
		fwrite(body.p, 1, body.len, stdout);
		if (r / 100 != 2)
			r = engine_refused(x, r, &body, "request", e);
	}
	buf_release(&in);
	buf_release(&body);
	return r < 0 ? -1 : 0;
}

int
main(int argc, char **argv)
{
	struct store_where where = { .inside = true };
	struct engine *x = NULL;
	struct store *st = NULL;
	struct err e = { 0 };
	bool empty = argc > 1 && strcmp(argv[1], "-n") == 0;
	int r;

	argv += 1 + empty;
	argc -= 1 + empty;
	if (argc < 3)
		return 64;
	json_setup();
	child_said = heard;
	where.dir = argv[0];
	r = store_open(&st, &where, STORE_READ, &e);
	if (r == 0)
		r = engine_open(&x, st, argv[1], &e);
	if (r == 0)
		r = strcmp(argv[2], "-") == 0 ? many(x, &e) : argc < 4 ? 64 :
		    one(x, argc, argv, empty, &e);
	if (r < 0)
		fprintf(stderr, "engine: %d %s\n", e.code, e.msg);
	engine_close(x);
	store_close(st);
	return r < 0 ? 1 : r;
}
