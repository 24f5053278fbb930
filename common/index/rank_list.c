#include "index/rank_list.h"

#include <stdlib.h>
#include <string.h>

void
doc_list_release(struct doc_list *l)
{
	free(l->doc);
	free(l->tf);
	memset(l, 0, sizeof *l);
}

void
rank_list_disk(struct rank_list *l, struct segment *s,
    const struct segment_term *t)
{
	segment_list(s, t, &l->disk);
	l->memory = NULL;
	l->docs = t->docs;
	l->blocks = l->disk.blocks;
	l->block = l->at = l->n = l->upto = 0;
	l->loaded = false;
	l->bound_block = 0;
	l->bound = -1;
}

void
rank_list_memory(struct rank_list *l, const struct doc_list *docs)
{
	l->memory = docs;
	l->docs = docs->n;
	l->blocks = docs->n / BITS_BLOCK + (docs->n % BITS_BLOCK != 0);
	l->block = l->at = l->n = l->upto = 0;
	l->loaded = false;
	l->bound_block = 0;
	l->bound = -1;
}

void
rank_list_release(struct rank_list *l)
{
	if (l->memory == NULL)
		segment_list_release(&l->disk);
}

int
rank_list_last(struct rank_list *l, uint32_t block, uint32_t *doc,
    struct err *e)
{
	uint32_t end;

	if (l->memory == NULL)
		return segment_list_last(&l->disk, block, doc, e);
	end = (block + 1) * BITS_BLOCK;
	*doc = l->memory->doc[(end < l->docs ? end : l->docs) - 1];
	return 0;
}

static uint32_t
seek_memory(struct rank_list *l, uint32_t doc)
{
	uint32_t lo = l->block, hi, step = 1, mid, last;

	while (lo + step < l->blocks &&
	    l->memory->doc[(lo + step) * BITS_BLOCK - 1] < doc)
		step *= 2;
	hi = lo + step < l->blocks ? lo + step : l->blocks;
	lo += step / 2;
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		last = (mid + 1) * BITS_BLOCK;
		last = last < l->docs ? last : l->docs;
		if (l->memory->doc[last - 1] < doc)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

int
rank_list_go(struct rank_list *l, uint32_t doc, struct err *e)
{
	uint32_t block = l->block, last = UINT32_MAX - 1;

	if (l->memory != NULL)
		block = seek_memory(l, doc);
	else if (segment_list_seek(&l->disk, block, doc, &block, e) < 0)
		return -1;
	if (block < l->blocks && rank_list_last(l, block, &last, e) < 0)
		return -1;
	l->upto = last + 1;
	if (block != l->block) {
		l->block = block;
		l->loaded = false;
		l->at = 0;
	}
	return 0;
}

int
rank_list_load(struct rank_list *l, struct err *e)
{
	uint32_t from;

	if (l->loaded)
		return 0;
	if (l->memory != NULL) {
		from = l->block * BITS_BLOCK;
		l->doc = l->memory->doc + from;
		l->n = l->docs - from < BITS_BLOCK ? l->docs - from :
		    BITS_BLOCK;
	} else {
		if (segment_list_load(&l->disk, l->block, e) < 0)
			return -1;
		l->doc = l->disk.doc;
		l->n = l->disk.n;
	}
	l->loaded = true;
	l->at = 0;
	return 0;
}

int
rank_list_tf(struct rank_list *l, struct err *e)
{
	static const uint32_t ones[BITS_BLOCK] = {
#define ONES8 1, 1, 1, 1, 1, 1, 1, 1
#define ONES32 ONES8, ONES8, ONES8, ONES8
		ONES32, ONES32, ONES32, ONES32
	};

	if (l->memory != NULL) {
		l->tf = l->memory->tf == NULL ? ones :
		    l->memory->tf + l->block * BITS_BLOCK;
		return 0;
	}
	if (segment_list_tf(&l->disk, e) < 0)
		return -1;
	l->tf = l->disk.tf;
	return 0;
}

int
rank_list_next(struct rank_list *l, uint32_t doc, uint32_t *found,
    struct err *e)
{
	uint32_t at;

	if (rank_list_seek(l, doc, e) < 0)
		return -1;
	if (l->block >= l->blocks)
		return 0;
	if (rank_list_load(l, e) < 0)
		return -1;
	if (l->doc[l->at] < doc) {
		at = rank_list_lower(l, doc);
		if (at == l->n)	/* the bounds of the block did not hold */
			return err_set(e, ERR_INDEX, "the index has a "
			    "block that ends too early");
		l->at = at;
	}
	*found = l->doc[l->at];
	return 1;
}

int
rank_list_has(struct rank_list *l, uint32_t doc, struct err *e)
{
	uint32_t found;
	int r = rank_list_next(l, doc, &found, e);

	return r == 1 ? found == doc : r;
}

/* --- bounds ------------------------------------------------------------ */

static int
bound_disk(struct rank_list *l, uint32_t block, const struct score_table *t,
    double weighted, double *bound, struct err *e)
{
	struct segment_pair pair[SEGMENT_PAIRS];
	double x;
	int i, n = segment_bound(&l->disk, block, pair, e);

	*bound = 0;
	for (i = 0; i < n; i++) {
		x = score_term(t, weighted, pair[i].tf, pair[i].length);
		if (x > *bound)
			*bound = x;
	}
	/* loading a short list to see its bounds moved it */
	if (l->disk.block != l->block)
		l->loaded = false;
	return n < 0 ? -1 : 0;
}

static double
bound_memory(const struct rank_list *l, uint32_t block,
    const struct score_table *t, double weighted, const uint8_t *lengths)
{
	uint32_t i = 0, end = l->docs, doc, tf;
	double x, bound = 0;

	if (block != UINT32_MAX) {
		i = block * BITS_BLOCK;
		end = end - i < BITS_BLOCK ? end : i + BITS_BLOCK;
	}
	for (; i < end; i++) {
		doc = l->memory->doc[i];
		tf = l->memory->tf == NULL ? 1 : l->memory->tf[i];
		x = score_term(t, weighted, tf, lengths[doc]);
		if (x > bound)
			bound = x;
	}
	return bound;
}

int
rank_list_bound(struct rank_list *l, uint32_t block,
    const struct score_table *t, double weighted, const uint8_t *lengths,
    struct err *e)
{
	double bound;

	if (block == l->bound_block && l->bound >= 0)
		return 0;
	if (l->memory != NULL)
		bound = bound_memory(l, block, t, weighted, lengths);
	else if (bound_disk(l, block, t, weighted, &bound, e) < 0)
		return -1;
	/* rounding may put what is less above what is more, by a unit */
	l->bound = bound + SCORE_UNIT;
	l->bound_block = block;
	return 0;
}
