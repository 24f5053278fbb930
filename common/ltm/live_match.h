/*
 * Patterns of what people say, as the files in share/live have them: words
 * as they stand, and
 *
 *	(a|b)	one of these words or phrases; [a|b]: or none
 *	{value}	some text, as little as will do; {other}, {subject} too
 *
 * A blank stands for blanks, of which one may have been taken by the blank
 * before it.  ASCII case is ignored, and a word of ASCII letters is a whole
 * word.  A pattern takes a clause from its first byte to its last.
 */
#ifndef LTM_LIVE_MATCH_H
#define LTM_LIVE_MATCH_H

#include <stdbool.h>
#include <stddef.h>

enum live_hole { LIVE_VALUE, LIVE_OTHER, LIVE_SUBJECT, LIVE_HOLES };
extern const char *const live_holes[];	/* names; by number, NULL-ended */

#define LIVE_HOLE_MAX 160	/* bytes of what fills one */
#define LIVE_STEPS 5000		/* after so many a pattern does not match */

struct live_span {
	size_t at, len;		/* of the text; len 0: nothing */
};

struct live_match {
	struct live_span hole[LIVE_HOLES];
};

/* A text, and for each byte what it is; words of a pattern stand only on
 * LIVE_SAID, holes may be filled by what is quoted. */
enum live_byte { LIVE_SAID, LIVE_QUOTED, LIVE_FOREIGN };
struct live_text {
	const char *p;			/* borrowed */
	const unsigned char *kind;	/* borrowed; enum live_byte */
	size_t len;
};

/* NULL: it is a pattern; else what is wrong with it.  Phrases have no
 * holes. */
const char *live_pattern_bad(const char *, bool holes);
/* Which holes it has: bits by number. */
unsigned live_pattern_holes(const char *);

/* 1 it takes all of [from, to), blanks at its ends aside; 0. */
int	live_match(const char *pattern, const struct live_text *, size_t from,
	    size_t to, struct live_match *);
/* Where a phrase ends that begins at from; 0: it does not. */
size_t	live_phrase(const char *phrase, const struct live_text *, size_t from,
	    size_t to);
/* Where one begins in [from, to), quoted or not, and *end; to: nowhere. */
size_t	live_phrase_find(const char *phrase, const struct live_text *,
	    size_t from, size_t to, size_t *end);

#endif
