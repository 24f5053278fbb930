/*
 * Hits that wait for others that are the same, to be told with them: show.h
 * says what is.
 */
#ifndef SEARCH_FOLD_H
#define SEARCH_FOLD_H

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"
#include "search/doc.h"
#include "text/near.h"

struct fold {
	json_t **hit;		/* own */
	size_t n, cap;
	size_t *of;		/* own; the hit of each text of near */
	size_t ofs, of_cap;
	struct near near;	/* texts of those that wait */
	int64_t *document;	/* own; that were shown, and their hits */
	size_t *document_hit;	/* own */
	size_t documents, document_cap, hit_cap;
};

void	fold_init(struct fold *);
void	fold_release(struct fold *);

/* One that waits; it is taken over.  Its text is the newest of ->near, if that
 * has one more (of a session it has not). */
void	fold_add(struct fold *, json_t *hit);
/* The hit that was added last is the best of a document, if it is a chunk. */
void	fold_document(struct fold *, const struct doc *);
/* One more whose text is like one of ->near, by its number; or that is a chunk
 * of one of ->document. */
void	fold_same(struct fold *, size_t like, const char *id);
void	fold_chunk(struct fold *, size_t document, const char *id);

/* Is the text of a document nearly that of an earlier one (of facts: the
 * same)?  *like is the number of that.  Else it is one of ->near from now
 * on. */
bool	fold_again(struct near *, const struct doc *, size_t *like);

/* They wait no more: all go to fn. */
int	fold_end(struct fold *, int (*fn)(void *, json_t *, struct err *),
	    void *, struct err *);

#endif
