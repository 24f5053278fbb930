/*
 * What words of bug trackers mean, and which columns are which field: the
 * two files of share/import, which are built in, and one of the user's, which
 * adds to them and has the last word.
 */
#ifndef FROM_BUG_WORDS_H
#define FROM_BUG_WORDS_H

#include <stddef.h>

#include "base/err.h"

struct bug_words;

/* path: of the user's file, or NULL.  ERR_INPUT names the line or the key;
 * ERR_ABSENT: there is no such file. */
int	bug_words_new(struct bug_words **, const char *path, struct err *);
void	bug_words_free(struct bug_words *);		/* takes NULL */

/*
 * What a word means in a section ("severity", "column.jira"), or NULL; case
 * does not count, blanks, "-" and "_" are the same.  Borrowed.  *rank (may be
 * NULL): its place among the words that mean the same, from 0.
 */
const char *bug_words_find(const struct bug_words *, const char *section,
	    const char *word, int *rank);

#endif
