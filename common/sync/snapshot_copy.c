/*
 * The copy that a snapshot is cut of.  SQLite's backup of all pages in one
 * step: VACUUM INTO costs half as much again, and moves every page, so that
 * nothing would be shared with the snapshot before; to read pages within one
 * transaction, without a copy, SQLite has to be built with sqlite_dbpage, and
 * the log of the store grows until the slowest remote has the last of them.
 */
#include "sync/snapshot_own.h"

#include "base/alloc.h"
#include "base/file.h"
#include "ltm/live.h"
#include "store/db.h"
#include "store/disk.h"
#include "store/node.h"
#include "store/store.h"
#include "toc/toc.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_MS 10000

int
snapshot_read_at(int fd, void *p, size_t n, uint64_t at, const char *name,
    struct err *e)
{
	char *to = p;
	ssize_t got;

	for (; n > 0; n -= (size_t)got, to += got, at += (uint64_t)got) {
		got = pread(fd, to, n, (off_t)at);
		if (got < 0 && errno == EINTR)
			got = 0;
		else if (got < 0)
			return err_sys(e, "cannot read '%s'", name);
		else if (got == 0)
			return err_set(e, ERR_SYS, "'%s' became shorter while "
			    "it was read", name);
	}
	return 0;
}

/* --- what is in a database --------------------------------------------- */

static int
add_node(void *arg, const char *name, int64_t upto)
{
	struct snapshot *s = arg;
	struct snapshot_node *x;
	uint8_t id[ULID_BYTES];

	if (s->n_nodes >= SNAPSHOT_NODES || !ulid_parse(name, id))
		return 1;
	s->nodes = xreallocarray(s->nodes, s->n_nodes + 1,
	    sizeof *s->nodes);
	x = &s->nodes[s->n_nodes++];
	ulid_from_bytes(x->name, id);
	x->upto = upto;
	return 0;
}

static int
count_node(void *arg, const char *name, int64_t upto)
{
	(void)name;
	(void)upto;
	++*(size_t *)arg;
	return 0;
}

int
snapshot_look(struct db *db, struct snapshot *s, struct err *e)
{
	size_t n = 0;

	if (db_number(db, e, "PRAGMA user_version", 0, &s->schema) < 0 ||
	    node_name_in(db, s->node, e) < 0 ||
	    node_each_in(db, count_node, &n, e) < 0 ||
	    node_each_in(db, add_node, s, e) < 0)
		return -1;
	return s->n_nodes == n ? 0 : err_set(e, ERR_CORRUPT, "it knows of a "
	    "node whose name is none, or of more than %d", SNAPSHOT_NODES);
}

/* --- the copy ---------------------------------------------------------- */

static int
check_room(const struct store *st, struct err *e)
{
	char *db = store_path(st, "memory.db");
	struct disk disk;
	struct stat sb;
	int r = 0;

	if (stat(db, &sb) < 0)
		r = err_sys(e, "cannot look at '%s'", db);
	else if ((r = disk_look(st->dir, &disk, e)) == 0 &&
	    disk.free < sb.st_size + (1 << 20))
		r = err_set(e, ERR_SYS, "a snapshot makes a copy in '%s/tmp' "
		    "first and needs %" PRId64 " MiB there; %" PRId64 " MiB "
		    "are free", st->dir, ((int64_t)sb.st_size >> 20) + 1,
		    disk.free >> 20);
	free(db);
	return r;
}

/*
 * What another node must not begin with: marks of those who read the log for
 * something outside of it (they would keep the log from being trimmed), and of
 * sources that this machine alone has.  Their names are paths, so they are
 * zeroed.
 */
static int
delete_own(struct db *db, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(db, e, "DELETE FROM consumer WHERE name NOT IN "
	    "(:toc, :live)")) == NULL)
		return -1;
	db_text(q, ":toc", TOC_CONSUMER);
	db_text(q, ":live", LIVE_CONSUMER);
	if (db_run(q, e) < 0 || (q = db_sql(db, e, "DELETE FROM cursor")) ==
	    NULL)
		return -1;
	return db_run(q, e);
}

static int
prepare(const char *path, struct snapshot *s, struct err *e)
{
	struct db *db = NULL;
	int r = -1;

	if (db_open(&db, path, DB_WRITE, BUSY_MS, e) == 0 &&
	    db_scrub(db, e) == 0 && tx_begin(db, e) == 0) {
		r = tx_end(db, delete_own(db, e), e);
		if (r == 0)
			r = snapshot_look(db, s, e);
	}
	db_close(db);
	return r;
}

static int
measure(struct snapshot_copy *c, struct snapshot *s, struct err *e)
{
	struct stat sb;

	c->fd = open(c->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (c->fd < 0 || fstat(c->fd, &sb) < 0)
		return err_sys(e, "cannot open '%s'", c->path);
	s->size = (uint64_t)sb.st_size;
	s->piece = SNAPSHOT_PIECE_MIN;
	while (s->size > (uint64_t)s->piece * SNAPSHOT_PIECES)
		if ((s->piece *= 2) > SNAPSHOT_PIECE_MAX)
			return err_set(e, ERR_INPUT, "a database of %" PRIu64
			    " GiB is too large for a snapshot", s->size >> 30);
	return 0;
}

int
snapshot_copy(struct snapshot_copy *c, struct store *st, struct snapshot *s,
    struct err *e)
{
	struct buf path = BUF_INIT;

	if (check_room(st, e) < 0 ||
	    scratch_open(&c->scratch, st->dir, "snapshot", e) < 0)
		return -1;
	file_join(&path, c->scratch.path, "memory.db");
	c->path = buf_steal(&path);
	memcpy(s->store_id, st->id, sizeof s->store_id);
	s->tenant = xstrdup(st->tenant);
	if (db_copy(st->db, c->path, e) < 0 || prepare(c->path, s, e) < 0)
		return -1;
	return measure(c, s, e);
}

void
snapshot_copy_release(struct snapshot_copy *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	free(c->path);
	c->path = NULL;
	scratch_close(&c->scratch);
}
