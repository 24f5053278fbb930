/*
 * What a query asks of a text, in the form in which it is answered, and the
 * answer for one text.
 *
 * A match is a list of groups, all of which must hold; a group is a list of
 * atoms, one of which must hold; an atom is a term, a phrase, or a filter
 * that the caller answers, and may be negated.  So an index can take each
 * group as a union of postings and the whole as their intersection.  Terms
 * are compared by their stems and are what is scored; phrases are compared
 * word by word, exactly.
 */
#ifndef INDEX_MATCH_H
#define INDEX_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "index/token.h"

#define MATCH_TERMS 256		/* most terms of a query */
#define MATCH_PHRASES 64
#define MATCH_PHRASE_WORDS 64	/* most words of a phrase */

enum match_kind { MATCH_STEM, MATCH_PREFIX };

struct match_term {
	enum match_kind kind;
	char *text;		/* own; a stem, or the beginning of a word */
	size_t len;
	double weight;		/* in the score; 0: is not scored */
	bool show;		/* a snippet marks it wherever it stands */
};

struct match_word {		/* of phrases; exact */
	char *text;		/* own */
	size_t len;
};

struct match_phrase {
	unsigned n;
	struct { unsigned word, offset; } at[MATCH_PHRASE_WORDS];
};

enum match_what { MATCH_TERM, MATCH_PHRASE, MATCH_FILTER };

struct match_atom {
	enum match_what what;
	int i;			/* term, phrase, or the caller's filter */
	bool not;
	bool soft;		/* match_soften may let it go */
	int group;
};

struct match {
	const struct language *language;	/* borrowed; NULL: English */
	struct match_term *term;	/* own */
	size_t terms, terms_cap;
	struct match_word *word;	/* own */
	size_t words, words_cap;
	struct match_phrase *phrase;	/* own */
	size_t phrases, phrases_cap;
	struct match_atom *atom;	/* own; those of a group side by side */
	size_t atoms, atoms_cap;
	int groups;
	/* of match_ready */
	uint16_t *by_stem, *by_word;	/* own; open addressing, index + 1 */
	size_t slots;
	unsigned char first[256];	/* bit 0: a stem begins so, bit 1: a
					   prefix, bit 2: a word */
};

void	match_init(struct match *);
void	match_release(struct match *);

/*
 * Add a term or find it: the greater weight counts, and show stays once it
 * was asked for.  Returns its number, -1 when there are MATCH_TERMS.
 */
int	match_term(struct match *, enum match_kind, const char *, size_t len,
	    double weight, bool show);

/* A new, empty phrase; -1 when there are MATCH_PHRASES. */
int	match_phrase(struct match *);
/* Its next word, `offset` positions after its first.  0, -1 full. */
int	match_phrase_add(struct match *, int phrase, const char *, size_t len,
	    unsigned offset);

int	match_group(struct match *);		/* a new one; its number */
/* To the newest group, if it is not there. */
void	match_atom(struct match *, enum match_what, int i, bool not);
/* The newest group need not hold if asked so. */
void	match_soft(struct match *);
/* All soft groups become alternatives in this one.  1, or 0: there are
 * none. */
int	match_soften(struct match *, int group);

void	match_ready(struct match *);	/* nothing is added after it */
/* Another stem in the place of a term's; after match_ready, but before any
 * text was read. */
void	match_replace(struct match *, int term, const char *, size_t len);

/* What one text has; made once and used for many. */
struct match_mark {
	size_t start, end;	/* bytes of the text given last */
	int term;		/* or -1: a phrase */
};

struct match_text {
	const struct match *m;	/* borrowed */
	uint32_t *tf;		/* own; of each term */
	bool *phrase;		/* own; was it found? */
	uint32_t length;	/* leaves */
	unsigned found;		/* terms with tf > 0, phrases */
	uint32_t *prefix_pos;	/* own; where each prefix counted last, + 1 */
	struct { uint32_t pos, word; size_t start; }
	    ring[MATCH_PHRASE_WORDS];	/* phrase words seen lately */
	uint32_t pos;
	/* told of each position where a term counts; or NULL */
	void (*at)(void *, int term, uint32_t pos);
	void *at_arg;
	struct match_mark *mark;	/* own; kept when marks_max > 0 */
	size_t marks, marks_cap, marks_max;
};

void	match_text_init(struct match_text *, const struct match *);
void	match_text_release(struct match_text *);
void	match_text_reset(struct match_text *);

/*
 * Read a stretch of the text; all its words count `times` (a title twice).
 * Phrases do not reach from one stretch into the next.  Linear; no memory
 * but for marks.
 */
void	match_text_add(struct match_text *, struct tokens *, const char *,
	    size_t len, unsigned times);

/* Do all groups hold?  filter answers for MATCH_FILTER; asked at most once
 * for each. */
bool	match_holds(const struct match_text *, bool (*filter)(void *, int),
	    void *);
/* The same, whether this group holds or not. */
bool	match_holds_but(const struct match_text *, int group,
	    bool (*filter)(void *, int), void *);

#endif
