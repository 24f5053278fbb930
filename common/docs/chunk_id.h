/*
 * The ids of the chunks of one document.
 */
#ifndef DOCS_CHUNK_ID_H
#define DOCS_CHUNK_ID_H

#include "base/buf.h"
#include "base/map.h"
#include "docs/chunk.h"

struct chunk_ids {
	struct buf list;		/* CHUNK_ID + 1 bytes each */
	struct map seen;		/* how often, by what they say */
};

void	chunk_ids_init(struct chunk_ids *);
void	chunk_ids_release(struct chunk_ids *);
/* Gives it its id. */
void	chunk_ids_add(struct chunk_ids *, struct chunk *);

#endif
