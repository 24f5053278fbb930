#include "index/vector.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/crc.h"
#include "base/vint.h"
#include "index/le.h"
#include "index/vector_file.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

bool
vector_model_same(const struct vector_model *a, const struct vector_model *b)
{
	return a->dim == b->dim && a->pieces == b->pieces &&
	    memcmp(a->hash, b->hash, sizeof a->hash) == 0 &&
	    memcmp(a->name, b->name, sizeof a->name) == 0;
}

/* --- where things are -------------------------------------------------- */

static uint64_t
place(uint64_t *end, uint64_t len)
{
	uint64_t at = (*end + 63) & ~UINT64_C(63);

	*end = at + len;
	return at;
}

void
vector_layout(struct vector_layout *l, uint32_t rows, uint32_t dim,
    uint32_t pieces)
{
	uint64_t end = VECTOR_HEAD;

	l->rows = rows;
	l->pieces = pieces;
	l->blocks = rows / VECTOR_BLOCK + (rows % VECTOR_BLOCK != 0);
	l->wide = (dim + 63) / 64 * 64;
	l->df_pages = (pieces + VECTOR_DFS - 1) / VECTOR_DFS;
	l->bits_len = l->wide / 8;
	l->row_len = VECTOR_ROW + l->wide;
	l->sums = place(&end, (uint64_t)4 * l->blocks);
	l->present = place(&end, (uint64_t)8 * (rows / 64 + 1));
	l->lists_table = place(&end, pieces == 0 ? 0 :
	    (uint64_t)VECTOR_ENTRY * l->blocks);
	l->df_sums = place(&end, (uint64_t)4 * l->df_pages);
	l->bits = place(&end, (uint64_t)rows * l->bits_len);
	l->row = place(&end, (uint64_t)rows * l->row_len);
	l->df = place(&end, (uint64_t)4 * pieces);
	l->lists = place(&end, 0);
}

uint32_t
vector_block_rows(const struct vector_layout *l, uint32_t block)
{
	uint32_t left = l->rows - block * VECTOR_BLOCK;

	return left < VECTOR_BLOCK ? left : VECTOR_BLOCK;
}

/* --- opening ----------------------------------------------------------- */

int
vector_damaged(const struct vector *v, const char *what, struct err *e)
{
	return err_set(e, ERR_INDEX, "vectors '%s' are damaged: %s; "
	    "mem-index makes them anew", v->path, what);
}

int
vector_read(const struct vector *v, uint64_t at, void *out, size_t len,
    struct err *e)
{
	return vector_read_of(v, v->file, at, out, len, e);
}

int
vector_read_of(const struct vector *v, struct blockfile *f, uint64_t at,
    void *out, size_t len, struct err *e)
{
	if (blockfile_read(f, at, out, len, e) == 0)
		return 0;
	return e->code != ERR_INDEX ? -1 : vector_damaged(v,
	    blockfile_key(f)->sealed ? "a block" : "cut off", e);
}

static int
read_header(struct vector *v, struct err *e)
{
	uint8_t h[VECTOR_HEAD];
	uint32_t rows;
	unsigned i;

	if (blockfile_size(v->file) < VECTOR_HEAD)
		return err_set(e, ERR_INDEX, "'%s' is no file of vectors",
		    v->path);
	if (vector_read(v, 0, h, sizeof h, e) < 0)
		return -1;
	if (memcmp(h, VECTOR_MAGIC, 8) != 0)
		return err_set(e, ERR_INDEX, "'%s' is no file of vectors",
		    v->path);
	if (le32_get(h + 8) != VECTOR_VERSION)
		return err_set(e, ERR_VERSION, "vectors '%s' have format %"
		    PRIu32 ", this memkit knows %d; upgrade memkit", v->path,
		    le32_get(h + 8), VECTOR_VERSION);
	if (le32_get(h + VECTOR_HEAD - 4) != crc32c(0, h, VECTOR_HEAD - 4))
		return vector_damaged(v, "the header", e);
	rows = le32_get(h + 12);
	v->model.dim = le32_get(h + 16);
	v->model.pieces = le32_get(h + 20);
	v->held = le32_get(h + 24);
	memcpy(v->model.name, h + 32, VECTOR_NAME);
	memcpy(v->model.hash, h + 96, HASH_LEN);
	v->len = le64_get(h + 128);
	for (i = 0; i < 4; i++)
		v->table_sum[i] = le32_get(h + 136 + 4 * i);
	if (rows > VECTOR_ROWS || v->model.dim == 0 ||
	    v->model.dim > VECTOR_DIM || v->model.pieces > VECTOR_PIECES ||
	    v->held > rows || v->model.name[VECTOR_NAME - 1] != '\0')
		return vector_damaged(v, "the header", e);
	vector_layout(&v->at, rows, v->model.dim, v->model.pieces);
	if (v->len < v->at.lists || blockfile_size(v->file) != v->len)
		return vector_damaged(v, "cut off", e);
	return 0;
}

int
vector_open(struct vector **out, const char *path,
    const struct blockfile_key *key, struct err *e)
{
	struct vector *v = xcalloc(1, sizeof *v);

	v->path = xstrdup(path);
	if (blockfile_open(&v->file, path, key, e) < 0 ||
	    read_header(v, e) < 0) {
		vector_close(v);
		return -1;
	}
	v->own.file = v->file;
	v->own.at = v->at.df;
	v->own.held = v->held;
	v->own.page = v->other.page = UINT32_MAX;
	*out = v;
	return 0;
}

void
vector_close(struct vector *v)
{
	if (v == NULL)
		return;
	blockfile_close(v->file);
	blockfile_close(v->other.file);
	free(v->own.sums);
	free(v->other.sums);
	free(v->sums);
	free(v->present);
	free(v->lists);
	free(v->path);
	free(v);
}

uint32_t
vector_rows(const struct vector *v)
{
	return v->at.rows;
}

uint64_t
vector_bytes(const struct vector *v)
{
	return blockfile_bytes(v->file);
}

const struct vector_model *
vector_model(const struct vector *v)
{
	return &v->model;
}

/* --- tables ------------------------------------------------------------ */

static int
read_table(struct vector *v, uint64_t at, size_t len, unsigned which,
    uint8_t **out, struct err *e)
{
	uint8_t *p = xmalloc(len + 1);

	if (vector_read(v, at, p, len, e) < 0) {
		free(p);
		return -1;
	}
	if (crc32c(0, p, len) != v->table_sum[which]) {
		free(p);
		return vector_damaged(v, "a table", e);
	}
	*out = p;
	return 0;
}

int
vector_load(struct vector *v, struct err *e)
{
	size_t i, words = v->at.rows / 64 + 1;
	uint8_t *sums = NULL, *present = NULL;
	uint32_t held = 0;
	uint64_t x;

	if (v->sums != NULL)
		return 0;
	if (read_table(v, v->at.sums, 4 * (size_t)v->at.blocks, 0, &sums,
	    e) < 0)
		return -1;
	if (read_table(v, v->at.present, 8 * words, 1, &present, e) < 0) {
		free(sums);
		return -1;
	}
	v->present = xcalloc(words, sizeof *v->present);
	for (i = 0; i < words; i++) {
		v->present[i] = le64_get(present + 8 * i);
		for (x = v->present[i]; x != 0; x &= x - 1)
			held++;
	}
	v->sums = xcalloc((size_t)v->at.blocks + 1, sizeof *v->sums);
	for (i = 0; i < v->at.blocks; i++)
		v->sums[i] = le32_get(sums + 4 * i);
	free(present);
	free(sums);
	/* nor may one be there that no row is for */
	if (held == v->held && v->present[words - 1] >> v->at.rows % 64 == 0)
		return 0;
	free(v->sums);
	free(v->present);
	v->sums = NULL;
	v->present = NULL;
	return vector_damaged(v, "a table", e);
}

bool
vector_has(const struct vector *v, uint32_t row)
{
	return v->present[row / 64] >> (row % 64) & 1;
}

int
vector_present(struct vector *v, uint32_t row, struct err *e)
{
	if (vector_load(v, e) < 0)
		return -1;
	return row < v->at.rows && vector_has(v, row);
}

int
vector_load_lists(struct vector *v, struct err *e)
{
	uint64_t at = 0;
	const uint8_t *p;
	uint8_t *table;
	uint32_t i;

	if (v->lists != NULL)
		return 0;
	if (read_table(v, v->at.lists_table, v->at.pieces == 0 ? 0 :
	    VECTOR_ENTRY * (size_t)v->at.blocks, 2, &table, e) < 0)
		return -1;
	for (i = 0; v->at.pieces > 0 && i < v->at.blocks; i++) {
		p = table + VECTOR_ENTRY * (size_t)i;
		if (le64_get(p) != at)
			break;
		at += le32_get(p + 8);
	}
	if ((v->at.pieces > 0 && i < v->at.blocks) ||
	    at != v->len - v->at.lists) {
		free(table);
		return vector_damaged(v, "the table of lists", e);
	}
	v->lists = table;
	return 0;
}

/* --- rows -------------------------------------------------------------- */

int
vector_check_bits(const struct vector *v, uint32_t block, const uint8_t *p,
    struct err *e)
{
	size_t len = vector_block_rows(&v->at, block) * v->at.bits_len;

	if (crc32c(0, p, len) != v->sums[block])
		return vector_damaged(v, "bits", e);
	return 0;
}

uint32_t
vector_row_sum(uint32_t row, const uint8_t *p, size_t row_len)
{
	return crc32c(row, p + 4, row_len - 4);
}

int
vector_check_row(const struct vector *v, uint32_t row, const uint8_t *p,
    float *scale, struct err *e)
{
	if (vector_row_sum(row, p, v->at.row_len) != le32_get(p))
		return vector_damaged(v, "a row", e);
	*scale = lef_get(p + 4);
	if (!(*scale >= 0 && *scale <= 1e30f) ||
	    (*scale > 0) != vector_has(v, row))
		return vector_damaged(v, "a row", e);
	return 0;
}

/* One list: the end of it, or NULL. */
static const uint8_t *
skip_list(const uint8_t *p, const uint8_t *end, uint32_t pieces)
{
	uint64_t n, gap, id = 0, i;

	if ((p = vint_get(p, end, &n)) == NULL || n > pieces)
		return NULL;
	for (i = 0; i < n; i++) {
		if ((p = vint_get(p, end, &gap)) == NULL || gap >= pieces ||
		    (i > 0 && gap == 0))
			return NULL;
		if ((id += gap) >= pieces)
			return NULL;
	}
	return p;
}

int
vector_read_lists(struct vector *v, uint32_t block, struct buf *b,
    uint32_t list[VECTOR_BLOCK + 1], struct err *e)
{
	uint32_t i, n = vector_block_rows(&v->at, block), len;
	const uint8_t *entry, *p, *begin, *end;

	buf_reset(b);
	if (v->at.pieces == 0) {
		memset(list, 0, (VECTOR_BLOCK + 1) * sizeof *list);
		return 0;
	}
	if (vector_load_lists(v, e) < 0)
		return -1;
	entry = v->lists + VECTOR_ENTRY * (size_t)block;
	len = le32_get(entry + 8);
	if (vector_read(v, v->at.lists + le64_get(entry), buf_reserve(b, len),
	    len, e) < 0)
		return -1;
	b->len = len;
	b->p[len] = '\0';
	begin = p = (const uint8_t *)b->p;
	end = p + len;
	if (crc32c(0, p, len) != le32_get(entry + 12))
		return vector_damaged(v, "a list", e);
	for (i = 0; i < n; i++) {
		list[i] = (uint32_t)(p - begin);
		if ((p = skip_list(p, end, v->at.pieces)) == NULL)
			return vector_damaged(v, "a list", e);
	}
	list[n] = len;
	return p == end ? 0 : vector_damaged(v, "a list", e);
}

void
vector_count(uint32_t *df, const uint8_t *p, const uint8_t *end, uint32_t add)
{
	uint64_t n, gap, id = 0;

	if ((p = vint_get(p, end, &n)) == NULL)
		return;
	for (; n > 0 && (p = vint_get(p, end, &gap)) != NULL; n--)
		df[id += gap] += add;
}

/* --- all of it --------------------------------------------------------- */

/* The bits must be the signs of the rows, as far as these still tell. */
static int
verify_row(const struct vector *v, uint32_t row, const uint8_t *p,
    const uint8_t *bits, struct err *e)
{
	const int8_t *q = (const int8_t *)(p + VECTOR_ROW);
	float scale;
	uint32_t k;
	bool set;

	if (vector_check_row(v, row, p, &scale, e) < 0)
		return -1;
	for (k = 0; k < v->at.wide; k++) {
		set = bits[k / 8] >> (k % 8) & 1;
		if (q[k] == -128 || (q[k] > 0 && !set) || (q[k] < 0 && set) ||
		    (k >= v->model.dim && (q[k] != 0 || set)) ||
		    (scale == 0 && (q[k] != 0 || set)))
			return vector_damaged(v, "a row", e);
	}
	return 0;
}

static int
verify_block(struct vector *v, uint32_t block, uint32_t *df, struct err *e)
{
	uint32_t first = block * VECTOR_BLOCK, i, list[VECTOR_BLOCK + 1];
	uint32_t n = vector_block_rows(&v->at, block);
	size_t bits_len = n * v->at.bits_len, rows_len = n * v->at.row_len;
	uint8_t *bits = xmalloc(bits_len + rows_len), *rows = bits + bits_len;
	struct buf b = BUF_INIT;
	const uint8_t *p;
	int r = -1;

	if (vector_read(v, v->at.bits + (uint64_t)first * v->at.bits_len, bits,
	    bits_len, e) < 0 ||
	    vector_check_bits(v, block, bits, e) < 0 ||
	    vector_read(v, v->at.row + (uint64_t)first * v->at.row_len, rows,
	    rows_len, e) < 0 ||
	    vector_read_lists(v, block, &b, list, e) < 0)
		goto out;
	p = (const uint8_t *)b.p;
	for (r = 0, i = 0; r == 0 && i < n; i++) {
		r = verify_row(v, first + i, rows + i * v->at.row_len,
		    bits + i * v->at.bits_len, e);
		if (v->at.pieces > 0)
			vector_count(df, p + list[i], p + list[i + 1], 1);
	}
out:
	buf_release(&b);
	free(bits);
	return r;
}

int
vector_verify(struct vector *v, struct err *e)
{
	uint32_t *df, b, i, n;
	int r = 0;

	if (vector_load(v, e) < 0 || vector_load_lists(v, e) < 0)
		return -1;
	df = xcalloc((size_t)v->at.pieces + 1, sizeof *df);
	for (b = 0; r == 0 && b < v->at.blocks; b++)
		r = verify_block(v, b, df, e);
	for (i = 0; r == 0 && !v->other_used && i < v->at.pieces; i++) {
		r = vector_df(v, i, &n, e);
		if (r == 0 && n != df[i])
			r = vector_damaged(v, "frequencies", e);
	}
	free(df);
	return r;
}
