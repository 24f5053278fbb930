/*
 * DAG-PB: a node with links to other blocks and bytes of its own; and what
 * UnixFS keeps in these: what the node is, and how many bytes of a file are
 * behind each link.
 *
 * It is written in the one form that the specification has, and read in that
 * form alone: links before data, fields in their order, each number as short
 * as it can be, nothing that is not known.  Sources: "DAG-PB" (ipld.io, specs,
 * codecs), "UnixFS" (specs.ipfs.tech).
 */
#ifndef BASE_DAGPB_H
#define BASE_DAGPB_H

#include "base/cid.h"

#define DAGPB_BLOCK ((size_t)2 << 20)	/* largest block that others take:
					   a message of Bitswap */
#define DAGPB_LINKS 8192		/* of a node that we read */

struct dagpb_link {
	struct cid cid;
	const char *name;	/* borrowed; "" in a file */
	size_t nname;
	uint64_t tsize;		/* bytes of all blocks from there on */
};

struct dagpb {
	struct dagpb_link *links;	/* own */
	size_t n;
	const uint8_t *data;		/* borrowed from what was read; NULL:
					   there is none */
	size_t ndata;
};

/* Links first, in order, then the data; appended. */
void	dagpb_add_link(struct buf *, const struct dagpb_link *);
void	dagpb_add_data(struct buf *, const void *, size_t);

/* ERR_INPUT.  names and data are borrowed from the bytes. */
int	dagpb_read(struct dagpb *, const void *, size_t, struct err *);
void	dagpb_release(struct dagpb *);

/* --- the data of UnixFS ------------------------------------------------ */

enum unixfs_type { UNIXFS_DIRECTORY = 1, UNIXFS_FILE = 2 };

/* A file in several blocks, or a folder (which has neither size). */
struct unixfs_data {
	enum unixfs_type type;
	uint64_t size;		/* of the file from this node on */
	uint64_t *sizes;	/* own; of it, behind each link */
	size_t n;
};

void	unixfs_data_add(struct buf *, const struct unixfs_data *);
/*
 * ERR_INPUT, also for what may be in a node and is in none of ours: bytes of
 * the file, modes, times, links, sharded folders.  The size is the sum of the
 * sizes, none of which is 0.
 */
int	unixfs_data_read(struct unixfs_data *, const void *, size_t,
	    struct err *);
void	unixfs_data_release(struct unixfs_data *);

#endif
