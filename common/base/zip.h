/*
 * zstd with a dictionary (RFC 8878).  Every frame carries its content
 * size and checksum, so damage is found when it is read.
 */
#ifndef BASE_ZIP_H
#define BASE_ZIP_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct zip;

/* dict is borrowed and must outlive it; NULL, 0 is none. */
struct zip *zip_new(const void *dict, size_t len);
void	zip_free(struct zip *);

/* Appends one frame. */
void	zip_pack(struct zip *, struct buf *, const void *, size_t, int level);

/*
 * Appends the content of one frame, at most max bytes of it (ERR_CORRUPT:
 * damaged, of another dictionary, of unknown size, or larger).
 */
int	zip_unpack(struct zip *, struct buf *, const void *, size_t, size_t max,
	    struct err *);

/* Train a dictionary of at most cap bytes on n samples that lie one after
 * the other in p.  0, or -1 with ERR_INPUT: too little to learn from. */
int	zip_train(struct buf *, size_t cap, const void *p, const size_t *len,
	    size_t n, struct err *);

#endif
