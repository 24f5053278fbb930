/*
 * Facts and rows of a store, for a review.
 *
 * A fact that follows from rows is found by its id, which follows from what
 * it is about: one index probe for each file, folder or word that a change
 * touches and each dimension of a processor that tells of such, however many
 * facts there are.  Facts of two files, of kinds of bugs, and of a
 * value that only rows have are asked for where rows tell that there may be
 * some: the newest rows of the files and modules of the change, and those that
 * a search for its words finds.
 */
#ifndef REVIEW_REVIEW_STORE_H
#define REVIEW_REVIEW_STORE_H

#include "base/err.h"
#include "index/language.h"
#include "review/review.h"

struct store;
struct review_store;

/*
 * project: only facts of rows of this one; NULL: of any, at most 64 for each
 * processor and knowledge base (ERR_INPUT).  A processor whose file is not
 * found any more is passed over.  Both are borrowed.
 */
int	review_store_new(struct review_store **, struct store *,
	    const char *project, struct err *);
void	review_store_free(struct review_store *);	/* takes NULL */
/* It is borrowed. */
void	review_store_source(struct review_store *, struct review_source *);
/* Of its texts; for struct review_how. */
const struct language *review_store_language(const struct review_store *);

#endif
