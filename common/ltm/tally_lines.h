/*
 * Keywords of the rows in a word's group, as numbers; for tally_sets.c alone.
 *
 * With only_new those of rows that the group has not seen count, and others
 * are left out: unless they are many, when only_new becomes false.
 */
#ifndef LTM_TALLY_LINES_H
#define LTM_TALLY_LINES_H

#include "base/map.h"
#include "ltm/group.h"
#include "ltm/intake.h"

#define LINE_WORDS (WORDS_BEST - 1)	/* keywords besides the group's own */

struct word {
	int64_t n;		/* rows */
	bool behind;		/* the group's own, in order */
};

/* Keywords of a row by number, in order, without the group's own. */
struct line {
	uint64_t hash;
	uint32_t word[LINE_WORDS];
	uint8_t n, behind;	/* how many; the first that is behind */
};

struct lines {
	const char *own;	/* word of the group: borrowed from its name */
	size_t own_len;
	bool only_new;
	int64_t seen;		/* rows after this one are new */
	struct map stems;	/* in order of their numbers */
	struct word *word;	/* own */
	size_t nwords, cap_words;
	struct line *v;		/* own; of rows in which the word begins a
				   set, as group_each has them */
	size_t n, cap;
	struct line *fresh;	/* own; with only_new: of new rows, again */
	size_t nfresh, cap_fresh;
	bool damaged;		/* an entry cannot be read */
};

/* Nonzero: failed, or damaged is set. */
int	lines_read(struct lines *, struct groups *, struct group *,
	    bool only_new, struct err *);
void	lines_release(struct lines *);

#endif
