/*
 * Is an index sound?  Checksums say that the bytes are those that were
 * written; that a pruned search finds what scoring everything finds is tried
 * on terms of the index itself.
 */
#include "search/indexing.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "index/rank.h"
#include "search/cands.h"
#include "search/doubt.h"
#include "search/indexed.h"
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
		r = err_set(e, ERR_INDEX, "a search for '%s' does not find "
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

/* The frequencies beside: those of the file, less those of the dead. */
static int
verify_df(struct vector *v, const struct manifest_segment *s,
    const char *path, struct err *e)
{
	uint32_t pieces = vector_model(v)->pieces, own, now, gone = 0, i;
	uint32_t *all = xcalloc((size_t)pieces + 1, sizeof *all);
	uint32_t *df = xcalloc((size_t)pieces + 1, sizeof *df);
	uint32_t held = vector_held(v);
	int r = vector_df_of(v, s->dead, df, &gone, e);

	for (i = 0; r == 0 && i < pieces; i++)
		r = vector_df(v, i, &all[i], e);
	if (r == 0)
		r = vector_df_use(v, path, e);
	for (i = 0; r == 0 && i < pieces; i++) {
		own = all[i] - df[i];
		if ((r = vector_df(v, i, &now, e)) == 0 &&
		    (now != own || held - gone != vector_held(v)))
			r = err_set(e, ERR_INDEX, "frequencies '%s' are not "
			    "those of the vectors", path);
	}
	free(all);
	free(df);
	return r;
}

static int
verify_vectors(struct indexed *x, const char *dir,
    const struct manifest_segment *s, struct indexing *report, struct err *e)
{
	char *path = manifest_vectors_path(dir, s->number), *df;
	struct vector *v = NULL;
	int r = vector_open(&v, path, &x->key, e);

	if (r == 0 && (vector_rows(v) != s->docs ||
	    !vector_model_same(vector_model(v), &x->x.m.model)))
		r = err_set(e, ERR_INDEX, "'%s' is not what the manifest "
		    "says", path);
	if (r == 0)
		r = vector_verify(v, e);
	if (r == 0 && s->vectors == MANIFEST_ALL && s->ndead > 0) {
		df = manifest_df_path(dir, s);
		r = verify_df(v, s, df, e);
		free(df);
	}
	if (r == 0) {
		report->vectors += vector_held(v);
		report->vector_bytes += (int64_t)vector_bytes(v);
	}
	vector_close(v);
	free(path);
	if (r < 0 && e->code == ERR_ABSENT)
		e->code = ERR_INDEX;
	return r < 0 ? -1 : 0;
}

int
indexing_verify(struct store *st, enum source source, struct indexing *report,
    struct err *e)
{
	struct indexed x;
	char *dir;
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
	dir = indexed_dir(st, source);
	for (i = 0; i < x.x.m.n && r == 0; i++)
		if (x.x.m.segment[i].vectors != MANIFEST_NONE)
			r = verify_vectors(&x, dir, &x.x.m.segment[i], report,
			    e);
	free(dir);
	for (i = 0; i < x.x.m.n && r == 0; i++)
		r = sample(&x, x.x.s[i], e);
	indexed_close(&x);
	if (r < 0 && e->code == ERR_INDEX)
		doubt_raise(st, source);
	return r;
}
