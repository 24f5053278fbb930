/*
 * What is known of an object on IPFS, for blob_ipfs*.c alone.
 */
#ifndef NET_BLOB_IPFS_OWN_H
#define NET_BLOB_IPFS_OWN_H

#include "blob/blob.h"
#include "net/ipfs.h"
#include "net/pinning.h"

struct blob_ipfs {
	struct ipfs *node;		/* own */
	struct pinning *pins;		/* own; NULL: there is no service */
	const volatile sig_atomic_t *stop;	/* borrowed */
	void (*again)(void *, const char *, int);
};

struct ipfs_object {
	const struct blob *blob;	/* borrowed */
	const char *name;		/* in its folder; of the key */
	struct cid cid, folder;
	bool has_cid, has_folder;
	uint64_t size;
	bool has_size;
	const char *request;		/* borrowed; NULL: none is known */
	struct pin pin;
	bool has_pin;
};

/* What is said of it.  pin_release of its pin in any case. */
int	ipfs_object_read(struct ipfs_object *, const struct blob *,
	    struct err *);
/* What is said from now on. */
void	ipfs_object_say(const struct ipfs_object *, struct blob *);
enum blob_where ipfs_object_where(const struct ipfs_object *);
/* The request of it, by its id, or by its name, which is no one else's. */
int	ipfs_object_request(struct blob_ipfs *, struct ipfs_object *,
	    struct err *);
/* The folder that the node has pinned for it.  1; 0: none that is known. */
int	ipfs_object_folder(struct blob_ipfs *, struct ipfs_object *,
	    struct err *);
/* The file in a folder of ours, whose name must be that of the key. */
int	ipfs_object_open(struct blob_ipfs *, struct ipfs_object *,
	    struct err *);
int	ipfs_object_put(struct blob_ipfs *, struct ipfs_object *,
	    struct blob *, struct err *);
/* What reads only to have read. */
int	ipfs_no_bytes(void *, const void *, size_t, struct err *);

#endif
