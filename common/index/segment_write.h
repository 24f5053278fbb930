/*
 * Writing a segment: documents in the order of their keys, then terms in the
 * order of theirs.  Private to segment*.c.
 */
#ifndef INDEX_SEGMENT_WRITE_H
#define INDEX_SEGMENT_WRITE_H

#include "index/segment_format.h"

/* A term's postings, in the order of the documents. */
struct seg_postings {
	uint32_t *doc, *tf;	/* own */
	size_t n, cap;
	uint32_t *pos;		/* own; tf of each, one after the other */
	uint8_t *form;		/* own; as many */
	size_t npos, pos_cap;
};
void	seg_postings_release(struct seg_postings *);
void	seg_postings_reset(struct seg_postings *);
void	seg_postings_doc(struct seg_postings *, uint32_t doc, uint32_t tf);
void	seg_postings_pos(struct seg_postings *, uint32_t pos, uint8_t form);
/* Into the order of the documents, if they are not. */
void	seg_postings_sort(struct seg_postings *);

struct seg_form {
	char text[SEGMENT_TERM];
	size_t len;
	bool whole;
};

struct seg_out {		/* a file, written from its front to its end */
	int fd;
	char *name;		/* own */
	uint8_t *room;		/* own */
	size_t n;
	uint64_t at;		/* of room[0] */
	struct buf *checks;	/* borrowed; a u32 for each page, or NULL */
};

int	seg_out_open(struct seg_out *, const char *path, const char *suffix,
	    struct buf *checks, struct err *);
void	seg_out_close(struct seg_out *);
int	seg_out_add(struct seg_out *, const void *, size_t, struct err *);
int	seg_out_flush(struct seg_out *, struct err *);
uint64_t seg_out_at(const struct seg_out *);
int	seg_out_copy(struct seg_out *, struct seg_out *from, struct err *);

struct seg_column {
	struct buf ix;
	int64_t pending[BITS_BLOCK], last;
	bool any, descends;
};

struct seg_writer {
	char *path;			/* own */
	struct seg_out out, positions;
	struct buf packed, checks, keys, keyix, lengths, columns, terms, termix,
	    words, wordix, blocks, last_key, last_word;
	struct seg_column column[SEGMENT_COLUMNS];
	unsigned ncolumns;
	uint32_t docs;
	uint64_t nterms, nwords, length;
	struct seg_section sec[SEC_N];
	uint8_t last_term[SEGMENT_TERM];
	size_t last_len;
	struct seg_word {		/* of forms unlike their terms */
		char *text;		/* own */
		size_t len;
		uint64_t number;
	} *word;			/* own */
	size_t word_n, word_cap;
};

int	seg_writer_open(struct seg_writer *, const char *path,
	    unsigned columns, struct err *);
void	seg_writer_doc(struct seg_writer *, const void *key, size_t,
	    uint8_t length, const int64_t *column);
/* forms: 0 for a term that is only itself, as a leaf; else all of them, in
 * the order of (text, whole). */
int	seg_writer_term(struct seg_writer *, const void *key, size_t,
	    const struct seg_form *, unsigned forms,
	    const struct seg_postings *, struct err *);
/* Whole and on the disk, or (also after another's failure: r < 0) gone. */
int	seg_writer_close(struct seg_writer *, int r, struct err *);

/* memcmp order of (text, whole). */
int	seg_form_cmp(const void *, const void *);

#endif
