/*
 * Words of a key, for intake*.c alone.
 */
#ifndef MEMORY_INTAKE_WORDS_H
#define MEMORY_INTAKE_WORDS_H

#include "index/token.h"
#include "memory/intake.h"

struct word {
	struct group *g;	/* rows that have it */
	unsigned tf;
	unsigned weight;	/* of words_best */
	size_t at, len;		/* how it was written: in the emits' bytes */
	size_t stem_at, stem_len;
};

/* Rows that have it, as its weight takes them. */
int64_t	words_rounded(int64_t n, int64_t least);

/* The best, in the order of their stems; how many. */
size_t	words_best(struct word *, size_t n, const struct buf *bytes,
	    int64_t least);

#endif
