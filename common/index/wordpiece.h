/*
 * WordPiece, as BERT's uncased models cut text (J. Devlin et al., 2018):
 * controls dropped, small letters, accents off (NFD without Mn), a cut at
 * blanks and around every punctuation mark and ideograph, then the longest
 * pieces of the vocabulary from left to right; a word that cannot be cut so,
 * or has more than 100 characters, is [UNK].
 */
#ifndef INDEX_WORDPIECE_H
#define INDEX_WORDPIECE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "index/model.h"

#define WORDPIECE_MAX 512	/* pieces of a text; the rest is not read */

struct wordpiece {
	struct model *model;		/* borrowed, outlives us */
	struct wordpiece_word *known;	/* own; words cut lately */
	uint32_t mark[128];		/* 1 + the piece of a punctuation mark;
					   0: not known yet */
};

void	wordpiece_init(struct wordpiece *, struct model *);
void	wordpiece_release(struct wordpiece *);

/* Ids of the pieces of a text, in order; *n of them.  Bytes that are not
 * UTF-8 are dropped.  -1: ERR_INDEX, a damaged model. */
int	wordpiece_text(struct wordpiece *, const char *, size_t,
	    uint32_t id[WORDPIECE_MAX], size_t *n, struct err *);

#endif
