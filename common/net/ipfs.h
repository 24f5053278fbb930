/*
 * A node of IPFS, by its RPC API (Kubo's /api/v0; js-ipfs answers the same,
 * mostly): files go in as blocks, are pinned, and come back as blocks, each of
 * which is compared with its CID.
 *
 * What is pinned for a file is not its root but a folder with the root in it,
 * under a name of its own.  A node has one pin for a CID, whoever wanted it:
 * so two that keep the same bytes have a pin each, and one that goes takes
 * nothing from the other.
 *
 * Source: "Kubo RPC API v0 reference" (docs.ipfs.tech).  A command that fails
 * is status 500 with a "Message"; one that the node does not know is 404.
 */
#ifndef NET_IPFS_H
#define NET_IPFS_H

#include "base/cid.h"
#include "net/ask.h"

struct ipfs;

struct ipfs_how {
	struct ask_how ask;	/* url: without /api/v0; token: as Kubo's
				   API.Authorizations have it */
	int wait_ms;		/* for a block, or a pin; 0: 60 s */
};

int	ipfs_open(struct ipfs **, const struct ipfs_how *, struct err *);
void	ipfs_free(struct ipfs *);		/* takes NULL */

struct ipfs_file {
	struct http_body bytes;	/* may be read twice */
	struct cid cid;		/* that they must have (unixfs.h) */
	const char *name;	/* of it in the folder; not empty, no '/' */
	const char *pin;	/* name of the pin, where the node knows such */
};

/*
 * The node has it, and has pinned it; *folder is what is pinned.  One that
 * does not know dag/import gets one block after the other.  ERR_INPUT: the
 * bytes have another CID (nothing is pinned), or the node answers wrongly;
 * ERR_NET.
 */
int	ipfs_put(struct ipfs *, const struct ipfs_file *, struct cid *folder,
	    struct err *);
/* The same folder, from what is known of a file: its size, and its name.  No
 * question. */
int	ipfs_folder(const struct cid *root, uint64_t size, const char *name,
	    struct cid *folder, struct err *);

/* A block, appended; at most DAGPB_BLOCK.  ERR_ABSENT: the node says that it
 * is not there; ERR_NET: it was not got in time; ERR_INPUT: it is another. */
int	ipfs_block(struct ipfs *, const struct cid *, struct buf *,
	    struct err *);
/* Bytes of a file (unixfs_read.h). */
int	ipfs_read(struct ipfs *, const struct cid *root, uint64_t from,
	    uint64_t len, uint64_t *size,
	    int (*take)(void *, const void *, size_t, struct err *), void *arg,
	    struct err *);

/* With all that it leads to; 1, 0 it is not pinned (unpin: was not). */
int	ipfs_pinned(struct ipfs *, const struct cid *, struct err *);
int	ipfs_unpin(struct ipfs *, const struct cid *, struct err *);
/* All pins that have a name (js-ipfs knows of none); -1 ends it. */
typedef int ipfs_found(void *, const struct cid *, const char *name,
    struct err *);
int	ipfs_pins(struct ipfs *, ipfs_found *, void *, struct err *);

/* Where others reach the node, and where it is to look for others; multiaddrs,
 * at most IPFS_PEERS.  That one cannot be reached is no error. */
#define IPFS_PEERS 20
int	ipfs_addresses(struct ipfs *, struct strv *, struct err *);
int	ipfs_connect(struct ipfs *, const char *address, struct err *);

void	ipfs_hide(const struct ipfs *, char *text);

#endif
