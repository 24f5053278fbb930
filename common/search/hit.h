/*
 * Hits: the record a candidate stands for, and why it was found.
 */
#ifndef SEARCH_HIT_H
#define SEARCH_HIT_H

#include <jansson.h>

#include "base/err.h"
#include "memory/event.h"
#include "search/cands.h"
#include "search/search.h"
#include "search/seen.h"
#include "text/near.h"

struct document_places;
struct toc_reader;

struct hits {
	struct seen *seen;		/* borrowed, as all but it */
	const struct cands *c;
	const struct search *search;
	struct tokens *tokens;
	double *worth;			/* own; of each term */
	struct event_iter *it;		/* own; for events by row */
	struct toc_reader **toc;	/* own; of each user, NULL until asked
					   for */
	size_t tocs;
	struct doc doc;			/* own */
	struct document_places *places;	/* own */
	struct near *near;		/* texts shown before, or NULL */
	size_t like;			/* which of them */
	const int64_t *document;	/* borrowed; doc_document of those that
					   were shown before, once each; NULL:
					   show all chunks */
	size_t documents, of;		/* which of them */
};

void	hits_init(struct hits *, struct seen *, const struct cands *,
	    const struct search *, struct tokens *);
void	hits_release(struct hits *);

/* The hit at a rank; own.  1 made, 0 its record is gone, or may not be seen by
 * now, 2 nothing made: its text is like one of ->near, ->like says which; 3 the
 * same: it is a chunk of one of ->document, ->of says which. */
int	hit_json(struct hits *, const struct rank *, json_t **, struct err *);

#endif
