/*
 * How a segment lies on disk, and how it lies in memory when it is open.
 * Private to segment*.c.
 *
 *	page 0		header, the rest zeros
 *	page 1 ...	sections, each at a multiple of 16
 *	then		a CRC-32C for each page from 1 on; its own is in the
 *			header
 *
 * header:	"memkseg1", then u32 version, documents, columns, ascending
 *		(a bit for each column), check sum of the checks, 0; u64 terms,
 *		irregular words, length, file size; for each section u64 offset
 *		and size; u32 CRC-32C of all that.
 * keys:	in blocks of 16: vint shared, vint own, bytes; keyix: u32 offset
 *		of each block.
 * columns:	for each column its blocks of 128 documents, packed (width up
 *		to 32 bits) or as u64 (width 64), differences to the least;
 *		colix: for each block i64 least, u64 offset << 8 | width.
 * terms:	in blocks of 16, each begins with vints: where its postings,
 *		positions and block entries begin.  A term: u8 shared, u8 own,
 *		bytes (field, text); vint documents; vint bytes of postings;
 *		where the field has positions, vint bytes of positions and
 *		forms; from 128 documents on 3 pairs that bound it.
 *		forms: vint n, 0 for the term itself as a leaf alone; of each
 *		u8 whole, u8 shared with the term, u8 own, bytes.
 *		termix: u32 offset of each block.
 * words:	as keys, and after each word vint number of the term.
 * blocks:	20 bytes for each block of 128 of a term with as many: u32 last
 *		document, postings and positions from the term's own, u8 width
 *		of the deltas, u8 of the frequencies, 3 pairs.
 * postings:	a full block packed: deltas, then frequencies less 1.  Fewer:
 *		vints delta << 1 | (frequency > 1), frequency.  Fields without
 *		frequencies have deltas alone.
 * positions:	for each document as many as its frequency, delta << w | form,
 *		where w bits hold any form of the term: as vints where the term
 *		has fewer than 8 documents, else for each block u8 k and Rice
 *		codes.
 *
 * A pair is u8 frequency, 255 standing for any, and u8 length.  The first
 * delta of a block is from the last document before it, the very first from
 * 0; other ones are at least 1.
 */
#ifndef INDEX_SEGMENT_FORMAT_H
#define INDEX_SEGMENT_FORMAT_H

#include "index/segment.h"

#define SEG_MAGIC "memkseg1"
#define SEG_VERSION 1
#define SEG_PAGE 4096
#define SEG_GROUP 16		/* keys, terms or words of a block */
#define SEG_ENTRY 20		/* bytes of a block's entry */
#define SEG_KEPT 3		/* pairs kept */
#define SEG_ANY_TF 255
#define SEG_VINTS 8		/* documents from which on codes are shorter */

enum { SEC_KEYS, SEC_KEYIX, SEC_LENGTHS, SEC_COLUMNS, SEC_COLIX, SEC_TERMS,
    SEC_TERMIX, SEC_WORDS, SEC_WORDIX, SEC_BLOCKS, SEC_POSTINGS,
    SEC_POSITIONS, SEC_CHECKS, SEC_N };

#define SEG_HEADER (8 + 6 * 4 + 4 * 8 + SEC_N * 16 + 4)

struct seg_section {
	uint64_t at, size;
};

struct segment {
	const uint8_t *map;
	uint64_t size;
	char *path;			/* own */
	uint32_t docs, columns, ascending;
	uint64_t terms, words, length;
	struct seg_section sec[SEC_N];
	uint64_t *checked;		/* own; a bit for each page */
	struct buf key;			/* of searches for keys */
};

static inline bool
seg_has_positions(unsigned field)
{
	return field < SEGMENT_FIELD;
}

static inline uint32_t
get32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

static inline uint64_t
get64(const uint8_t *p)
{
	return get32(p) | (uint64_t)get32(p + 4) << 32;
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

/* Pages not looked at yet; -1 ERR_CORRUPT. */
int	seg_check(struct segment *, uint64_t at, uint64_t n, struct err *);
int	seg_damaged(const struct segment *, const char *what, struct err *);

/* Bytes [at, at + n) of the file may be read. */
static inline int
seg_need(struct segment *s, uint64_t at, uint64_t n, struct err *e)
{
	uint64_t page = at / SEG_PAGE;

	if (n > 0 && page == (at + n - 1) / SEG_PAGE &&
	    (s->checked[page / 64] >> (page % 64) & 1))
		return 0;
	return seg_check(s, at, n, e);
}

/* Bytes of a section; NULL: they are not in it, or damaged. */
const uint8_t *seg_bytes(struct segment *, int section, uint64_t at,
	    uint64_t n, struct err *);

/* The whole of a group of keys, terms or words, as the index of the section
 * says; *end is where it ends. */
const uint8_t *seg_group(struct segment *, int section, uint64_t group,
	    const uint8_t **end, struct err *);

/*
 * Terms in order of their keys (field and text), from a group on; ->prefix
 * is not looked at.  1 a term, 0 no more.
 */
int	seg_terms_start(struct segment_walk *, struct segment *,
	    uint64_t group, struct err *);
int	seg_terms_next(struct segment_walk *, struct err *);
/* Go to the group in which a key would be. */
int	seg_terms_seek(struct segment_walk *, struct segment *, const void *,
	    size_t, struct err *);

/* Keys or words in order: shared prefix, then bytes; 1, 0, -1. */
struct seg_strings {
	struct segment *s;
	int section;
	uint64_t next, all;
	const uint8_t *p, *end;
	struct buf text;	/* own; of the one found */
	uint64_t number;	/* of a word: its term */
};
void	seg_strings_init(struct seg_strings *, struct segment *, int section);
void	seg_strings_release(struct seg_strings *);
int	seg_strings_group(struct seg_strings *, uint64_t group, struct err *);
int	seg_strings_next(struct seg_strings *, struct err *);
/* The last group whose first string is not greater; 0 if there is none. */
int	seg_strings_seek(struct seg_strings *, const void *, size_t,
	    struct err *);

/* memcmp, then the shorter first. */
int	seg_compare(const void *, size_t, const void *, size_t);

/* A bound more: pairs are those no other one covers, SEGMENT_PAIRS or, of
 * more, looser ones. */
unsigned seg_pair_add(struct segment_pair *, unsigned n, unsigned max,
	    uint32_t tf, uint8_t length);

/* Bits that hold a form of the term. */
static inline unsigned
seg_form_bits(unsigned forms)
{
	return forms > 1 ? bits_width(forms - 1) : 0;
}

#endif
