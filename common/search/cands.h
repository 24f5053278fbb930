/*
 * Candidates: the texts that a query matches, wherever they were found, and
 * the statistics they are scored with.  Who reads texts (the tail; an index)
 * counts every text of its scope with cands_count and puts in those that
 * match; when all have been read they are scored, each scope with its own
 * numbers (facts, the tenant's and the user's, are one).  So a text scores the
 * same wherever it lies, and a filter changes which texts are found but no
 * score.
 *
 * About 60 bytes for each text that matches.
 */
#ifndef SEARCH_CANDS_H
#define SEARCH_CANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/ulid.h"
#include "index/match.h"
#include "index/score.h"
#include "search/doc.h"
#include "search/query.h"

#define CANDS_SESSION_BEST 3	/* events that a session is ranked by */

struct fuse;

struct cand {
	int64_t ref;		/* event: its row; others: their names */
	double score;
	size_t found;		/* where its terms and their counts lie */
	uint32_t session;	/* number of its session, when asked for */
	uint8_t id[ULID_BYTES];	/* of an event */
	uint8_t source, length;	/* length: of score_pack */
	uint32_t who;		/* doc->who */
	bool hidden;		/* read, but no hit */
};

struct cand_session {
	size_t best[CANDS_SESSION_BEST];	/* candidates; SIZE_MAX none */
	double score;
	double more;	/* of search/fuse.h: the best score of its events */
	uint32_t linked;	/* the event that is linked best + 1 */
};

struct cands {
	const struct query *q;		/* borrowed */
	bool sessions_wanted;
	bool count_only;		/* nothing is kept but numbers */
	/* of the source that cands_scope says */
	struct score_scope scope[SOURCE_N];
	int64_t *df[SOURCE_N];		/* own; of each term */
	struct score_table *table[SOURCE_N];	/* own; of cands_score */
	int64_t n[SOURCE_N];		/* that matched */
	struct cand *cand;		/* own */
	size_t cands, cap;
	struct buf found, names, key;
	struct map session;		/* "who/name" -> number, by number */
	struct cand_session *by_session;	/* own; of cands_sessions */
	const struct fuse *fuse;	/* borrowed; NULL: by words alone */
};


/* Bits 1 << SOURCE_...: with sessions, events are grouped by them. */
void	cands_init(struct cands *, const struct query *, bool sessions_wanted,
	    bool count_only);
void	cands_release(struct cands *);

/* A text of this scope was read. */
void	cands_count(struct cands *, enum source, const struct match_text *);
/* It matches: cands_put, and ->n. */
void	cands_add(struct cands *, const struct doc *,
	    const struct match_text *);
/* Keep it, whether it matches or not, unless only numbers are kept. */
void	cands_put(struct cands *, const struct doc *,
	    const struct match_text *);

/* Once all have been counted: score those from a number on by their words. */
void	cands_score(struct cands *, size_t from);
/* The best n by their scores now, of events and records that are not
 * hidden: numbers of candidates, best first; *out is the caller's. */
size_t	cands_best(const struct cands *, enum source, size_t n, size_t **out);
/* Score sessions by their best three events, which count 1, 1/2 and 1/4
 * (measured: better than the best one alone). */
void	cands_sessions(struct cands *);

/* The names of what is no event: doc->within and its id. */
const char *cand_within(const struct cands *, const struct cand *);
const char *cand_record_id(const struct cands *, const struct cand *);

/* One line of a score. */
struct cand_term {
	int term;
	uint32_t tf;
	int64_t df;
	double idf, score;
};
/* The i-th term found, once they are scored: 1, or 0 when there are no
 * more. */
int	cand_term(const struct cands *, const struct cand *, size_t i,
	    struct cand_term *);

const struct score_params *cands_params(enum source);
/* Where the statistics of a source are. */
enum source cands_scope(enum source);

/*
 * The best n of all sources (or of sessions alone), best first, ties
 * by id; n 0: all.  sources is a set of bits.  *out is the caller's.
 */
struct rank {
	double score;
	enum source source;
	size_t i;		/* candidate, or session */
};
size_t	cands_rank(const struct cands *, unsigned sources, size_t n,
	    struct rank **out);

/* The id of the record at a rank; borrowed, from room for events. */
const char *cands_rank_id(const struct cands *, const struct rank *,
	    char room[ULID_LEN + 1]);

#endif
