#include "store/stats.h"

#include "base/buf.h"
#include "base/conf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "store/change.h"
#include "store/db.h"
#include "store/disk.h"
#include "store/forgetting.h"
#include "store/schema.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#define MAX_OUTSTANDING 1000
#define MAX_DISK_PERCENT 80
#define MAX_COMPACTION (INT64_C(1) << 30)

int64_t
stats_database_bytes(const struct store *st)
{
	static const char *const names[] = { "memory.db", "memory.db-wal",
	    NULL };
	int64_t sum = 0;
	struct stat sb;
	char *path;
	int i;

	for (i = 0; names[i] != NULL; i++) {
		path = store_path(st, names[i]);
		if (stat(path, &sb) == 0)
			sum += sb.st_size;
		free(path);
	}
	return sum;
}

int
stats_pending(struct store *st, int64_t *bytes, struct err *e)
{
	int64_t bodies, pages, size;

	if (db_number(st->db, e, "SELECT sum(length(body)) FROM event "
	    "WHERE pack IS NULL", 0, &bodies) < 0 ||
	    db_number(st->db, e, "PRAGMA freelist_count", 0, &pages) < 0 ||
	    db_number(st->db, e, "PRAGMA page_size", 0, &size) < 0)
		return -1;
	*bytes = bodies + pages * size;
	return 0;
}

static void
put(json_t *o, const char *key, int64_t value)
{
	json_object_set_new(o, key, json_integer(value));
}

static int
put_counts(struct store *st, json_t *o, struct err *e)
{
	int64_t events, sessions, users, kbs, records, documents, first, last;
	int64_t forgotten, nodes, grips, facts, files, going;

	if (db_number(st->db, e, "SELECT count(*) FROM event", 0, &events) < 0
	    || forgetting_left(st, &going, e) < 0 || db_number(st->db, e,
	    "SELECT count(*) FROM session", 0,
	    &sessions) < 0 ||
	    db_number(st->db, e, "SELECT count(*) FROM user", 0, &users) < 0 ||
	    db_number(st->db, e, "SELECT count(*) FROM kb", 0, &kbs) < 0 ||
	    /* a record counts once, whatever the number of its versions */
	    db_number(st->db, e, "SELECT count(*) FROM record WHERE "
	    "version = 1 AND type NOT IN (':document', ':chunk')", 0,
	    &records) < 0 ||
	    db_number(st->db, e, "SELECT count(*) FROM record WHERE "
	    "version = 1 AND type = ':document'", 0, &documents) < 0 ||
	    db_number(st->db, e, "SELECT count(*) FROM tombstone "
	    "WHERE target IN (1, 2, 3, 5)", 0,
	    &forgotten) < 0 ||
	    db_number(st->db, e, "SELECT count(*) FROM toc_node WHERE "
	    "live > 0 AND gone = 0", 0, &nodes) < 0 ||
	    db_number(st->db, e, "SELECT count(*) FROM toc_grip", 0, &grips) <
	    0 || db_number(st->db, e, "SELECT count(*) FROM fact WHERE "
	    "valid_until IS NULL AND gone = 0", 0, &facts) < 0 ||
	    /* a file counts once; one that was removed last, too */
	    db_number(st->db, e, "SELECT count(*) FROM (SELECT 1 FROM file "
	    "GROUP BY session, area, path)", 0, &files) < 0 ||
	    db_number(st->db, e, "SELECT min(start_ms) FROM session", -1,
	    &first) < 0 ||
	    db_number(st->db, e, "SELECT max(end_ms) FROM session", -1,
	    &last) < 0)
		return -1;
	put(o, "event_count", events - going);
	put(o, "session_count", sessions);
	put(o, "user_count", users);
	put(o, "kb_count", kbs);
	put(o, "record_count", records);
	put(o, "document_count", documents);
	put(o, "tombstone_count", forgotten);
	put(o, "toc_node_count", nodes);
	put(o, "grip_count", grips);
	put(o, "fact_count", facts);
	put(o, "file_count", files);
	if (events > 0) {
		put(o, "first_timestamp", first);
		put(o, "last_timestamp", last);
	}
	return 0;
}

static int
put_packing(struct store *st, json_t *o, struct err *e)
{
	int64_t packs, packed, dicts, pending;

	if (db_number(st->db, e, "SELECT count(*) FROM pack", 0, &packs) < 0 ||
	    db_number(st->db, e, "SELECT sum(events) FROM pack", 0, &packed) < 0
	    || db_number(st->db, e, "SELECT count(*) FROM dict", 0, &dicts) < 0
	    || stats_pending(st, &pending, e) < 0)
		return -1;
	put(o, "compaction_pending_bytes", pending);
	put(o, "packed_event_count", packed);
	put(o, "pack_count", packs);
	put(o, "dictionary_count", dicts);
	return 0;
}

struct consumers {
	const struct store *st;
	json_t *list;
};

static int
add_consumer(void *arg, const struct consumer *c)
{
	const struct consumers *to = arg;
	json_t *o = json_pack("{s:s, s:I, s:I, s:I, s:I}",
	    "job_name", c->name, "last_processed_sequence",
	    (json_int_t)c->seq, "last_processed_timestamp",
	    (json_int_t)c->ts_ms, "saved_at", (json_int_t)c->saved_ms,
	    "lag", (json_int_t)c->lag);

	if (consumer_is_idle(to->st, c->name))
		json_object_set_new(o, "idle", json_true());
	json_array_append_new(to->list, o);
	return 0;
}

static int
put_changes(struct store *st, json_t *o, struct err *e)
{
	json_t *consumers = json_array();
	struct consumers to = { st, consumers };
	int64_t outstanding, rows, last;

	json_object_set_new(o, "consumers", consumers);
	if (change_outstanding(st, &outstanding, e) < 0 ||
	    db_number(st->db, e, "SELECT count(*) FROM change", 0, &rows) < 0
	    || change_last(st, &last, e) < 0 ||
	    consumer_each(st, add_consumer, &to, e) < 0)
		return -1;
	put(o, "outbox_count", outstanding);
	put(o, "change_count", rows);
	put(o, "last_sequence", last);
	return 0;
}

static int
put_disk(struct store *st, json_t *o, struct disk *disk, struct err *e)
{
	int64_t used = 0;

	if (file_tree_size(st->tenant_dir, &used, e) < 0 ||
	    disk_look(st->tenant_dir, disk, e) < 0)
		return -1;
	put(o, "disk_usage_bytes", used);
	put(o, "database_bytes", stats_database_bytes(st));
	put(o, "disk_total_bytes", disk->total);
	put(o, "disk_free_bytes", disk->free);
	put(o, "disk_used_percent", disk->used_percent);
	if (disk->kind[0] != '\0')
		json_object_set_new(o, "disk_kind", json_string(disk->kind));
	return 0;
}

/* --- limits ------------------------------------------------------------ */

static void
warn(json_t *list, const char *what, int64_t value, int64_t limit,
    const char *message)
{
	json_array_append_new(list, json_pack("{s:s, s:I, s:I, s:s}", "what",
	    what, "value", (json_int_t)value, "limit", (json_int_t)limit,
	    "message", message));
}

static int
find_remote(void *arg, const char *key, const char *value)
{
	bool *found = arg;

	(void)value;
	*found = *found || str_starts(key, "remote.");
	return *found;
}

static int
limits(struct store *st, int64_t *outstanding, int64_t *percent,
    int64_t *bytes, struct err *e)
{
	*outstanding = MAX_OUTSTANDING;
	*percent = MAX_DISK_PERCENT;
	*bytes = MAX_COMPACTION;
	if (conf_get_int(st->conf, "stats.maxOutstanding", 0, INT64_MAX,
	    outstanding, e) < 0 ||
	    conf_get_int(st->conf, "stats.maxDiskPercent", 0, 100, percent,
	    e) < 0 ||
	    conf_get_int(st->conf, "stats.maxCompaction", 0, INT64_MAX, bytes,
	    e) < 0)
		return -1;
	return 0;
}

static int
put_warnings(struct store *st, json_t *o, const struct disk *disk,
    struct err *e)
{
	int64_t outstanding = 0, pending = 0, max_out, max_disk, max_pending;
	json_t *list = json_array();
	struct buf b = BUF_INIT;
	bool remote = false;

	json_object_set_new(o, "warnings", list);
	if (limits(st, &max_out, &max_disk, &max_pending, e) < 0)
		return -1;
	get_int(o, "outbox_count", &outstanding);
	get_int(o, "compaction_pending_bytes", &pending);
	conf_each(st->conf, find_remote, &remote);
	if (outstanding > max_out) {
		buf_addf(&b, "%" PRId64 " changes are waiting for a consumer; "
		    "see consumers for which one lags", outstanding);
		warn(list, "outstanding", outstanding, max_out, b.p);
		buf_reset(&b);
	}
	if (disk->used_percent > max_disk) {
		buf_addf(&b, "the disk is %d %% full, %" PRId64 " MiB are "
		    "free; make room", disk->used_percent, disk->free >> 20);
		warn(list, "disk", disk->used_percent, max_disk, b.p);
		buf_reset(&b);
	}
	if (pending > max_pending) {
		buf_addf(&b, "%" PRId64 " MiB could be compacted; run "
		    "mem-admin compact", (pending + (1 << 20) - 1) >> 20);
		warn(list, "compaction", pending, max_pending, b.p);
		buf_reset(&b);
	}
	if (disk->fleeting && !remote) {
		buf_addf(&b, "the store lies on %s and goes when the machine "
		    "or its container does; move it to a volume or set up a "
		    "remote", disk->kind);
		warn(list, "fleeting", 1, 0, b.p);
	}
	buf_release(&b);
	return 0;
}

json_t *
stats_json(struct store *st, struct err *e)
{
	struct disk disk;
	json_t *o;
	int r = -1;

	o = json_pack("{s:s, s:s, s:s, s:i, s:i}", "type", "stats",
	    "store_id", st->id, "tenant", st->tenant, "format", st->format,
	    "schema", SCHEMA_VERSION);
	/* one view for all counts */
	if (tx_read(st->db, e) == 0)
		r = tx_end(st->db, put_counts(st, o, e) < 0 ||
		    put_changes(st, o, e) < 0 ||
		    put_packing(st, o, e) < 0 ? -1 : 0, e);
	if (r < 0 || put_disk(st, o, &disk, e) < 0 ||
	    put_warnings(st, o, &disk, e) < 0) {
		json_decref(o);
		return NULL;
	}
	return o;
}
