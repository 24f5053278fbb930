/*
 * Words that a model says are in a text: do they stand there?  Byte by byte,
 * but that a run of blanks is like any other.
 */
#ifndef TEXT_QUOTE_H
#define TEXT_QUOTE_H

#include <stdbool.h>
#include <stddef.h>

bool	quote_blank(char);
/* Blanks at its ends go. */
void	quote_trim(const char **, size_t *);
/* Where it stands first; nothing stands nowhere. */
bool	quote_find(const char *text, size_t n, const char *quote, size_t k,
	    size_t *at, size_t *len);

#endif
