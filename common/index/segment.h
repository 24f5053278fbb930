/*
 * A segment: an immutable file with the postings of some documents, mapped
 * and read in place.
 *
 * Documents are numbered 0 ... n - 1 in the order of their keys (bytes), so
 * that a key is found by binary search and equal scores come in the order of
 * keys without looking.  All numbers are little endian.  The file is a
 * header, sections, and a CRC-32C for each page of 4096 bytes; a page is
 * checked when it is touched first, so that nothing damaged is believed and
 * a cold search does not read what it does not need.
 *
 *	postings of each term, then its positions
 *	blocks	for each 128 postings of a term that has as many: last
 *		document, where they lie, and (frequency, length) pairs that
 *		bound every score in it
 *	terms	front coded in blocks of 16 (key: field, text): documents,
 *		forms, where the postings lie
 *	words	forms that do not begin with their term, and its number
 *	keys	front coded in blocks of 16, an offset for each block
 *	lengths	score_pack of each document's length
 *	columns	blocks of 128: least value, width, bits
 *
 * segment_format.h has it byte by byte.
 *
 * A term has a field: one byte before its text.  SEGMENT_TEXT holds the stems
 * of leaves and of identifiers whole, with frequencies and positions; its
 * forms are the words that were stemmed to it, each as a leaf or as a whole,
 * so that phrases compare words and not stems.  SEGMENT_LAST holds the last
 * characters of unspaced runs (only prefixes ask for them), with frequencies
 * and positions, too.  The others are the caller's: values of a property,
 * without either.
 */
#ifndef INDEX_SEGMENT_H
#define INDEX_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "index/bits.h"

#define SEGMENT_KEY 2560	/* most bytes of a document's key: two names */
#define SEGMENT_TERM 256	/* most bytes of a term with its field */
#define SEGMENT_COLUMNS 8	/* most columns */
#define SEGMENT_FORMS 64	/* most forms of a term that are told apart; a
				   word beyond them is shown as the last */
#define SEGMENT_PAIRS 3		/* bounds of a block */
#define SEGMENT_TF 65535	/* greater frequencies are cut */
#define SEGMENT_DOCS (UINT32_C(1) << 30)	/* most documents */

/* Fields of ours; the caller's begin at SEGMENT_FIELD. */
enum { SEGMENT_TEXT = 1, SEGMENT_LAST = 2, SEGMENT_FIELD = 16 };

struct blockfile_key;
struct segment;

/*
 * ERR_ABSENT: no such file.  ERR_VERSION: of a newer format.  ERR_INDEX:
 * not a segment, truncated, or its header is damaged.  A sealed one is opened
 * block by block, as its pages are touched.
 */
int	segment_open(struct segment **, const char *path,
	    const struct blockfile_key *, struct err *);
void	segment_close(struct segment *);	/* takes NULL */

/* Every checksum, and every number against every other: what is not found
 * damaged here never makes a call below fail.  ERR_INDEX says where. */
int	segment_verify(struct segment *, struct err *);

uint32_t segment_docs(const struct segment *);
uint32_t segment_columns(const struct segment *);
uint64_t segment_terms(const struct segment *);
/* Sum of the lengths as they are kept (score_length of each byte). */
uint64_t segment_length(const struct segment *);
uint64_t segment_bytes(const struct segment *);	/* of the file */

/*
 * All calls below: -1 with ERR_INDEX when they meet a damaged page; none
 * reads beyond the file, whatever is in it.
 */

/* doc's key, in place of what is in the buffer. */
int	segment_key(struct segment *, uint32_t doc, struct buf *,
	    struct err *);
/* The first document whose key is not less (docs: none such).  1 it has
 * this very key, 0 not. */
int	segment_find_key(struct segment *, const void *, size_t,
	    uint32_t *doc, struct err *);
int	segment_value(struct segment *, unsigned column, uint32_t doc,
	    int64_t *, struct err *);
/* Of the BITS_BLOCK documents from block * BITS_BLOCK on, or how many there
 * are: their number, -1. */
int	segment_values(struct segment *, unsigned column, uint32_t block,
	    int64_t v[BITS_BLOCK], struct err *);
/* Is no document's value less than that of the one before? */
bool	segment_ascending(const struct segment *, unsigned column);
/* Of every document, borrowed; checked as a whole. */
int	segment_lengths(struct segment *, const uint8_t **, struct err *);
int	segment_length_of(struct segment *, uint32_t doc, uint8_t *,
	    struct err *);

/* ---- terms ---- */

struct segment_term {
	uint32_t docs;		/* df, deleted ones too */
	uint32_t number;	/* in the order of terms */
	unsigned forms;		/* 1 when all occurrences are alike */
	/* own affairs: */
	unsigned field;
	uint32_t codes;		/* forms that are kept, maybe more */
	uint32_t doc, tf;	/* of the only document, when there is one */
	uint64_t blocks;	/* number of its first */
	uint64_t postings, positions, forms_at;		/* in the file */
	uint64_t postings_size, positions_size, forms_size;
};

/* field, text without it.  1 found, 0 not. */
int	segment_term(struct segment *, unsigned field, const char *, size_t,
	    struct segment_term *, struct err *);

/*
 * Terms of a field that begin so, in order; also all of it ("").
 * next: 1 a term, 0 no more.
 */
struct segment_walk {
	struct segment *s;
	unsigned field;
	char text[SEGMENT_TERM];	/* of the term now, without its field */
	size_t len;
	struct segment_term term;
	/* own affairs: */
	char prefix[SEGMENT_TERM];
	size_t prefix_len;
	unsigned wanted;		/* field */
	const uint8_t *p, *end;
	uint64_t next;			/* number of the next term */
	uint64_t data, blocks;		/* where its own begin */
};
int	segment_walk(struct segment *, unsigned field, const char *prefix,
	    size_t, struct segment_walk *, struct err *);
int	segment_walk_next(struct segment_walk *, struct err *);
/* To the first of the rest that is not before this text: 1 it is there, 0
 * no more. */
int	segment_walk_to(struct segment_walk *, const char *, size_t,
	    struct err *);

/*
 * A form of a term: a word that was stemmed to it, as a leaf or as a whole
 * (TOKEN_WHOLE; these are stemmed, too, so that one term may have several of
 * both).  The word replaces what is in the buffer.
 */
int	segment_form(struct segment *, const struct segment_term *,
	    const char *term, size_t, unsigned form, struct buf *,
	    bool *whole, struct err *);

/*
 * Words that begin so and were stemmed to a term that does not begin so
 * ("happy" to "happi"): fn gets the term's text and the term, more than once
 * when several forms do.  Words whose term is a beginning of `prefix` are
 * found by looking for its beginnings.
 */
int	segment_words(struct segment *, const char *prefix, size_t,
	    int (*fn)(void *, const char *term, size_t,
	    const struct segment_term *, struct err *), void *, struct err *);

/* ---- postings ---- */

/*
 * The postings of a term, block by block.  A term of fewer than BITS_BLOCK
 * documents has one block, whose bounds are computed from its postings.
 */
struct segment_list {
	struct segment *s;
	struct segment_term t;
	uint32_t blocks;	/* at least 1 */
	/* of the block loaded */
	uint32_t block;		/* UINT32_MAX: none */
	uint32_t n;
	uint32_t doc[BITS_BLOCK];	/* ascending, less than the
					   segment has (checked) */
	uint32_t tf[BITS_BLOCK];	/* of segment_list_tf */
	bool tf_loaded;
	/* own affairs: */
	const uint8_t *entry;	/* of its blocks, once they are checked */
	const uint8_t *packed;	/* of a full block: frequencies */
	const uint8_t *wide, *end;	/* and the upper bits of some */
	unsigned tf_width, wide_n;
	uint64_t at, size;	/* its positions, in the file */
	struct segment_places *places;	/* own; NULL until asked for */
};

void	segment_list(struct segment *, const struct segment_term *,
	    struct segment_list *);
/* The last document of a block; loads only what has no block of its own. */
int	segment_list_last(struct segment_list *, uint32_t block, uint32_t *doc,
	    struct err *);
/* The first block from `from` on whose last document is not before doc;
 * ->blocks: none. */
int	segment_list_seek(struct segment_list *, uint32_t from, uint32_t doc,
	    uint32_t *block, struct err *);
int	segment_list_load(struct segment_list *, uint32_t block, struct err *);
int	segment_list_tf(struct segment_list *, struct err *);

/* Pairs that bound a block (or, block == UINT32_MAX, the whole term): every
 * document in it has for one of them tf <= tf and length >= length.  Returns
 * their number, at least 1. */
struct segment_pair {
	uint32_t tf;
	uint8_t length;		/* packed */
};
int	segment_bound(struct segment_list *, uint32_t block,
	    struct segment_pair pair[SEGMENT_PAIRS], struct err *);

/*
 * Positions of the i-th document of the loaded block, tf of them ascending
 * (equal ones stand for words that count more than once), and the form of
 * each; none in a field without positions.  Borrowed until the next call.
 * Costs as much as all from the document asked for before in the block, or
 * from its first.
 */
int	segment_positions(struct segment_list *, uint32_t i,
	    const uint32_t **pos, const uint8_t **form, uint32_t *n,
	    struct err *);
void	segment_list_release(struct segment_list *);

#endif
