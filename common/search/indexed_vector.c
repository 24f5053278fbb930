/*
 * The vectors beside an index.  What is alive of them counts exactly: the
 * frequencies are those of the manifest's moment, and what has gone since is
 * taken off by the lists that the files have.
 */
#include "search/indexed.h"

#include "base/alloc.h"
#include "index/vector.h"
#include "search/embedder.h"
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
	free(x->alive_df);
	free(x->counted);
	free(x->vector);
	index_close_vectors(&x->x);
	x->fresh = NULL;
	x->fresh_df = x->alive_df = NULL;
	x->counted = NULL;
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

	if ((r = index_open(&now, dir, &x->key, e)) != 1)
		return r < 0 && e->code == ERR_VERSION ? 0 : r;
	if (!manifest_serves(&now.m, x->language)) {
		index_close(&now);
		return 0;
	}
	indexed_open_again(x);
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

/* Counts those of some documents into one of the two. */
static int
count(struct indexed *x, size_t part, const uint64_t *bits, uint32_t **df,
    uint32_t *held, struct err *e)
{
	if (*df == NULL)
		*df = xcalloc((size_t)x->x.m.model.pieces + 1, sizeof **df);
	return vector_df_of(x->x.v[part], bits, *df, held, e);
}

/*
 * What the file counts and is not seen: gone since the manifest, or never to
 * be seen.  Where that is more than what is left, this is counted instead.
 */
static int
count_seen(struct indexed *x, size_t part, uint32_t *gone, uint32_t *alive,
    struct err *e)
{
	const struct manifest_segment *s = &x->x.m.segment[part];
	const uint64_t *fresh = x->fresh[part], *shut = x->shut[part];
	size_t words = (size_t)s->docs / 64 + 1, i, ngone = 0, nalive = 0;
	uint64_t *bits = xcalloc(words, sizeof *bits), was;
	int r = 0;

	for (i = 0; i < words; i++) {
		was = s->dead == NULL ? 0 : s->dead[i];
		if (fresh != NULL)
			was &= ~fresh[i];
		bits[i] = shut[i] & ~was;
		ngone += bits_ones(bits[i]);
		nalive += 64 - bits_ones(shut[i]);
	}
	if (nalive >= ngone) {
		r = ngone == 0 ? 0 : count(x, part, bits, &x->fresh_df, gone,
		    e);
	} else {
		x->counted[part] = true;
		for (i = 0; i < words; i++)
			bits[i] = ~shut[i];
		bits[words - 1] &= (UINT64_C(1) << s->docs % 64) - 1;
		r = count(x, part, bits, &x->alive_df, alive, e);
	}
	free(bits);
	return r;
}

int
indexed_vectors_view(struct indexed *x, struct err *e)
{
	uint32_t gone = 0, alive = 0;
	size_t i;
	int r = 0;

	x->vectors = 0;
	free(x->fresh_df);
	free(x->alive_df);
	free(x->counted);
	x->fresh_df = x->alive_df = NULL;
	x->counted = xcalloc(x->x.m.n + 1, sizeof *x->counted);
	for (i = 0; x->vector != NULL && i < x->x.m.n && r == 0; i++) {
		if (x->shut != NULL && x->shut[i] != NULL)
			r = count_seen(x, i, &gone, &alive, e);
		else if (x->fresh[i] != NULL)
			r = count(x, i, x->fresh[i], &x->fresh_df, &gone, e);
		if (r == 0 && !x->counted[i])
			x->vectors += vector_held(x->x.v[i]);
	}
	if (r < 0) {
		indexed_drop_vectors(x);
		return -1;
	}
	x->vectors += (int64_t)alive - (int64_t)gone;
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
		if (x->counted != NULL && x->counted[i])
			continue;
		if (vector_df(x->x.v[i], piece, &one, e) < 0)
			return -1;
		*df += one;
	}
	if (x->fresh_df != NULL)
		*df -= x->fresh_df[piece] < *df ? x->fresh_df[piece] : *df;
	if (x->alive_df != NULL)
		*df += x->alive_df[piece];
	return 0;
}
