/*
 * The terminal: what may be shown there, and how wide it is.  Stored text
 * is untrusted; it reaches a terminal only through term_puts.
 */
#ifndef BASE_TERM_H
#define BASE_TERM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Appends text with controls, escapes and bidirectional marks made
 * visible ("\x1b" becomes "\e"); newline and tab stay if multi. */
void	term_puts(struct buf *, const char *, size_t len, bool multi);

int	term_width(int fd);	/* columns; 80 when it does not say */
bool	term_colour(int fd);	/* a terminal, and no NO_COLOR, no TERM=dumb */

#endif
