/*
 * Text to a unit vector with the built-in model: the sum of its pieces'
 * vectors, each by its weight (a / (a + p), S. Arora et al., "A simple but
 * tough-to-beat baseline for sentence embeddings", 2017), made as long as 1.
 * In a query each piece counts by its idf in the index, too; documents
 * carry none, so that what is stored stays right as the index grows.
 */
#ifndef INDEX_EMBED_H
#define INDEX_EMBED_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "index/model.h"
#include "index/wordpiece.h"

/* The pieces of a text, each once, ids ascending. */
struct embed_bag {
	uint32_t n;
	uint32_t id[WORDPIECE_MAX];
	uint16_t times[WORDPIECE_MAX];
};

struct embed;

struct embed *embed_new(struct model *);	/* the model is borrowed */
void	embed_free(struct embed *);		/* takes NULL */

int	embed_pieces(struct embed *, const char *, size_t, struct embed_bag *,
	    struct err *);

/*
 * The vector of a bag, model_dim floats.  1, or 0: it has none (no pieces,
 * or only such as weigh nothing); out is then all zero.
 */
int	embed_document(struct embed *, const struct embed_bag *, float *out,
	    struct err *);

/* How many of all documents have a piece: 0, or -1 with an error set. */
typedef int embed_df(void *, uint32_t id, uint64_t *df, struct err *);

/* ln(1 + (n - df + .5) / (df + .5)), n documents in all. */
int	embed_query(struct embed *, const struct embed_bag *, uint64_t n,
	    embed_df *, void *, float *out, struct err *);

/*
 * v[i] is about *scale * out[i], out within -127 ... 127; *scale is 0 for a
 * vector of zeros (or one that is not finite), and never else.
 */
void	embed_quantise(const float *v, size_t dim, int8_t *out, float *scale);

#endif
