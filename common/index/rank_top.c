/*
 * The best k of each segment, one segment after the other, with one heap.
 *
 * A window is a stretch of documents in which the bounds of the lists are
 * those of few blocks.  Lists whose bounds together do not reach the worst
 * of the best are not read, only asked for documents that others found.
 */
#include "index/rank_check.h"
#include "index/rank_heap.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define WINDOW 4096	/* documents whose scores are summed at once */
#define MANY 16		/* lists; of more, windows are no shorter */
#define AHEAD 8		/* blocks that a window's bound is taken from */
#define WORTH 8		/* a rare list drives when the others are longer */

struct scored {
	struct rank_list l;
	double weighted;	/* weight * idf */
	double max;		/* bound of the whole list */
	double bound;		/* in this window */
};

struct top {
	struct rank *r;
	const struct score_table *table;
	const double *weighted;		/* of each term of the match */
	struct rank_heap heap;
	bool slow;
	/* of the part that is searched */
	size_t part;
	struct rank_checks *checks;
	const uint8_t *lengths;
	uint32_t docs, from, end;	/* [from, end) is looked at */
	bool ties;		/* an equal score may still win */
	struct scored *list;
	struct scored **order;
	double *rest;		/* of each place in the order on: bounds */
	int n;
	double acc[WINDOW];
	uint64_t seen[WINDOW / 64];
};

/* A score must be greater. */
static double
cut(const struct top *t)
{
	if (t->heap.n < t->heap.k)
		return -1;
	return t->heap.hit[0].score - (t->ties ? SCORE_UNIT : 0);
}

static int
offer(struct top *t, uint32_t doc, double score, struct err *e)
{
	int holds;

	if (rank_dead(&t->r->part[t->part], doc))
		return 0;
	if ((holds = rank_holds(t->checks, doc, e)) == 1)
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
			*score += score_term(t->table, t->weighted[k], tf,
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
		    (score > cut(t) && offer(t, d, score, e) < 0))
			return -1;
	}
	return 0;
}

/* --- windows ----------------------------------------------------------- */

/* The bound of a list from where it stands up to end. */
static int
window_bound(struct top *t, struct scored *x, uint32_t end, struct err *e)
{
	uint32_t block = x->l.block, last;
	double bound;
	int n;

	x->bound = 0;
	for (n = 0; block < x->l.blocks; block++, n++) {
		if (n == AHEAD) {
			x->bound = x->max;
			return 0;
		}
		if (rank_list_bound(&x->l, block, t->table, x->weighted,
		    t->lengths, &bound, e) < 0 ||
		    rank_list_last(&x->l, block, &last, e) < 0)
			return -1;
		if (bound > x->bound)
			x->bound = bound;
		if (last >= end - 1)
			break;
	}
	return 0;
}

/* Sort by the bounds in the window, greatest first; how many of them must be
 * read to find a score above `least`. */
static int
arrange(struct top *t, double least)
{
	struct scored *x;
	int i, k, read;

	for (i = 1; i < t->n; i++) {
		x = t->order[i];
		for (k = i; k > 0 && t->order[k - 1]->bound < x->bound; k--)
			t->order[k] = t->order[k - 1];
		t->order[k] = x;
	}
	t->rest[t->n] = 0;
	for (i = read = t->n; i > 0; i--) {
		t->rest[i - 1] = t->rest[i] + t->order[i - 1]->bound;
		if (t->rest[i - 1] <= least)
			read = i - 1;
	}
	return read;
}

/* A document with what the lists read gave it: ask the others, as long as
 * it can still be one of the best. */
static int
complete(struct top *t, int read, uint32_t doc, double score, struct err *e)
{
	double least = cut(t);
	struct rank_list *l;
	int i, has;

	for (i = read; i < t->n; i++) {
		if (score + t->rest[i] <= least)
			return 0;
		l = &t->order[i]->l;
		if ((has = rank_list_has(l, doc, e)) < 0)
			return -1;
		if (has == 0)
			continue;
		if (rank_list_tf(l, e) < 0)
			return -1;
		score += score_term(t->table, t->order[i]->weighted,
		    l->tf[l->at], t->lengths[doc]);
	}
	return score > least ? offer(t, doc, score, e) : 0;
}

/* Where the documents from `doc` on begin in the loaded block. */
static uint32_t
begin(const struct rank_list *l, uint32_t doc)
{
	uint32_t at = 0, step;

	if (l->n == BITS_BLOCK)
		for (step = BITS_BLOCK / 2; step > 0; step /= 2)
			if (l->doc[at + step - 1] < doc)
				at += step;
	while (at < l->n && l->doc[at] < doc)
		at++;
	return at;
}

/*
 * Call for each block of a list that reaches into [from, end), loaded:
 * *at is where it begins there.  1 a block, 0 none, -1.
 */
static int
next_block(struct rank_list *l, uint32_t from, uint32_t end, bool first,
    uint32_t *at, struct err *e)
{
	uint32_t last;

	if (!first) {
		if (rank_list_last(l, l->block, &last, e) < 0)
			return -1;
		if (last >= end - 1)
			return 0;
		from = last + 1;
	}
	if (rank_list_seek(l, from, e) < 0)
		return -1;
	if (l->block >= l->blocks)
		return 0;
	if (rank_list_load(l, e) < 0 || rank_list_tf(l, e) < 0)
		return -1;
	*at = begin(l, from);
	return *at < l->n && l->doc[*at] < end;
}

/* One list alone is read. */
static int
window_one(struct top *t, uint32_t from, uint32_t end, struct err *e)
{
	struct scored *x = t->order[0];
	struct rank_list *l = &x->l;
	uint32_t i;
	double score;
	bool first;
	int r;

	for (first = true; (r = next_block(l, from, end, first, &i, e)) == 1;
	    first = false)
		for (; i < l->n && l->doc[i] < end; i++) {
			score = score_term(t->table, x->weighted, l->tf[i],
			    t->lengths[l->doc[i]]);
			if (score + t->rest[1] > cut(t) &&
			    complete(t, 1, l->doc[i], score, e) < 0)
				return -1;
		}
	return r;
}

static int
add_list(struct top *t, struct scored *x, uint32_t from, uint32_t end,
    struct err *e)
{
	struct rank_list *l = &x->l;
	uint32_t i, k;
	bool first;
	int r;

	for (first = true; (r = next_block(l, from, end, first, &i, e)) == 1;
	    first = false)
		for (; i < l->n && l->doc[i] < end; i++) {
			k = l->doc[i] - from;
			t->acc[k] += score_term(t->table, x->weighted,
			    l->tf[i], t->lengths[l->doc[i]]);
			t->seen[k / 64] |= UINT64_C(1) << (k % 64);
		}
	return r;
}

/* Several lists are summed, at most WINDOW documents at once. */
static int
window_sum(struct top *t, int read, uint32_t from, uint32_t end,
    struct err *e)
{
	uint32_t k;
	double score;
	int i, r = 0;

	for (i = 0; i < read && r == 0; i++)
		r = add_list(t, t->order[i], from, end, e);
	for (k = 0; k < end - from; k++) {
		if (t->seen[k / 64] == 0) {
			k |= 63;
			continue;
		}
		if (!(t->seen[k / 64] >> (k % 64) & 1))
			continue;
		score = t->acc[k];
		t->acc[k] = 0;
		if (r == 0 && score + t->rest[read] > cut(t))
			r = complete(t, read, from + k, score, e);
	}
	memset(t->seen, 0, sizeof t->seen);
	return r;
}

/*
 * The end of the window that begins at from: as far as the blocks of lists
 * reach that alone could find something; 0: there is nothing any more.
 */
static int
window_end(struct top *t, uint32_t from, uint32_t *end, struct err *e)
{
	double sum = 0, least = cut(t);
	uint32_t last;
	bool alive = false;
	int i, n;

	for (n = t->n; n > 0 && sum + t->list[n - 1].max <= least; n--)
		sum += t->list[n - 1].max;
	*end = t->end;
	for (i = 0; i < t->n; i++) {
		if (rank_list_seek(&t->list[i].l, from, e) < 0)
			return -1;
		if (i >= n || t->list[i].l.block >= t->list[i].l.blocks)
			continue;
		alive = true;
		if (rank_list_last(&t->list[i].l, t->list[i].l.block, &last,
		    e) < 0)
			return -1;
		if (last < *end)
			*end = last + 1;
	}
	if (t->n > MANY && *end - from < WINDOW)
		*end = t->end - from < WINDOW ? t->end : from + WINDOW;
	return alive;
}

static int
window(struct top *t, uint32_t from, uint32_t end, struct err *e)
{
	uint32_t to;
	int i, read, r = 0;

	for (i = 0; i < t->n; i++)
		if (window_bound(t, &t->list[i], end, e) < 0)
			return -1;
	read = arrange(t, cut(t));
	if (read == 0)
		return 0;
	if (read == 1)
		return window_one(t, from, end, e);
	for (; from < end && r == 0; from = to) {
		to = end - from < WINDOW ? end : from + WINDOW;
		r = window_sum(t, read, from, to, e);
	}
	return r;
}

static int
by_max(const void *a, const void *b)
{
	const struct scored *x = a, *y = b;

	return (x->max < y->max) - (x->max > y->max);
}

static int
top_windows(struct top *t, struct err *e)
{
	uint32_t from, end;
	int i, r = 1;

	for (i = 0; i < t->n; i++)
		if (rank_list_bound(&t->list[i].l, UINT32_MAX, t->table,
		    t->list[i].weighted, t->lengths, &t->list[i].max, e) < 0)
			return -1;
	qsort(t->list, (size_t)t->n, sizeof *t->list, by_max);
	for (i = 0; i < t->n; i++)
		t->order[i] = &t->list[i];
	for (from = t->from; from < t->end && r == 1; from = end)
		if ((r = window_end(t, from, &end, e)) == 1 &&
		    window(t, from, end, e) < 0)
			return -1;
	return r < 0 ? -1 : 0;
}

/* --- one part ---------------------------------------------------------- */

/* The lists that score, and how long they are together. */
static size_t
open_lists(struct top *t)
{
	const struct match *m = t->r->m;
	size_t k, sum = 0;

	t->list = xcalloc(m->terms + 1, sizeof *t->list);
	t->order = xcalloc(m->terms + 1, sizeof *t->order);
	t->rest = xcalloc(m->terms + 1, sizeof *t->rest);
	for (k = 0, t->n = 0; k < m->terms; k++) {
		if (t->weighted[k] <= 0 ||
		    !rank_term_list(t->r, t->part, k, &t->list[t->n].l))
			continue;
		t->list[t->n].weighted = t->weighted[k];
		sum += t->list[t->n++].l.docs;
	}
	return sum;
}

static void
close_lists(struct top *t)
{
	while (t->n > 0)
		rank_list_release(&t->list[--t->n].l);
	free(t->list);
	free(t->order);
	free(t->rest);
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

	if (rank_suspects_cost(t->checks, &cost, e) < 0)
		return -1;
	/* what scores nothing may hold, too: only groups say what is found */
	if (!t->slow && t->n > 0 && !t->r->unscored &&
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
	if (t->docs == 0)
		return 0;
	if (segment_lengths(s, &t->lengths, e) < 0 || narrow(t, e) < 0)
		return -1;
	t->checks = rank_checks(t->r, t->part);
	postings = open_lists(t);
	r = try_each(t, postings, e);
	if (r == 0)
		r = top_windows(t, e);
	close_lists(t);
	rank_checks_free(t->checks);
	return r < 0 ? -1 : 0;
}

/* Are all keys of the parts before this one less than its own? */
static int
part_ties(struct top *t, struct buf *greatest, struct err *e)
{
	struct segment *s = t->r->part[t->part].s;
	struct buf key = BUF_INIT;
	uint32_t docs = segment_docs(s);
	size_t n;
	int d;

	t->ties = false;
	if (docs == 0)
		return 0;
	if (segment_key(s, 0, &key, e) < 0)
		return -1;
	n = key.len < greatest->len ? key.len : greatest->len;
	d = memcmp(key.p, greatest->p, n);
	t->ties = d < 0 || (d == 0 && key.len <= greatest->len);
	if (segment_key(s, docs - 1, &key, e) < 0) {
		buf_release(&key);
		return -1;
	}
	n = key.len < greatest->len ? key.len : greatest->len;
	d = memcmp(key.p, greatest->p, n);
	if (d > 0 || (d == 0 && key.len > greatest->len)) {
		buf_reset(greatest);
		buf_add(greatest, key.p, key.len);
	}
	buf_release(&key);
	return 0;
}

int
rank_top(struct rank *r, const struct score_params *params,
    const struct score_scope *scope, const int64_t *df, size_t k, bool slow,
    struct rank_hit **out, size_t *n, struct err *e)
{
	struct score_table *table = xmalloc(sizeof *table);
	double *weighted = xcalloc(r->m->terms + 1, sizeof *weighted);
	struct top *t = xcalloc(1, sizeof *t);
	struct buf greatest = BUF_INIT;
	size_t i;
	int x = 0;

	score_table(table, params, score_average(scope));
	for (i = 0; i < r->m->terms; i++)
		weighted[i] = r->m->term[i].weight *
		    score_idf(scope->texts, df[i]);
	t->r = r;
	t->table = table;
	t->weighted = weighted;
	t->slow = slow;
	t->heap.part = r->part;
	t->heap.k = k;
	for (t->part = 0; t->part < r->parts && x == 0; t->part++)
		if ((x = part_ties(t, &greatest, e)) == 0)
			x = top_part(t, e);
	rank_heap_sort(&t->heap);
	if (x == 0 && t->heap.damaged)
		x = err_set(e, ERR_CORRUPT, "the index is damaged in its keys");
	*out = t->heap.hit;
	*n = t->heap.n;
	if (x < 0) {
		free(*out);
		*out = NULL;
		*n = 0;
	}
	buf_release(&greatest);
	free(t);
	free(weighted);
	free(table);
	return x;
}
