/*
 * The texts of footnotes and endnotes (ECMA-376 part 1, 17.11), by number.
 */
#ifndef DOCS_DOCX_NOTE_H
#define DOCS_DOCX_NOTE_H

#include "docs/ooxml.h"

struct docx_notes {
	struct buf text;	/* own; all of them */
	struct map at;		/* of 'f' or 'e' and the number: the index */
	struct { size_t at, len; } *v;	/* own */
	size_t n, cap;
	int64_t most;		/* bytes */
	char kind;		/* of those that are being read */
};

void	docx_notes_init(struct docx_notes *);
void	docx_notes_release(struct docx_notes *);
/* At most limits->part bytes of them: ERR_INPUT. */
int	docx_notes_load(struct docx_notes *, struct ooxml *, struct err *);
/* kind: 'f' of the page, 'e' of the end.  NULL: there is none. */
const char *docx_notes_get(const struct docx_notes *, char kind,
	    const char *id, size_t *len);

#endif
