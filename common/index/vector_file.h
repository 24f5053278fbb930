/*
 * Inside of a file of vectors, for the modules that read and write it.
 */
#ifndef INDEX_VECTOR_FILE_H
#define INDEX_VECTOR_FILE_H

#include "index/blockfile.h"
#include "index/vector.h"

#define VECTOR_MAGIC "MKVECTR\n"
#define VECTOR_VERSION 1
#define VECTOR_HEAD 512
#define VECTOR_BLOCK 512	/* rows */
#define VECTOR_ENTRY 16		/* bytes of a block's lists' entry */
#define VECTOR_DFS 1024		/* frequencies of a checksum */
#define VECTOR_ROW 8		/* bytes before a row's components */

/* Where everything is: follows from rows, dimension and pieces. */
struct vector_layout {
	uint32_t rows, blocks, wide, pieces, df_pages;
	size_t bits_len, row_len;	/* of a row */
	uint64_t sums, present, lists_table, df_sums;
	uint64_t bits, row, df, lists;
};

void	vector_layout(struct vector_layout *, uint32_t rows, uint32_t dim,
	    uint32_t pieces);
uint32_t vector_block_rows(const struct vector_layout *, uint32_t block);

/* Frequencies, of the file or of one beside it. */
struct vector_counts {
	struct blockfile *file;	/* of vectors: borrowed, else own */
	uint64_t at;		/* of the first */
	uint32_t held;
	uint32_t *sums;		/* own */
	uint32_t page;		/* that is loaded; UINT32_MAX: none */
	uint8_t bytes[4 * VECTOR_DFS];
};

struct vector {
	char *path;			/* own */
	struct blockfile *file;		/* own */
	struct vector_model model;
	struct vector_layout at;
	uint64_t len;
	uint32_t held;
	uint32_t table_sum[4];		/* sums, present, lists, df sums */
	uint32_t *sums;			/* own; NULL: not loaded */
	uint64_t *present;		/* own; NULL: not loaded */
	uint8_t *lists;			/* own; the table; NULL: not loaded */
	struct vector_counts own, other;
	bool other_used;
};

int	vector_damaged(const struct vector *, const char *what, struct err *);
/* All of these bytes.  ERR_INDEX: the file ends before. */
int	vector_read(const struct vector *, uint64_t at, void *, size_t,
	    struct err *);
int	vector_read_of(const struct vector *, struct blockfile *, uint64_t at,
	    void *, size_t, struct err *);
/* Tables; of the lists, too. */
int	vector_load(struct vector *, struct err *);
int	vector_load_lists(struct vector *, struct err *);
bool	vector_has(const struct vector *, uint32_t row);	/* loaded */

/* Bits of a block that was read. */
int	vector_check_bits(const struct vector *, uint32_t block,
	    const uint8_t *, struct err *);
/* A row that was read: checked, its scale. */
int	vector_check_row(const struct vector *, uint32_t row, const uint8_t *,
	    float *scale, struct err *);
uint32_t vector_row_sum(uint32_t row, const uint8_t *, size_t row_len);

/* A block's lists, in place of what is in the buffer; list[i] is where that
 * of the i-th row begins, list[n] where the last one ends. */
struct buf;
int	vector_read_lists(struct vector *, uint32_t block, struct buf *,
	    uint32_t list[VECTOR_BLOCK + 1], struct err *);
/* add: 1 or -1 to the frequency of each piece of a list that is whole. */
void	vector_count(uint32_t *df, const uint8_t *, const uint8_t *end,
	    uint32_t add);

/* Writing a counted array of frequencies with its checksums. */
void	vector_df_image(const uint32_t *df, uint32_t pieces, uint8_t *bytes,
	    uint8_t *sums);

#endif
