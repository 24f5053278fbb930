/*
 * Vectors of a segment's documents: an immutable file of rows, row number =
 * document number.  All numbers are little endian; wide is the dimension up
 * to the next multiple of 64, what is beyond the dimension is zero.
 *
 *	0	"MKVECTR\n", u32 version (1), u32 rows, u32 dimension,
 *		u32 pieces of the model's vocabulary (0: without lists and
 *		frequencies), u32 rows that have a vector, u32 0
 *	32	the model's name (64, NUL-filled), its SHA-256 (32)
 *	128	u64 bytes of the file, u32 CRC-32C of the tables: bit sums,
 *		present, lists, frequency sums
 *	508	u32 CRC-32C of the header so far
 *	tables	u32 CRC-32C of each block of 512 rows' bits;
 *		u64[rows / 64 and up] which rows have a vector;
 *		of each block: u64 where its lists are, u32 bytes, u32 CRC-32C;
 *		u32 CRC-32C of each 1024 frequencies
 *	bits	of each row: a bit for each component, set when it is > 0
 *	rows	u32 CRC-32C of the rest, begun with the row's number; f32
 *		scale; i8[wide].  Component i is scale * i8[i]
 *	frequencies	u32 of each piece: rows that have it
 *	lists	of each row: its pieces, as vints: how many, then each less
 *		the one before
 *
 * Each table and section begins at a multiple of 64.  All that is read is
 * checked first.  The lists are there so that a document that goes takes
 * exactly its share of the frequencies with it.
 */
#ifndef INDEX_VECTOR_H
#define INDEX_VECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

#define VECTOR_DIM 4096		/* greatest dimension */
#define VECTOR_NAME 64		/* with its NUL */
#define VECTOR_PIECES 65536	/* most pieces of a vocabulary */
#define VECTOR_ROWS (UINT32_C(1) << 30)

/* Who made a vector.  Vectors of two models never meet. */
struct vector_model {
	char name[VECTOR_NAME];		/* NUL-filled */
	uint32_t dim;
	uint32_t pieces;		/* 0: not known by pieces */
	uint8_t hash[HASH_LEN];
};

bool	vector_model_same(const struct vector_model *,
	    const struct vector_model *);

struct blockfile_key;
struct vector;

/* ERR_ABSENT: no such file.  ERR_VERSION: of a newer format.  ERR_INDEX:
 * not such a file, cut off, or its header is damaged. */
int	vector_open(struct vector **, const char *path,
	    const struct blockfile_key *, struct err *);
void	vector_close(struct vector *);		/* takes NULL */

/* Everything there is, against its checksums and against itself. */
int	vector_verify(struct vector *, struct err *);

uint32_t vector_rows(const struct vector *);
uint64_t vector_bytes(const struct vector *);	/* of the file */
/* Has the row a vector?  1, 0, -1. */
int	vector_present(struct vector *, uint32_t row, struct err *);
const struct vector_model *vector_model(const struct vector *);

/* --- frequencies of pieces --------------------------------------------- */

/*
 * The file's own are those of all its rows.  Of those that are not dead
 * (a bit is set for one that is; NULL: none) vector_df_write makes a file
 * beside, which vector_df_use puts in the place of the file's own.  What it
 * writes follows from the vectors and the bits alone.  It is sealed if the
 * vectors are.
 */
int	vector_df_write(struct vector *, const uint64_t *dead,
	    const char *path, struct err *);
int	vector_df_use(struct vector *, const char *path, struct err *);

/* Counts, into what is there: of the rows whose bit is set, the pieces
 * (df has as many as the model) and how many have a vector. */
int	vector_df_of(struct vector *, const uint64_t *bits, uint32_t *df,
	    uint32_t *held, struct err *);

uint32_t vector_held(const struct vector *);	/* rows with a vector */
/* How many of them have a piece.  Nobody has one that is not known. */
int	vector_df(struct vector *, uint32_t piece, uint32_t *df, struct err *);

/* --- asking ------------------------------------------------------------ */

struct vector_query;

/* Of `dim` floats; NULL when they are all zero or not finite. */
struct vector_query *vector_query_new(const struct vector_model *,
	    const float *);
const struct vector_model *vector_query_model(const struct vector_query *);
void	vector_query_free(struct vector_query *);	/* takes NULL */

struct vector_part {
	struct vector *v;		/* borrowed */
	const uint64_t *dead;		/* a bit for each row; NULL: none */
	const uint64_t *allowed;	/* the same; NULL: all */
};

struct vector_hit {
	double score;			/* about the product of the two */
	uint32_t part, row;
};

struct vector_want {
	uint32_t k;			/* hits */
	uint32_t candidates;		/* rows that the bits choose and the
					   int8 score; at least k */
	bool exact;			/* the int8 of all rows */
	/* May a row be a hit?  1, 0, -1.  Asked of those that would be
	 * candidates; NULL: all may. */
	int (*allow)(void *, uint32_t part, uint32_t row, struct err *);
	/* Which of two rows of different parts with equal scores is first?
	 * < 0, > 0.  NULL: that of the first part. */
	int (*order)(void *, const struct vector_hit *,
	    const struct vector_hit *);
	void *arg;
};

/*
 * The best k, best first, equal ones by row; *out is the caller's.
 * ERR_EXISTS: a part is of another model than the query.
 */
int	vector_scan(const struct vector_part *, size_t parts,
	    const struct vector_query *, const struct vector_want *,
	    struct vector_hit **out, size_t *n, struct err *);

/* The score of a row that is in no file: wide components as a file has them
 * (embed_quantise), the same number that a scan gives it. */
double	vector_query_row(const struct vector_query *, const int8_t *q,
	    float scale);
/* The dimension up to the next multiple of 64. */
size_t	vector_wide(const struct vector_model *);

/* The scores of these rows, in ascending order of part and row, in the same
 * numbers as a scan's.  A row without a vector gets -2. */
#define VECTOR_NONE (-2.0)
int	vector_score(const struct vector_part *, size_t parts,
	    const struct vector_query *, struct vector_hit *, size_t n,
	    struct err *);

#endif
