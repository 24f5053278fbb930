#include "sync/pull_fresh.h"

#include "artifact/artifact_merge.h"
#include "base/buf.h"
#include "base/file.h"
#include "file/file_row.h"
#include "store/audit.h"
#include "store/db.h"
#include "store/node.h"
#include "store/scratch.h"
#include "store/store.h"
#include "sync/snapshot.h"
#include "sync/sync.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUSY_MS 10000

struct run {
	struct sync *s;
	const struct pull_how *how;
	struct pulled *sums;
	struct store_where where;	/* of the temporary store */
};

int
pull_fresh_may(const struct store *st)
{
	char *path = store_path(st, "memory.db");
	int r = !file_exists(path);

	free(path);
	return r;
}

/* --- the snapshot ------------------------------------------------------ */

static void
progress(void *arg, uint64_t done, uint64_t of)
{
	sync_tell(arg, "bytes of the snapshot", (int64_t)done, (int64_t)of);
}

/* What was fetched waits in the tenant's folder, where the next pull finds
 * it. */
static char *
waiting_path(const struct run *run)
{
	return store_path(run->s->st, "sync/snapshot.db");
}

static int
fetch(struct run *run, const char *name, int64_t size, const char *path,
    struct err *e)
{
	struct snapshot_sums sums = { 0, 0 };
	const struct snapshot_how how = { .stop = run->s->watch.stop,
	    .progress = progress, .arg = run->s, .sums = &sums,
	    .sealing = sync_opening(run->s) };
	struct snapshot snap = SNAPSHOT_INIT;
	uint8_t hash[HASH_LEN];
	int r;

	hex_decode(hash, name, HASH_LEN);
	unlink(path);		/* fetched, but not taken */
	if ((r = snapshot_get(run->s->remote, run->s->prefix.p, hash,
	    (uint64_t)size, path, &how, &snap, e)) == 0)
		r = snapshot_check(path, &snap, e);
	if (r == 0 && strcmp(snap.tenant, run->s->tenant) != 0)
		r = err_set(e, ERR_CORRUPT, "the snapshot is of another "
		    "tenant");
	snapshot_release(&snap);
	run->s->received += (int64_t)sums.bytes;
	return r;
}

static int
place(struct run *run, const char *path, struct err *e)
{
	struct store *there;
	struct db *db;
	char *dir, *to;
	int r;

	if (store_open(&there, &run->where, STORE_FOLDER, e) < 0)
		return -1;
	dir = store_path(there, "");
	to = store_path(there, "memory.db");
	if ((r = file_mkdirs(dir, 0700, e)) == 0 && rename(path, to) < 0)
		r = err_sys(e, "cannot move '%s' to '%s'", path, to);
	/* a copy has no log; DB_CREATE gives it one again */
	if (r == 0 && (r = db_open(&db, to, DB_CREATE, BUSY_MS, e)) == 0)
		db_close(db);
	free(dir);
	free(to);
	store_close(there);
	return r;
}

/* 1 it is there, 0 there is none. */
static int
take_snapshot(struct run *run, struct err *e)
{
	char name[HASH_HEX + 1], *path;
	int64_t size;
	int r;

	if ((r = journal_snapshot(run->s->journal, name, &size, e)) != 1)
		return r;
	path = waiting_path(run);
	if ((r = fetch(run, name, size, path, e)) == 0)
		r = place(run, path, e);
	free(path);
	return r < 0 ? -1 : 1;
}

/* --- the rest ---------------------------------------------------------- */

static int
pull_into(struct run *run, struct store *there, struct err *e)
{
	struct pull_how how = *run->how;
	struct sync *other;
	char detail[64];
	int r;

	how.merge = true;	/* nothing is there but what came from it */
	how.rows_only = true;
	if (sync_attach(&other, run->s, there, e) < 0)
		return -1;
	r = pull(other, &how, run->sums, e);
	run->s->received += other->received;
	sync_close(other);
	snprintf(detail, sizeof detail, "manifest %" PRId64,
	    run->sums->number);
	return r < 0 ? -1 : audit_add(there, "pull", run->s->name, detail, e);
}

static int
bytes_elsewhere(struct store *there, struct err *e)
{
	return tx_begin(there->db, e) < 0 ? -1 : tx_end(there->db,
	    artifact_elsewhere(there, e), e);
}

/* A drill's store has none of its own, either. */
static const struct store *
ring_of(const struct run *run)
{
	const struct store *st = run->s->st;

	return st->ring_of != NULL ? st->ring_of : st;
}

/* A snapshot of another tenant's says so (sync_open_as). */
static int
sign(struct store *there, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(there->db, e, "UPDATE meta SET value = :tenant "
	    "WHERE name = 'tenant'")) == NULL)
		return -1;
	db_text(q, ":tenant", there->tenant);
	return db_run(q, e);
}

static int
build(struct run *run, struct err *e)
{
	struct store *there;
	int r, snapshot;

	if ((snapshot = take_snapshot(run, e)) < 0 ||
	    store_open(&there, &run->where, STORE_MAKE_HERE, e) < 0)
		return -1;
	there->ring_of = ring_of(run);
	/* another copy's files are not here */
	r = !snapshot ? 0 : sign(there, e) < 0 ||
	    node_renew(there, INT64_MAX, e) < 0 ||
	    file_row_elsewhere(there, e) < 0 ||
	    bytes_elsewhere(there, e) < 0 ? -1 : 0;
	if (r == 0 && (r = pull_into(run, there, e)) == 0)
		r = db_gather(there->db, e);
	store_close(there);
	run->sums->snapshot = snapshot;
	return r;
}

/* The one file is all of it (db_gather).  A link never takes the place of what
 * somebody made meanwhile. */
static int
move_in(struct run *run, struct err *e)
{
	struct buf from = BUF_INIT, to = BUF_INIT;
	int r = 0;

	buf_addf(&from, "%s/tenants%s/memory.db", run->where.dir,
	    strrchr(run->s->st->tenant_dir, '/'));
	file_join(&to, run->s->st->tenant_dir, "memory.db");
	if (link(from.p, to.p) < 0)
		r = errno == EEXIST ? err_set(e, ERR_BUSY, "somebody made the "
		    "tenant '%s' meanwhile; pull again to take the remote's "
		    "memory in", run->s->st->tenant) :
		    err_sys(e, "cannot move '%s' to '%s'", from.p, to.p);
	if (r == 0)
		r = file_sync_dir(run->s->st->tenant_dir, e);
	buf_release(&from);
	buf_release(&to);
	return r;
}

/* Into the tenant that is there now. */
static int
fetch_files(struct run *run, struct err *e)
{
	const struct store_where where = { .dir = run->s->st->dir,
	    .tenant = run->s->st->tenant, .user = run->s->st->user,
	    .inside = true };
	const struct pull_which which = { .archived = run->how->archived };
	struct store *st;
	struct sync *other;
	int r;

	if (store_open(&st, &where, STORE_MAKE_HERE, e) < 0)
		return -1;
	st->ring_of = ring_of(run);
	if ((r = sync_attach(&other, run->s, st, e)) == 0) {
		r = pull_files(other, &which, &run->sums->files,
		    run->how->no_file, run->how->arg, e);
		if (r == 0 && !run->how->no_artifacts)
			r = pull_artifacts(other, &run->sums->artifacts,
			    run->how->no_artifact, run->how->arg, e);
		run->s->received += other->received;
		sync_close(other);
	}
	store_close(st);
	return r;
}

int
pull_fresh(struct sync *s, const struct pull_how *how, struct pulled *sums,
    struct err *e)
{
	struct run run = { s, how, sums, { .tenant = s->st->tenant,
	    .user = s->st->user, .inside = true } };
	struct scratch sc = SCRATCH_INIT;
	struct buf dir = BUF_INIT;
	int r;

	memset(sums, 0, sizeof *sums);
	if (sync_look(s, e) < 0 ||
	    scratch_open(&sc, s->st->dir, "pull", e) < 0)
		return -1;
	file_join(&dir, sc.path, "store");
	run.where.dir = dir.p;
	if ((r = build(&run, e)) == 0 && (r = move_in(&run, e)) == 0)
		r = journal_merged(s->journal, sums->number, e);
	if (r == 0 && !how->rows_only)
		r = fetch_files(&run, e);
	buf_release(&dir);
	scratch_close(&sc);
	return r;
}
