/*
 * Manifests: what a remote has of a tenant's memory, as a log.
 *
 * A push adds one, numbered 1, 2, 3 ... and made only where there is none of
 * its number, so that of two that push at once one is first, and the other
 * one reads what came before it.  A manifest names what was put by that push
 * alone; all of them, in their order, name what there is.  Each has the
 * SHA-256 of the one before it.  memkit-remote(5) has the form.
 */
#ifndef SYNC_SYNC_MANIFEST_H
#define SYNC_SYNC_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/ulid.h"

#define MANIFEST_FORMAT 1
#define MANIFEST_MAX ((size_t)64 << 20)		/* bytes of one */
#define MANIFEST_DIGITS 12			/* of its number, in its key */
#define MANIFEST_LAST INT64_C(999999999999)
#define MANIFEST_HOLD_MOST INT64_C(86400000)	/* ms; of a session */

/* A change segment (segmentfile.h): what is in it, and its object. */
struct manifest_segment {
	char node[ULID_LEN + 1];
	int64_t from, to;
	int64_t size;			/* bytes of the object */
	char name[HASH_HEX + 1];
};

/* A pack of files (packfile.h), and its object. */
struct manifest_pack {
	char name[HASH_HEX + 1];
	int64_t size;			/* bytes of the object */
	int64_t index;			/* of its index, before sealing */
	int64_t files;			/* in it, */
	int64_t bytes;			/* and of all of them */
};

/*
 * Who wrote the manifest has written the session last, and keeps it for so
 * long after it was seen (lease.h).
 */
struct manifest_lease {
	char *user, *session;		/* own */
	int64_t epoch;			/* one more each time that the node
					   is another one: never more than
					   the manifest's number */
	int64_t hold_ms;		/* 0: it is free at once */
};

/* What this node's changes up to this one made is in the snapshot only: there
 * are no segments of them. */
struct manifest_cover {
	char node[ULID_LEN + 1];
	int64_t from;			/* -1: from wherever segments end; else
					   those in (from, upto] that were
					   named before are lost */
	int64_t upto;
};

struct sync_manifest {
	int64_t number;			/* from 1 */
	int64_t at_ms;			/* by the clock of the node */
	char push[ULID_LEN + 1];	/* the name of this very push */
	char node[ULID_LEN + 1];	/* who wrote it */
	char store_id[ULID_LEN + 1];
	bool sealed;			/* it was, or is to be; not in it */
	char *tenant, *address;		/* own; address: of the node, for
					   people, or NULL */
	char previous[HASH_HEX + 1];	/* of the bytes of the one before;
					   "" of the first */
	struct manifest_segment *segment;	/* own */
	size_t nsegments;
	struct manifest_pack *pack;		/* own */
	size_t npacks;
	struct manifest_lease *lease;		/* own */
	size_t nleases;
	char snapshot[HASH_HEX + 1];	/* its description; "" none is new */
	int64_t snapshot_size;		/* bytes of the description */
	struct manifest_cover *cover;	/* own */
	size_t ncovers;
};

void	sync_manifest_release(struct sync_manifest *);
void	sync_manifest_add_segment(struct sync_manifest *,
	    const struct manifest_segment *);
void	sync_manifest_add_pack(struct sync_manifest *,
	    const struct manifest_pack *);
void	sync_manifest_add_lease(struct sync_manifest *, const char *user,
	    const char *session, int64_t epoch, int64_t hold_ms);
void	sync_manifest_add_cover(struct sync_manifest *, const char *node,
	    int64_t from, int64_t upto);

/* The same manifest has the same bytes: JSON in one line, appended. */
void	sync_manifest_write(const struct sync_manifest *, struct buf *);
/* ERR_CORRUPT says what is wrong; ERR_VERSION: a newer memkit made it.
 * Release it in any case. */
int	sync_manifest_read(struct sync_manifest *, const char *, size_t,
	    struct err *);

/* "000000000042", appended; and back: 1, 0 it is none. */
void	sync_manifest_name(struct buf *, int64_t number);
int	sync_manifest_number(const char *name, int64_t *number);

#endif
