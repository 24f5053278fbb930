/*
 * Stems by libstemmer (snowballstem.org), where it is there.
 *
 * It is loaded when a language first asks for it: its tables are full of
 * addresses, and linked in they would cost every start 140 of 570 us, in
 * whatever language.  Only programs that are linked statically as a whole,
 * where that costs nothing, have it inside.
 */
#ifndef INDEX_SNOWBALL_H
#define INDEX_SNOWBALL_H

#include <stddef.h>

#include "base/err.h"

struct snowball;

/* By the name of the language.  ERR_INPUT: there is no libstemmer, or it
 * does not know the language. */
int	snowball_open(struct snowball **, const char *language, struct err *);
void	snowball_close(struct snowball *);	/* takes NULL */

/* The stem of a word in UTF-8, of small letters; borrowed until the next
 * call.  Returns its length, which may be 0 or more than that of the word. */
size_t	snowball_stem(struct snowball *, const char *, size_t len,
	    const char **stem);

#endif
