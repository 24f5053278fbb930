/*
 * Inside of summing up: the sentences that may become bullets, the words in
 * them, and what each is worth.
 */
#ifndef TOC_SUMMARY_WORK_H
#define TOC_SUMMARY_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "toc/summary.h"

/* A word of all items, known by its stem. */
struct summary_term {
	uint64_t stem;
	uint32_t tf, items;	/* how often, and in how many items */
	uint32_t last;		/* item it was seen in last, + 1 */
	uint32_t place;		/* its last one in summariser.place, + 1 */
	double rare, weight;
	double tells;		/* of all */
	double worth;		/* as a keyword */
	float mark;		/* its weight in the item that is marked */
	bool number;		/* a small one */
	bool key;		/* may be a keyword */
	bool told;		/* by a bullet, or by the title */
};

/* Where a word stands. */
struct summary_place {
	uint32_t item, word;	/* word: of the turn's */
	uint32_t before;	/* of the same term, + 1; 0: none */
};

struct summary_entry {
	uint32_t term;
	float weight;		/* in this item */
};

/* A sentence; or a bullet of a child. */
struct summary_item {
	const struct turn *turn;	/* borrowed */
	size_t from;
	uint32_t at, len, word, words;	/* of the turn's */
	uint32_t term, terms;	/* in summariser.of: each term once */
	uint32_t group;		/* turn, or child */
	uint16_t cues, kind;
	bool context;		/* gives no bullet */
	bool picked;
	double norm;		/* of its terms' weights */
	double rank;		/* how well it stands for all; mean 1 */
	double factor;		/* by what it is, not by its words */
	double cost;		/* of its length */
	double alike;		/* to the bullet most alike, so far */
	double score;
};

struct summary_edge {
	uint32_t a, b;
	double alike;
};

struct summariser {
	struct summary_item *item;	/* own */
	struct summary_term *term;	/* own */
	struct summary_place *place;	/* own */
	struct summary_entry *of;	/* own; of each item by its terms */
	struct summary_edge *edge;	/* own */
	size_t items, items_cap, terms, terms_cap, places, place_cap;
	size_t ofs, of_cap, edges, edge_cap;
	uint32_t *slot;			/* own; open addressing, term + 1 */
	size_t slots;
	double *room;			/* own */
	size_t room_cap;
	struct turn_reader *reader;	/* own */
	struct turn *part;		/* own; bullets of children */
	size_t parts, parts_cap;
	bool parent;
	uint32_t children;		/* of a parent */
	bool served;			/* one asks, one does */
};

/* Their words become terms. */
void	summary_index(struct summariser *);
/* The number of a term; -1: no item has it. */
int64_t	summary_find(const struct summariser *, uint64_t stem);
/* The cosine of two items' weights, 0 to 1; the first one's terms have been
 * marked. */
void	summary_mark(struct summariser *, const struct summary_item *, bool on);
double	summary_alike(const struct summariser *, const struct summary_item *,
	    const struct summary_item *);
/* item[].rank. */
void	summary_rank(struct summariser *);
/* The best ones, no two saying the same: numbers of items, at most `most`,
 * the best first; how many. */
size_t	summary_pick(struct summariser *, size_t most, size_t *out);
/* After that: the title, then the keywords. */
void	summary_words(struct summariser *, struct summary *);

/* A sentence to be read, from what was written; own. */
char	*summary_clean(const char *, size_t len);

#endif
