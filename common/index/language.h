/*
 * The language that texts are in: what brings their words to stems, and
 * which of them tell nothing (share/stop/CODE.txt).
 *
 * English is built in.  `none` is for texts in many languages: words are
 * compared as they stand.  The others have their stems from libstemmer
 * (index/snowball); it reads accents, so that words keep them, and only the
 * stem loses them: "élèves", "élève" and "eleve" have one.
 */
#ifndef INDEX_LANGUAGE_H
#define INDEX_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum language_stems { LANGUAGE_ENGLISH, LANGUAGE_NONE, LANGUAGE_SNOWBALL };

struct language {
	const char *name;		/* as libstemmer calls it */
	const char *code;		/* ISO 639-1; "" none */
	enum language_stems stems;
	/* a stop word a line; "l'" is one that a word stands behind without
	 * a blank.  NULL: there are none */
	const unsigned char *stop;
	const size_t *stop_len;
};

extern const struct language language_english;

/* By name or code: 0, ERR_INPUT: this memkit does not know it, or cannot
 * have its stems here; the message names those that there are, or the
 * remedy. */
int	language_find(const char *, const struct language **, struct err *);

#endif
