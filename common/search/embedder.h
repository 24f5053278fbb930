/*
 * Who makes vectors of texts: the built-in model, or a program that is
 * asked.  Vectors of two of them never meet (vector_model_same).
 */
#ifndef SEARCH_EMBEDDER_H
#define SEARCH_EMBEDDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "index/embed.h"
#include "index/vector.h"

struct embedder;
struct store;

/*
 * The program that the store's configuration names (search/embed_run.h), else
 * the built-in model, or the one that is asked for (store->model).
 * 1 open; 0 there is none (no model installed, or vectors are off): searches
 * go on by words alone.  -1: there is one, and it is of no use (ERR_INDEX,
 * ERR_VERSION; of a program, ERR_NET, ERR_INPUT, ERR_DENIED).  Cheap: a model
 * is mapped, and read as it is needed; a program is started and asked once.
 */
int	embedder_open(struct embedder **, const struct store *, struct err *);
void	embedder_free(struct embedder *);		/* takes NULL */

/* Is it of no more use, since a call below failed?  Then a new one is to be
 * opened, and it is no fault of the index or of the store. */
bool	embedder_failed(const struct embedder *);

/* Whose vectors they are; outlived by the embedder. */
const struct vector_model *embedder_model(const struct embedder *);
/* Texts that are worth giving at once; 1: each costs microseconds, and
 * nobody waits for it. */
size_t	embedder_batch(const struct embedder *);

struct embedder_text {
	const char *text;	/* borrowed */
	size_t len;
};

/*
 * Vectors of texts as they are stored, in the order given: fn gets the
 * number of the text, its vector (NULL: it has none) and its pieces
 * (ascending, of the model's vocabulary; none where it has no pieces), all
 * borrowed until it returns.  Nonzero from fn ends it, with the error set.
 */
typedef int embedder_fn(void *, size_t i, const float *, const uint32_t *piece,
    size_t pieces, struct err *);
int	embedder_texts(struct embedder *, const struct embedder_text *,
	    size_t n, embedder_fn *, void *, struct err *);

/*
 * The vector of a query, as many floats as the model's dimension: n documents
 * in all, df says how many have a piece (not asked by a program).  1, or 0:
 * it has none.
 */
int	embedder_query(struct embedder *, const char *, size_t, uint64_t n,
	    embed_df *, void *, float *out, struct err *);

#endif
