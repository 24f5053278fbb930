/*
 * Lines into a store: each is told once and in order, the sums are right,
 * and what is refused has a reason.  The first byte chooses the batch and
 * whether it is strict; the store is emptied again by a rollback.
 */
#include "fuzz-store.h"

#include "ingest/ingest.h"

#include <stdio.h>
#include <string.h>

static int
told(void *arg, const struct ingest_result *r, struct err *e)
{
	int64_t *last = arg;

	(void)e;
	if (r->line != 0 && r->line <= *last)
		abort();
	if (r->line != 0)
		*last = r->line;
	if (r->status == INGEST_REJECTED &&
	    (r->reason == NULL || r->detail == NULL))
		abort();
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct ingest_config c = { .redact = true, .strict = true,
	    .told = told };
	const char *at, *end, *nl;
	const struct ingest_sums *s;
	int64_t last = 0, no = 0;
	struct ingest *in;
	struct err e;

	if (st == NULL)
		start();
	if (n == 0)
		return 0;
	c.arg = &last;
	c.batch = 1 + p[0] % 7;
	c.whole = p[0] & 8;
	c.kb = p[0] & 16 ? "k" : NULL;
	if (ingest_new(&in, st, &c, &e) < 0)
		abort();
	end = (const char *)p + n;
	for (at = (const char *)p + 1; at < end; at = nl + 1) {
		if ((nl = memchr(at, '\n', (size_t)(end - at))) == NULL)
			nl = end;
		if (ingest_line(in, ++no, at, (size_t)(nl - at), &e) < 0)
			abort();
	}
	if (ingest_commit(in, &e) < 0)
		abort();
	s = ingest_sums(in);
	if (s->in > no || s->in != s->stored + s->duplicate + s->rejected)
		abort();
	json_decref(ingest_summary(in));
	ingest_free(in);
	return 0;
}
