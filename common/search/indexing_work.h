/*
 * An update of an index on its way.  Private to indexing*.c.
 */
#ifndef SEARCH_INDEXING_WORK_H
#define SEARCH_INDEXING_WORK_H

#include "base/buf.h"
#include "index/blockfile.h"
#include "index/manifest.h"
#include "index/segment_make.h"
#include "index/vector_make.h"
#include "search/embedder.h"
#include "search/indexing.h"

struct update {
	struct store *st;		/* borrowed, as the two below */
	enum source source;
	const struct indexing_how *how;
	const struct language *language;
	struct indexing *report;
	char *dir;			/* own */
	struct blockfile_key seal;	/* of its files */
	struct manifest m;
	struct segment_maker *maker;	/* own */
	struct embedder *embedder;	/* own; NULL: no vectors are made */
	struct vector_maker *vectors;	/* own; of the maker's documents; NULL:
					   they are made later, or not */
	struct tokens tokens;
	struct buf key, value, text;
	struct buf texts;		/* that have no vector yet */
	size_t *end;			/* own; of each of them */
	size_t pending, end_cap;
	int64_t last, all;		/* rows */
	int64_t turned;			/* the manifest's tombstones, before
					   the batch */
	bool more;
};

size_t	update_memory(const struct update *);	/* of what is being made */

/* --- indexing_read.c --- */

/* A new segment begins. */
void	update_begin(struct update *);
/* Rows after the manifest's, as many as fit; ->last is the last one, ->more:
 * there are others. */
int	update_read(struct update *, struct err *);
/* What was read becomes a segment of the manifest (which is not written). */
int	update_flush(struct update *, struct err *);

/* --- indexing_merge.c --- */

/* Segments [from, from + n) become one. */
int	update_merge(struct update *, size_t from, size_t n, struct err *);
/* As many as should be. */
int	update_merge_all(struct update *, struct err *);

/* --- indexing_vector.c --- */

/* The model of now; vectors that are of another, or gone, are none. */
void	update_vectors_begin(struct update *);
/* The embedder is of no use: why, and no vectors are made any more. */
void	update_trouble(struct update *, const struct err *);
/* Vectors of this segment are damaged: it has none, until they are made. */
void	update_vectors_drop(struct update *, struct manifest_segment *,
	    const struct err *);
/* Every checksum of a segment's, which are dropped if one is wrong. */
int	update_vectors_verify(struct update *, struct manifest_segment *,
	    struct err *);
/* After segments of the manifest became one: theirs do, too.  s are those,
 * from as segment_merge_from says it of the new one. */
int	update_vectors_merge(struct update *, struct manifest_segment *s,
	    size_t n, const uint32_t *from, struct manifest_segment *now,
	    struct err *);
/* Frequencies that the manifest's dead ask for. */
int	update_vectors_df(struct update *, struct err *);
/* Adds them to the report. */
int	update_vectors_report(struct update *, const struct manifest_segment *,
	    struct err *);
/* Vectors of all documents that should have one and have none; writes the
 * manifest. */
int	update_vectors_fill(struct update *, struct err *);

/* --- indexing_folder.c --- */

int	update_write(struct update *, struct err *);	/* the manifest */
/* Files that are of no manifest any more, and what an interrupted run
 * left: we hold the lock, so that no file in the making is another's. */
void	update_sweep(const struct update *);
/* The next one is greater than that of any file: none is written over. */
int	update_next_number(struct update *, struct err *);

#endif
