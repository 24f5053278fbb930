/*
 * Is an index sound?  Checksums say that the bytes are those that were
 * written; that a pruned search finds what scoring everything finds is tried
 * on terms of the index itself.
 */
#include "memory/indexing.h"

#include "base/buf.h"
#include "index/rank.h"
#include "memory/cands.h"
#include "memory/indexed.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#define TERMS 60	/* taken from each segment, evenly */
#define TOGETHER 3	/* of them in a query */
#define BEST 10

static int
compare(struct indexed *x, const struct match *m, struct err *e)
{
	struct score_scope scope = { 0, 0 };
	int64_t df[MATCH_TERMS] = { 0 };
	struct rank_hit *fast = NULL, *slow = NULL;
	struct rank *rank;
	size_t nfast = 0, nslow = 0;
	int r;

	if (rank_open(&rank, m, NULL, 0, 0, x->part, x->x.m.n, NULL, NULL,
	    e) < 0)
		return -1;
	r = rank_stats(rank, &scope, df, e);
	if (r == 0)
		r = rank_top(rank, cands_params(x->source), &scope, df, BEST,
		    false, &fast, &nfast, e);
	if (r == 0)
		r = rank_top(rank, cands_params(x->source), &scope, df, BEST,
		    true, &slow, &nslow, e);
	if (r == 0 && (nfast != nslow || (nfast > 0 && memcmp(fast, slow,
	    nfast * sizeof *fast) != 0)))
		r = err_set(e, ERR_CORRUPT, "a search for '%s' does not find "
		    "the best; mem-index --rebuild makes the index again",
		    m->term[0].text);
	free(fast);
	free(slow);
	rank_close(rank);
	return r;
}

/* Terms from all over a segment, a few in each query. */
static int
sample(struct indexed *x, struct segment *s, struct err *e)
{
	uint64_t step = segment_terms(s) / TERMS + 1, n = 0;
	struct segment_walk w;
	struct match m;
	int r, one = 0;

	match_init(&m);
	match_group(&m);
	if (segment_walk(s, SEGMENT_TEXT, "", 0, &w, e) < 0)
		return -1;
	while ((r = segment_walk_next(&w, e)) == 1) {
		if (n++ % step != 0)
			continue;
		one = match_term(&m, MATCH_STEM, w.text, w.len, 1, false);
		match_atom(&m, MATCH_TERM, one, false);
		if (one + 1 < TOGETHER)
			continue;
		if ((r = compare(x, &m, e)) < 0)
			break;
		match_release(&m);
		match_init(&m);
		match_group(&m);
	}
	match_release(&m);
	return r < 0 ? -1 : 0;
}

int
indexing_verify(struct store *st, enum source source, struct indexing *report,
    struct err *e)
{
	struct indexed x;
	size_t i;
	int r;

	memset(report, 0, sizeof *report);
	if ((r = indexed_open(&x, st, source, e)) != 1)
		return r;
	for (i = 0, r = 0; i < x.x.m.n && r == 0; i++) {
		x.part[i].dead = x.x.m.segment[i].dead;
		report->live += x.x.m.segment[i].docs -
		    x.x.m.segment[i].ndead;
		report->bytes += (int64_t)segment_bytes(x.x.s[i]);
		report->segments++;
		r = segment_verify(x.x.s[i], e);
	}
	for (i = 0; i < x.x.m.n && r == 0; i++)
		r = sample(&x, x.x.s[i], e);
	indexed_close(&x);
	return r;
}
