/*
 * In how many rows a piece is: read a page at a time, as a query asks for a
 * few pieces only.
 */
#include "index/vector.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/crc.h"
#include "index/le.h"
#include "index/vector_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/*
 * The file beside: "MKVECDF\n", u32 version (1), u32 pieces, u32 rows that
 * have a vector and are not dead, u32 rows, SHA-256 of the model, u32 CRC-32C
 * of the sums, u32 CRC-32C of the header so far; sums; frequencies.
 */
#define MAGIC "MKVECDF\n"
#define VERSION 1
#define HEAD 64

static size_t
page_len(uint32_t pieces, uint32_t page)
{
	uint32_t left = pieces - page * VECTOR_DFS;

	return 4 * (size_t)(left < VECTOR_DFS ? left : VECTOR_DFS);
}

void
vector_df_image(const uint32_t *df, uint32_t pieces, uint8_t *bytes,
    uint8_t *sums)
{
	uint32_t i;

	for (i = 0; i < pieces; i++)
		le32_put(bytes + 4 * (size_t)i, df[i]);
	for (i = 0; i * VECTOR_DFS < pieces; i++)
		le32_put(sums + 4 * (size_t)i, crc32c(0,
		    bytes + 4 * VECTOR_DFS * (size_t)i, page_len(pieces, i)));
}

/* --- reading ----------------------------------------------------------- */

static int
load_sums(const struct vector *v, struct vector_counts *c, uint64_t at,
    uint32_t sum, struct err *e)
{
	size_t i, len = 4 * (size_t)v->at.df_pages;
	uint8_t *p = xmalloc(len + 1);
	int r = vector_read_of(v, c->file, at, p, len, e);

	if (r == 0 && crc32c(0, p, len) != sum)
		r = vector_damaged(v, "the table of frequencies", e);
	if (r == 0) {
		c->sums = xcalloc((size_t)v->at.df_pages + 1,
		    sizeof *c->sums);
		for (i = 0; i < v->at.df_pages; i++)
			c->sums[i] = le32_get(p + 4 * i);
	}
	free(p);
	return r;
}

uint32_t
vector_held(const struct vector *v)
{
	return v->other_used ? v->other.held : v->held;
}

int
vector_df(struct vector *v, uint32_t piece, uint32_t *df, struct err *e)
{
	struct vector_counts *c = v->other_used ? &v->other : &v->own;
	uint32_t page = piece / VECTOR_DFS;
	size_t len;

	*df = 0;
	if (piece >= v->at.pieces)
		return 0;
	if (c->sums == NULL && load_sums(v, c, v->at.df_sums,
	    v->table_sum[3], e) < 0)
		return -1;
	if (c->page != page) {
		c->page = UINT32_MAX;
		len = page_len(v->at.pieces, page);
		if (vector_read_of(v, c->file, c->at +
		    4 * VECTOR_DFS * (uint64_t)page, c->bytes, len, e) < 0)
			return -1;
		if (crc32c(0, c->bytes, len) != c->sums[page])
			return vector_damaged(v, "frequencies", e);
		c->page = page;
	}
	*df = le32_get(c->bytes + 4 * (piece % VECTOR_DFS));
	return *df <= v->at.rows ? 0 : vector_damaged(v, "frequencies", e);
}

/* --- the file beside --------------------------------------------------- */

static int
bad_file(const char *path, struct err *e)
{
	return err_set(e, ERR_INDEX, "frequencies '%s' are damaged or of "
	    "other vectors", path);
}

static int
use_file(struct vector *v, struct vector_counts *c, const char *path,
    struct err *e)
{
	uint64_t len = HEAD + 4 * ((uint64_t)v->at.df_pages + v->at.pieces);
	uint8_t h[HEAD];

	if (blockfile_size(c->file) != len)
		return bad_file(path, e);
	if (vector_read_of(v, c->file, 0, h, HEAD, e) < 0)
		return -1;
	if (memcmp(h, MAGIC, 8) != 0 ||
	    le32_get(h + HEAD - 4) != crc32c(0, h, HEAD - 4))
		return bad_file(path, e);
	if (le32_get(h + 8) != VERSION)
		return err_set(e, ERR_VERSION, "frequencies '%s' have format "
		    "%" PRIu32 ", this memkit knows %d; upgrade memkit", path,
		    le32_get(h + 8), VERSION);
	c->held = le32_get(h + 16);
	if (le32_get(h + 12) != v->at.pieces || c->held > v->held ||
	    le32_get(h + 20) != v->at.rows ||
	    memcmp(h + 24, v->model.hash, HASH_LEN) != 0)
		return bad_file(path, e);
	if (load_sums(v, c, HEAD, le32_get(h + 56), e) < 0)
		return -1;
	c->at = HEAD + 4 * (uint64_t)v->at.df_pages;
	c->page = UINT32_MAX;
	return 0;
}

int
vector_df_use(struct vector *v, const char *path, struct err *e)
{
	struct vector_counts c = { .file = NULL };
	int r;

	if (blockfile_open(&c.file, path, blockfile_key(v->file), e) < 0)
		return -1;
	if ((r = use_file(v, &c, path, e)) < 0) {
		blockfile_close(c.file);
		free(c.sums);
		return r;
	}
	blockfile_close(v->other.file);
	free(v->other.sums);
	v->other = c;
	v->other_used = true;
	return 0;
}

static bool
any_set(const uint64_t *bits, uint32_t first, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		if (bits[(first + i) / 64] >> ((first + i) % 64) & 1)
			return true;
	return false;
}

/* add: 1 or UINT32_MAX, which is -1. */
static int
count(struct vector *v, const uint64_t *bits, uint32_t add, uint32_t *df,
    uint32_t *held, struct err *e)
{
	uint32_t list[VECTOR_BLOCK + 1], b, i, n, row;
	struct buf lists = BUF_INIT;
	const uint8_t *p;
	int r = 0;

	for (b = 0; r == 0 && bits != NULL && b < v->at.blocks; b++) {
		n = vector_block_rows(&v->at, b);
		if (!any_set(bits, b * VECTOR_BLOCK, n))
			continue;
		if ((r = vector_read_lists(v, b, &lists, list, e)) < 0)
			break;
		p = (const uint8_t *)lists.p;
		for (i = 0; i < n; i++) {
			row = b * VECTOR_BLOCK + i;
			if (!(bits[row / 64] >> (row % 64) & 1))
				continue;
			if (vector_has(v, row))
				*held += add;
			if (v->at.pieces > 0)
				vector_count(df, p + list[i], p + list[i + 1],
				    add);
		}
	}
	buf_release(&lists);
	return r;
}

int
vector_df_of(struct vector *v, const uint64_t *bits, uint32_t *df,
    uint32_t *held, struct err *e)
{
	return vector_load(v, e) < 0 ? -1 : count(v, bits, 1, df, held, e);
}

int
vector_df_write(struct vector *v, const uint64_t *dead, const char *path,
    struct err *e)
{
	size_t sums = 4 * (size_t)v->at.df_pages;
	size_t len = HEAD + sums + 4 * (size_t)v->at.pieces;
	uint32_t *df = xcalloc((size_t)v->at.pieces + 1, sizeof *df);
	uint8_t *p = xcalloc(len, 1);
	uint32_t held = v->held, i;
	bool used = v->other_used;
	int r = 0;

	/* from the file's own */
	v->other_used = false;
	if (vector_load(v, e) < 0)
		r = -1;
	for (i = 0; r == 0 && i < v->at.pieces; i++)
		r = vector_df(v, i, &df[i], e);
	v->other_used = used;
	if (r == 0)
		r = count(v, dead, UINT32_MAX, df, &held, e);
	if (r == 0) {
		vector_df_image(df, v->at.pieces, p + HEAD + sums, p + HEAD);
		memcpy(p, MAGIC, 8);
		le32_put(p + 8, VERSION);
		le32_put(p + 12, v->at.pieces);
		le32_put(p + 16, held);
		le32_put(p + 20, v->at.rows);
		memcpy(p + 24, v->model.hash, HASH_LEN);
		le32_put(p + 56, crc32c(0, p + HEAD, sums));
		le32_put(p + HEAD - 4, crc32c(0, p, HEAD - 4));
		r = blockfile_replace(path, p, len, blockfile_key(v->file), e);
	}
	free(p);
	free(df);
	return r;
}
