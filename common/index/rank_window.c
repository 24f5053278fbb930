/*
 * A window is a stretch of documents in which the bounds of the lists are
 * those of few blocks.  Lists whose bounds together do not reach the worst
 * of the best are not read, only asked for documents that others found:
 * list by list for a batch of them, and only where the bound of a block
 * leaves hope.  Batches are small at first, when the worst of the best still
 * rises quickly.
 */
#include "index/rank_top.h"

#include "base/alloc.h"

#include <stdlib.h>

#define MANY 16		/* lists; of more, windows are no shorter */
#define AHEAD 8		/* blocks that a window's bound is taken from */
#define BATCH_FIRST 16

static unsigned
lowest_bit(uint64_t bits)
{
#ifdef __GNUC__
	return (unsigned)__builtin_ctzll(bits);
#else
	unsigned n = 0;

	for (; !(bits & 1); bits >>= 1)
		n++;
	return n;
#endif
}

/* Of a block: x->l.bound. */
static inline int
bound_of(struct top *t, struct scored *x, uint32_t block, struct err *e)
{
	if (block == x->l.bound_block && x->l.bound >= 0)
		return 0;
	return rank_list_bound(&x->l, block, &t->table, x->weighted,
	    t->lengths, e);
}

/* --- bounds ------------------------------------------------------------ */

/* The bound of a list from where it stands up to end. */
static int
window_bound(struct top *t, struct scored *x, uint32_t end, struct err *e)
{
	uint32_t block = x->l.block, last = x->l.upto - 1;

	x->bound = 0;
	if (block >= x->l.blocks)
		return 0;
	if (last < end - 1 && x->l.blocks - block > AHEAD) {
		if (rank_list_last(&x->l, block + AHEAD, &last, e) < 0)
			return -1;
		if (last < end) {
			x->bound = x->max;
			return 0;
		}
		last = x->l.upto - 1;
	}
	for (;;) {
		if (bound_of(t, x, block, e) < 0)
			return -1;
		if (x->l.bound > x->bound)
			x->bound = x->l.bound;
		if (last >= end - 1 || ++block == x->l.blocks)
			return 0;
		if (rank_list_last(&x->l, block, &last, e) < 0)
			return -1;
	}
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

/* --- candidates -------------------------------------------------------- */

/*
 * Candidates [k, end) lie in the block where the list stands, and one of
 * them at least is worth loading it.  Those that can still be one of the
 * best move down to n.
 */
static int
ask_block(struct top *t, int i, uint32_t k, uint32_t end, uint32_t *kept,
    double least, struct err *e)
{
	struct scored *x = t->order[i];
	struct rank_list *l = &x->l;
	double sum, rest = t->rest[i + 1];
	uint32_t doc, at, n = *kept;

	if (rank_list_load(l, e) < 0)
		return -1;
	for (; k < end; k++) {
		doc = t->cand[k];
		sum = t->sum[k];
		at = rank_list_lower(l, doc);
		if (at < l->n && l->doc[at] == doc) {
			if (rank_list_tf(l, e) < 0)
				return -1;
			sum += score_term(&t->table, x->weighted, l->tf[at],
			    t->lengths[doc]);
		}
		t->cand[n] = doc;
		t->sum[n] = sum;
		n += sum + rest > least;
	}
	*kept = n;
	return 0;
}

/* What the i-th list adds to the candidates. */
static int
ask_list(struct top *t, int i, double least, struct err *e)
{
	struct scored *x = t->order[i];
	double most, rest = t->rest[i + 1];
	uint32_t k, end, n = 0;

	for (k = 0; k < t->cands; k = end) {
		if (rank_list_seek(&x->l, t->cand[k], e) < 0)
			return -1;
		if (x->l.block >= x->l.blocks)
			break;
		if (bound_of(t, x, x->l.block, e) < 0)
			return -1;
		most = 0;
		for (end = k; end < t->cands && t->cand[end] < x->l.upto;
		    end++)
			most = t->sum[end] > most ? t->sum[end] : most;
		if (most + x->l.bound + rest > least &&
		    ask_block(t, i, k, end, &n, least, e) < 0)
			return -1;
	}
	for (; k < t->cands; k++) {
		t->cand[n] = t->cand[k];
		t->sum[n] = t->sum[k];
		n += t->sum[k] + rest > least;
	}
	t->cands = n;
	return 0;
}

/* Ask the lists that were not read for the candidates; those that remain are
 * offered. */
static int
ask_rest(struct top *t, int read, struct err *e)
{
	double least = top_cut(t);
	uint32_t k;
	int i;

	for (i = read; i < t->n && t->cands > 0; i++)
		if (ask_list(t, i, least, e) < 0)
			return -1;
	for (k = 0; k < t->cands; k++)
		if (t->sum[k] > top_cut(t) &&
		    top_offer(t, t->cand[k], t->sum[k], true, e) < 0)
			return -1;
	t->cands = 0;
	if (t->batch < RANK_BATCH)
		t->batch *= 2;
	return 0;
}

/* There is room for RANK_STEP more behind a batch. */
static inline int
ask_batch(struct top *t, int read, double *least, struct err *e)
{
	if (t->cands < t->batch)
		return 0;
	if (ask_rest(t, read, e) < 0)
		return -1;
	*least = top_cut(t);
	return 0;
}

/* --- reading ----------------------------------------------------------- */

/*
 * Stand on the first document in [from, end), with the scores of its block:
 * 1, 0 there is none.
 */
static inline int
stand(struct top *t, struct scored *x, uint32_t from, uint32_t end,
    struct err *e)
{
	struct rank_list *l = &x->l;
	uint32_t found, i;
	int r = rank_list_next(l, from, &found, e);

	if (r != 1 || found >= end)
		return r < 0 ? -1 : 0;
	if (x->block == l->block)
		return 1;
	if (rank_list_tf(l, e) < 0)
		return -1;
	for (i = 0; i < l->n; i++)
		x->score[i] = score_term(&t->table, x->weighted, l->tf[i],
		    t->lengths[l->doc[i]]);
	x->block = l->block;
	return 1;
}

/* One list alone is read. */
static int
window_one(struct top *t, uint32_t from, uint32_t end, struct err *e)
{
	struct scored *x = t->order[0];
	struct rank_list *l = &x->l;
	double score, rest = t->rest[1], least = top_cut(t);
	uint32_t i, doc;
	int r;

	for (; from < end; from = l->upto) {
		if (rank_list_seek(l, from, e) < 0)
			return -1;
		if (l->block >= l->blocks)
			return 0;
		if (bound_of(t, x, l->block, e) < 0)
			return -1;
		if (l->bound + rest <= least)
			continue;
		if ((r = stand(t, x, from, end, e)) != 1)
			return r;
		for (i = l->at; i < l->n && (doc = l->doc[i]) < end; i++) {
			score = x->score[i];
			t->cand[t->cands] = doc;
			t->sum[t->cands] = score;
			t->cands += score + rest > least;
		}
		if (ask_batch(t, 1, &least, e) < 0)
			return -1;
	}
	return 0;
}

static int
add_list(struct top *t, struct scored *x, uint32_t from, uint32_t end,
    struct err *e)
{
	struct rank_list *l = &x->l;
	double *acc = t->w->acc;
	uint64_t *seen = t->w->seen, any = 0;
	uint32_t i, k, doc, at;
	int r = 0;

	for (at = from; at < end; at = l->upto) {
		if ((r = stand(t, x, at, end, e)) != 1)
			break;
		for (i = l->at; i < l->n && (doc = l->doc[i]) < end; i++) {
			k = doc - from;
			acc[k] += x->score[i];
			seen[k / 64] |= UINT64_C(1) << (k % 64);
			any |= UINT64_C(1) << (k / 64);
		}
		l->at = i < l->n ? i : i - 1;
	}
	t->w->any |= any;
	return r < 0 ? -1 : 0;
}

/* Several lists are summed, at most RANK_WINDOW documents at once. */
static int
window_sum(struct top *t, int read, uint32_t from, uint32_t end,
    struct err *e)
{
	double rest = t->rest[read], least = top_cut(t);
	uint64_t any, bits;
	uint32_t w, k;
	int i;

	if (t->w == NULL)
		t->w = xcalloc(1, sizeof *t->w);
	for (i = 0; i < read; i++)
		if (add_list(t, t->order[i], from, end, e) < 0)
			return -1;
	any = t->w->any;
	t->w->any = 0;
	for (; any != 0; any &= any - 1) {
		w = lowest_bit(any);
		bits = t->w->seen[w];
		t->w->seen[w] = 0;
		do {
			k = 64 * w + lowest_bit(bits);
			t->cand[t->cands] = from + k;
			t->sum[t->cands] = t->w->acc[k];
			t->cands += t->w->acc[k] + rest > least;
			t->w->acc[k] = 0;
			bits &= bits - 1;
		} while (bits != 0);
		if (ask_batch(t, read, &least, e) < 0)
			return -1;
	}
	return 0;
}

/* --- windows ----------------------------------------------------------- */

/*
 * The end of the window that begins at from: as far as the blocks of lists
 * reach that alone could find something; 0: there is nothing any more.
 */
static int
window_end(struct top *t, uint32_t from, uint32_t *end, struct err *e)
{
	double sum = 0, least = top_cut(t);
	struct rank_list *l;
	bool alive = false;
	int i, n;

	for (n = t->n; n > 0 && sum + t->by_max[n - 1]->max <= least; n--)
		sum += t->by_max[n - 1]->max;
	*end = t->end;
	for (i = 0; i < t->n; i++) {
		l = &t->by_max[i]->l;
		if (rank_list_seek(l, from, e) < 0)
			return -1;
		if (i >= n || l->block >= l->blocks)
			continue;
		alive = true;
		if (l->upto < *end)
			*end = l->upto;
	}
	if (t->n > MANY && *end - from < RANK_WINDOW)
		*end = t->end - from < RANK_WINDOW ? t->end :
		    from + RANK_WINDOW;
	return alive;
}

static int
window(struct top *t, uint32_t from, uint32_t end, struct err *e)
{
	uint32_t to;
	int i, read, r = 0;

	for (i = 0; i < t->n; i++)
		if (window_bound(t, t->by_max[i], end, e) < 0)
			return -1;
	read = arrange(t, top_cut(t));
	if (read == 0)
		return 0;
	if (read == 1) {
		r = window_one(t, from, end, e);
		from = end;
	}
	for (; from < end && r == 0; from = to) {
		to = end - from < RANK_WINDOW ? end : from + RANK_WINDOW;
		r = window_sum(t, read, from, to, e);
	}
	/* the next window asks others */
	return r == 0 && t->cands > 0 ? ask_rest(t, read, e) : r;
}

static int
by_max(const void *a, const void *b)
{
	const struct scored *x = *(struct scored *const *)a;
	const struct scored *y = *(struct scored *const *)b;

	return (x->max < y->max) - (x->max > y->max);
}

int
top_windows(struct top *t, struct err *e)
{
	uint32_t from, end;
	int i, r = 1;

	for (i = 0; i < t->n; i++) {
		if (bound_of(t, &t->list[i], UINT32_MAX, e) < 0)
			return -1;
		t->list[i].max = t->list[i].l.bound;
		t->by_max[i] = &t->list[i];
	}
	qsort(t->by_max, (size_t)t->n, sizeof *t->by_max, by_max);
	for (i = 0; i < t->n; i++)
		t->order[i] = t->by_max[i];
	t->cands = 0;
	t->batch = BATCH_FIRST;
	for (from = t->from; from < t->end && r == 1; from = end)
		if ((r = window_end(t, from, &end, e)) == 1 &&
		    window(t, from, end, e) < 0)
			return -1;
	return r < 0 ? -1 : 0;
}
