/*
 * What the files of look*.c share.
 */
#ifndef ENGINE_LOOK_OWN_H
#define ENGINE_LOOK_OWN_H

#include "base/buf.h"
#include "engine/look.h"

/* Is a source asked for?  Facts as SOURCE_FACT alone. */
bool	engine_look_wants(const struct engine_look *, enum source);
/* All that must hold, what may be seen among it; own. */
json_t	*engine_look_filters(const struct engine_look *, enum source,
	    int but);
/* The question for the best by words; among: a filter more, taken over, or
 * NULL; own. */
json_t	*engine_look_words(const struct engine_look *, enum source,
	    size_t size, json_t *among);
/* What a hit of an answer says of itself, which may be seen: 1; 0: it is none
 * of ours, or may not be; -1.  Borrowed of the hit. */
int	engine_look_read(struct engine_look *, enum source, const json_t *hit,
	    struct engine_found *, size_t *who, const char **key,
	    struct err *);
/* One hit of an answer becomes a candidate, unless it is none: 1, 0, -1. */
int	engine_look_take(struct engine_look *, struct engine_cands *,
	    enum source, const json_t *hit, bool words, struct err *);
/* Its hits, borrowed; NULL: none, not even an empty list. */
const json_t *engine_look_hits(const json_t *answer, int64_t *total);
/* Is it of all that there is?  0, or -1, ERR_NET. */
int	engine_look_whole(const struct engine_look *, const json_t *answer,
	    struct err *);
/* All that match, page by page. */
int	engine_look_pages(struct engine_look *, struct engine_cands *,
	    struct err *);

/* Questions that are asked at once. */
struct engine_many {
	struct {
		enum source source;
		bool words;
	} *v;				/* own */
	size_t n, cap;
	struct buf body;
	json_t *answer;			/* own */
};
/* Takes over the body. */
void	engine_many_add(struct engine_many *, enum source, bool words,
	    json_t *body);
int	engine_many_ask(struct engine_look *, struct engine_many *,
	    struct err *);		/* all were answered, or -1 */
const json_t *engine_many_answer(const struct engine_many *, size_t);
void	engine_many_release(struct engine_many *);

#endif
