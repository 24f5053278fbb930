/*
 * Inside of an embedder, for the modules that are one.
 */
#ifndef SEARCH_EMBEDDER_KIND_H
#define SEARCH_EMBEDDER_KIND_H

#include "search/embedder.h"

#include <stdbool.h>

/* As the calls of embedder.h; the first argument is ->self. */
struct embedder_kind {
	int (*texts)(void *, const struct embedder_text *, size_t n,
	    embedder_fn *, void *, struct err *);
	int (*query)(void *, const char *, size_t, uint64_t n, embed_df *,
	    void *, float *, struct err *);
	bool (*failed)(const void *);	/* NULL: never */
	void (*free)(void *);
};

/* Who opens one fills it all in. */
struct embedder {
	const struct embedder_kind *kind;
	void *self;			/* own */
	struct vector_model model;
	size_t batch;
};

#endif
