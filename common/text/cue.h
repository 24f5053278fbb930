/*
 * Words that tell what a sentence is for: a greeting, a decision, an error.
 * The words are data: share/cue/en.txt.
 */
#ifndef TEXT_CUE_H
#define TEXT_CUE_H

#include <stddef.h>
#include <stdint.h>

enum cue {
	CUE_GREETING, CUE_FAREWELL, CUE_CHATTER, CUE_TURN, CUE_DECISION,
	CUE_ERROR, CUE_FIX, CUE_FACT, CUE_WORK,
	CUE_QUESTION,		/* it ends with a question mark */
	CUES
};

#define CUE_BIT(c) (1u << (c))
#define CUE_WORDS 5		/* of the longest phrase */

/* The words of a sentence so far. */
struct cue_run {
	uint64_t last[CUE_WORDS];	/* hashes; the newest first */
	unsigned n;			/* words of the sentence */
};

void	cue_start(struct cue_run *);
/* The next word, folded (index/token.h): the bits of the phrases that end
 * with it. */
unsigned cue_word(struct cue_run *, const char *, size_t len);

/* FNV-1a, 64 bits. */
uint64_t cue_hash(const char *, size_t len);

#endif
