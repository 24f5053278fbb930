/*
 * A file of vectors as it is written: block by block, in order, so that
 * memory does not grow with it.
 */
#ifndef INDEX_VECTOR_WRITE_H
#define INDEX_VECTOR_WRITE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "index/vector.h"

struct blockfile_key;
struct vector_writer;

/* A row of it: borrowed. */
struct vector_line {
	float scale;			/* 0: it has no vector */
	const int8_t *q;		/* wide of them */
	const uint8_t *bits;		/* wide / 8 */
	const uint8_t *list;		/* as it is in the file */
	size_t list_len;
};

int	vector_write_begin(struct vector_writer **,
	    const struct vector_model *, uint32_t rows, const char *path,
	    const struct blockfile_key *, struct err *);
int	vector_write_line(struct vector_writer *, const struct vector_line *,
	    struct err *);
/* As many lines as rows were written: the file is there. */
int	vector_write_end(struct vector_writer *, struct err *);
/* Free it; what was not ended is not there.  Takes NULL. */
void	vector_write_free(struct vector_writer *);

#endif
