#include "store/compact.h"

#include "base/lock.h"
#include "store/audit.h"
#include "store/change.h"
#include "store/db.h"
#include "store/dict.h"
#include "store/disk.h"
#include "store/forgetting.h"
#include "store/stats.h"
#include "store/store.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VACUUM_PART 10	/* when one byte in so many can be given back */

/* Packs up to this one are made anew. */
static int
find_fence(struct store *st, bool all, int64_t stale, int64_t *fence,
    struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "SELECT max(id) FROM pack "
	    "WHERE dict <= :stale OR :all")) == NULL)
		return -1;
	db_int(q, ":stale", stale);
	db_int(q, ":all", all);
	return db_first(q, fence, e) < 0 ? -1 : 0;
}

/* --- room -------------------------------------------------------------- */

/*
 * Rows that lost their body leave pages half empty, which SQLite does not
 * count as free: what was taken away since the last vacuum is kept in meta.
 */
static int
put_emptied(struct store *st, bool anew, int64_t bytes, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "INSERT INTO meta (name, value) VALUES "
	    "('emptied', :bytes) ON CONFLICT (name) DO UPDATE SET "
	    "value = CAST(value AS INTEGER) * :keep + :bytes")) == NULL)
		return -1;
	db_int(q, ":keep", !anew);
	db_int(q, ":bytes", bytes);
	return db_run(q, e);
}

static int
vacuum_due(struct store *st, bool *due, struct err *e)
{
	int64_t pages, free_pages, size, emptied;

	if (db_number(st->db, e, "PRAGMA page_count", 0, &pages) < 0 ||
	    db_number(st->db, e, "PRAGMA freelist_count", 0, &free_pages) < 0
	    || db_number(st->db, e, "PRAGMA page_size", 0, &size) < 0 ||
	    db_number(st->db, e, "SELECT CAST(value AS INTEGER) FROM meta "
	    "WHERE name = 'emptied'", 0, &emptied) < 0)
		return -1;
	*due = free_pages > pages / VACUUM_PART ||
	    emptied > pages * size / VACUUM_PART;
	return 0;
}

/*
 * Vacuum writes the database once beside itself and once through its log.
 * Its temporary file belongs on the same disk, not in a /tmp that may be
 * small.
 */
static int
vacuum(struct store *st, struct compact_sums *sums, struct err *e)
{
	int64_t need = 2 * stats_database_bytes(st) + (1 << 20);
	struct disk disk;
	struct err why;

	if (disk_look(st->tenant_dir, &disk, e) < 0)
		return -1;
	if (disk.free < need) {
		buf_addf(&sums->left, "giving room back to the disk needs %"
		    PRId64 " MiB for a while, %" PRId64 " MiB are free",
		    need >> 20, disk.free >> 20);
		return 0;
	}
	sqlite3_temp_directory = sqlite3_mprintf("%s", st->tenant_dir);
	if (db_script(st->db, "VACUUM", &why) < 0)
		buf_adds(&sums->left, why.msg);
	else
		sums->vacuumed = true;
	sqlite3_free(sqlite3_temp_directory);
	sqlite3_temp_directory = NULL;
	return sums->vacuumed ? put_emptied(st, true, 0, e) : 0;
}

/* --- the steps --------------------------------------------------------- */

static int
write_audit(struct store *st, const struct compact_sums *s, struct err *e)
{
	char detail[160];

	snprintf(detail, sizeof detail, "%" PRId64 " events in %" PRId64
	    " packs, %" PRId64 " changes and %" PRId64 " dictionaries deleted",
	    s->packed.events, s->packed.packs, s->changes_deleted,
	    s->dicts_deleted);
	return audit_add(st, "compact", NULL, detail, e);
}

/* Those whose events were all forgotten. */
static int
delete_empty(struct store *st, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "DELETE FROM pack WHERE events <= 0 AND "
	    "id NOT IN (SELECT pack FROM event WHERE pack IS NOT NULL)"))
	    == NULL)
		return -1;
	return db_run(q, e);
}

static int
trim_rows(struct store *st, bool keep_log, struct compact_sums *s,
    struct err *e)
{
	int64_t empty;

	if ((!keep_log && change_trim(st, &s->changes_deleted, e) < 0) ||
	    db_number(st->db, e, "SELECT count(*) FROM pack WHERE events <= 0",
	    0, &empty) < 0 || (empty > 0 && delete_empty(st, e) < 0))
		return -1;
	if (s->packed.freed_bytes > 0 &&
	    put_emptied(st, false, s->packed.freed_bytes, e) < 0)
		return -1;
	if (s->packed.packs > 0 || s->bodies > 0 || s->dict != 0 ||
	    s->dicts_deleted > 0 || s->changes_deleted > 0)
		return write_audit(st, s, e);
	return 0;
}

static int
trim(struct store *st, bool keep_log, struct compact_sums *s, struct err *e)
{
	if (dict_delete(st, &s->dicts_deleted, e) < 0 ||
	    tx_begin(st->db, e) < 0)
		return -1;
	return tx_end(st->db, trim_rows(st, keep_log, s, e), e);
}

struct idle {
	const struct store *st;
	struct strv *names;
};

static int
note_idle(void *arg, const struct consumer *c)
{
	const struct idle *idle = arg;

	if (consumer_is_idle(idle->st, c->name))
		strv_add(idle->names, c->name);
	return 0;
}

static int
run(struct store *st, const struct compact_config *c, struct compact_sums *s,
    struct err *e)
{
	int64_t stale, newest, fence = 0;
	bool due;

	/* first, so that no dictionary learns from them */
	if (!c->dry_run && forgetting_go_on(st, INT64_MAX, &s->forgotten, NULL,
	    e) < 0)
		return -1;
	if (dict_stale(st, &stale, e) < 0 ||
	    find_fence(st, c->all, stale, &fence, e) < 0 ||
	    repack_todo(st, fence, &s->todo, e) < 0 ||
	    dict_due(st, &s->dict_due, e) < 0)
		return -1;
	if (c->dry_run)
		return 0;
	/* what is freed held words that were to be forgotten */
	if (stale != 0 && db_scrub(st->db, e) < 0)
		return -1;
	if (db_number(st->db, e, "SELECT max(id) FROM dict", 0, &newest) < 0 ||
	    dict_train(st, stale != 0 && stale == newest, &s->dict, e) < 0 ||
	    repack(st, fence, c->progress, &s->packed, e) < 0)
		return -1;
	/* what the packs left over, too, so that old ones can go */
	if (dict_replace(st, &s->bodies, e) < 0 || trim(st, c->keep_log, s,
	    e) < 0 ||
	    vacuum_due(st, &due, e) < 0)
		return -1;
	if (c->vacuum && (due || c->all) && vacuum(st, s, e) < 0)
		return -1;
	/* A reader keeps the log as it is.  It is worth waiting for only when
	 * the log holds what was to be forgotten. */
	if (stale == 0 && s->forgotten == 0 && db_script(st->db,
	    "PRAGMA busy_timeout = 0", e) < 0)
		return -1;
	db_settle(st->db);
	return 0;
}

int
compact(struct store *st, const struct compact_config *c,
    struct compact_sums *s, struct err *e)
{
	char *path = store_path(st, "compact.lock");
	struct lock lock = LOCK_INIT;
	int r;

	memset(s, 0, sizeof *s);
	buf_init(&s->left);
	s->bytes_before = stats_database_bytes(st);
	r = c->dry_run ? 0 : lock_take(&lock, path, 0, e);
	if (r == 0)
		r = stats_pending(st, &s->pending_before, e);
	if (r == 0)
		r = consumer_each(st, note_idle, &(struct idle){ st,
		    &s->idle }, e);
	if (r == 0)
		r = run(st, c, s, e);
	if (r == 0)
		r = stats_pending(st, &s->pending_after, e);
	s->bytes_after = stats_database_bytes(st);
	lock_drop(&lock);
	free(path);
	return r;
}

void
compact_sums_release(struct compact_sums *s)
{
	buf_release(&s->left);
	strv_release(&s->idle);
}
