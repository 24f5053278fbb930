/*
 * Where chunks are in their documents, and what is beside them, as it was at a
 * time.  A document may have very many, and a search may find most of them: it
 * is read for the first that is asked for, and what it names is kept, of as
 * many documents as have DOCUMENT_PLACES chunks together.
 */
#ifndef MEMORY_DOCUMENT_PLACE_H
#define MEMORY_DOCUMENT_PLACE_H

#include <stdint.h>

#include "memory/record.h"

#define DOCUMENT_PLACES ((size_t)1 << 17)

#define DOCUMENT_UNNAMED (-1)	/* the document does not name it */
#define DOCUMENT_ABSENT (-2)

struct document_places;

/* at_ms INT64_MAX: as they are when they are read.  The store is borrowed. */
struct document_places *document_places_new(struct store *, int64_t at_ms);
void	document_places_free(struct document_places *);	/* takes NULL */

/*
 * The chunks around one in its document, at most n each way, in order.  *place:
 * that of the chunk, from 0, or one of these.  fn returns 0 to go on.
 */
int	document_around(struct document_places *, const struct record *chunk,
	    int64_t n, int64_t *place,
	    int (*fn)(void *, const struct record *, struct err *), void *,
	    struct err *);

/* The place of one of these, from 0; DOCUMENT_ABSENT: it is not known. */
int64_t	document_place(const struct document_places *,
	    const struct record *chunk);

#endif
