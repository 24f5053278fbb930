/*
 * What a language model said, held against what was said.
 *
 * A bullet has support when most of its words, weighed by how rare they are,
 * come in one turn or in at most three (compared by their stems), and all of
 * its numbers do.  So what was made up is dropped; what was quoted from an
 * event that tries to give orders is no more than a quotation, and leads to
 * that event.
 */
#ifndef TOC_CHAT_CHECK_H
#define TOC_CHAT_CHECK_H

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"
#include "toc/summary.h"

/*
 * Fill a summary from an answer.  Returns how many bullets were dropped, of
 * *came; -1 ERR_INPUT: the form is wrong.  No bullet may be left: that is the
 * caller's to see.
 */
int	chat_check(struct turn_reader *, const json_t *answer,
	    const struct turn *, size_t n, size_t context, struct summary *,
	    int *came, struct err *);

#endif
