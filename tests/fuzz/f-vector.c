/*
 * A small file of vectors with bytes of it changed (two bytes of offset, one
 * of value, again and again); the first byte says whether it is cut off, and
 * whether the checksums of header and tables are made right.  Scans, merges
 * and counting end, and hits are rows that there are.
 */
#include "base/buf.h"
#include "base/crc.h"
#include "index/le.h"
#include "index/vector.h"
#include "index/vector_file.h"
#include "index/vector_make.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define DIM 70
#define PIECES 40
#define ROWS 70

static const struct vector_model model = { "small", DIM, PIECES, { 1 } };
static char dir[] = "/tmp/memkit-fuzz.XXXXXX";
static char path[64], other[64];

static void
make_good(struct buf *b)
{
	struct vector_maker *m = vector_maker_new(&model);
	uint32_t i, k, piece[2];
	float v[DIM];
	struct err e;

	if (mkdtemp(dir) == NULL)
		abort();
	snprintf(path, sizeof path, "%s/a", dir);
	snprintf(other, sizeof other, "%s/b", dir);
	for (i = 0; i < ROWS; i++) {
		for (k = 0; k < DIM; k++)
			v[k] = (float)((int)((i * 37 + k * 11) % 101) - 50);
		piece[0] = i % 20;
		piece[1] = 20 + i % 20;
		vector_maker_add(m, i % 9 == 4 ? NULL : v, piece, i % 3);
	}
	if (vector_maker_write(m, NULL, path, NULL, &e) < 0 ||
	    buf_read_file(b, path, 1 << 20, &e) < 0)
		abort();
	vector_maker_free(m);
}

/* Checksums of tables, of the header, of the block's bits, of the rows. */
static void
make_right(struct buf *b)
{
	struct vector_layout l;
	uint8_t *p = (uint8_t *)b->p;
	uint32_t i;

	vector_layout(&l, ROWS, DIM, PIECES);
	if (b->len < l.lists)
		return;
	le32_put(p + l.sums, crc32c(0, p + l.bits, ROWS * l.bits_len));
	for (i = 0; i < ROWS; i++)
		le32_put(p + l.row + i * l.row_len, vector_row_sum(i,
		    p + l.row + i * l.row_len, l.row_len));
	le32_put(p + l.lists_table + 12, crc32c(0, p + l.lists,
	    b->len - (size_t)l.lists));
	le32_put(p + l.df_sums, crc32c(0, p + l.df, 4 * PIECES));
	le32_put(p + 136, crc32c(0, p + l.sums, 4));
	le32_put(p + 140, crc32c(0, p + l.present, 16));
	le32_put(p + 144, crc32c(0, p + l.lists_table, VECTOR_ENTRY));
	le32_put(p + 148, crc32c(0, p + l.df_sums, 4));
	le32_put(p + 508, crc32c(0, p, 508));
}

static int
next_row(void *arg, uint32_t *source, uint32_t *row, struct err *e)
{
	uint32_t *i = arg;

	(void)e;
	*source = 0;
	*row = (*i)++;
	return *row < ROWS;
}

static void
use(struct vector *v)
{
	struct vector_part p = { v, NULL, NULL };
	struct vector_want w = { 5, 20, false, NULL, NULL, NULL };
	uint64_t dead[2] = { 0x5555, 1 };
	struct vector_query *q;
	struct vector_hit *h;
	float query[VECTOR_DIM];
	uint32_t i, df;
	struct err e;
	size_t n;

	for (i = 0; i < VECTOR_DIM; i++)
		query[i] = (float)(i % 7) - 3;
	if ((q = vector_query_new(vector_model(v), query)) == NULL)
		abort();
	for (i = 0; i < 2; i++, w.exact = true) {
		if (vector_scan(&p, 1, q, &w, &h, &n, &e) < 0)
			continue;
		if (n > w.k)
			abort();
		while (n > 0)
			if (h[--n].row >= vector_rows(v))
				abort();
		free(h);
	}
	vector_query_free(q);
	for (i = 0; i < PIECES; i++)
		(void)vector_df(v, i, &df, &e);
	if (vector_rows(v) <= 128 && vector_df_write(v, dead, other, &e) == 0)
		(void)vector_df_use(v, other, &e);
	i = 0;
	(void)vector_merge(&v, 1, ROWS, next_row, &i, other, &e);
	(void)vector_verify(v, &e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct buf good = BUF_INIT;
	struct buf b = BUF_INIT;
	struct vector *v;
	struct err e;
	FILE *f;
	size_t i;

	if (good.len == 0)
		make_good(&good);
	buf_add(&b, good.p, good.len);
	for (i = 1; i + 3 <= len; i += 3)
		b.p[((size_t)data[i] << 8 | data[i + 1]) % b.len] =
		    (char)data[i + 2];
	if (len > 0 && (data[0] & 2))
		buf_cut(&b, b.len * data[0] / 256);
	if (len > 0 && (data[0] & 1))
		make_right(&b);
	if (mkdir(dir, 0700) < 0 && access(dir, W_OK) < 0)
		abort();
	if ((f = fopen(path, "wb")) == NULL ||
	    fwrite(b.p, 1, b.len, f) != b.len || fclose(f) != 0)
		abort();
	if (vector_open(&v, path, NULL, &e) == 0) {
		use(v);
		vector_close(v);
	}
	unlink(path);
	unlink(other);
	rmdir(dir);
	buf_release(&b);
	return 0;
}
