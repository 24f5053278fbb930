/*
 * The best k of each segment, one segment after the other, with one heap.
 */
#include "index/rank_top.h"

#include "base/alloc.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define WORTH 8		/* a rare list drives when the others are longer */
#define MANY_SCORES 2048	/* worth a table of them */

int
top_offer(struct top *t, uint32_t doc, double score, bool scored,
    struct err *e)
{
	int holds = 1;

	if (rank_dead(&t->r->part[t->part], doc))
		return 0;
	if (!scored || !t->r->all_hold)
		holds = rank_holds(t->checks, doc, e);
	if (holds == 1)
		rank_heap_add(&t->heap, score, (uint32_t)t->part, doc);
	return holds < 0 ? -1 : 0;
}

/* --- few documents: look at each --------------------------------------- */

static int
score_doc(struct top *t, uint32_t doc, double *score, struct err *e)
{
	uint32_t tf;
	size_t k;
	int has;

	for (k = 0, *score = 0; k < t->r->m->terms; k++) {
		if (t->weighted[k] <= 0)
			continue;
		has = rank_has_term(t->checks, k, doc, &tf, e);
		if (has < 0)
			return -1;
		if (has == 1)
			*score += score_term(&t->table, t->weighted[k], tf,
			    t->lengths[doc]);
	}
	return 0;
}

static int
top_each(struct top *t, const uint64_t *bits, struct err *e)
{
	double score;
	uint32_t d;

	for (d = t->from; d < t->end; d++) {
		if (bits[d / 64] == 0) {
			d |= 63;
			continue;
		}
		if (!(bits[d / 64] >> (d % 64) & 1))
			continue;
		if (score_doc(t, d, &score, e) < 0 ||
		    (score > top_cut(t) &&
		    top_offer(t, d, score, false, e) < 0))
			return -1;
	}
	return 0;
}

/* --- one part ---------------------------------------------------------- */

/* The lists that score, and how long they are together. */
static size_t
open_lists(struct top *t)
{
	const struct match *m = t->r->m;
	size_t k, sum = 0;

	for (k = 0, t->n = 0; k < m->terms; k++) {
		if (t->weighted[k] <= 0 ||
		    !rank_term_list(t->r, t->part, k, &t->list[t->n].l))
			continue;
		t->list[t->n].weighted = t->weighted[k];
		t->list[t->n].block = UINT32_MAX;
		sum += t->list[t->n++].l.docs;
	}
	return sum;
}

static void
close_lists(struct top *t)
{
	while (t->n > 0)
		rank_list_release(&t->list[--t->n].l);
}

/*
 * Documents looked at one by one, if that is less than reading the lists:
 * 1 done, 0 not.
 */
static int
try_each(struct top *t, size_t postings, struct err *e)
{
	size_t cost;
	uint64_t *bits;
	int r = -1;

	/* what scores nothing may hold, too: only groups say what is found */
	if (!t->r->unscored && (t->n == 0 || (t->r->all_hold && !t->slow &&
	    !rank_few(t->r, t->part))))
		return 0;
	t->checks = rank_checks(t->r, t->part);
	if (rank_suspects_cost(t->checks, &cost, e) < 0)
		return -1;
	if (!t->slow && !t->r->unscored &&
	    (cost == SIZE_MAX || cost > postings / WORTH))
		return 0;
	bits = xcalloc(t->docs / 64 + 1, sizeof *bits);
	if (rank_suspects(t->checks, bits, e) == 0 &&
	    top_each(t, bits, e) == 0)
		r = 1;
	free(bits);
	return r;
}

/* The first document in [from, end) whose value is not less. */
static int
narrow_to(struct top *t, unsigned column, int64_t least, uint32_t *found,
    struct err *e)
{
	uint32_t lo = t->from, hi = t->end, mid;
	int64_t v;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (segment_value(t->r->part[t->part].s, column, mid, &v,
		    e) < 0)
			return -1;
		if (v < least)
			lo = mid + 1;
		else
			hi = mid;
	}
	*found = lo;
	return 0;
}

/* Narrow [from, end) to what filters on ascending columns leave. */
static int
narrow(struct top *t, struct err *e)
{
	const struct match_atom *a = t->r->atom;
	const struct rank_filter *f;
	size_t i, n = t->r->atoms;

	t->from = 0;
	t->end = t->docs;
	for (i = 0; i < n; i++) {
		if (a[i].what != MATCH_FILTER || a[i].not ||
		    (i > 0 && a[i - 1].group == a[i].group) ||
		    (i + 1 < n && a[i + 1].group == a[i].group))
			continue;
		f = &t->r->filter[a[i].i];
		if (f->kind == RANK_RANGE &&
		    segment_ascending(t->r->part[t->part].s, f->column) &&
		    (narrow_to(t, f->column, f->min, &t->from, e) < 0 ||
		    narrow_to(t, f->column, f->end, &t->end, e) < 0))
			return -1;
	}
	return 0;
}

static int
top_part(struct top *t, struct err *e)
{
	struct segment *s = t->r->part[t->part].s;
	size_t postings;
	int r;

	t->docs = segment_docs(s);
	if (t->docs == 0 || t->r->alive[t->part] == 0)
		return 0;
	if (segment_lengths(s, &t->lengths, e) < 0 || narrow(t, e) < 0)
		return -1;
	t->ties = t->r->parts > 1 && !t->heap.after[t->part];
	postings = open_lists(t);
	if (postings > MANY_SCORES && t->table.small == 0)
		score_table_fill(&t->table);
	r = try_each(t, postings, e);
	if (r == 0)
		r = top_windows(t, e);
	close_lists(t);
	rank_checks_free(t->checks);
	t->checks = NULL;
	return r < 0 ? -1 : 0;
}

/* Is it greater?  Then it becomes the greatest. */
static bool
rises(struct buf *greatest, const struct buf *key)
{
	size_t n = key->len < greatest->len ? key->len : greatest->len;
	int d = memcmp(key->p, greatest->p, n);

	if (d < 0 || (d == 0 && key->len <= greatest->len))
		return false;
	buf_reset(greatest);
	buf_add(greatest, key->p, key->len);
	return true;
}

/* Which parts have keys that are greater than all in those before? */
static int
order_parts(struct top *t, struct err *e)
{
	struct buf key = BUF_INIT, greatest = BUF_INIT;
	struct segment *s;
	uint32_t docs;
	size_t i;
	int r = 0;

	for (i = 0; i < t->r->parts && t->r->parts > 1 && r == 0; i++) {
		s = t->r->part[i].s;
		if ((docs = segment_docs(s)) == 0)
			continue;
		if ((r = segment_key(s, 0, &key, e)) == 0) {
			t->heap.after[i] = rises(&greatest, &key);
			r = segment_key(s, docs - 1, &key, e);
			rises(&greatest, &key);
		}
	}
	buf_release(&key);
	buf_release(&greatest);
	return r;
}

static struct top *
top_new(struct rank *r)
{
	struct top *t = xmalloc(sizeof *t);
	size_t terms = r->m->terms + 1;

	memset(t, 0, offsetof(struct top, cand));
	t->r = r;
	t->heap.part = r->part;
	t->heap.after = xcalloc(r->parts + 1, sizeof *t->heap.after);
	t->weighted = xcalloc(terms, sizeof *t->weighted);
	t->list = xreallocarray(NULL, terms, sizeof *t->list);
	t->by_max = xcalloc(terms, sizeof *t->by_max);
	t->order = xcalloc(terms, sizeof *t->order);
	t->rest = xcalloc(terms, sizeof *t->rest);
	return t;
}

static void
top_free(struct top *t)
{
	free(t->heap.after);
	free(t->weighted);
	free(t->list);
	free(t->by_max);
	free(t->order);
	free(t->rest);
	free(t->w);
	free(t);
}

int
rank_top(struct rank *r, const struct score_params *params,
    const struct score_scope *scope, const int64_t *df, size_t k, bool slow,
    struct rank_hit **out, size_t *n, struct err *e)
{
	struct top *t = top_new(r);
	size_t i;
	int x;

	score_table(&t->table, params, score_average(scope));
	for (i = 0; i < r->m->terms; i++)
		t->weighted[i] = r->m->term[i].weight *
		    score_idf(scope->texts, df[i]);
	t->slow = slow;
	t->heap.k = k;
	x = order_parts(t, e);
	for (; t->part < r->parts && x == 0; t->part++)
		x = top_part(t, e);
	rank_heap_sort(&t->heap);
	if (x == 0 && t->heap.damaged)
		x = err_set(e, ERR_INDEX, "the index is damaged in its keys");
	*out = t->heap.hit;
	*n = t->heap.n;
	if (x < 0) {
		free(*out);
		*out = NULL;
		*n = 0;
	}
	top_free(t);
	return x;
}
