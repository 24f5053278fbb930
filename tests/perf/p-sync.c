/*
 * What change segments cost: p-sync FOLDER <EVENTS
 *
 * EVENTS are JSON Lines as p-events writes them.  They go into a store in
 * FOLDER by ingest, without looking for secrets, out of it as segments, and
 * with these into another one.  One line of JSON: seconds of CPU for each, the
 * number of segments and their bytes, and those of one with 100 events more.
 */
#include "base/json.h"
#include "base/jsonl.h"
#include "ingest/ingest.h"
#include "store/store.h"
#include "sync/segment_apply.h"
#include "sync/segmentfile.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static struct err e;

static double
cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
fail(void)
{
	fprintf(stderr, "p-sync: %s\n", e.msg);
	exit(2);
}

static struct store *
open_store(const char *dir, const char *name)
{
	struct store_where w = { .user = "perf" };
	struct buf path = BUF_INIT;
	struct store *st;

	buf_addf(&path, "%s/%s", dir, name);
	w.dir = path.p;
	if (store_open(&st, &w, STORE_MAKE, &e) < 0)
		fail();
	buf_release(&path);
	return st;
}

/* So many lines, or all. */
static void
ingest(struct store *st, struct jsonl *in, int64_t limit)
{
	struct ingest_config c = { .batch = INGEST_BATCH };
	struct ingest *to;
	size_t n;
	char *p;

	if (ingest_new(&to, st, &c, &e) < 0)
		fail();
	while (limit-- != 0 && jsonl_next(in, -1, &p, &n, NULL, &e) ==
	    JSONL_LINE)
		if (ingest_line(to, in->line_no, p, n, &e) < 0)
			fail();
	if (ingest_end(to, &e) < 0)
		fail();
	ingest_free(to);
}

int
main(int argc, char **argv)
{
	double t, ingested, made = 0, applied = 0;
	struct buf file = BUF_INIT;
	struct segment_head h;
	struct segmentfile s;
	struct store *a, *b;
	struct applied sums;
	int64_t n = 0, bytes = 0, from = 0, few;
	struct jsonl in;
	int r;

	json_setup();
	if (argc != 2)
		return 64;
	a = open_store(argv[1], "from");
	b = open_store(argv[1], "to");
	jsonl_init(&in, 0, "the events");
	ingest(a, &in, 100);
	if (segmentfile_make(a, NULL, 0, 0, &file, &h, &e) != 1)
		fail();
	few = (int64_t)file.len;
	segment_head_release(&h);
	t = cpu();
	ingest(a, &in, -1);
	ingested = cpu() - t;
	for (;; n++) {
		buf_reset(&file);
		t = cpu();
		r = segmentfile_make(a, NULL, from, 0, &file, &h, &e);
		made += cpu() - t;
		if (r <= 0)
			break;
		from = h.to;
		segment_head_release(&h);
		bytes += (int64_t)file.len;
		t = cpu();
		if (segmentfile_read(&s, file.p, file.len, &e) < 0 ||
		    segment_apply(b, &s, &sums, NULL, NULL, &e) != 1)
			fail();
		segmentfile_release(&s);
		applied += cpu() - t;
	}
	if (r < 0)
		fail();
	printf("{\"ingest_s\":%.3f,\"make_s\":%.3f,\"apply_s\":%.3f,"
	    "\"segments\":%" PRId64 ",\"bytes\":%" PRId64 ",\"bytes_of_100\":%"
	    PRId64 "}\n", ingested, made, applied, n, bytes, few);
	buf_release(&file);
	jsonl_release(&in);
	store_close(a);
	store_close(b);
	return 0;
}
