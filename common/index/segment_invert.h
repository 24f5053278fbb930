/*
 * Words with their occurrences, in memory.  Private to segment_make*.c.
 *
 * Each word as it stands (a leaf, a whole, a value of a property) has a chain
 * of bytes, for each occurrence
 *
 *	vint x << 1 | another document than before
 *	another document: vint position
 *
 * where x is how far the document is from the one before (the first from
 * -1), or in the same document the position.  A field without positions has
 * vint x alone.  What words make a term is seen when they are sorted.
 */
#ifndef INDEX_SEGMENT_INVERT_H
#define INDEX_SEGMENT_INVERT_H

#include "index/segment_write.h"

#define INVERT_NONE UINT32_MAX
#define INVERT_SOON 64
#define INVERT_QUEUE 16		/* a power of two */
#define INVERT_LINE 64
#define INVERT_CHUNK 1024
#define INVERT_SHORT 24		/* longest word that is kept in its place */

/* One word is one line of a processor's cache, so it is 64 bytes. */
struct invert_word {
	union {
		char here[INVERT_SHORT];
		const char *far;
	} text;
	const char *stem;		/* NULL: the text */
	uint16_t len, stem_len;
	uint16_t used;			/* bytes, of the chain's last slice */
	uint8_t level;
	uint8_t field;
	uint32_t head, slice;		/* of the chain: first, last */
	uint32_t doc;			/* the last, + 1 */
	uint32_t pos;			/* in it */
	uint16_t tf;
	bool whole;
};

struct invert_slot {
	uint32_t hash, id;		/* id + 1; 0: free */
};

struct invert_table {
	struct invert_slot *slot;	/* own */
	size_t n, mask;
};

/* What stands in a document (ascending), at a position (ascending), times
 * times.  Without positions the same one again is nothing. */
struct invert_here {
	unsigned field;
	const char *text, *stem;
	size_t len, stem_len;
	bool whole;
	uint32_t doc, pos;
	unsigned times;
};

struct invert_pending {
	struct invert_here h;
	uint32_t hash;
	char text[INVERT_SOON], stem[INVERT_SOON];
};

struct invert {
	uint64_t seed;
	uint8_t **slab;			/* own; of chains */
	size_t slabs, slabs_cap, slab_used;
	char **text;			/* own; of strings */
	size_t texts, texts_cap, text_left, text_bytes;
	void **chunk;			/* own; of INVERT_CHUNK words */
	size_t words, chunks, chunks_cap;
	struct invert_table by_text;
	struct invert_pending queue[INVERT_QUEUE];
	unsigned added, done;		/* of the queue, in all */
};

void	invert_init(struct invert *);
void	invert_release(struct invert *);
size_t	invert_memory(const struct invert *);

/* A copy that stays as long as all of it; n <= 4096. */
const char *invert_keep(struct invert *, const char *, size_t n);

static inline struct invert_word *
invert_at(const struct invert *v, size_t i)
{
	uintptr_t p = (uintptr_t)v->chunk[i / INVERT_CHUNK];

	p = (p + INVERT_LINE - 1) & ~(uintptr_t)(INVERT_LINE - 1);
	return (struct invert_word *)p + i % INVERT_CHUNK;
}

static inline const char *
invert_text(const struct invert_word *w)
{
	return w->len <= INVERT_SHORT ? w->text.here : w->text.far;
}

uint32_t invert_hash(const struct invert *, const void *, size_t);

/* Room for one more, and the slot of a hash or the free one for it: ask
 * again with the next until ->id is 0 or is what is looked for. */
void	invert_table_grow(struct invert_table *);
static inline struct invert_slot *
invert_slot(const struct invert_table *t, size_t *at, uint32_t hash)
{
	struct invert_slot *s;

	for (;; ++*at) {
		s = &t->slot[*at & t->mask];
		if (s->id == 0 || s->hash == hash)
			return s;
	}
}

/* The same as invert_add, a few words later: what it will touch is fetched
 * meanwhile.  text and stem have at most INVERT_SOON bytes.  Flush before
 * anything else is asked. */
void	invert_soon(struct invert *, const struct invert_here *);
void	invert_flush(struct invert *);
void	invert_add(struct invert *, const struct invert_here *);

/* The chain, in place of what is in the buffer. */
void	invert_chain(const struct invert *, const struct invert_word *,
	    struct buf *);

/*
 * All terms, in order.  number: of each document; in the order in which they
 * came, or else `docs` is how many there are.
 */
int	invert_write(const struct invert *, const uint32_t *number,
	    uint32_t docs, struct seg_writer *, struct err *);

#endif
