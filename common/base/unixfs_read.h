/*
 * Reading a file that is in blocks, whole or a part: only the nodes that lead
 * to what is asked for are got, each once, one after the other.
 *
 * Nodes come from outside, though each is the one that its CID names: who
 * made them may have meant harm.  So the depth is bounded, every node must
 * have the size that the one above it says and each part must not be empty:
 * no more is got than is proportional to the bytes that are handed out.
 */
#ifndef BASE_UNIXFS_READ_H
#define BASE_UNIXFS_READ_H

#include "base/dagpb.h"

#define UNIXFS_READ_DEPTH 16

struct unixfs_read {
	/* A block, appended to an empty buffer; its bytes have been compared
	 * with its CID. */
	int (*get)(void *, const struct cid *, struct buf *, struct err *);
	/* Bytes of the file, in their order. */
	int (*take)(void *, const void *, size_t, struct err *);
	void *arg;
};

#define UNIXFS_ALL UINT64_MAX

/*
 * len bytes from `from` on, or to the end if that comes first; *size is that
 * of the whole file (may be NULL).  ERR_INPUT: it is no file, from is behind
 * its end, or it is no part of a file that a node of it leads to.  -1: also
 * what the functions returned.
 */
int	unixfs_read(const struct unixfs_read *, const struct cid *root,
	    uint64_t from, uint64_t len, uint64_t *size, struct err *);

#endif
