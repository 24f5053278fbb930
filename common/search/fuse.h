/*
 * Ranking by more than words: the score of the words and that of the vector
 * added up, what stands beside an event in its session, and features of the
 * best.  mem-search(1), "Ranking"; QUALITY.md has what each part is worth.
 *
 *	text = BM25 / the best BM25 of all
 *	vector = (cosine - FLOOR) / (the best cosine - FLOOR), at least 0
 *	h = 0.6 text + 0.4 vector; text alone where there are no vectors
 *	h = h (1/2 + 1/2 2^(-days / recent days)), if that is asked for
 *	sum = h + 0.4 (that of the event before + after)
 *	    + 0.2 (that of the second before + after)
 *	    + 0.1 the best of these sums, if the query names who speaks
 *	score = (score + 0.2 the best score (1 where there is none) * what links
 *	    it) / 1.2, if it is asked for what is linked (linked.h)
 *
 * Events before and after are those of the session that somebody said; what
 * nobody said (calls of tools and the like) has none, and its sum is h.
 * A record of a knowledge base scores h.  The best events by their sums are
 * ranked again (search/rerank.h).  A session scores the h of its best three
 * hits, 1, 1/2 and 1/4 of them, and 0.1 of its best score by the reranker.
 *
 * All this is worked out for the best texts of each side and for who stands
 * beside them, with exact numbers for each; so what is indexed, and how,
 * changes no score.
 */
#ifndef SEARCH_FUSE_H
#define SEARCH_FUSE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "search/beside.h"
#include "search/cands.h"
#include "search/indexes.h"
#include "search/linked.h"
#include "search/tail.h"

#define FUSE_TAIL 2000		/* texts that are not indexed; of more, words
				   alone are looked at */
#define FUSE_BEST 100		/* of each side */
#define FUSE_BEST_SESSIONS 200	/* the same, to rank sessions */
#define FUSE_RESCORED 1000	/* vectors that the bits choose */
#define FUSE_EXACT 4096		/* vectors that are all compared exactly */
#define FUSE_TEXT 0.6
#define FUSE_VECTOR 0.4
#define FUSE_FLOOR 0.1		/* cosine of texts that have nothing in
				   common, about */
#define FUSE_HIT 0.45		/* cosine from which on a text without a word
				   of the query is a hit */
#define FUSE_AMONG 0.5		/* of the best sum, from which on what has no
				   word of the query is a hit, too, and what
				   follows a question */
#define FUSE_BESIDE 0.4
#define FUSE_BEYOND 0.2
#define FUSE_SPEAKER 0.1
#define FUSE_SESSION 0.1
#define FUSE_LINKED 0.2

/* Parts that can be left out, as bits (to measure what they are worth). */
enum fuse_part { FUSE_NO_VECTORS = 1, FUSE_NO_BESIDE = 2,
    FUSE_NO_RERANK = 4, FUSE_NO_WORDS = 8 };

/* What is known of a candidate, beside its words. */
struct turn {
	struct place at;
	int64_t session;
	int64_t ts_ms;			/* of who asks for what is recent */
	uint32_t traits;
	uint32_t beside[BESIDE_N];	/* candidates; BESIDE_NONE */
	bool matches, allowed;
	bool first;			/* nothing was said before it */
	bool in;			/* is ranked, or stands beside */
	double text, vector;		/* as they come; vector VECTOR_NONE */
	double age;			/* share that its age leaves of h */
	double h, sum;			/* sum: with what is beside */
	bool named;			/* the query names who speaks */
	struct rerank {			/* of the best; each 0 ... 1 */
		bool done;
		double base, question, cover, pairs, tells, first;
	} rerank;
	double score;			/* of the reranker, or of the sum */
	uint32_t linked;		/* text of linked + 1; 0: none */
};

struct fuse {
	const struct query *q;		/* borrowed, as the next six */
	struct cands *c;
	struct indexes *of[SOURCE_SESSION];	/* NULL: none is open */
	struct tail_rows *rows;
	struct seen *seen;		/* whose they are */
	struct embedder *embedder;	/* NULL: no vectors */
	const struct linked *linked;	/* NULL: nothing is */
	unsigned without;		/* enum fuse_part */
	size_t best;			/* of each side; FUSE_BEST */
	size_t limit;			/* hits that are asked for; 0: all */
	int64_t recent_days;		/* struct search's */
	int64_t now;
	struct turn *turn;		/* own; of each candidate */
	size_t turns, cap;
	size_t tails;			/* candidates of the tail come first */
	uint32_t *slot;			/* own; places to candidates, + 1 */
	size_t slots;
	struct vector_query *query[SOURCE_SESSION];	/* own */
	double text_most, vector_most, sum_most;
	double h_most, score_most;	/* of events */
	double best_score, best_session;	/* before what is linked */
	uint32_t *speaker;		/* own; names that the query has */
	size_t speakers;
};

/* After the indexes were asked and the tail was read (with rows) into c. */
void	fuse_init(struct fuse *, const struct query *, struct cands *,
	    struct tail_rows *);
void	fuse_release(struct fuse *);

/*
 * Find candidates and score all of them: c->cand[].score, and sessions if
 * they are wanted.  *found: texts that have a word of the query, or come near
 * to it.  source: bits 1 << SOURCE_...
 */
int	fuse_run(struct fuse *, unsigned sources, int64_t *found,
	    struct err *);

/* How the score of a candidate came about; own. */
json_t	*fuse_why(const struct fuse *, size_t cand, json_t *text);
/* The same of a session; own is taken over. */
json_t	*fuse_why_session(const struct fuse *, const struct cand_session *,
	    json_t *own);

/* What links a candidate; own, or NULL. */
json_t	*fuse_linked_json(const struct fuse *, size_t cand);

/* ---- between fuse*.c ---- */

/* The place of a document of an index. */
struct place fuse_place(enum source, uint32_t part, uint32_t doc);
/* The candidate at a place, BESIDE_NONE: there is none yet. */
uint32_t fuse_turn(const struct fuse *, struct place);
/*
 * Documents of an index become candidates, unless they are; they are put in
 * order.  matches: they do; else that is found out.
 */
int	fuse_add(struct fuse *, enum source, struct rank_hit *, size_t n,
	    bool matches, struct err *);
/* The vectors of all candidates from a number on that have one. */
int	fuse_vectors(struct fuse *, enum source, size_t from, struct err *);

int	fuse_linked(struct fuse *, unsigned sources, struct err *);
/* What links a candidate, in all: 0 to 1. */
double	fuse_link(const struct fuse *, const struct turn *);
void	fuse_add_links(struct fuse *, unsigned sources);
int	fuse_neighbours(struct fuse *, struct err *);
int	fuse_score(struct fuse *, unsigned sources, int64_t *found,
	    struct err *);

#endif
