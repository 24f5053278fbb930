/*
 * Words turned into terms with their occurrences, in memory.  Private to
 * segment_make*.c.
 *
 * A term has a chain of bytes, for each occurrence
 *
 *	vint x << 2 | other form << 1 | other document
 *	other form: vint its number in the term
 *	other document: vint position
 *
 * where x is how far the document is from the one before (the first from
 * -1), or in the same document the position.  A field without positions has
 * vint x alone.
 */
#ifndef INDEX_SEGMENT_INVERT_H
#define INDEX_SEGMENT_INVERT_H

#include "index/segment_format.h"

#define INVERT_NONE UINT32_MAX

struct invert_slot {
	uint32_t hash, id;		/* id + 1; 0: free */
};

struct invert_table {
	struct invert_slot *slot;	/* own */
	size_t n, mask;
};

struct invert_term {
	const char *key;		/* field, text */
	uint16_t len, used, size;	/* bytes; of the chain's last slice */
	uint16_t level;
	uint32_t head, slice;		/* of the chain: first, last */
	uint32_t docs;
	uint32_t doc;			/* the last, + 1 */
	uint32_t tf, pos, form;		/* the last */
	uint32_t first, forms;		/* its forms, newest first */
};

struct invert_form {
	const char *text;
	uint32_t term, next;
	uint32_t number;		/* in the term */
	uint16_t len;
	bool whole;
};

struct invert {
	uint64_t seed;
	uint8_t **slab;			/* own; of chains */
	size_t slabs, slabs_cap, slab_used;
	char **text;			/* own; of strings */
	size_t texts, texts_cap, text_left;
	struct invert_term *term;	/* own */
	size_t terms, terms_cap;
	struct invert_form *form;	/* own */
	size_t forms, forms_cap;
	struct invert_table by_key, by_word;
	size_t string_bytes;
};

void	invert_init(struct invert *);
void	invert_release(struct invert *);
size_t	invert_memory(const struct invert *);

/* A copy that stays as long as all of it; n <= 4096. */
const char *invert_keep(struct invert *, const char *, size_t n);
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

/* A word of document `doc` (ascending), `times` times. */
void	invert_word(struct invert *, const char *stem, size_t,
	    const char *word, size_t, bool whole, uint32_t doc, uint32_t pos,
	    unsigned times);
/* A term that is its own form. */
void	invert_term(struct invert *, unsigned field, const char *, size_t,
	    uint32_t doc, uint32_t pos, unsigned times);
/* A value of a property. */
void	invert_value(struct invert *, unsigned field, const char *, size_t,
	    uint32_t doc);

/* The chain, in place of what is in the buffer. */
void	invert_chain(const struct invert *, const struct invert_term *,
	    struct buf *);

#endif
