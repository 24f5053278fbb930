/*
 * Rows are copied as they are, their bits and lists with them: a merge
 * neither embeds nor rounds again.
 */
#include "index/vector_make.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "index/vector_file.h"
#include "index/vector_write.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A source, and the block of it that is loaded. */
struct source {
	struct vector *v;		/* borrowed */
	uint32_t block;			/* UINT32_MAX: none */
	uint8_t *bits, *rows;		/* own */
	struct buf lists;
	uint32_t list[VECTOR_BLOCK + 1];
};

static int
load_block(struct source *s, uint32_t block, struct err *e)
{
	const struct vector_layout *l = &s->v->at;
	uint64_t first = (uint64_t)block * VECTOR_BLOCK;
	size_t n = vector_block_rows(l, block);

	if (s->bits == NULL) {
		s->bits = xmalloc(VECTOR_BLOCK * l->bits_len);
		s->rows = xmalloc(VECTOR_BLOCK * l->row_len);
	}
	s->block = UINT32_MAX;
	if (vector_load(s->v, e) < 0 ||
	    vector_read(s->v, l->bits + first * l->bits_len, s->bits,
	    n * l->bits_len, e) < 0 ||
	    vector_check_bits(s->v, block, s->bits, e) < 0 ||
	    vector_read(s->v, l->row + first * l->row_len, s->rows,
	    n * l->row_len, e) < 0 ||
	    vector_read_lists(s->v, block, &s->lists, s->list, e) < 0)
		return -1;
	s->block = block;
	return 0;
}

static int
line_of(struct source *s, uint32_t row, struct vector_line *out,
    struct err *e)
{
	uint32_t i = row % VECTOR_BLOCK;
	const uint8_t *p;

	if (row >= s->v->at.rows)
		return vector_damaged(s->v, "a document has no row", e);
	if (s->block != row / VECTOR_BLOCK &&
	    load_block(s, row / VECTOR_BLOCK, e) < 0)
		return -1;
	p = s->rows + i * s->v->at.row_len;
	if (vector_check_row(s->v, row, p, &out->scale, e) < 0)
		return -1;
	out->q = (const int8_t *)p + VECTOR_ROW;
	out->bits = s->bits + i * s->v->at.bits_len;
	out->list = (const uint8_t *)s->lists.p + s->list[i];
	out->list_len = s->list[i + 1] - s->list[i];
	return 0;
}

static int
copy(struct source *s, size_t n, uint32_t rows, struct vector_writer *w,
    vector_next *next, void *arg, struct err *e)
{
	static const uint8_t nothing[1];	/* a list of none */
	struct vector_line l = { 0, NULL, NULL, nothing, 1 };
	const struct vector_line none = l;
	uint32_t i, from, row;
	int r;

	for (i = 0; (r = next(arg, &from, &row, e)) > 0; i++) {
		if (i == rows || (from >= n && from != VECTOR_NOTHING))
			return err_set(e, ERR_INDEX, "a merge of %" PRIu32
			    " rows was given others", rows);
		if (from == VECTOR_NOTHING)
			l = none;
		else if (line_of(&s[from], row, &l, e) < 0)
			return -1;
		if (vector_write_line(w, &l, e) < 0)
			return -1;
	}
	if (r == 0 && i < rows)
		return err_set(e, ERR_INDEX, "a merge of %" PRIu32
		    " rows got %" PRIu32, rows, i);
	return r;
}

int
vector_merge(struct vector *const *v, size_t n, uint32_t rows,
    vector_next *next, void *arg, const char *path, struct err *e)
{
	struct vector_writer *w = NULL;
	struct source *s;
	size_t i;
	int r = 0;

	for (i = 1; i < n; i++)
		if (!vector_model_same(&v[i]->model, &v[0]->model))
			return err_set(e, ERR_EXISTS, "vectors '%s' were made "
			    "with the model '%s', not with '%s'", v[i]->path,
			    v[i]->model.name, v[0]->model.name);
	s = xcalloc(n, sizeof *s);
	for (i = 0; i < n; i++) {
		s[i].v = v[i];
		s[i].block = UINT32_MAX;
		buf_init(&s[i].lists);
	}
	if (vector_write_begin(&w, &v[0]->model, rows, path,
	    blockfile_key(v[0]->file), e) < 0 ||
	    copy(s, n, rows, w, next, arg, e) < 0 ||
	    vector_write_end(w, e) < 0)
		r = -1;
	vector_write_free(w);
	for (i = 0; i < n; i++) {
		buf_release(&s[i].lists);
		free(s[i].bits);
		free(s[i].rows);
	}
	free(s);
	return r;
}
