/*
 * A term's documents in one segment: postings on disk, or a list made in
 * memory (what a prefix stands for).  Blocks of both look the same.
 */
#ifndef INDEX_RANK_LIST_H
#define INDEX_RANK_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "index/match.h"
#include "index/score.h"
#include "index/segment.h"

/* Documents with a count, ascending. */
struct doc_list {
	uint32_t *doc, *tf;	/* own; tf may be NULL: all 1 */
	uint32_t n;
};
void	doc_list_release(struct doc_list *);

struct rank_list {
	struct segment_list disk;
	const struct doc_list *memory;	/* borrowed; NULL: disk */
	uint32_t docs, blocks;
	/* the block where it stands; moves forward only */
	uint32_t block, at, n;
	uint32_t upto;		/* those below are in it, or before it */
	const uint32_t *doc, *tf;	/* of the block, tf of rank_list_tf */
	bool loaded;
	/* the bound asked for last */
	uint32_t bound_block;
	double bound;
};

/* Terms or a list; t is copied. */
void	rank_list_disk(struct rank_list *, struct segment *,
	    const struct segment_term *);
void	rank_list_memory(struct rank_list *, const struct doc_list *);
void	rank_list_release(struct rank_list *);

/* All below: -1 damaged. */

/* Go to the first block that may hold doc or a later one: ->block; ->blocks
 * when there is none. */
int	rank_list_go(struct rank_list *, uint32_t doc, struct err *);
static inline int
rank_list_seek(struct rank_list *l, uint32_t doc, struct err *e)
{
	return doc < l->upto ? 0 : rank_list_go(l, doc, e);
}

int	rank_list_last(struct rank_list *, uint32_t block, uint32_t *doc,
	    struct err *);
int	rank_list_load(struct rank_list *, struct err *);
/* ->tf of the loaded block. */
int	rank_list_tf(struct rank_list *, struct err *);
/* The first of the loaded block that is not before doc; ->n: none. */
static inline uint32_t
rank_list_lower(const struct rank_list *l, uint32_t doc)
{
	const uint32_t *p = l->doc;
	uint32_t n = l->n, half, i;

	/* no branch to guess, and no compare that waits for another */
	if (n == BITS_BLOCK) {
#define BEFORE(i) (p[i] < doc)
		p += 16 * (BEFORE(15) + BEFORE(31) + BEFORE(47) + BEFORE(63) +
		    BEFORE(79) + BEFORE(95) + BEFORE(111));
		for (i = n = 0; i < 16; i++)
			n += (int32_t)p[i] < (int32_t)doc;
#undef BEFORE
		return (uint32_t)(p - l->doc) + n;
	}
	for (; n > 1; n -= half) {
		half = n / 2;
		p += p[half - 1] < doc ? half : 0;
	}
	return (uint32_t)(p - l->doc) + (*p < doc);
}

/* Go to the first document not before doc: 1 *found, 0 none. */
int	rank_list_next(struct rank_list *, uint32_t doc, uint32_t *found,
	    struct err *);
/* Has it this document?  1 (->at stands on it), 0. */
int	rank_list_has(struct rank_list *, uint32_t doc, struct err *);

/* Most that a document of a block (UINT32_MAX: of all) can score: ->bound. */
int	rank_list_bound(struct rank_list *, uint32_t block,
	    const struct score_table *, double weighted, const uint8_t *lengths,
	    struct err *);

/*
 * What a prefix stands for in a segment: every document with a word that
 * begins so, and at how many positions.
 */
int	rank_prefix(struct segment *, const char *prefix, size_t,
	    struct doc_list *, struct err *);

#endif
