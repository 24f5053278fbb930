/*
 * Parts run one after the other in one read transaction; a part that finds
 * the file itself damaged is reported and the next one still has its turn.
 */
#include "admin/check.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/str.h"
#include "file/file_area.h"
#include "store/audit.h"
#include "store/audit_chain.h"
#include "store/db.h"
#include "store/name.h"
#include "store/schema.h"
#include "store/store.h"
#include "store/verify.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int
check_report(struct check *c, struct err *e, const char *what,
    const char *remedy, const char *where, const char *detail, ...)
{
	struct check_problem p = { .what = what, .where = where,
	    .remedy = remedy, .repairable = str_eq(remedy, CHECK_REPAIR) };
	char text[480];
	va_list ap;

	va_start(ap, detail);
	vsnprintf(text, sizeof text, detail, ap);
	va_end(ap);
	p.detail = text;
	c->sums->problems++;
	return c->c->found(c->c->arg, &p, e);
}

/* --- the file ---------------------------------------------------------- */

static int
check_pages(struct check *c, struct err *e)
{
	struct db_query *q;
	const char *s;
	int r;

	if ((q = db_sql(c->st->db, e, "PRAGMA integrity_check(100)")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		s = db_get_text(q, 0);
		if (!str_eq(s, "ok") && (r = check_report(c, e, "database",
		    CHECK_RESTORE, "memory.db", "%s", s != NULL ? s : "")) < 0)
			break;
	}
	db_end(q);
	return r;
}

static int
check_schema(struct check *c, struct err *e)
{
	struct buf what = BUF_INIT;
	int64_t version = 0;
	int r;

	r = db_number(c->st->db, e, "PRAGMA user_version", 0, &version);
	if (r == 0 && (r = verify_schema(c->st->db, &what, e)) == 0)
		r = check_report(c, e, "schema", "remove what is not ours with "
		    "sqlite3, or restore a backup", "memory.db",
		    "%s, in schema %" PRId64, what.p, version);
	buf_release(&what);
	return r < 0 ? -1 : 0;
}

static int
check_journal(struct check *c, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(c->st->db, e, "PRAGMA journal_mode")) == NULL)
		return -1;
	if ((r = db_row(q, e)) == 1)
		r = str_eq(db_get_text(q, 0), "wal") ? 0 :
		    check_report(c, e, "journal", CHECK_REPAIR, "memory.db",
		    "its journal mode is %s, so readers wait for writers",
		    db_get_text(q, 0));
	db_end(q);
	return r;
}

static int
check_references(struct check *c, struct err *e)
{
	struct db_query *q;
	char where[80];
	int r;

	if ((q = db_sql(c->st->db, e, "SELECT f.\"table\", f.rowid, "
	    "f.parent FROM pragma_foreign_key_check() f WHERE NOT "
	    "(f.\"table\" = 'event' AND f.parent = 'session' AND "
	    "(SELECT session FROM event WHERE seq = f.rowid) IN "
	    "(SELECT session FROM forgetting))")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		snprintf(where, sizeof where, "%s row %" PRId64,
		    db_get_text(q, 0), db_get_int(q, 1));
		if ((r = check_report(c, e, "reference", CHECK_RESTORE, where,
		    "it names a row of %s that is not there",
		    db_get_text(q, 2))) < 0)
			break;
	}
	db_end(q);
	return r;
}

/* --- sessions ---------------------------------------------------------- */

#define SUMS_DIFFER "FROM session s LEFT JOIN (SELECT session, " \
	"count(*) AS n, min(ts) AS lo, max(ts) AS hi FROM event " \
	"GROUP BY session) x ON x.session = s.seq " \
	"WHERE s.events IS NOT ifnull(x.n, 0) OR s.start_ms IS NOT x.lo " \
	"OR s.end_ms IS NOT x.hi"

static int
check_sessions(struct check *c, struct err *e)
{
	struct db_query *q;
	char where[80];
	int r;

	if (db_number(c->st->db, e, "SELECT count(*) FROM session", 0,
	    &c->sums->sessions) < 0 ||
	    (q = db_sql(c->st->db, e, "SELECT s.seq, s.events, "
	    "ifnull(x.n, 0) " SUMS_DIFFER)) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		snprintf(where, sizeof where, "session row %" PRId64,
		    db_get_int(q, 0));
		if ((r = check_report(c, e, "session", CHECK_REPAIR, where,
		    "it says %" PRId64 " events and there are %" PRId64
		    ", or their first and last time are others",
		    db_get_int(q, 1), db_get_int(q, 2))) < 0)
			break;
	}
	db_end(q);
	if (r < 0 || (q = db_sql(c->st->db, e, "SELECT e.seq, s.seq FROM "
	    "event e JOIN session s ON s.seq = e.session "
	    "WHERE s.user <> e.user")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		snprintf(where, sizeof where, "event row %" PRId64,
		    db_get_int(q, 0));
		if ((r = check_report(c, e, "session", CHECK_RESTORE, where,
		    "its session, row %" PRId64 ", is another user's",
		    db_get_int(q, 1))) < 0)
			break;
	}
	db_end(q);
	return r;
}

/* --- the change log ---------------------------------------------------- */

#define FORGET_CONSUMERS "remove the consumers from the table consumer, so " \
	"that each starts from the tables, and run mem-admin compact"

/*
 * A change may name a row that was forgotten since.  A forgotten event has
 * its own tombstone; those of a forgotten session share one, which is from
 * later than their changes (a clock that was set back is granted a day).
 */
#define FORGOTTEN_EVENT "EXISTS (SELECT 1 FROM tombstone t WHERE " \
	"(t.target IN (1, 6) AND t.ref = c.ref AND t.ref <> 0) OR " \
	"(t.target = 2 AND t.ref <> 0 " \
	"AND t.at >= c.at - 86400000))"
#define FORGOTTEN_SESSION "EXISTS (SELECT 1 FROM tombstone t WHERE " \
	"t.target = 2 AND t.ref = c.ref)"
#define FORGOTTEN_VALUE "EXISTS (SELECT 1 FROM tombstone t WHERE " \
	"t.target = 2 AND t.ref <> 0 AND t.at >= c.at - 86400000)"
/* Of what was forgotten, of any kind. */
#define FORGOTTEN_DECISION "EXISTS (SELECT 1 FROM tombstone t WHERE " \
	"t.at >= c.at - 86400000)"
#define FORGOTTEN_RECORD "EXISTS (SELECT 1 FROM tombstone t WHERE " \
	"t.target IN (3, 6) AND t.user = 0 AND t.ref >= c.ref)"

#define DANGLING \
	"SELECT c.seq, 'event', c.ref FROM change c WHERE c.type = 1 AND " \
	"c.ref NOT IN (SELECT seq FROM event) AND NOT " FORGOTTEN_EVENT " " \
	"UNION ALL " \
	"SELECT c.seq, 'session', c.ref FROM change c WHERE c.type = 2 AND " \
	"c.ref NOT IN (SELECT seq FROM session) AND NOT " FORGOTTEN_SESSION \
	" UNION ALL " \
	"SELECT c.seq, 'record', c.ref FROM change c WHERE c.type = 3 AND " \
	"c.ref NOT IN (SELECT seq FROM record) AND NOT " FORGOTTEN_RECORD \
	" UNION ALL " \
	"SELECT c.seq, 'tombstone', c.ref FROM change c WHERE c.type = 4 AND " \
	"c.ref NOT IN (SELECT seq FROM tombstone) " \
	"UNION ALL " \
	"SELECT c.seq, 'value', c.ref FROM change c WHERE c.type = 5 AND " \
	"c.ref NOT IN (SELECT seq FROM variable) AND NOT " FORGOTTEN_VALUE \
	" UNION ALL " \
	"SELECT c.seq, 'file', c.ref FROM change c WHERE c.type = 7 AND " \
	"c.ref NOT IN (SELECT seq FROM file) AND NOT " FORGOTTEN_VALUE \
	" UNION ALL " \
	"SELECT c.seq, 'decision', c.ref FROM change c WHERE c.type = 8 AND " \
	"c.ref NOT IN (SELECT seq FROM decision) AND NOT " FORGOTTEN_DECISION \
	" UNION ALL " \
	"SELECT c.seq, 'artifact', c.ref FROM change c WHERE c.type = 9 AND " \
	"c.ref NOT IN (SELECT seq FROM artifact) " \
	"UNION ALL " \
	"SELECT c.seq, 'graft', c.ref FROM change c WHERE c.type = 10 AND " \
	"c.ref NOT IN (SELECT seq FROM graft) " \
	"UNION ALL " \
	"SELECT c.seq, 'nothing known', c.ref FROM change c " \
	"WHERE c.type NOT BETWEEN 1 AND 10"

/* Rows and their changes are written together and in the same order, so
 * after the oldest change that is kept none may be missing. */
#define UNTOLD \
	"SELECT 'event', seq FROM event WHERE seq > " \
	"(SELECT min(ref) FROM change WHERE type = 1) AND seq NOT IN " \
	"(SELECT ref FROM change WHERE type = 1) UNION ALL " \
	"SELECT 'record', seq FROM record WHERE seq > " \
	"(SELECT min(ref) FROM change WHERE type = 3) AND seq NOT IN " \
	"(SELECT ref FROM change WHERE type = 3) UNION ALL " \
	"SELECT 'file', seq FROM file WHERE seq > " \
	"(SELECT min(ref) FROM change WHERE type = 7) AND seq NOT IN " \
	"(SELECT ref FROM change WHERE type = 7) UNION ALL " \
	"SELECT 'decision', seq FROM decision WHERE seq > " \
	"(SELECT min(ref) FROM change WHERE type = 8) AND seq NOT IN " \
	"(SELECT ref FROM change WHERE type = 8) UNION ALL " \
	"SELECT 'graft', seq FROM graft WHERE seq > " \
	"(SELECT min(ref) FROM change WHERE type = 10) AND seq NOT IN " \
	"(SELECT ref FROM change WHERE type = 10)"

static int
check_dangling(struct check *c, struct err *e)
{
	struct db_query *q;
	char where[80];
	int r;

	if ((q = db_sql(c->st->db, e, DANGLING)) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		snprintf(where, sizeof where, "change %" PRId64,
		    db_get_int(q, 0));
		if ((r = check_report(c, e, "change", CHECK_RESTORE, where,
		    "it tells of %s row %" PRId64 ", which is not there and "
		    "was not forgotten", db_get_text(q, 1), db_get_int(q, 2)))
		    < 0)
			break;
	}
	db_end(q);
	return r;
}

/* Numbers go up by one, and only the oldest rows are ever deleted: all but
 * the newest. */
static int
check_numbers(struct check *c, struct err *e)
{
	int64_t missing, stored;

	if (db_number(c->st->db, e, "SELECT max(seq) - min(seq) + 1 - count(*) "
	    "FROM change", 0, &missing) < 0 ||
	    db_number(c->st->db, e, "SELECT EXISTS (SELECT 1 FROM event) OR "
	    "EXISTS (SELECT 1 FROM record)", 0, &stored) < 0)
		return -1;
	if (missing > 0)
		return check_report(c, e, "change", FORGET_CONSUMERS,
		    "change log", "%" PRId64 " of its rows are missing",
		    missing);
	if (c->sums->changes == 0 && stored)
		return check_report(c, e, "change", "remove the consumers "
		    "from the table consumer; the next write begins it anew",
		    "change log", "it is empty, and something is stored");
	return 0;
}

static int
check_changes(struct check *c, struct err *e)
{
	struct db_query *q;
	char where[80];
	int r;

	if (db_number(c->st->db, e, "SELECT count(*) FROM change", 0,
	    &c->sums->changes) < 0 || check_dangling(c, e) < 0 ||
	    check_numbers(c, e) < 0 ||
	    (q = db_sql(c->st->db, e, UNTOLD)) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		snprintf(where, sizeof where, "%s row %" PRId64,
		    db_get_text(q, 0), db_get_int(q, 1));
		if ((r = check_report(c, e, "change", FORGET_CONSUMERS,
		    where, "the change log does not tell of it")) < 0)
			break;
	}
	db_end(q);
	if (r < 0 || (q = db_sql(c->st->db, e, "SELECT name, seq FROM consumer "
	    "WHERE seq > (SELECT max(seq) FROM change)")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1)
		if ((r = check_report(c, e, "consumer", "remove it from the "
		    "table consumer, so that it starts from the tables",
		    db_get_text(q, 0), "it has confirmed change %" PRId64
		    ", which there is not yet", db_get_int(q, 1))) < 0)
			break;
	db_end(q);
	return r;
}

static int
check_audit(struct check *c, struct err *e)
{
	struct audit_chain chain;
	char where[80], what[120];
	int r;

	audit_chain_init(&chain);
	r = audit_chain_walk(&chain, c->st->db, e);
	c->sums->audit_rows = chain.rows;
	audit_chain_say(&chain, what, sizeof what);
	audit_chain_release(&chain);
	if (r != 0)
		return r < 0 ? -1 : 0;
	snprintf(where, sizeof where, "audit row %" PRId64, chain.at);
	return check_report(c, e, "audit", "compare with a backup to see what "
	    "was done to it; the rows before it hold", where, "the chain of "
	    "hashes breaks: %s", what);
}

/* --- repair ------------------------------------------------------------ */

static int
repair_rows(struct check *c, int64_t *n, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(c->st->db, e, "UPDATE session SET "
	    "events = (SELECT count(*) FROM event WHERE session = s.seq), "
	    "start_ms = (SELECT min(ts) FROM event WHERE session = s.seq), "
	    "end_ms = (SELECT max(ts) FROM event WHERE session = s.seq) "
	    "FROM (SELECT s.seq " SUMS_DIFFER ") s "
	    "WHERE session.seq = s.seq")) == NULL || db_run(q, e) < 0)
		return -1;
	*n = db_changes(c->st->db);
	if ((q = db_sql(c->st->db, e, "UPDATE pack SET events = x.n FROM "
	    "(SELECT pack, count(*) AS n FROM event WHERE pack IS NOT NULL "
	    "GROUP BY pack) x WHERE x.pack = pack.id AND events <> x.n"))
	    == NULL || db_run(q, e) < 0)
		return -1;
	*n += db_changes(c->st->db);
	if ((q = db_sql(c->st->db, e, "DELETE FROM pack WHERE id NOT IN "
	    "(SELECT pack FROM event WHERE pack IS NOT NULL)")) == NULL ||
	    db_run(q, e) < 0)
		return -1;
	*n += db_changes(c->st->db);
	if ((q = db_sql(c->st->db, e, "INSERT INTO meta (name, value) VALUES "
	    "('tenant', :name) ON CONFLICT (name) DO UPDATE SET value = :name "
	    "WHERE value <> :name")) == NULL)
		return -1;
	db_text(q, ":name", c->st->tenant);
	if (db_run(q, e) < 0)
		return -1;
	*n += db_changes(c->st->db);
	return *n == 0 ? 0 : audit_add(c->st, "repair", NULL,
	    "sums of sessions and packs, the tenant's name", e);
}

static int
repair(struct check *c, struct err *e)
{
	struct db_query *q;
	int64_t n = 0, seq;
	int r;

	if ((r = file_forgotten(c->st, &seq, e)) < 0 || (r == 1 &&
	    file_forget(c->st, 0, e) < 0))
		return -1;
	c->sums->repaired += r;
	if ((q = db_sql(c->st->db, e, "PRAGMA journal_mode")) == NULL)
		return -1;
	if ((r = db_row(q, e)) == 1 && !str_eq(db_get_text(q, 0), "wal"))
		c->sums->repaired++;
	db_end(q);
	if (r < 0 || db_use_log(c->st->db, e) < 0 ||
	    tx_begin(c->st->db, e) < 0 ||
	    tx_end(c->st->db, repair_rows(c, &n, e), e) < 0)
		return -1;
	c->sums->repaired += n;
	return 0;
}

/* --- all of it --------------------------------------------------------- */

static const struct part {
	const char *name;
	int (*fn)(struct check *, struct err *);
} parts[] = {
	{ "pages", check_pages },
	{ "schema", check_schema },
	{ "journal", check_journal },
	{ "references", check_references },
	{ "values", check_values },
	{ "names", check_names },
	{ "files", check_files },
	{ "keys", check_sealed },
	{ "events", check_events },
	{ "packs", check_packs },
	{ "records", check_records },
	{ "sessions", check_sessions },
	{ "tombstones", check_tombstones },
	{ "contents", check_contents },
	{ "facts", check_facts },
	{ "artifacts", check_artifacts },
	{ "changes", check_changes },
	{ "audit log", check_audit },
};

static int
check_parts(struct check *c, struct err *e)
{
	const struct part *p;
	struct err why;

	for (p = parts; p < parts + sizeof parts / sizeof *parts; p++) {
		if (c->c->progress != NULL)
			c->c->progress(p->name);
		if (p->fn(c, &why) == 0)
			continue;
		if (why.code != ERR_CORRUPT) {
			*e = why;
			return -1;
		}
		if (check_report(c, e, "database", CHECK_RESTORE, p->name, "%s",
		    why.msg) < 0)
			return -1;
	}
	return 0;
}

int
check_tenant(struct store *st, const struct check_config *config,
    struct check_sums *sums, struct err *e)
{
	struct check c = { st, config, sums };
	struct err ignored;	/* of giving up a view */
	int r;

	*sums = (struct check_sums){ 0 };
	if (tx_read(st->db, e) < 0)
		return -1;
	r = check_parts(&c, e);
	tx_end(st->db, -1, &ignored);
	if (r == 0 && config->progress != NULL)
		config->progress("bytes of artifacts");
	if (r < 0 || check_bytes(&c, e) < 0 ||
	    check_sealed_files(&c, e) < 0)
		return -1;
	if (config->repair && sums->problems > 0)
		return repair(&c, e);
	return 0;
}

static int
check_folder(struct check *c, const char *tenants, const char *name,
    struct err *e)
{
	struct buf plain = BUF_INIT, again = BUF_INIT, db = BUF_INIT;
	int r = 0;

	/* a long name ends in "%-" and a hash, and cannot be decoded */
	if (name_decode(&plain, name))
		name_encode(&again, plain.p);
	file_join(&db, tenants, name);
	buf_adds(&db, "/memory.db");
	if (again.len > 0 && !str_eq(again.p, name))
		r = check_report(c, e, "tenant", "rename it, or move it out of "
		    "the store", name, "memkit does not make such a name");
	else if (!file_exists(db.p))
		r = check_report(c, e, "tenant", "restore the tenant from a "
		    "backup, or remove the folder", name,
		    "it has no memory.db");
	buf_release(&plain);
	buf_release(&again);
	buf_release(&db);
	return r;
}

int
check_folders(const char *dir, const struct check_config *config,
    int64_t *problems, struct err *e)
{
	struct check_sums sums = { 0 };
	struct check c = { NULL, config, &sums };
	struct buf path = BUF_INIT;
	struct strv names = STRV_INIT;
	struct dirent *d;
	DIR *folder;
	size_t i;
	int r = 0;

	file_join(&path, dir, "tenants");
	if ((folder = opendir(path.p)) == NULL && errno != ENOENT)
		r = err_sys(e, "cannot read '%s'", path.p);
	while (folder != NULL && (d = readdir(folder)) != NULL)
		if (d->d_name[0] != '.')
			strv_add(&names, d->d_name);
	if (folder != NULL)
		closedir(folder);
	strv_sort(&names);
	for (i = 0; r == 0 && i < names.n; i++)
		r = check_folder(&c, path.p, names.v[i], e);
	strv_release(&names);
	buf_release(&path);
	*problems += sums.problems;
	return r;
}
