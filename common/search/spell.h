/*
 * Spelling: a plain word that no text has is replaced by the word most like
 * it that some have.
 */
#ifndef SEARCH_SPELL_H
#define SEARCH_SPELL_H

#include <stdbool.h>

#include "base/err.h"
#include "search/doc.h"
#include "search/indexes.h"
#include "search/query.h"
#include "search/unread.h"

struct store;

#define SPELL_WORDS 8		/* of a query that are repaired */
#define SPELL_TAIL 2000		/* texts that no index has, at most, and */
#define SPELL_BYTES (4 << 20)	/* their bytes; of more, nothing is repaired:
				   it would depend on which were read */

/* Where words are looked for: what a search reads, and nothing else. */
struct spell_in {
	struct store *st;
	struct indexes *of;	/* by source, before SOURCE_SESSION */
	const struct unread *unread;	/* what these do not have */
	unsigned sources;	/* bits 1 << SOURCE_... */
};

/*
 * Words of letters, four at least, that stand in no text are repaired: the
 * one with the fewest mistakes (index/ruler.h), then the one in the most
 * texts, then by the alphabet.  A word counts as it is in the texts alive, in
 * the index or not, so that what is found does not depend on which it is.
 * For a query that is ready, inside the view, before it is asked.  1 the
 * query is another, and notes say how; 0 it is the same.
 *
 * About 1 us for a word that there is; for one that there is not about 1 ms
 * with a million terms, and the texts of the tail are read once.
 */
int	spell_repair(struct query *, const struct spell_in *, struct err *);

#endif
