/*
 * The provider filecoin: objects of artifacts on IPFS (blob/blob.h).  The
 * bytes go to a node, and a pinning service, if there is one, is asked to keep
 * them.
 *
 * What is kept of an object (its said): {"cid": of the file, "root_cid": of
 * the folder that the node has pinned (ipfs.h), "size_bytes"}, and of a
 * pinning service "request_id", "status", "pin_name".  A pin's name is the
 * key: it tells as little as keys do, and what was put by one who died is
 * found by it, with a service or a node that knows names.
 *
 * A put needs the object's CID (unixfs.h).  Without a service it is there when
 * the node has pinned it and all of it was read back; with one it is pending
 * until that says that it is pinned.  A list has no sizes, and without a
 * service only what a node that knows names of pins has.
 */
#ifndef NET_BLOB_IPFS_H
#define NET_BLOB_IPFS_H

#include <signal.h>

#include "base/conf.h"
#include "blob/blob.h"

/*
 * As artifact.ipfs.* and artifact.pin.* of the configuration say.  Nothing is
 * asked yet.  ERR_USAGE names the setting.  stop, again: as of ask_how.
 */
int	blob_ipfs_open(void **, const struct conf *,
	    const volatile sig_atomic_t *stop,
	    void (*again)(void *, const char *why, int wait_ms),
	    struct err *);
extern const struct blob_kind blob_ipfs;	/* but for check */
/* Stars for what a text has of the token. */
void	blob_ipfs_hide(const void *, char *text);

#endif
