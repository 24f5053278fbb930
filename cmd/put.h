/*
 * Text for people, appended to what is printed: styled where there is
 * colour, cut or wrapped where there is a width.  Every byte goes through
 * term_puts: what was stored is foreign.
 */
#ifndef CMD_PUT_H
#define CMD_PUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "cmd/out.h"

#define PUT_SHORT 8	/* bytes shown of a long id */

enum put_style { PLAIN, BOLD, DIM, GREEN, CYAN, YELLOW, MAGENTA, RED };

void	put_style(struct out *, enum put_style);
void	put_n(struct out *, const char *, size_t);
void	put_str(struct out *, const char *);
void	put_styled(struct out *, enum put_style, const char *);
void	put_short(struct out *, const char *id);	/* its begin, dim */

/* The columns of the text from there on, and blanks up to a width. */
int	put_columns(const struct out *, size_t from);
void	put_pad(struct out *, size_t from, int width);

/*
 * Runs of white space as one blank, cut where the line that began at "from"
 * reaches the width.  bold: "**" switches it, where there is colour; NULL:
 * there are no marks.
 */
void	put_line(struct out *, size_t from, const char *, bool *bold);
/* The text whole: lines after the first are indented. */
void	put_full(struct out *, const char *);

/* How a paragraph is set. */
struct put_para {
	int indent;
	int lines;	/* at most; what does not fit is cut at a word */
	bool here;	/* begins on this line, which has the indent; else
			   on a new one */
	bool marked;	/* "**" as in put_line */
};
void	put_wrapped(struct out *, const struct put_para *, const char *);

/* A member of a record; "" if it is not there. */
const char *put_member(const json_t *, const char *key);
/* "2026-11-20 09:30  ", or as many blanks */
void	put_time(struct out *, const json_t *, const char *key);

#endif
