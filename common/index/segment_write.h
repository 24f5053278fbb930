/*
 * What makers and merges share: terms with their postings go in, ascending;
 * a segment comes out.  Holds one term's positions, packed, in memory, and
 * the words that do not begin with their term.  Private to segment_*.c.
 */
#ifndef INDEX_SEGMENT_WRITE_H
#define INDEX_SEGMENT_WRITE_H

#include "index/segment_out.h"

struct seg_word {
	size_t at, len;			/* in words_text */
	uint32_t number;
};

struct seg_writer {
	char *path;			/* own */
	struct seg_out out;
	struct seg_stream blocks, terms, index;
	uint32_t docs;
	unsigned columns;
	const uint8_t *lengths;		/* borrowed */
	uint64_t terms_n, blocks_n;
	uint64_t end[SEG_SECTIONS];
	uint32_t ascending;
	/* words */
	struct buf words_text;
	struct seg_word *word;		/* own */
	size_t words, words_cap;
	/* the term now */
	char key[SEGMENT_TERM], last[SEGMENT_TERM];
	size_t len, last_len;
	const struct seg_form *form;	/* borrowed */
	uint32_t forms;
	uint32_t df, before;		/* the last document */
	uint64_t begin, first_block;	/* of its postings and entries */
	struct buf positions;		/* packed, of blocks that are full */
	struct seg_front front;
	/* its block now */
	uint32_t doc[BITS_BLOCK], tf[BITS_BLOCK], n;
	uint32_t *pos, *code;		/* own */
	size_t places, places_cap;
	uint32_t *run;			/* own; of a usual form */
	size_t run_cap;
	struct buf entry;
};

/* The key, and lengths, of all documents, outlive the writer.  After a
 * failure of any of these only seg_writer_release is of use. */
int	seg_writer_open(struct seg_writer *, const char *path,
	    const struct blockfile_key *, uint32_t docs, unsigned columns,
	    const uint8_t *lengths, struct err *);
void	seg_writer_release(struct seg_writer *);

/* The next term; forms are ascending, outlive the term, and none but it
 * itself as a leaf are given as 0. */
void	seg_writer_term(struct seg_writer *, const char *key, size_t,
	    const struct seg_form *, uint32_t forms);
/* The next document that has it; code: of each position, or NULL. */
int	seg_writer_posting(struct seg_writer *, uint32_t doc, uint32_t tf,
	    const uint32_t *pos, const uint32_t *code, struct err *);
/* A term without documents is not there. */
int	seg_writer_term_end(struct seg_writer *, struct err *);

/* Asked for all documents in order: keys, then each column. */
struct seg_docs {
	void *arg;
	int (*key)(void *, uint32_t doc, const char **, size_t *,
	    struct err *);
	int (*value)(void *, unsigned column, uint32_t doc, int64_t *,
	    struct err *);
};
int	seg_writer_done(struct seg_writer *, const struct seg_docs *,
	    struct err *);

/* Parts of it; the positions of the block now. */
void	seg_put_places(struct seg_writer *, struct buf *);
void	seg_put_string(struct buf *, const char *before, size_t,
	    const char *, size_t);

#endif
