/*
 * What the group of a word comes to: each set of 2 to 4 keywords that begins
 * with it (in the order of strcmp) and is in as many rows as make a fact.
 * These are the frequent sets of Agrawal and Srikant, "Fast Algorithms for
 * Mining Association Rules" (1994), and those of them hold that are closed:
 * no other word is in all of their rows (Pasquier et al., "Discovering
 * frequent closed itemsets", 1999).  Of sets with the same rows that is the
 * largest, and so the one that weighs most.  For tally_each.c alone.
 *
 * Takes 32 bytes of memory for each row in which the word begins a set.
 */
#ifndef LTM_TALLY_SETS_H
#define LTM_TALLY_SETS_H

#include "ltm/tally.h"

/* As tally_each. */
int	tally_sets(const struct processor *, struct groups *, struct group *,
	    const struct tally_ask *, struct err *);

#endif
