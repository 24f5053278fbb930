/*
 * Texts that are nearly the same: what is said again, printed again, pasted
 * again.  Two are, when nine in ten of the sets of three words in a row that
 * either has are in both (A. Broder, "On the resemblance and containment of
 * documents", 1997), and neither has a tenth more words.  Capitals and blanks
 * make no difference, all other characters do; so a short text is the same
 * only if it has the same words.
 */
#ifndef TEXT_NEAR_H
#define TEXT_NEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of a longer text a sample of so many threes is compared, those with the
 * least hashes. */
#define NEAR_SAMPLE 1024

struct near_text {
	int kind;
	uint64_t words;
	uint64_t *three;	/* own; ascending */
	size_t n;
};

struct near {
	struct near_text *text;	/* own; no two the same */
	size_t texts, texts_cap;
	/* of the text being told */
	uint64_t *three;	/* own */
	size_t n, cap;
	uint64_t most;		/* greater ones are not in the sample */
	uint64_t words, before[2];
};

void	near_init(struct near *);
void	near_release(struct near *);

/* A stretch of a text; a word does not go on in the next. */
void	near_tell(struct near *, const char *, size_t);
/*
 * The text told: is it nearly the same as an earlier one of its kind (*which
 * of those that are not the same, from 0)?  If not, it becomes the next of
 * those.  A text without a word is like no other.
 */
bool	near_again(struct near *, int kind, size_t *which);

#endif
