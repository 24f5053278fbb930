/*
 * Looking in an engine: the questions of one search, and the candidates that
 * come back.  Each source is asked by itself (engine/query.h), all at once
 * (_msearch), with what the call may see as a filter (engine/access.h); what
 * comes back is held against that again before it is a candidate.
 */
#ifndef ENGINE_LOOK_H
#define ENGINE_LOOK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "engine/access.h"
#include "engine/ask.h"
#include "search/query.h"
#include "search/search.h"
#include "search/seen.h"

#define ENGINE_LOOK_MOST 10000	/* hits of one answer: index.max_result_window;
				   of more it is asked page by page */

struct engine_cand {
	char *key;		/* own, as the others: its _id */
	char *id, *session, *within;	/* the last two may be NULL */
	enum source source;
	size_t who;
	int64_t ts_ms, end_ms;
	bool has_time;
	bool matches;		/* the query's words */
	double text;		/* BM25 of the engine; 0: none */
	double vector;		/* cosine; VECTOR_NONE */
	double score;		/* of engine/blend.h */
	bool hidden;
};

struct engine_cands {
	struct engine_cand *v;	/* own */
	size_t n, cap;
	struct map by_key;
	int64_t found;		/* texts that match, as the engine counts */
	int64_t wrong;		/* documents that it should not have sent */
};
void	engine_cands_init(struct engine_cands *);
void	engine_cands_release(struct engine_cands *);
/* What a candidate said of itself; borrowed. */
void	engine_cand_says(const struct engine_cand *, const struct seen *,
	    struct engine_found *);

struct engine_look {
	struct engine *en;		/* borrowed, as the next four */
	struct seen *seen;
	const struct query *q;
	const struct search *s;
	const char *alias;
	size_t best;			/* of each source and side; 0: all */
	int64_t now;
	json_t *may[SOURCE_SESSION];	/* own; by source, or NULL */
	bool loose;			/* some of these let more through */
	int8_t *v;			/* own; of the query; NULL: none */
	size_t dim;
};

/* After seen_look.  The vector may be given afterwards.  Release it in any
 * case. */
int	engine_look_init(struct engine_look *, struct engine *, struct seen *,
	    const struct query *, const struct search *, const char *alias,
	    struct err *);
void	engine_look_release(struct engine_look *);

/* The best by their words, and, where there is a vector, by that, with the
 * words of those, too. */
int	engine_look_best(struct engine_look *, struct engine_cands *,
	    struct err *);
/* How many there are, of sessions how many of these. */
int	engine_look_count(struct engine_look *, int64_t *, struct err *);

/*
 * The records of candidates, given by their numbers: fn gets each that came
 * back and may be seen, in any order, with its _source, borrowed.
 */
int	engine_look_records(struct engine_look *, const struct engine_cands *,
	    const size_t *which, size_t n, int (*fn)(void *, size_t cand,
	    const json_t *source, struct err *), void *, struct err *);

#endif
