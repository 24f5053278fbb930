/*
 * A hit out of what an engine has of a text: its record, held against what the
 * document says of itself, against the rules (engine/access.h), and against
 * what the store knows; a snippet; what a local hit has besides.
 */
#ifndef ENGINE_SHOWN_H
#define ENGINE_SHOWN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "engine/access.h"
#include "index/token.h"
#include "search/doc.h"
#include "search/fold.h"
#include "search/query.h"
#include "search/search.h"

struct document_places;

struct engine_shown {
	struct seen *seen;		/* borrowed, as all but it */
	const struct query *q;
	const struct search *s;
	struct tokens tokens;		/* own */
	double *worth;			/* own; of each term */
	struct document_places *places;	/* own */
	struct doc doc;			/* own; what was shown last */
	struct fold *fold;		/* what was shown before; NULL: texts
					   that are the same are no matter */
	size_t like;			/* which of ->fold it is like, or a
					   chunk of the document of */
};

void	engine_shown_init(struct engine_shown *, struct seen *,
	    const struct query *, const struct search *);
void	engine_shown_release(struct engine_shown *);

/*
 * Inside a view of the store, after seen_look.  hit has what is told of any
 * hit, and gets the rest; session: it is one, and the source is that of its
 * best event.  1 made; 0: it is not to be seen, or not what it says; 2: its
 * text is like one of ->fold; 3: it is a chunk of a document that was shown;
 * -1.  Until the next call ->doc borrows of the source.
 */
int	engine_show(struct engine_shown *, enum source, const json_t *source,
	    bool session, json_t *hit, struct err *);

#endif
