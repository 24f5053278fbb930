/*
 * The terminal: what may be shown there, and how wide it is.  Stored text
 * is untrusted; it reaches a terminal only through term_puts.
 */
#ifndef BASE_TERM_H
#define BASE_TERM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * Appends text with all that could steer the terminal made visible: escape
 * as \e, newline \n, tab \t, return \r, other controls and bytes that are
 * not UTF-8 \xNN, deceiving characters (bidirectional marks, invisible
 * ones) \u{NNNN}.  If multi, newline and tab stay, and a return before a
 * newline is left out.
 */
void	term_puts(struct buf *, const char *, size_t len, bool multi);

int	term_width(int fd);	/* columns; 80 when it does not say */
bool	term_colour(int fd);	/* a terminal, and no NO_COLOR, no TERM=dumb */

#endif
