#include "index/rank_heap.h"

#include "base/alloc.h"

#include <string.h>

static int
key_cmp(struct rank_heap *h, const struct rank_hit *a,
    const struct rank_hit *b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;
	struct err ignored;
	int d = 0;

	if (segment_key(h->part[a->part].s, a->doc, &x, &ignored) < 0 ||
	    segment_key(h->part[b->part].s, b->doc, &y, &ignored) < 0)
		h->damaged = true;
	else
		d = memcmp(x.p, y.p, x.len < y.len ? x.len : y.len);
	if (d == 0)
		d = (x.len > y.len) - (x.len < y.len);
	buf_release(&x);
	buf_release(&y);
	return d;
}

/* Does a come before b? */
static bool
before(struct rank_heap *h, const struct rank_hit *a, const struct rank_hit *b)
{
	if (a->score != b->score)
		return a->score > b->score;
	if (a->part == b->part)
		return a->doc < b->doc;
	if (h->after[a->part > b->part ? a->part : b->part])
		return a->part < b->part;
	return key_cmp(h, a, b) < 0;
}

static void
sink(struct rank_heap *h, size_t i, size_t n)
{
	struct rank_hit x = h->hit[i];
	size_t child;

	while ((child = 2 * i + 1) < n) {
		if (child + 1 < n &&
		    before(h, &h->hit[child], &h->hit[child + 1]))
			child++;
		if (!before(h, &x, &h->hit[child]))
			break;
		h->hit[i] = h->hit[child];
		i = child;
	}
	h->hit[i] = x;
}

void
rank_heap_add(struct rank_heap *h, double score, uint32_t part, uint32_t doc)
{
	struct rank_hit x = { score, part, doc };
	size_t i, up;

	if (h->n == h->k) {
		if (h->k > 0 && before(h, &x, &h->hit[0])) {
			h->hit[0] = x;
			sink(h, 0, h->n);
		}
		return;
	}
	h->hit = xgrow(h->hit, h->n, &h->cap, sizeof *h->hit);
	for (i = h->n++; i > 0; i = up) {
		up = (i - 1) / 2;
		if (!before(h, &h->hit[up], &x))
			break;
		h->hit[i] = h->hit[up];
	}
	h->hit[i] = x;
}

void
rank_heap_sort(struct rank_heap *h)
{
	struct rank_hit last;
	size_t n;

	for (n = h->n; n > 1; ) {	/* the worst goes to the end */
		last = h->hit[0];
		h->hit[0] = h->hit[--n];
		sink(h, 0, n);
		h->hit[n] = last;
	}
}
