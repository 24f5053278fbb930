/*
 * CAR, version 1: blocks one behind the other in one file, and which of them
 * are the roots.  Before each block stand its length and its CID.
 *
 * The header is a map in DAG-CBOR with two keys.  Only that is written, and
 * read, of CBOR, in the one form that DAG-CBOR allows.  Source: "CARv1"
 * (ipld.io, specs, transport), "DAG-CBOR".
 */
#ifndef BASE_CAR_H
#define BASE_CAR_H

#include <stdbool.h>

#include "base/dagpb.h"

#define CAR_ROOTS 16		/* there are fewer */

/* --- writing: appended ------------------------------------------------- */

void	car_header(struct buf *, const struct cid *roots, size_t n);
/* What stands before a block of n bytes; they follow. */
void	car_block(struct buf *, const struct cid *, size_t n);
/* How many bytes car_block adds. */
size_t	car_block_len(size_t n);

/* --- reading ----------------------------------------------------------- */

/*
 * In pieces of any length; memory is that of one block.  What comes is
 * believed nothing: a header, a block longer than DAGPB_BLOCK, a CID that is
 * not of the bytes behind it are ERR_INPUT.
 */
struct car_read {
	/* the caller's, after init */
	int (*roots)(void *, const struct cid *, size_t n, struct err *);
	int (*block)(void *, const struct cid *, const void *, size_t,
	    struct err *);		/* compared with its CID */
	void *arg;
	/* ours */
	struct buf part;		/* of a section, with its length */
	uint64_t want;			/* bytes of the section; 0: not known */
	bool headed;
};

void	car_read_init(struct car_read *);
void	car_read_release(struct car_read *);
int	car_read_add(struct car_read *, const void *, size_t, struct err *);
/* That was all: ERR_INPUT if it broke off. */
int	car_read_end(struct car_read *, struct err *);

#endif
