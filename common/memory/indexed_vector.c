/*
 * The vectors beside an index.  What is alive of them counts exactly: the
 * frequencies are those of the manifest's moment, and what has gone since is
 * taken off by the lists that the files have.
 */
#include "memory/indexed.h"

#include "base/alloc.h"
#include "index/vector.h"
#include "memory/embedder.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#define AGAIN 20	/* times that the manifest is read anew */

void
indexed_drop_vectors(struct indexed *x)
{
	size_t i;

	for (i = 0; x->fresh != NULL && i < x->x.m.n; i++)
		free(x->fresh[i]);
	free(x->fresh);
	free(x->fresh_df);
	free(x->vector);
	index_close_vectors(&x->x);
	x->fresh = NULL;
	x->fresh_df = NULL;
	x->vector = NULL;
	x->vectors = 0;
}

/* The index as it is by now; 1, 0 there is none any more: the old one is
 * kept. */
static int
read_again(struct indexed *x, const char *dir, struct err *e)
{
	struct index now;
	int r;

	if ((r = index_open(&now, dir, e)) != 1)
		return r < 0 && e->code == ERR_VERSION ? 0 : r;
	if (!manifest_serves(&now.m, x->language)) {
		index_close(&now);
		return 0;
	}
	index_close(&x->x);
	free(x->part);
	x->x = now;
	indexed_set_parts(x);
	return 1;
}

int
indexed_vectors(struct indexed *x, const struct embedder *em, struct err *e)
{
	char *dir = indexed_dir(x->st, x->source);
	size_t i;
	int again, r = -1;

	for (again = 0; again < AGAIN; again++) {
		r = index_open_vectors(&x->x, dir, embedder_model(em), e);
		if (r >= 0 || e->code != ERR_ABSENT)
			break;
		if (again + 1 == AGAIN)
			e->code = ERR_INDEX;
		else if ((r = read_again(x, dir, e)) != 1)
			break;
	}
	free(dir);
	if (r != 1)
		return r;
	x->vector = xcalloc(x->x.m.n + 1, sizeof *x->vector);
	x->fresh = xcalloc(x->x.m.n + 1, sizeof *x->fresh);
	for (i = 0; i < x->x.m.n; i++)
		x->vector[i].v = x->x.v[i];
	return 1;
}

int
indexed_vectors_view(struct indexed *x, struct err *e)
{
	uint32_t pieces = x->x.m.model.pieces, gone = 0;
	size_t i;

	x->vectors = 0;
	free(x->fresh_df);
	x->fresh_df = NULL;
	for (i = 0; x->vector != NULL && i < x->x.m.n; i++) {
		x->vectors += vector_held(x->x.v[i]);
		if (x->fresh[i] == NULL)
			continue;
		if (x->fresh_df == NULL)
			x->fresh_df = xcalloc((size_t)pieces + 1,
			    sizeof *x->fresh_df);
		if (vector_df_of(x->x.v[i], x->fresh[i], x->fresh_df, &gone,
		    e) < 0) {
			indexed_drop_vectors(x);
			return -1;
		}
	}
	x->vectors -= gone;
	return 0;
}

int
indexed_piece_df(struct indexed *x, uint32_t piece, uint32_t *df,
    struct err *e)
{
	uint32_t one;
	size_t i;

	*df = 0;
	if (x->vector == NULL || piece >= x->x.m.model.pieces)
		return 0;
	for (i = 0; i < x->x.m.n; i++) {
		if (vector_df(x->x.v[i], piece, &one, e) < 0)
			return -1;
		*df += one;
	}
	if (x->fresh_df != NULL)
		*df -= x->fresh_df[piece] < *df ? x->fresh_df[piece] : *df;
	return 0;
}
