/*
 * What a period is made of: bullets and keywords of its children, and which
 * of them it shows.  Private to toc_*.c.
 */
#ifndef TOC_TOC_GROUP_H
#define TOC_TOC_GROUP_H

#include <stdbool.h>
#include <stddef.h>

#include "toc/summary.h"
#include "toc/toc_body.h"
#include "toc/toc_work.h"

/* A bullet of a child, or one that was chosen. */
struct toc_part {
	char *text;		/* own */
	char *grips;		/* own; ids, with commas between */
	size_t child;
	double weight;
	unsigned cues;
	bool pinned;
};

struct toc_word {
	char *text;		/* own */
	size_t child;
};

/* A list of children, or of groups of them. */
struct toc_group {
	struct toc_part *part;
	size_t parts, part_cap;
	struct toc_word *word;
	size_t words, word_cap;
	size_t children;
};

/* Of the child at hand, whose number is `children`. */
void	toc_group_part(struct toc_group *, const struct toc_bullet *,
	    double weight, bool pinned);
void	toc_group_word(struct toc_group *, const char *, size_t len);
void	toc_group_clear(struct toc_group *);
void	toc_group_release(struct toc_group *);

struct toc_choice {
	const struct toc_group *of;	/* borrowed */
	struct summary sum;
	bool take[SUMMARY_BULLETS];	/* of sum.bullet */
	size_t *from;			/* own; of each part given to sum */
	size_t pinned;
	enum toc_made made;
};

/* The best of a group.  ask: by a model, if there is one and it can. */
void	toc_weigh(struct toc_work *, const struct toc_group *, bool ask,
	    struct toc_choice *);
/* fn for what is kept, in the order of the children; b is NULL for what was
 * pinned. */
void	toc_choice_each(const struct toc_choice *, void (*fn)(void *,
	    const struct toc_part *, const struct toc_choice *,
	    const struct summary_bullet *b), void *);
void	toc_choice_release(struct toc_choice *);

#endif
