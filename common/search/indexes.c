#include "search/indexes.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

void
indexes_init(struct indexes *x, struct seen *seen, enum source source)
{
	memset(x, 0, sizeof *x);
	x->st = seen->st;
	x->seen = seen;
	x->source = source;
	buf_init(&x->values);
}

static void
part_them(struct indexes *x)
{
	indexes_forget(x);
	free(x->part);
	free(x->vector);
	free(x->of);
	x->part = NULL;
	x->vector = NULL;
	x->of = NULL;
	x->parts = 0;
	x->vectors = 0;
}

void
indexes_close(struct indexes *x)
{
	size_t i;

	part_them(x);
	for (i = 0; i < x->n; i++) {
		indexes_drop(x->one[i]);
		free(x->one[i]);
	}
	free(x->one);
	x->one = NULL;
	x->n = x->cap = 0;
	buf_release(&x->values);
}

struct indexes_one *
indexes_place(struct indexes *x, size_t who)
{
	struct indexes_one *one;
	size_t i;

	for (i = 0; i < x->n; i++)
		if (x->one[i]->who == who)
			return x->one[i];
	one = xcalloc(1, sizeof *one);
	one->who = who;
	x->one = xgrow(x->one, x->n, &x->cap, sizeof *x->one);
	return x->one[x->n++] = one;
}

struct indexed *
indexes_of(const struct indexes *x, size_t who)
{
	size_t i;

	for (i = 0; i < x->n; i++)
		if (x->one[i]->who == who && x->one[i]->open)
			return &x->one[i]->x;
	return NULL;
}

void
indexes_drop(struct indexes_one *one)
{
	if (one->open)
		indexed_close(&one->x);
	one->open = false;
}

/* --- as one ------------------------------------------------------------ */

void
indexes_join(struct indexes *x, bool vectors)
{
	struct indexed *one;
	size_t i, k, n = 0;

	part_them(x);
	for (i = 0; i < x->n; i++)
		n += x->one[i]->open ? x->one[i]->x.x.m.n : 0;
	x->part = xcalloc(n + 1, sizeof *x->part);
	x->of = xcalloc(n + 1, sizeof *x->of);
	if (vectors)
		x->vector = xcalloc(n + 1, sizeof *x->vector);
	for (i = 0; i < x->n; i++) {
		if (!x->one[i]->open)
			continue;
		one = &x->one[i]->x;
		for (k = 0; k < one->x.m.n; k++, x->parts++) {
			x->part[x->parts] = one->part[k];
			x->of[x->parts] = (uint32_t)i;
			if (vectors)
				x->vector[x->parts] = one->vector[k];
		}
		x->vectors += vectors ? one->vectors : 0;
	}
}

int
indexes_piece_df(struct indexes *x, uint32_t piece, uint32_t *df,
    struct err *e)
{
	uint32_t one;
	size_t i;

	*df = 0;
	for (i = 0; i < x->n && x->vector != NULL; i++) {
		if (!x->one[i]->open)
			continue;
		if (indexed_piece_df(&x->one[i]->x, piece, &one, e) < 0)
			return -1;
		*df += one;
	}
	return 0;
}
