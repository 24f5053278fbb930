/*
 * What a segment, or a period, was about: a title, a few bullets, keywords.
 * Nothing is written that was not said: a bullet is a sentence of a turn, and
 * where it stands is told with it.
 *
 * The same input gives the same output, on every machine.
 */
#ifndef TOC_SUMMARY_H
#define TOC_SUMMARY_H

#include <stddef.h>
#include <stdint.h>

#include "toc/turn.h"

#define SUMMARY_BULLETS 7
#define SUMMARY_KEYWORDS 12
#define SUMMARY_MORE 2

struct summary_source {
	size_t from;		/* the turn; of a parent, the bullet given */
	size_t at, len;		/* bytes of its text, verbatim: the excerpt */
};

struct summary_bullet {
	struct summary_source source;
	struct summary_source more[SUMMARY_MORE];	/* what else it was
				   taken from: a model's only */
	size_t mores;
	char *text;		/* own; the same to be read: on one line,
				   without marks of Markdown */
	uint16_t cues;
	double weight;		/* > 0; how much it tells, 1 the best one */
};

struct summary {
	char *title;		/* own; "" when nothing was said */
	struct summary_bullet bullet[SUMMARY_BULLETS];
	size_t bullets;		/* in the order of the turns */
	char *keyword[SUMMARY_KEYWORDS];	/* own; the best first */
	size_t keywords;
};

void	summary_release(struct summary *);

/* What summing up needs, kept from one to the next; one for each thread. */
struct summariser;
struct summariser *summariser_new(void);
void	summariser_free(struct summariser *);		/* takes NULL */

/*
 * Of turns, read by turn_read, in order; the first `context` of them are of
 * the segment before: they tell what matters, and give no bullet.  Fewer
 * sentences than bullets give fewer bullets.
 */
void	summary_turns(struct summariser *, const struct turn *, size_t n,
	    size_t context, struct summary *);

/* What a parent is made of: the bullets of its children, in order. */
struct summary_part {
	const char *text;	/* borrowed */
	size_t len;
	size_t child;		/* whose it is; ascending */
	double weight;		/* > 0; what it counts */
	uint16_t cues;
};
struct summary_word {
	const char *text;	/* borrowed; a keyword of a child */
	size_t child;		/* ascending */
};

/* Each bullet is one of those given, whole (`from` its number). */
void	summary_parent(struct summariser *, const struct summary_part *,
	    size_t parts, const struct summary_word *, size_t words,
	    struct summary *);

#endif
