/*
 * What candidates of an engine score: as search/fuse.h has it, but that who
 * stands beside an event is not looked at, and that nothing is ranked again,
 * for both ask more of the texts than an engine tells at once.
 */
#ifndef ENGINE_BLEND_H
#define ENGINE_BLEND_H

#include <jansson.h>

#include "engine/look.h"

#define ENGINE_SESSION_BEST 3	/* events that a session is ranked by */

struct engine_rank {
	double score;
	enum source source;	/* SOURCE_SESSION: of the events below */
	size_t i;		/* candidate; of a session the best */
	size_t event[ENGINE_SESSION_BEST];	/* SIZE_MAX: none */
};

struct engine_blend {
	double text_most, vector_most;	/* that 1 stands for */
	bool words, vectors;		/* what was looked at */
	int64_t recent_days, now;
};

/* Scores all of them, hides what is no hit, and ranks the others (and their
 * sessions), best first, ties by id; *out is the caller's.  Returns how
 * many. */
size_t	engine_blend(struct engine_blend *, const struct engine_look *,
	    struct engine_cands *, struct engine_rank **out);

/* How the score at a rank came about; own. */
json_t	*engine_why(const struct engine_blend *, const struct engine_cands *,
	    const struct engine_rank *);

#endif
