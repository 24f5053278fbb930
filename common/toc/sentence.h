/*
 * Sentences out of what people and programs write to each other.
 *
 * A line that begins with the mark of a heading, an item or a quotation, or
 * that follows a blank or a short one, begins a sentence; lines of running
 * text go on in the next.  Within them sentences end at . ! ? and their
 * likes of other scripts.  Of a block of code the first line is given that
 * tells something; frames of a stack, tables and lines of signs are not.
 */
#ifndef TOC_SENTENCE_H
#define TOC_SENTENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "toc/turn.h"

enum sentence_mode { SENTENCE_SAID, SENTENCE_PRINTED, SENTENCE_CALLED };

struct sentences {
	const char *p;		/* borrowed */
	size_t len, at;
	size_t stop;		/* end of the paragraph that at is in; 0: in
				   none */
	enum sentence_mode mode;
	bool code, code_told;	/* in a block of code; was a line given? */
	bool go_on;		/* the sentence before was too long */
};

void	sentences_start(struct sentences *, const char *, size_t len,
	    enum sentence_mode);
/* at, len and kind, and CUE_QUESTION; 1 one, 0 the end. */
int	sentence_next(struct sentences *, struct turn_sentence *);

#endif
