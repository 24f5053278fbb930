/*
 * How far words are from one: the letters that are wrong, missing, too many,
 * or the wrong way round (F. Damerau, "A technique for computer detection
 * and correction of spelling errors", 1964; optimal string alignment).
 *
 * Few mistakes are in the first letter: one there counts as two, but for its
 * place being changed with the second.
 *
 * A word is told letter by letter, so that of many in the order of their
 * letters only what is new needs to be told.
 */
#ifndef INDEX_RULER_H
#define INDEX_RULER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RULER_LEAST 4		/* letters of a word to measure against */
#define RULER_LONG 8		/* two mistakes are allowed from here on */
#define RULER_LETTERS 32	/* most */

struct ruler {
	uint32_t word[RULER_LETTERS];
	size_t n;
	unsigned max;		/* mistakes: 1, or 2 in a long word */
	/* of the word told */
	uint32_t letter[RULER_LETTERS + 3];
	uint8_t row[RULER_LETTERS + 3][RULER_LETTERS + 1];
};

/* May the character be in a word that is measured?  Digits may not. */
bool	ruler_is_letter(uint32_t);

/* A folded word, without 's: 1, or 0 when it has another number of letters
 * or anything else. */
int	ruler_init(struct ruler *, const char *, size_t len);

/* The i-th letter (from 0) of a word, after those before it: may a word that
 * begins so be near enough? */
bool	ruler_tell(struct ruler *, size_t i, uint32_t letter);
/* The least letter after c that may stand there, if c may not; 0: none. */
uint32_t ruler_next(const struct ruler *, size_t i, uint32_t c);
/* How far the word of the first n letters told is (n > 0); more than max is
 * any number more than max. */
unsigned ruler_distance(const struct ruler *, size_t n);

/* The same of a whole word.  More than max: too far, or no such word. */
unsigned ruler_measure(struct ruler *, const char *, size_t len);

#endif
