/*
 * What a line of Markdown is, from p to end, once what belongs to the
 * containers around it and its indentation are taken off.
 */
#ifndef DOCS_MD_LINE_H
#define DOCS_MD_LINE_H

#include <stdbool.h>
#include <stddef.h>

bool	md_all_blank(const char *p, const char *end);
size_t	md_indent(const char *p, const char *end);	/* its blanks */
bool	md_is_break(const char *p, const char *end);	/* *** */
int	md_hashes(const char *p, const char *end);	/* level; 0: none */
int	md_underline(const char *p, const char *end);	/* the same; === --- */
size_t	md_fence(const char *p, const char *end);	/* length; 0: none */

/* Of tables: how many cells; is it the line below the head? */
size_t	md_cells(const char *p, const char *end);
bool	md_is_delimiter(const char *p, const char *end);

/* Bytes of a list's marker, 0: none; mark is the number of an ordered one with
 * a blank behind it, else "". */
size_t	md_marker(const char *p, const char *end, bool in_paragraph,
	    char mark[16]);

/* Does a block of HTML begin?  until: what its last line has, NULL: it ends
 * at a blank one.  drop: it says nothing. */
bool	md_html_begins(const char *p, const char *end, bool in_paragraph,
	    const char **until, bool *drop);
/* Is it in there, whatever its case? */
bool	md_has(const char *p, const char *end, const char *what);

#endif
