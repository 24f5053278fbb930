/*
 * Vectors of texts that are not indexed yet, kept from one search to the
 * next where a program makes them: without that each search would have all
 * of them made again, which takes time and may cost money.
 *
 * A file "kept" in the folder of the index: by the hash of the text, of one
 * model.  It is written when a search had vectors made, with those that this
 * search saw, and removed by mem-index, which leaves nothing to keep; so what
 * is forgotten is gone from it as soon as from the index.  It is a help: one
 * that is damaged, of another model, or cannot be written is none.  In a
 * sealed tenant it is sealed as the index is.
 */
#ifndef SEARCH_KEPT_H
#define SEARCH_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "index/vector.h"
#include "search/doc.h"

struct kept;
struct store;

struct kept *kept_open(struct store *, enum source,
	    const struct vector_model *);
/* Writes what is new; all: those that were not asked for are of no more
 * use.  Takes NULL. */
void	kept_close(struct kept *, bool all);

/* The vector of a text, as embed_quantise has it: vector_wide bytes, and
 * its scale (0: it has none).  1, or 0: it has to be made. */
int	kept_find(struct kept *, const char *, size_t len, int8_t *q,
	    float *scale);
void	kept_add(struct kept *, const char *, size_t len, const int8_t *q,
	    float scale);

void	kept_remove(const struct store *, enum source);

#endif
