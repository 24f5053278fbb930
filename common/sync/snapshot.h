/*
 * A snapshot: a tenant's memory.db as it was at one moment, on a remote, so
 * that a new node need not take in every change segment there ever was.
 * memkit-remote(5) has its form: the database in pieces of one size, each a
 * frame of zstd that is named by its hash, and a description, JSON, that names
 * them in their order.  Whoever knows the description's hash knows all of it.
 *
 * A piece begins at a page and has the bytes that the file has there, so that
 * a later snapshot shares what did not change: a database grows at its end.
 * Measured with 100,000 events of 490 bytes (39 MB, 150 pieces) and 1,000 more:
 * with pieces of 64 KiB 1.5 MB are other ones, of 256 KiB 3.9 MB, of 1 MiB
 * 10.5 MB; with four times as many pieces requests cost more than they save.
 *
 * What is of one node alone is not in it: how far the sources outside were
 * read (cursor), and how far those are who read the change log from outside
 * of memory.db (consumer).  Contents and facts are, with their own marks; they
 * would cost more to make again.  Settings, keys and indexes are other files.
 * What is forgotten later is still in it: a newer one takes its place, and the
 * pieces that no description names any more have to be deleted.
 */
#ifndef SYNC_SNAPSHOT_H
#define SYNC_SNAPSHOT_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/ulid.h"

struct remote;
struct sealing;
struct store;

#define SNAPSHOT_FORMAT 1
/* Bytes of a piece: the least that makes no more pieces than that. */
#define SNAPSHOT_PIECE_MIN ((uint32_t)256 << 10)
#define SNAPSHOT_PIECE_MAX ((uint32_t)8 << 20)
#define SNAPSHOT_PIECES 16384
#define SNAPSHOT_NODES 10000
#define SNAPSHOT_MAX ((size_t)4 << 20)	/* bytes of a description */

struct snapshot_piece {
	uint8_t name[HASH_LEN];		/* of the object (sealing.h) */
	uint32_t bytes;			/* of the object */
	uint8_t sha256[HASH_LEN];	/* of what is in it */
};

struct snapshot_node {
	char name[ULID_LEN + 1];
	int64_t upto;			/* node_each */
};

struct snapshot {
	char node[ULID_LEN + 1];	/* whose database it is */
	char store_id[ULID_LEN + 1];
	char *tenant;			/* own */
	int64_t schema;			/* of the database */
	struct snapshot_node *nodes;	/* own; by name */
	size_t n_nodes;
	uint64_t size;			/* of the database */
	uint8_t sha256[HASH_LEN];
	uint32_t piece;			/* bytes of all but the last */
	struct snapshot_piece *pieces;	/* own */
	size_t n;
	/* of the description as it lies on the remote; a manifest has them */
	uint8_t name[HASH_LEN];
	uint64_t bytes;
};
#define SNAPSHOT_INIT { .tenant = NULL }
void	snapshot_release(struct snapshot *);

/* Appends the description.  The same snapshot has the same bytes. */
void	snapshot_write(const struct snapshot *, struct buf *);
/*
 * Read one into an empty snapshot; release it in any case.  ERR_INPUT: it is
 * none, or not as snapshot_write makes it; ERR_VERSION: a newer memkit made it.
 */
int	snapshot_read(struct snapshot *, const void *, size_t, struct err *);

/* Where they are, below "TENANT/.memkit/" (or ""): appended. */
void	snapshot_key(struct buf *, const char *prefix,
	    const uint8_t name[HASH_LEN]);
void	snapshot_piece_key(struct buf *, const char *prefix,
	    const uint8_t name[HASH_LEN]);

struct snapshot_sums {
	uint64_t pieces, bytes;		/* that travelled */
};

/* Zeroed, nothing of it is needed. */
struct snapshot_how {
	const volatile sig_atomic_t *stop;	/* nonzero: ERR_BUSY */
	/* NULL: what is put is in clear, and what is read must be */
	struct sealing *sealing;
	/* put: is this piece there?  NULL: the remote is asked, once for all
	 * (a listing) */
	bool (*known)(void *, const uint8_t name[HASH_LEN]);
	/* bytes of the database that are done */
	void (*progress)(void *, uint64_t done, uint64_t of);
	void *arg;
	struct snapshot_sums *sums;		/* counted up; NULL: not */
};

/*
 * A snapshot of this store's tenant.  Writers go on; a copy lies in STORE/tmp
 * meanwhile.  Pieces that are there are not put again, so one that broke off
 * is repeated.  The description is put last; *out is it, also what a manifest
 * must say of it.  At most about 40 MB of memory.
 * ERR_SYS: no room for the copy; else errors of the remote.
 */
int	snapshot_put(struct store *, struct remote *, const char *prefix,
	    const struct snapshot_how *, struct snapshot *out, struct err *);

/* The description alone, of so many bytes; release it in any case.  Errors as
 * of snapshot_get. */
int	snapshot_describe(struct remote *, const char *prefix,
	    struct sealing *, const uint8_t name[HASH_LEN], uint64_t bytes,
	    struct snapshot *, struct err *);

/*
 * Fetch the one of this name, whose description has so many bytes, into the
 * file at path, which must not be there.  Until all of it is there, compared
 * and on the disk it is "path.part", which the caller lets nobody else touch;
 * from what is in that it goes on: of a get that broke off, or any older
 * snapshot of the store.  *out is its description; release it in any case.
 * ERR_ABSENT, ERR_INPUT, ERR_NET: the message names the object; ERR_CORRUPT:
 * whoever made it made it wrong; ERR_SYS: no room.
 */
int	snapshot_get(struct remote *, const char *prefix,
	    const uint8_t name[HASH_LEN], uint64_t bytes, const char *path,
	    const struct snapshot_how *, struct snapshot *out, struct err *);

/*
 * Is what was fetched a database of ours, whole, and of the nodes that its
 * description names?  An older schema is brought up to ours.  ERR_CORRUPT,
 * ERR_VERSION.  Reads all of it.  The file stays one; move it into place, open
 * the store and make it a node of its own (node_renew).
 */
int	snapshot_check(const char *path, const struct snapshot *,
	    struct err *);

#endif
