/*
 * The built-in model: a vector for each piece of a WordPiece vocabulary, and
 * the vocabulary, in one file that is mapped and read in place.
 *
 *	0	"MKMODEL\n", u32 version (1), u32 pieces, u32 dimension,
 *		u32 id of [UNK], u32 CRC-32C of the sums
 *	28	name (64, NUL-filled), SHA-256 of the sections (32)
 *	124	offset and length, u64 each, of: rows, heads, tails, text,
 *		sums; each begins at a page of 4096 bytes
 *	4092	u32 CRC-32C of the page so far
 *	rows	of each piece: f32 scale, f32 weight, i8[dimension]
 *	heads	pieces that begin a word: where those begin that start with
 *		the byte b (u32[257]), then, in the order of their bytes,
 *		u32 (offset in the text << 8 | length), u32 id
 *	tails	the same of those that go on a word, without their "##"
 *	sums	u32 CRC-32C of each page behind the first
 *
 * A page is checked when it is touched first: a cold process reads the few
 * that it needs and believes nothing that is damaged.
 */
#ifndef INDEX_MODEL_H
#define INDEX_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"

#define MODEL_NAME 64		/* with its NUL */
#define MODEL_DIM 4096		/* greatest dimension */
#define MODEL_FILE "minilm-256.model"

struct model;

/*
 * Where the model is: the file that is asked for, if that is not NULL;
 * else MODEL_FILE in share/memkit/model beside the bin of the program that
 * runs, in share/model beside it (a tool in its source tree), or where the
 * build was told to install it.  Names the last of these when there is none.
 */
void	model_find(const char *asked, struct buf *path);

/*
 * ERR_ABSENT: no such file (a search goes on without vectors).
 * ERR_VERSION: of a newer format.  ERR_INDEX: not a model, or damaged.
 */
int	model_open(struct model **, const char *path, struct err *);
void	model_close(struct model *);		/* takes NULL */

/* Every checksum and the hash: what is found damaged never is by a call
 * below.  Reads all of it. */
int	model_verify(struct model *, struct err *);

const char *model_name(const struct model *);
const uint8_t *model_hash(const struct model *);	/* HASH_LEN bytes */
uint32_t model_pieces(const struct model *);
uint32_t model_dim(const struct model *);
uint32_t model_unknown(const struct model *);		/* id of [UNK] */

/*
 * The longest piece that p[0 ... len) begins with: its id and its length.
 * 1 found, 0 none, -1 ERR_INDEX.
 */
enum model_list { MODEL_HEADS, MODEL_TAILS };
int	model_piece(struct model *, enum model_list, const char *p, size_t len,
	    uint32_t *id, size_t *used, struct err *);

/* A piece's row (id < model_pieces): component i is scale * q[i], weight
 * what one occurrence of it counts.  q is borrowed. */
int	model_row(struct model *, uint32_t id, float *scale, float *weight,
	    const int8_t **q, struct err *);

#endif
