/*
 * Stores that change segments are made of.
 */
#ifndef TESTS_SEGMENTS_H
#define TESTS_SEGMENTS_H

#include "temp-store.h"

#include "ingest/ingest.h"
#include "sync/segmentfile.h"

#include <stdio.h>
#include <string.h>

static struct err e;

static inline struct store *
fresh(const char *dir)
{
	file_remove_tree(dir, &e);
	return temp_open(dir, "ann", STORE_WRITE);
}

static inline void
put(struct store *st, const char *line)
{
	struct ingest_config c = { .batch = INGEST_BATCH };
	struct ingest *in;

	if (ingest_new(&in, st, &c, &e) < 0 ||
	    ingest_line(in, 1, line, strlen(line), &e) < 0 ||
	    ingest_end(in, &e) < 0 || ingest_sums(in)->rejected > 0)
		printf("# refused: %s\n", line);
	ingest_free(in);
}

static inline void
put_events(struct store *st, int from, int n)
{
	struct ingest_config c = { .batch = INGEST_BATCH };
	struct ingest *in;
	char line[400];
	int i;

	ingest_new(&in, st, &c, &e);
	for (i = from; i < from + n; i++) {
		snprintf(line, sizeof line, "{\"session_id\":\"s%d\","
		    "\"timestamp\":%" PRId64 ",\"text\":\"I looked at file "
		    "src/mod%d/part%d.c and the %s test number %d failed with "
		    "error %d in line %d\"}", i / 40, INT64_C(1790000000000) +
		    i * 777, i % 13, i % 7, i % 2 ? "second" : "unit", i,
		    i * 7919 % 1000, i * 31 % 977);
		ingest_line(in, i, line, strlen(line), &e);
	}
	ingest_end(in, &e);
	ingest_free(in);
}

/* A segment of (from, to]; the file is empty where there is none. */
static inline int
make(struct store *st, int64_t from, int64_t to, struct buf *b,
    struct segment_head *h)
{
	struct segment_head mine = { .to = -1 };
	int r;

	buf_reset(b);
	r = segmentfile_make(st, NULL, from, to, b, &mine, &e);
	if (r == 1) {
		segment_head_release(&mine);
		if (h != NULL)
			*h = mine;
	}
	return r;
}

#endif
