/*
 * A segment byte by byte, and open.  Private to segment*.c.
 *
 *	header		SEG_HEADER bytes
 *	sections	one right after the other, in the order of enum section
 *	SEG_PAD zeros	so that 8 bytes can be read anywhere
 *	checks		for each page of SEG_PAGE bytes up to here a u32: its
 *			CRC-32C, with the page's number as what was before
 *
 * Header: "memkseg1"; u32 version, CRC-32C of the header (this one being 0),
 * bytes of the header, documents, columns, ascending columns as bits; u64
 * terms, words, sum of the lengths, bytes of the file; for each section u64
 * where it ends.
 *
 * Integers are little endian, "vint" is of base/vint.h.
 *
 * data: of each term, in their order, its postings, then its forms, then its
 * positions.  Postings are in blocks of 128 documents; a gap is document - the
 * one before - 1, before the first being -1.  Each block of a term with 128
 * documents or more begins with a u32, from the lowest bit on:
 *
 *	5 bits	width of the gaps
 *	5	width of the frequencies
 *	7	gaps that are wider
 *	7	frequencies that are wider
 *	3	bytes of a number that follows: where its positions begin,
 *		after the first
 *
 * A full block goes on with the lower bits of the gaps, packed; those of the
 * frequencies - 1, packed; for each that is wider vint how far it is from the
 * one before (the first from 0) << 2 | its upper bits - 1, but 3 if these are
 * more: then vint upper bits - 4: the gaps, the frequencies.  In fields
 * without frequencies these are 1, in width 0.
 *
 * A block that is not full: u8 k, then for each document its gap as a Rice
 * code (segment_rice.h), but the first of the term as one of so many as there
 * are documents, and its frequency - 1 as one of k = 0.  In fields without
 * frequencies gaps alone.  A term with one document has nothing here,
 * see terms.
 *
 * Positions of a block: if there is more than one form, u8 k, and unless that
 * is SEG_FORM_EACH vint the usual form and as a Rice code with k how many
 * positions have it until one does not.  Then of each document, as many as its
 * frequency, the first position and the gaps from one to the next: numbers
 * that are less than what the document's length leaves (seg_room), so that
 * the last is one of a range, and one before which others come is a Rice code
 * for as many in that range (segment_rice.h); and after these the form of
 * each: with SEG_FORM_EACH in as many bits as the greatest needs; otherwise
 * for those that are not usual, in as many bits as the greatest of the others
 * needs, and after each how many are until the next.  Equal positions are in
 * the order of their forms.
 *
 * Forms, ascending by text and then leaf before whole: vint bytes that the
 * word lacks of the term's end; vint length << 1 | whole of what it has
 * instead; that.
 *
 * blocks: of each term with 128 documents or more an entry for each block,
 * and one for all.  u32 last document; u32 where the block begins in the
 * term's postings, for all: where they end; three pairs of u8 frequency,
 * rounded up (seg_tf), and u8 length.  Pairs that are not used are 0.
 *
 * terms: in groups of 16.  A group begins with vint where the data begins and
 * vint number of the first block's entry.  A term:
 *
 *	u8 shared << 4 | rest: bytes like those of the term before, bytes of
 *	its own; 15: and a vint more of each.  Those bytes.
 *	vint documents << 1 | whether there are forms but the term itself as
 *	a leaf
 *	if so: vint number of forms
 *	one document: if there are forms, these; then vint document << 1 |
 *	(tf > 1) (no frequencies: vint document); if tf is 1 vint position,
 *	else vint tf, vint bytes of positions, those
 *	more: if there are forms vint bytes of these; vint bytes of postings;
 *	in a field with positions vint bytes of those
 *
 * term index: for each group the first 8 bytes of its first key (zeros after
 * its end), u64 where it begins in terms.
 *
 * words: ascending, in groups of 16: front coded as terms are, vint number of
 * the term.  word index: as term index.
 *
 * keys: in groups of 16, front coded.  key index: u64 where it begins.
 *
 * lengths: u8.
 *
 * columns: for each column, for each 128 documents: values less slope * the
 * document's place and then less the least, packed; of a block that is not
 * full only the rows it has; what is over 32 bits wide is low 32 bits, then
 * the rest.  column index, in the same order: i64 least value, u56 where it
 * begins in columns, u8 width, i64 slope.
 */
#ifndef INDEX_SEGMENT_FORMAT_H
#define INDEX_SEGMENT_FORMAT_H

#include "base/vint.h"
#include "index/segment.h"

#define SEG_MAGIC "memkseg1"
#define SEG_VERSION 2
#define SEG_PAGE 4096
#define SEG_PAD 8
#define SEG_GROUP 16
#define SEG_ENTRY 16		/* bytes of one in term index ... */
#define SEG_COLUMN 24		/* in column index */
#define SEG_BLOCK (8 + 2 * SEGMENT_PAIRS)	/* and in blocks */
#define SEG_BLOCK_HEAD 4
#define SEG_OFFSET 5		/* most bytes of the number after it */
#define SEG_FORM_EACH 255
#define SEG_POSITION INT32_MAX	/* greatest; what is beyond stands there */

enum section {
	SEG_DATA, SEG_BLOCKS, SEG_TERMS, SEG_TERM_INDEX, SEG_WORDS,
	SEG_WORD_INDEX, SEG_KEYS, SEG_KEY_INDEX, SEG_LENGTHS,
	SEG_COLUMNS, SEG_COLUMN_INDEX, SEG_SECTIONS
};

/* Where things stand in the header. */
enum {
	SEG_AT_VERSION = 8, SEG_AT_CHECK = 12, SEG_AT_HEADER = 16,
	SEG_AT_DOCS = 20, SEG_AT_COLUMNS = 24, SEG_AT_ASCENDING = 28,
	SEG_AT_TERMS = 32, SEG_AT_WORDS = 40, SEG_AT_LENGTH = 48,
	SEG_AT_SIZE = 56, SEG_AT_ENDS = 64,
	SEG_HEADER = SEG_AT_ENDS + 8 * SEG_SECTIONS
};

struct segment {
	const uint8_t *map;		/* own; of the file, or anonymous */
	struct blockfile *file;		/* own; a sealed one, or NULL */
	uint64_t size;			/* plain */
	uint64_t end;			/* of the pages */
	uint64_t *checked;		/* own; a bit for each page */
	bool lengths_checked;		/* all of them */
	char *path;			/* own */
	uint32_t docs, columns, ascending;
	uint64_t terms, words, length;
	uint64_t start[SEG_SECTIONS + 1];
};

/* --- numbers ----------------------------------------------------------- */

static inline uint32_t
get32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

static inline uint64_t
get64(const uint8_t *p)
{
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
	    (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 |
	    (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
	    (uint64_t)p[7] << 56;
}

/* Numbers in the order of their bytes as memcmp has it. */
static inline uint64_t
get64_text(const uint8_t *p)
{
	return (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 |
	    (uint64_t)p[2] << 40 | (uint64_t)p[3] << 32 |
	    (uint64_t)p[4] << 24 | (uint64_t)p[5] << 16 |
	    (uint64_t)p[6] << 8 | (uint64_t)p[7];
}

static inline void
put32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
	p[2] = (uint8_t)(v >> 16);
	p[3] = (uint8_t)(v >> 24);
}

static inline void
put64(uint8_t *p, uint64_t v)
{
	put32(p, (uint32_t)v);
	put32(p + 4, (uint32_t)(v >> 32));
}

/* width bits from bit `at` on; width at most 32.  Reads 8 bytes. */
static inline uint32_t
seg_bits(const uint8_t *p, uint64_t at, unsigned width)
{
	uint64_t v = get64(p + at / 8) >> (at % 8);

	return (uint32_t)(v & ((UINT64_C(1) << width) - 1));
}

/* Bytes of n values of a width, cut after the last row of four. */
static inline uint64_t
seg_rows(uint32_t n, unsigned width)
{
	return 16 * (((n + 3) / 4 * (uint64_t)width + 31) / 32);
}

static inline uint64_t
seg_groups(uint64_t n)
{
	return n / SEG_GROUP + (n % SEG_GROUP != 0);
}

static inline uint32_t
seg_blocks(uint32_t n)
{
	return n / BITS_BLOCK + (n % BITS_BLOCK != 0);
}

/* A greatest frequency in one byte: exact below 128, then with four
 * significant bits, rounded up. */
uint8_t	seg_tf_pack(uint32_t);

static inline uint32_t
seg_tf(uint8_t packed)
{
	if (packed < 128)
		return packed;
	return (8 + (packed & UINT32_C(7))) << (packed / 8 - 12);
}

/* Does the field have frequencies and positions? */
static inline bool
seg_positional(unsigned field)
{
	return field < SEGMENT_FIELD;
}

/* Bits for one of so many. */
static inline unsigned
seg_one_of(uint32_t n)
{
	return bits_width(n > 0 ? n - 1 : 0);
}

/* Positions in a document of this length, packed, are usually less: its
 * texts have gaps between them. */
uint32_t seg_room(uint8_t length);

/* memcmp, then the shorter one first. */
int	seg_compare(const void *, size_t, const void *, size_t);

/* --- pages ------------------------------------------------------------- */

int	seg_damaged(const struct segment *, const char *what, struct err *);
int	seg_check(struct segment *, uint64_t at, uint64_t n, struct err *);

/* Bytes [at, at + n) of the file are there and as they were written. */
static inline int
seg_need(struct segment *s, uint64_t at, uint64_t n, struct err *e)
{
	uint64_t page = at / SEG_PAGE;

	if (at < s->end && n <= SEG_PAGE - at % SEG_PAGE &&
	    (s->checked[page / 64] >> (page % 64) & 1) && n <= s->end - at)
		return 0;
	return seg_check(s, at, n, e);
}

/* The same for a part of a section; NULL: no.  n may be 0. */
static inline const uint8_t *
seg_part(struct segment *s, enum section k, uint64_t at, uint64_t n,
    struct err *e)
{
	uint64_t size = s->start[k + 1] - s->start[k];

	if (at > size || n > size - at) {
		seg_damaged(s, "an offset", e);
		return NULL;
	}
	if (n > 0 && seg_need(s, s->start[k] + at, n, e) < 0)
		return NULL;
	return s->map + s->start[k] + at;
}

/*
 * A group of terms, words or keys as its index says, the section after it:
 * entries of `size` bytes whose last 8 are where it begins.
 */
const uint8_t *seg_group(struct segment *, enum section, unsigned size,
	    uint64_t groups, uint64_t group, const uint8_t **end,
	    struct err *);

/* --- strings ----------------------------------------------------------- */

/* Front coding: what comes next, in place of `text` of *len bytes.  Returns
 * where it ends, NULL: it is damaged or longer than max. */
const uint8_t *seg_string(const uint8_t *, const uint8_t *end, char *text,
	    size_t *len, size_t max);

/* Keys or words in order. */
struct seg_strings {
	struct segment *s;
	enum section section;
	uint64_t next, n;
	const uint8_t *p, *end;
	char text[SEGMENT_KEY];		/* of the one found */
	size_t len;
	uint64_t number;		/* of a word: its term */
};
void	seg_strings(struct seg_strings *, struct segment *, enum section);
/* Go on with the first of a group. */
int	seg_strings_group(struct seg_strings *, uint64_t group, struct err *);
int	seg_strings_next(struct seg_strings *, struct err *); /* 1, 0, -1 */
/* To the group where it would be. */
int	seg_strings_seek(struct seg_strings *, const void *, size_t,
	    struct err *);

/* --- terms ------------------------------------------------------------- */

/* All terms from a group on: ->term.field and ->text. */
int	seg_terms(struct segment_walk *, struct segment *, uint64_t group,
	    struct err *);
int	seg_terms_next(struct segment_walk *, struct err *);

/* The next form at *p; the word replaces what is there. */
struct seg_form {
	char text[SEGMENT_TERM];
	size_t len;
	bool whole;
};
const uint8_t *seg_form(const uint8_t *, const uint8_t *end, const char *term,
	    size_t, struct seg_form *);
/* Where the forms begin; for a term that has some. */
const uint8_t *seg_forms(struct segment *, const struct segment_term *,
	    struct err *);
int	seg_form_compare(const struct seg_form *, const struct seg_form *);

/* --- positions --------------------------------------------------------- */

/* Of the block loaded: one document after the other. */
struct segment_places {
	uint32_t block;			/* which it is for */
	uint32_t next;			/* document to be read */
	const uint8_t *bits;
	uint64_t at, end;		/* in bits */
	uint64_t head;			/* bytes before the bits */
	unsigned run_k, form_width;	/* of the forms; SEG_FORM_EACH */
	uint32_t usual, run;
	uint32_t *pos;			/* own */
	uint32_t *code;			/* own; of the forms */
	uint8_t *form;			/* own */
	size_t cap;
};
/* As segment_positions, with the forms as they are kept. */
int	seg_places(struct segment_list *, uint32_t i, const uint32_t **pos,
	    const uint32_t **code, uint32_t *n, struct err *);

/* --- bounds ------------------------------------------------------------ */

/*
 * Pairs none of which covers another, by rising frequency (and length), at
 * most SEGMENT_PAIRS: of more, those are joined that lose the least.
 */
struct seg_front {
	unsigned n;
	struct segment_pair pair[2 * SEGMENT_PAIRS];
};
void	seg_front_docs(struct seg_front *, const uint32_t *tf,
	    const uint32_t *doc, uint32_t n, const uint8_t *lengths);
void	seg_front_add(struct seg_front *, const struct seg_front *);

#endif
