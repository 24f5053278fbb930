/*
 * What the files snapshot*.c share.
 */
#ifndef SYNC_SNAPSHOT_OWN_H
#define SYNC_SNAPSHOT_OWN_H

#include "base/str.h"
#include "store/scratch.h"
#include "sync/snapshot.h"

struct db;

/* Memory for objects on their way. */
#define SNAPSHOT_ROOM ((uint32_t)16 << 20)
#define SNAPSHOT_PIECE_DIR "piece/"

/* Bytes of piece i before it is packed. */
uint32_t snapshot_piece_size(const struct snapshot *, size_t i);
/* Of a file: n bytes from `at` on, all of them. */
int	snapshot_read_at(int fd, void *, size_t n, uint64_t at,
	    const char *name, struct err *);
void	snapshot_told(const struct snapshot_how *, const struct snapshot *,
	    uint64_t done);

/* Node, schema and nodes of a database. */
int	snapshot_look(struct db *, struct snapshot *, struct err *);

/* A copy of a tenant's database. */
struct snapshot_copy {
	struct scratch scratch;
	char *path;		/* own */
	int fd;			/* to read */
};
#define SNAPSHOT_COPY_INIT { SCRATCH_INIT, NULL, -1 }

/* It, and all of its description but hashes and pieces. */
int	snapshot_copy(struct snapshot_copy *, struct store *,
	    struct snapshot *, struct err *);
void	snapshot_copy_release(struct snapshot_copy *);

#endif
