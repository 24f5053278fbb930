/*
 * Making files of vectors: from vectors, and from files.  What is made of
 * the same rows is the same, byte for byte.
 */
#ifndef INDEX_VECTOR_MAKE_H
#define INDEX_VECTOR_MAKE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "index/vector.h"

struct blockfile_key;
struct vector_maker;

struct vector_maker *vector_maker_new(const struct vector_model *);
void	vector_maker_free(struct vector_maker *);	/* takes NULL */

/* A row: the vector (NULL: it has none) and its pieces, ascending, without
 * repetition, less than the model's `pieces`. */
void	vector_maker_add(struct vector_maker *, const float *,
	    const uint32_t *piece, size_t n);
uint32_t vector_maker_rows(const struct vector_maker *);
size_t	vector_maker_memory(const struct vector_maker *);	/* bytes */

/*
 * Write them: the file whole and on the disk (not yet its folder's entry),
 * or not there.  order[i]: which of those added is row i; NULL: as added.
 */
int	vector_maker_write(struct vector_maker *, const uint32_t *order,
	    const char *path, const struct blockfile_key *, struct err *);

/*
 * One file of several of one model (else ERR_EXISTS).  next names the rows
 * of the new file, in order, `rows` of them: 1, 0 no more, -1; those of one
 * source should ascend.  A source of VECTOR_NOTHING is a row without a
 * vector.  It is sealed if the first of them is, with its key.
 */
#define VECTOR_NOTHING UINT32_MAX
typedef int vector_next(void *, uint32_t *source, uint32_t *row,
	    struct err *);
int	vector_merge(struct vector *const *, size_t n, uint32_t rows,
	    vector_next *, void *, const char *path, struct err *);

#endif
