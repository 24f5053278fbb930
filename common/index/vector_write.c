#include "index/vector_write.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/crc.h"
#include "index/blockfile.h"
#include "index/le.h"
#include "index/vector_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct vector_writer {
	char *path, *temp;		/* own */
	int fd;
	struct blockfile_out out;
	struct vector_model model;
	struct vector_layout at;
	uint32_t n;			/* rows so far */
	uint32_t held;
	uint64_t lists_len;
	uint8_t *bits, *rows;		/* own; of the block */
	struct buf lists;		/* of the block */
	uint8_t *sums, *present, *table;	/* own; as in the file */
	uint32_t *df;			/* own */
};

int
vector_write_begin(struct vector_writer **out, const struct vector_model *m,
    uint32_t rows, const char *path, const struct blockfile_key *key,
    struct err *e)
{
	struct vector_writer *w = xcalloc(1, sizeof *w);
	struct buf temp = BUF_INIT;

	assert(m->dim > 0 && m->dim <= VECTOR_DIM && rows <= VECTOR_ROWS &&
	    m->pieces <= VECTOR_PIECES && m->name[VECTOR_NAME - 1] == '\0');
	w->path = xstrdup(path);
	buf_addf(&temp, "%s.new", path);
	w->temp = buf_steal(&temp);
	w->model = *m;
	buf_init(&w->lists);
	vector_layout(&w->at, rows, m->dim, m->pieces);
	w->bits = xcalloc(VECTOR_BLOCK, w->at.bits_len);
	w->rows = xcalloc(VECTOR_BLOCK, w->at.row_len);
	w->sums = xcalloc((size_t)w->at.blocks + 1, 4);
	w->present = xcalloc((size_t)rows / 64 + 1, 8);
	w->table = xcalloc((size_t)w->at.blocks + 1, VECTOR_ENTRY);
	w->df = xcalloc((size_t)m->pieces + 1, sizeof *w->df);
	w->fd = open(w->temp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	if (w->fd < 0)
		err_sys(e, "cannot make '%s'", w->temp);
	if (w->fd < 0 || blockfile_begin(&w->out, w->fd, path,
	    BLOCKFILE_SMALL, key, e) < 0) {
		vector_write_free(w);
		return -1;
	}
	*out = w;
	return 0;
}

void
vector_write_free(struct vector_writer *w)
{
	if (w == NULL)
		return;
	if (w->fd >= 0)
		close(w->fd);
	if (w->temp != NULL)
		unlink(w->temp);
	blockfile_release(&w->out);
	buf_release(&w->lists);
	free(w->bits);
	free(w->rows);
	free(w->sums);
	free(w->present);
	free(w->table);
	free(w->df);
	free(w->temp);
	free(w->path);
	free(w);
}

static int
put(struct vector_writer *w, uint64_t at, const void *bytes, size_t len,
    struct err *e)
{
	return blockfile_put(&w->out, at, bytes, len, e);
}

/* The block that ends with the last row. */
static int
flush_block(struct vector_writer *w, struct err *e)
{
	uint32_t block = (w->n - 1) / VECTOR_BLOCK;
	uint32_t first = block * VECTOR_BLOCK;
	size_t n = w->n - first;
	uint8_t *entry = w->table + VECTOR_ENTRY * (size_t)block;

	le32_put(w->sums + 4 * (size_t)block, crc32c(0, w->bits,
	    n * w->at.bits_len));
	le64_put(entry, w->lists_len);
	le32_put(entry + 8, (uint32_t)w->lists.len);
	le32_put(entry + 12, crc32c(0, w->lists.p, w->lists.len));
	if (put(w, w->at.bits + (uint64_t)first * w->at.bits_len, w->bits,
	    n * w->at.bits_len, e) < 0 ||
	    put(w, w->at.row + (uint64_t)first * w->at.row_len, w->rows,
	    n * w->at.row_len, e) < 0 ||
	    put(w, w->at.lists + w->lists_len, w->lists.p, w->lists.len,
	    e) < 0)
		return -1;
	w->lists_len += w->lists.len;
	buf_reset(&w->lists);
	return 0;
}

int
vector_write_line(struct vector_writer *w, const struct vector_line *l,
    struct err *e)
{
	uint32_t i = w->n % VECTOR_BLOCK;
	uint8_t *row = w->rows + i * w->at.row_len;
	uint8_t *word = w->present + 8 * (size_t)(w->n / 64);

	assert(w->n < w->at.rows);
	if (l->scale > 0) {
		memcpy(w->bits + i * w->at.bits_len, l->bits, w->at.bits_len);
		memcpy(row + VECTOR_ROW, l->q, w->at.wide);
		word[w->n % 64 / 8] |= (uint8_t)(1 << w->n % 8);
		w->held++;
	} else {
		memset(w->bits + i * w->at.bits_len, 0, w->at.bits_len);
		memset(row + VECTOR_ROW, 0, w->at.wide);
	}
	lef_put(row + 4, l->scale > 0 ? l->scale : 0);
	le32_put(row, vector_row_sum(w->n, row, w->at.row_len));
	if (w->at.pieces > 0) {
		buf_add(&w->lists, l->list, l->list_len);
		vector_count(w->df, l->list, l->list + l->list_len, 1);
	}
	w->n++;
	if (i + 1 == VECTOR_BLOCK || w->n == w->at.rows)
		return flush_block(w, e);
	return 0;
}

static int
put_tables(struct vector_writer *w, uint8_t *head, struct err *e)
{
	size_t sums = 4 * (size_t)w->at.blocks;
	size_t present = 8 * ((size_t)w->at.rows / 64 + 1);
	size_t table = w->at.pieces == 0 ? 0 :
	    VECTOR_ENTRY * (size_t)w->at.blocks;
	size_t df = 4 * (size_t)w->at.pieces, dfs = 4 * (size_t)w->at.df_pages;
	uint8_t *image = xcalloc(df + dfs + 1, 1);
	int r = -1;

	vector_df_image(w->df, w->at.pieces, image, image + df);
	le32_put(head + 136, crc32c(0, w->sums, sums));
	le32_put(head + 140, crc32c(0, w->present, present));
	le32_put(head + 144, crc32c(0, w->table, table));
	le32_put(head + 148, crc32c(0, image + df, dfs));
	if (put(w, w->at.sums, w->sums, sums, e) == 0 &&
	    put(w, w->at.present, w->present, present, e) == 0 &&
	    put(w, w->at.lists_table, w->table, table, e) == 0 &&
	    put(w, w->at.df_sums, image + df, dfs, e) == 0)
		r = put(w, w->at.df, image, df, e);
	free(image);
	return r;
}

static int
put_header(struct vector_writer *w, struct err *e)
{
	uint64_t len = w->at.lists + w->lists_len;
	uint8_t h[VECTOR_HEAD] = { 0 };

	if (put_tables(w, h, e) < 0)
		return -1;
	memcpy(h, VECTOR_MAGIC, 8);
	le32_put(h + 8, VECTOR_VERSION);
	le32_put(h + 12, w->at.rows);
	le32_put(h + 16, w->model.dim);
	le32_put(h + 20, w->model.pieces);
	le32_put(h + 24, w->held);
	memcpy(h + 32, w->model.name, VECTOR_NAME);
	memcpy(h + 96, w->model.hash, HASH_LEN);
	le64_put(h + 128, len);
	le32_put(h + VECTOR_HEAD - 4, crc32c(0, h, VECTOR_HEAD - 4));
	if (put(w, 0, h, sizeof h, e) < 0)
		return -1;
	/* what ends in a gap is as long as it says all the same */
	return blockfile_end(&w->out, len, e);
}

int
vector_write_end(struct vector_writer *w, struct err *e)
{
	int r;

	assert(w->n == w->at.rows);
	if (put_header(w, e) < 0)
		return -1;
	while ((r = fsync(w->fd)) < 0 && errno == EINTR)
		;
	if (r < 0)
		return err_sys(e, "cannot sync '%s'", w->temp);
	r = close(w->fd);
	w->fd = -1;
	/* NFS and quotas tell of a lost write only here */
	if (r < 0 && errno != EINTR)
		return err_sys(e, "cannot write '%s'", w->temp);
	if (rename(w->temp, w->path) < 0)
		return err_sys(e, "cannot rename '%s' to '%s'", w->temp,
		    w->path);
	free(w->temp);
	w->temp = NULL;
	return 0;
}
