/*
 * Asking a node, for ipfs*.c alone.
 */
#ifndef NET_IPFS_NODE_H
#define NET_IPFS_NODE_H

#include <jansson.h>

#include "net/ipfs.h"

#define IPFS_ANSWER ((size_t)1 << 20)	/* of a command, but a block */

struct ipfs {
	struct ask *ask;	/* own */
	int wait_ms;
	/* what the node was found to be */
	bool no_import;		/* it does not know dag/import */
	bool format;		/* block/put takes the codec as js-ipfs does */
	struct buf body;	/* own; the last answer */
};

/* A command without a body: "pin/rm" and the value of its arg (NULL: none).
 * The status; -1. */
int	ipfs_command(struct ipfs *, const char *path, struct err *);
/* The path of a command: "/api/v0/NAME?arg=CID". */
void	ipfs_path(struct buf *, const char *name, const struct cid *arg);
/* Body that was answered, as JSON; NULL: ERR_INPUT. */
json_t	*ipfs_json(struct ipfs *, struct err *);
/* A CID that it answers with; -1, another than it should be. */
int	ipfs_is_cid(struct ipfs *, const json_t *, const struct cid *,
	    struct err *);
/* It failed, and says of the sort "not pinned". */
bool	ipfs_says(struct ipfs *, int status, const char *what);
int	ipfs_refused(struct ipfs *, int status, const char *what,
	    struct err *);
/* One file of multipart/form-data: what stands before it, and behind. */
struct ipfs_form {
	char edge[33], type[80];
};
int	ipfs_form_init(struct ipfs_form *, struct err *);
void	ipfs_form_begin(const struct ipfs_form *, struct buf *);
void	ipfs_form_end(const struct ipfs_form *, struct buf *);

/* The folder of a file. */
struct ipfs_wrap {
	struct buf block;	/* own */
	struct cid cid;
};

/* The next chunk of a file, whole, but at its end. */
int	ipfs_chunk(const struct ipfs_file *, uint64_t at, struct buf *,
	    struct err *);
/* For a file of so many bytes: of its blocks in a CAR, and of them alone. */
int	ipfs_car_sizes(uint64_t size, uint64_t *car, uint64_t *tsize,
	    struct err *);
/* 1 the node has them, 0 it does not know that command. */
int	ipfs_put_car(struct ipfs *, const struct ipfs_file *,
	    const struct ipfs_wrap *, uint64_t len, struct err *);
int	ipfs_pin(struct ipfs *, const struct cid *, const char *name,
	    struct err *);

#endif
