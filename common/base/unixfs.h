/*
 * A file as blocks, and its CID: bytes go in, a piece at a time, blocks come
 * out, leaves before the nodes that link to them, and the root last.  Memory
 * is that of a block and of the links of one node for each level of the tree
 * (a file of 1 TiB has three), however long the file is.
 *
 * The form is the profile "unixfs-v1-2025" of IPIP-0499 ("UnixFS CID
 * Profiles", github.com/ipfs/specs; Kubo since 0.40, Helia): CIDv1, SHA-256,
 * chunks of 1 MiB, leaves that are the bytes themselves, a balanced tree,
 * 1024 links to a node.  Kubo 0.39 and older, and js-ipfs, have 174 links when
 * they are asked for the rest of it ("test-cid-v1"); a file of up to 174 MiB
 * has the same CID either way, a longer one is the same leaves below other
 * nodes.  A profile is what others can compute anew, so we follow that;
 * `width` is for comparing with those.
 */
#ifndef BASE_UNIXFS_H
#define BASE_UNIXFS_H

#include "base/dagpb.h"

#define UNIXFS_CHUNK ((size_t)1 << 20)
#define UNIXFS_WIDTH 1024
#define UNIXFS_LEVELS 8

struct unixfs_level {
	struct dagpb_link *links;	/* own */
	uint64_t *sizes;		/* own; of the file, behind each */
	size_t n;
};

struct unixfs {
	/* the caller's, after init */
	size_t chunk, width;	/* bytes; links of a node, 2 or more */
	/* A block, borrowed until it returns; NULL: only the CID is wanted,
	 * and no byte is copied. */
	int (*block)(void *, const struct cid *, const void *, size_t,
	    struct err *);
	void *arg;
	/* ours */
	struct unixfs_level level[UNIXFS_LEVELS];
	struct buf part;	/* of a chunk, where its bytes are needed */
	struct hash hash;	/* where they are not */
	size_t have;		/* bytes of the chunk that has begun */
	uint64_t leaves;
	struct buf node;
};

void	unixfs_init(struct unixfs *);
void	unixfs_release(struct unixfs *);

/*
 * The next bytes.  p NULL: so many that nobody knows; CIDs mean nothing then,
 * but all sizes are right (a leaf's bytes are NULL, too).  -1: what block
 * returned; ERR_INPUT: the file is too long.
 */
int	unixfs_add(struct unixfs *, const void *p, size_t n, struct err *);

/* That was all: the root, which may be a leaf, and the bytes of all blocks
 * (tsize may be NULL). */
int	unixfs_end(struct unixfs *, struct cid *root, uint64_t *tsize,
	    struct err *);

/* The CID of what is in a descriptor, from its beginning to its end; size may
 * be NULL.  name is for messages. */
int	unixfs_cid(int fd, const char *name, struct cid *, uint64_t *size,
	    struct err *);

/* A folder with this one file in it: a block, appended. */
void	unixfs_wrap(struct buf *, const struct dagpb_link *file);

#endif
