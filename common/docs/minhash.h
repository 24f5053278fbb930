/*
 * How much two texts resemble each other: the share of runs of five words that
 * they have in common (Broder, "On the resemblance and containment of
 * documents", 1997), told from the smallest 32 hashes of each, his
 * MIN_s.  One hash for each run, and it is exact where both have no
 * more than 32.  Its deviation is at most 0.09, and 0.05 near 0.9.
 */
#ifndef DOCS_MINHASH_H
#define DOCS_MINHASH_H

#include <stddef.h>
#include <stdint.h>

#define MINHASH_N 32
#define MINHASH_WORDS 5
#define MINHASH_HEX (MINHASH_N * 8)

struct minhash {
	uint32_t v[MINHASH_N];	/* ascending, each once */
	size_t n;
	uint64_t last[MINHASH_WORDS];	/* hashes of words */
	uint64_t words;
	uint64_t run;
};

void	minhash_init(struct minhash *);
/* The next word, by a hash of it. */
void	minhash_word(struct minhash *, uint64_t);
/* After the last one: of a text with fewer than five. */
void	minhash_end(struct minhash *);

/* 8 small hexadecimal digits for each, out has MINHASH_HEX + 1 bytes; read: 1,
 * 0 it is none. */
void	minhash_format(const struct minhash *, char *out);
int	minhash_parse(struct minhash *, const char *);

/* 0 to 1; two without words: 0. */
double	minhash_same(const struct minhash *, const struct minhash *);

#endif
