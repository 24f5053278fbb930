/*
 * Whether the groups of a match hold for documents of one segment, asked in
 * ascending order of the documents.  Lists are opened when they are needed
 * first.  Private to rank*.c.
 */
#ifndef INDEX_RANK_CHECK_H
#define INDEX_RANK_CHECK_H

#include "index/rank.h"
#include "index/rank_list.h"
#include "index/word.h"

/* The terms of a match in one part. */
struct rank_terms {
	struct segment_term *t;		/* own; ->docs 0: it has none */
	struct doc_list *prefix;	/* own; of terms that are prefixes */
};

struct rank {
	const struct match *m;		/* borrowed, as all above parts */
	const struct rank_filter *filter;
	const struct rank_part *part;
	rank_ask *ask;
	void *arg;
	size_t parts;
	struct match_atom *atom;	/* own; the match's, then `also` */
	size_t atoms, filters;
	struct rank_terms *terms;	/* own; of each part */
	uint32_t *alive;		/* own; documents of each part */
	struct words *words;		/* own; stems of phrases' words, if
					   there are phrases */
	bool unscored;			/* what no term scores may hold, too */
	bool all_hold;			/* what a term scores holds */
	struct segment_list *scratch;	/* own */
	struct rank_checks *last;	/* own; of rank_terms */
	uint32_t last_part, last_doc;
};

struct check_phrase {
	bool ready, never;
	unsigned n;
	struct check_word {
		struct rank_list list;
		unsigned form, offset;
		bool open;
	} *word;			/* own */
};

struct check_filter {
	bool ready;
	size_t lists;			/* 0 with no bits: none has it */
	struct rank_list *list;		/* own; of the only value */
	uint64_t *bits;			/* own; of several */
};

struct rank_checks {
	struct rank *r;			/* borrowed */
	size_t part;
	struct segment *s;
	struct rank_list **term;	/* own; NULL until asked for */
	struct check_phrase *phrase;	/* own */
	struct check_filter *filter;	/* own */
};

struct rank_checks *rank_checks(struct rank *, size_t part);
void	rank_checks_free(struct rank_checks *);

/* All: 1, 0, -1.  tf may be NULL. */
int	rank_holds(struct rank_checks *, uint32_t doc, struct err *);
/* The same, whether this group holds or not. */
int	rank_holds_but(struct rank_checks *, int group, uint32_t doc,
	    struct err *);
int	rank_has_term(struct rank_checks *, size_t term, uint32_t doc,
	    uint32_t *tf, struct err *);

bool	rank_dead(const struct rank_part *, uint32_t doc);
/* Are so few of a part's documents alive that each of them is looked at rather
 * than lists are read? */
bool	rank_few(const struct rank *, size_t part);

/* A list for a term of the match in a part; 0 it has none there. */
int	rank_term_list(struct rank *, size_t part, size_t term,
	    struct rank_list *);

/* Made ready at the first need; public for rank_group.c. */
int	rank_phrase_ready(struct rank_checks *, size_t phrase, struct err *);
int	rank_filter_ready(struct rank_checks *, size_t filter, struct err *);
int	rank_term_bits(struct rank_checks *, const struct segment_term *,
	    uint64_t *bits, struct err *);

/*
 * A superset of the documents for which all groups can hold: a bit for each,
 * in bits of segment_docs / 64 + 1 words that are 0.  cost: about how many
 * postings that takes to read; SIZE_MAX: all documents have to be looked at.
 */
int	rank_suspects_cost(struct rank_checks *, size_t *cost, struct err *);
int	rank_suspects(struct rank_checks *, uint64_t *bits, struct err *);

#endif
