/*
 * Facts and bug records out of a file of records, for a review where no
 * store is: what mem-ltm list and mem-from print.
 */
#ifndef REVIEW_REVIEW_BOOK_H
#define REVIEW_REVIEW_BOOK_H

#include "base/err.h"
#include "review/review.h"

struct review_book;

/* Other types of records are passed over.  ERR_INPUT names the line, ERR_ABSENT
 * the file. */
int	review_book_read(struct review_book **, const char *path,
	    struct err *);
void	review_book_free(struct review_book *);	/* takes NULL */
/* The book is borrowed. */
void	review_book_source(struct review_book *, struct review_source *);

#endif
