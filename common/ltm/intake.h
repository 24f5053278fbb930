/*
 * Taking rows in: each goes to the groups of its values, and an older
 * version of it out of those that it was in.
 *
 * Words.  A row's words are the stems in a key that are no stop words, the
 * first WORDS_MOST of them; its keywords the WORDS_BEST of these that weigh
 * most, out of those that are in at least as many rows as make a fact.  The
 * weight is tf x idf, where idf = 21 - log2 of the rows that have the word,
 * rounded down to a power of two.  So a row's keywords depend on nothing but
 * the rows there are, and one row more moves a weight only where it makes
 * their number double.  (N stands at 2^20: it only sets tf against idf, and
 * one that grew would touch every row.)  The rows of a word are a group;
 * tally_sets finds the sets of keywords in it.
 */
#ifndef LTM_INTAKE_H
#define LTM_INTAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "ltm/group.h"
#include "ltm/row.h"

#define WORDS_MOST 12		/* of a row */
#define WORDS_BEST 4		/* keywords of it */
#define WORDS_SEP '\x1f'	/* between a keyword and how it was written */

struct intake;

/* Borrows all of it; the kb by number and name. */
int	intake_new(struct intake **, struct store *, const struct processor *,
	    struct groups *, int64_t kb_id, const char *kb, struct err *);
void	intake_free(struct intake *);	/* takes NULL */

/*
 * Inside a transaction: up to so many rows after *seq, which is moved on to
 * the last of them.  1: there may be more, 0: there are none.  *rows is how
 * many were of the processor's type.  What changed is in the groups, to be
 * flushed.
 */
int	intake_rows(struct intake *, int64_t *seq, int64_t limit,
	    int64_t *rows, struct err *);

/* Rows that were forgotten since: their words are to be counted without
 * them.  Before intake_rows, in the same transaction. */
int	intake_orphans(struct intake *, struct err *);

#endif
