/*
 * Rows by themselves: values, names, paths, tombstones.
 */
#include "admin/check.h"

#include "base/buf.h"
#include "base/str.h"
#include "base/ulid.h"
#include "file/file_area.h"
#include "file/file_path.h"
#include "store/db.h"
#include "store/sealed.h"
#include "store/name.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>

/*
 * What the CHECKs of the schema say.  SQLite itself does not look at them
 * when a database is open for reading only, as it mostly is here.
 */
#define OUT_OF_RANGE \
	"SELECT 'event', seq, 'ts' FROM event WHERE " \
	"ts NOT BETWEEN -62135596800000 AND 253402300799999 UNION ALL " \
	"SELECT 'event', seq, 'type' FROM event WHERE " \
	"type NOT BETWEEN 0 AND 8 UNION ALL " \
	"SELECT 'event', seq, 'role' FROM event WHERE " \
	"role NOT BETWEEN 0 AND 3 UNION ALL " \
	"SELECT 'event', seq, 'stray' FROM event WHERE " \
	"stray NOT IN (0, 1) UNION ALL " \
	"SELECT 'event', seq, 'pack' FROM event WHERE " \
	"(body IS NULL) <> (pack IS NOT NULL) UNION ALL " \
	"SELECT 'variable', seq, 'kind' FROM variable WHERE " \
	"kind NOT IN (0, 1) UNION ALL " \
	"SELECT 'file', seq, 'area' FROM file WHERE " \
	"area NOT IN (0, 1, 2) UNION ALL " \
	"SELECT 'file', seq, 'size' FROM file WHERE size < 0 UNION ALL " \
	"SELECT 'file', seq, 'sha256' FROM file WHERE " \
	"length(sha256) <> 32 UNION ALL " \
	"SELECT 'file', seq, 'local' FROM file WHERE " \
	"local NOT IN (0, 1, 2) UNION ALL " \
	"SELECT 'record', seq, 'version' FROM record WHERE " \
	"version <= 0 UNION ALL " \
	"SELECT 'tombstone', seq, 'target' FROM tombstone WHERE " \
	"target NOT BETWEEN 1 AND 7 UNION ALL " \
	"SELECT 'fact', seq, 'scope' FROM fact WHERE scope NOT IN (0, 1, 2) " \
	"OR (scope = 2) <> (user = 0) OR " \
	"(scope = 0) <> (session IS NOT NULL) UNION ALL " \
	"SELECT 'decision', seq, 'what' FROM decision WHERE " \
	"what NOT BETWEEN 1 AND 7 UNION ALL " \
	"SELECT 'decision', seq, 'value' FROM decision WHERE " \
	"NOT json_valid(" OPEN_DECISION("") ") OR " \
	"json_type(" OPEN_DECISION("") ") IS NOT 'object' UNION ALL " \
	"SELECT 'decision', seq, 'base' FROM decision WHERE base >= at " \
	"AND base <> 0 UNION ALL " \
	"SELECT 'decision', seq, 'rest' FROM decision WHERE " \
	"rest GLOB '*[^0-9a-f]*' UNION ALL " \
	"SELECT 'graft', seq, 'kinds' FROM graft WHERE " \
	"kinds NOT BETWEEN 1 AND 63 UNION ALL " \
	"SELECT 'graft', seq, 'to_kind' FROM graft WHERE " \
	"to_kind NOT IN (0, 1, 2) OR (to_kind = 2) <> (to_name = '') " \
	"UNION ALL " \
	"SELECT 'graft', seq, 'until' FROM graft WHERE since >= until " \
	"UNION ALL " \
	"SELECT 'graft', seq, 'id' FROM graft WHERE length(id) <> 16 " \
	"UNION ALL " \
	"SELECT 'graft', seq, 'session' FROM graft WHERE revoked = 0 AND " \
	"session NOT IN (SELECT seq FROM session) UNION ALL " \
	"SELECT 'cursor of user', user, 'off' FROM cursor WHERE off < 0"

int
check_values(struct check *c, struct err *e)
{
	struct db_query *q;
	char where[80];
	int r;

	if ((q = db_sql(c->st->db, e, OUT_OF_RANGE)) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		snprintf(where, sizeof where, "%s row %" PRId64,
		    db_get_text(q, 0), db_get_int(q, 1));
		if ((r = check_report(c, e, "value", CHECK_RESTORE, where,
		    "its column %s holds what cannot be",
		    db_get_text(q, 2))) < 0)
			break;
	}
	db_end(q);
	return r;
}

/* --- names ------------------------------------------------------------- */

/*
 * The folder says whose it is; the database has the name in full.  A first
 * writer that was killed may have left it out, and it is needed only where
 * the folder's name was cut.
 */
static int
check_tenant_name(struct check *c, struct err *e)
{
	struct buf folder = BUF_INIT, name = BUF_INIT;
	struct db_query *q;
	int r;

	if ((q = db_sql(c->st->db, e, "SELECT value FROM meta "
	    "WHERE name = 'tenant'")) == NULL)
		return -1;
	name_encode(&folder, c->st->tenant);
	if ((r = db_row(q, e)) == 1)
		r = str_eq(db_get_text(q, 0), c->st->tenant) ? 0 :
		    check_report(c, e, "name", CHECK_REPAIR, "meta", "it says "
		    "that the tenant is '%s'", db_get_text(q, 0));
	else if (r == 0 && !name_decode(&name, folder.p))
		r = check_report(c, e, "name", CHECK_REPAIR, "meta", "it does "
		    "not say which tenant it is of");
	db_end(q);
	buf_release(&folder);
	buf_release(&name);
	return r;
}

int
check_names(struct check *c, struct err *e)
{
	struct db_query *q;
	const char *name;
	char where[80];
	struct err why;
	int r;

	if (check_tenant_name(c, e) < 0)
		return -1;
	if ((q = db_sql(c->st->db, e, "SELECT 'user', id, name FROM user "
	    "UNION ALL SELECT 'agent', id, name FROM agent "
	    "UNION ALL SELECT 'kb', id, name FROM kb "
	    "UNION ALL SELECT 'session', seq, name FROM session")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		name = db_get_text(q, 2);
		if (name_check("it", name != NULL ? name : "", &why) == 0)
			continue;
		snprintf(where, sizeof where, "%s row %" PRId64,
		    db_get_text(q, 0), db_get_int(q, 1));
		if ((r = check_report(c, e, "name", CHECK_RESTORE, where, "%s",
		    why.msg)) < 0)
			break;
	}
	db_end(q);
	return r;
}

int
check_files(struct check *c, struct err *e)
{
	struct db_query *q;
	const char *path;
	char where[80];
	struct err why;
	int r;

	if ((q = db_sql(c->st->db, e, "SELECT seq, path FROM file "
	    "WHERE key = 0")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		path = db_get_text(q, 1);
		if (file_path_check(path != NULL ? path : "", &why) == 0)
			continue;
		snprintf(where, sizeof where, "file row %" PRId64,
		    db_get_int(q, 0));
		if ((r = check_report(c, e, "name", CHECK_RESTORE, where, "%s",
		    why.msg)) < 0)
			break;
	}
	db_end(q);
	return r;
}

/* --- what was forgotten ------------------------------------------------ */

#define FORGET_AGAIN "take it out of the table tombstone with sqlite3, and " \
	"give it to mem-ingest again if it is meant"

static int
still_there(struct check *c, int64_t seq, const char *what, int64_t row,
    struct err *e)
{
	char where[80];

	snprintf(where, sizeof where, "tombstone row %" PRId64, seq);
	return check_report(c, e, "tombstone", FORGET_AGAIN, where,
	    "%s row %" PRId64 " is there, which it says was forgotten", what,
	    row);
}

static int
still_there_each(struct check *c, struct db_query *q, const char *what,
    struct err *e)
{
	int r;

	while ((r = db_row(q, e)) == 1)
		if ((r = still_there(c, db_get_int(q, 0), what,
		    db_get_int(q, 1), e)) < 0)
			break;
	db_end(q);
	return r;
}

/* The tombstone of an event at which q stands. */
static int
check_forgotten_event(struct check *c, struct db_query *q, struct err *e)
{
	const char *name = db_get_text(q, 2);
	uint8_t id[ULID_BYTES];
	struct db_query *event;
	int r;

	if (name == NULL || !ulid_parse(name, id))
		return 0;
	if ((event = db_sql(c->st->db, e, "SELECT seq FROM event "
	    "WHERE user = :user AND ts = :ts AND id = :id UNION ALL "
	    "SELECT seq FROM event WHERE user = :user AND id = :id "
	    "AND stray = 1")) == NULL)
		return -1;
	db_int(event, ":user", db_get_int(q, 1));
	db_int(event, ":ts", ulid_time(id));
	db_blob(event, ":id", id, sizeof id);
	if ((r = db_row(event, e)) == 1)
		r = still_there(c, db_get_int(q, 0), "event",
		    db_get_int(event, 0), e);
	db_end(event);
	return r;
}

/* Whoever forgot it was killed before he had done that, too. */
static int
check_folders_gone(struct check *c, struct err *e)
{
	char where[80];
	int64_t seq;
	int r = file_forgotten(c->st, &seq, e);

	if (r != 1)
		return r;
	snprintf(where, sizeof where, "tombstone row %" PRId64, seq);
	return check_report(c, e, "tombstone", CHECK_REPAIR, where, "the files "
	    "of that session are still there");
}

int
check_tombstones(struct check *c, struct err *e)
{
	struct db_query *q;
	int r;

	if (check_folders_gone(c, e) < 0)
		return -1;
	if ((q = db_sql(c->st->db, e, "SELECT seq, user, id FROM tombstone "
	    "WHERE target = 1")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1)
		if ((r = check_forgotten_event(c, q, e)) < 0)
			break;
	db_end(q);
	if (r < 0 || (q = db_sql(c->st->db, e, "SELECT t.seq, r.seq FROM "
	    "record r JOIN kb k ON k.id = r.kb JOIN tombstone t "
	    "ON t.user = 0 AND t.target = 3 AND t.id = k.name || '/' || r.id"))
	    == NULL)
		return -1;
	if ((r = still_there_each(c, q, "record", e)) < 0 ||
	    (q = db_sql(c->st->db, e, "SELECT t.seq, f.seq FROM tombstone t "
	    "JOIN fact f ON f.seq = t.ref WHERE t.target = 4")) == NULL)
		return -1;
	return still_there_each(c, q, "fact", e);
}
