#include "sync/journal.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/file.h"
#include "store/db.h"
#include "store/name.h"
#include "store/node.h"
#include "store/store.h"
#include "sync/journal_db.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define BUSY_MS 10000

static const char schema[] =
    /* the manifests, all but what is in the tables below */
    "CREATE TABLE IF NOT EXISTS head ("
    "	one	INTEGER PRIMARY KEY CHECK (one = 1),"
    "	number	INTEGER NOT NULL DEFAULT 0,"
    "	hash	TEXT NOT NULL DEFAULT '',"
    "	at	INTEGER NOT NULL DEFAULT 0,"
    "	store	TEXT NOT NULL DEFAULT '',"
    "	merged	INTEGER NOT NULL DEFAULT 0,"
    "	joined	INTEGER NOT NULL DEFAULT 0,"
    "	looked	INTEGER NOT NULL DEFAULT 0,"
    "	sealed	INTEGER NOT NULL DEFAULT 0,"
    "	snapshot TEXT NOT NULL DEFAULT '',"
    "	snapshot_size INTEGER NOT NULL DEFAULT 0,"
    "	snapshot_number INTEGER NOT NULL DEFAULT 0) STRICT;"
    "INSERT OR IGNORE INTO head (one) VALUES (1);"
    /* our own; number 0: it was put, perhaps */
    "CREATE TABLE IF NOT EXISTS push ("
    "	id	TEXT PRIMARY KEY,"
    "	number	INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    /* number 0: it was put, and is in no manifest yet */
    "CREATE TABLE IF NOT EXISTS segment ("
    "	node	TEXT NOT NULL,"
    "	last	INTEGER NOT NULL,"
    "	first	INTEGER NOT NULL,"	/* the change before its first */
    "	number	INTEGER NOT NULL,"
    "	size	INTEGER NOT NULL,"
    "	name	TEXT NOT NULL,"		/* '': only a snapshot has them */
    "	PRIMARY KEY (node, last)) STRICT, WITHOUT ROWID;"
    /* who wrote manifests, and where people find him: by the last of his */
    "CREATE TABLE IF NOT EXISTS node ("
    "	name	TEXT PRIMARY KEY,"
    "	address	TEXT,"
    "	number	INTEGER NOT NULL,"
    "	at	INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    /* when objects were put that are in no manifest yet */
    "CREATE TABLE IF NOT EXISTS fresh ("
    "	name	TEXT PRIMARY KEY,"
    "	at	INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    /* journal_file.h */
    "CREATE TABLE IF NOT EXISTS file ("
    "	key	TEXT PRIMARY KEY,"
    "	what	INTEGER NOT NULL,"
    "	seq	INTEGER NOT NULL,"
    "	hash	BLOB NOT NULL,"
    "	last	INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    /* journal_pack.h */
    "CREATE TABLE IF NOT EXISTS pack ("
    "	id	INTEGER PRIMARY KEY,"
    "	name	TEXT NOT NULL UNIQUE,"
    "	number	INTEGER NOT NULL,"
    "	size	INTEGER NOT NULL,"	/* of the object */
    "	bytes_index INTEGER NOT NULL,"
    "	files	INTEGER NOT NULL,"
    "	bytes	INTEGER NOT NULL,"	/* of all files */
    "	known	INTEGER NOT NULL DEFAULT 0,"
    "	head	BLOB NOT NULL DEFAULT x'',"
    "	sum	TEXT NOT NULL DEFAULT '') STRICT;"
    "CREATE INDEX IF NOT EXISTS pack_ready ON pack (id) WHERE number = 0;"
    "CREATE INDEX IF NOT EXISTS pack_unread ON pack (id) WHERE known = 0;"
    "CREATE TABLE IF NOT EXISTS pack_file ("
    "	sha256	BLOB NOT NULL,"
    "	pack	INTEGER NOT NULL,"
    "	at	INTEGER NOT NULL,"	/* behind the index */
    "	size	INTEGER NOT NULL,"
    "	PRIMARY KEY (sha256, pack)) STRICT, WITHOUT ROWID;"
    /* seen: when it came, by a clock that nobody sets */
    "CREATE TABLE IF NOT EXISTS lease ("
    "	user	TEXT NOT NULL,"
    "	session	TEXT NOT NULL,"
    "	node	TEXT NOT NULL,"
    "	address	TEXT,"
    "	epoch	INTEGER NOT NULL,"
    "	hold	INTEGER NOT NULL,"
    "	since	INTEGER NOT NULL,"
    "	number	INTEGER NOT NULL,"
    "	seen	INTEGER NOT NULL,"
    "	PRIMARY KEY (user, session)) STRICT, WITHOUT ROWID;";

static void
path_of(const struct store *st, const char *remote, struct buf *path)
{
	char *dir = store_path(st, "sync");

	file_join(path, dir, "");
	name_encode(path, remote);
	buf_adds(path, ".db");
	free(dir);
}

static int
make_folder(const struct store *st, struct err *e)
{
	char *dir = store_path(st, "sync");
	int r = file_mkdirs(dir, 0700, e);

	free(dir);
	return r;
}

static int
open_db(struct journal *j, const struct store *st, const char *remote,
    bool make, struct err *e)
{
	struct buf path = BUF_INIT;
	mode_t mask;
	int r = 0;

	path_of(st, remote, &path);
	if (!make && !file_exists(path.p))
		r = err_set(e, ERR_ABSENT, "nothing was pushed to, or pulled "
		    "from, '%s' yet", remote);
	if (r == 0 && make)
		r = make_folder(st, e);
	if (r == 0) {
		mask = umask(077);
		r = db_open(&j->db, path.p, make ? DB_CREATE : DB_READ,
		    BUSY_MS, e);
		umask(mask);
	}
	if (r == 0 && make)
		r = db_script(j->db, schema, e);
	buf_release(&path);
	return r;
}

int
journal_open(struct journal **out, const struct store *st, const char *remote,
    bool make, struct err *e)
{
	struct journal *j = xcalloc(1, sizeof *j);

	if (open_db(j, st, remote, make, e) < 0) {
		journal_close(j);
		return -1;
	}
	*out = j;
	return 0;
}

void
journal_of(struct journal *j, struct store *st)
{
	j->st = st;
}

void
journal_close(struct journal *j)
{
	if (j == NULL)
		return;
	db_close(j->db);
	free(j);
}

int
journal_forget(struct journal *j, struct err *e)
{
	if (tx_begin(j->db, e) < 0)
		return -1;
	return tx_end(j->db, db_script(j->db, "DELETE FROM head; "
	    "DELETE FROM push; DELETE FROM segment; DELETE FROM lease; "
	    "DELETE FROM file; DELETE FROM pack; DELETE FROM pack_file; "
	    "DELETE FROM node; DELETE FROM fresh; "
	    "INSERT INTO head (one) VALUES (1)", e), e);
}

int
journal_head(struct journal *j, struct journal_head *h, struct err *e)
{
	struct db_query *q;
	int r;

	memset(h, 0, sizeof *h);
	if ((q = db_sql(j->db, e, "SELECT number, hash, at, store, merged, "
	    "joined, looked, sealed FROM head")) == NULL)
		return -1;
	if ((r = db_row(q, e)) == 1) {
		h->number = db_get_int(q, 0);
		db_copy_text(q, 1, h->hash, sizeof h->hash);
		h->at_ms = db_get_int(q, 2);
		db_copy_text(q, 3, h->store_id, sizeof h->store_id);
		h->merged = db_get_int(q, 4);
		h->joined = db_get_int(q, 5) != 0;
		h->looked_ms = db_get_int(q, 6);
		h->sealed = db_get_int(q, 7) != 0;
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

int
journal_looked(struct journal *j, struct err *e)
{
	struct db_query *q = db_sql(j->db, e, "UPDATE head SET looked = :at");

	if (q == NULL)
		return -1;
	db_int(q, ":at", date_real());
	return db_run(q, e);
}

int
journal_merged(struct journal *j, int64_t number, struct err *e)
{
	struct db_query *q = db_sql(j->db, e, "UPDATE head SET "
	    "merged = max(merged, :number), joined = 1");

	if (q == NULL)
		return -1;
	db_int(q, ":number", number);
	return db_run(q, e);
}

/* --- segments ---------------------------------------------------------- */

int
journal_upto(struct journal *j, const char *node, int64_t *upto,
    struct err *e)
{
	struct db_query *q;

	*upto = 0;
	if ((q = db_sql(j->db, e, "SELECT last FROM segment WHERE "
	    "node = :node AND number > 0 ORDER BY last DESC LIMIT 1")) == NULL)
		return -1;
	db_text(q, ":node", node);
	return db_first(q, upto, e) < 0 ? -1 : 0;
}

int
journal_each_node(struct journal *j, int (*fn)(void *, const char *node,
    int64_t upto, struct err *), void *arg, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(j->db, e, "SELECT node, max(last) FROM segment "
	    "WHERE number > 0 GROUP BY node")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1 && (r = fn(arg, db_get_text(q, 0),
	    db_get_int(q, 1), e)) == 0)
		;
	db_end(q);
	return r < 0 ? -1 : 0;
}

static int
one_segment(struct db_query *q, const char *node, int64_t after,
    struct manifest_segment *s, struct err *e)
{
	int r;

	db_text(q, ":node", node);
	db_int(q, ":after", after);
	if ((r = db_row(q, e)) == 1) {
		snprintf(s->node, sizeof s->node, "%s", node);
		s->from = db_get_int(q, 0);
		s->to = db_get_int(q, 1);
		s->size = db_get_int(q, 2);
		db_copy_text(q, 3, s->name, sizeof s->name);
	}
	db_end(q);
	return r;
}

int
journal_segment(struct journal *j, const char *node, int64_t after,
    struct manifest_segment *s, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(j->db, e, "SELECT first, last, size, name FROM "
	    "segment WHERE node = :node AND last > :after AND number > 0 "
	    "ORDER BY last LIMIT 1")) == NULL)
		return -1;
	return one_segment(q, node, after, s, e);
}

int
journal_snapshot(struct journal *j, char name[HASH_HEX + 1], int64_t *size,
    struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(j->db, e, "SELECT snapshot, snapshot_size FROM head "
	    "WHERE snapshot <> ''")) == NULL)
		return -1;
	if ((r = db_row(q, e)) == 1) {
		db_copy_text(q, 0, name, HASH_HEX + 1);
		*size = db_get_int(q, 1);
	}
	db_end(q);
	return r;
}

int
journal_unsnapped(struct journal *j, int64_t *n, int64_t *all, struct err *e)
{
	struct db_query *q;
	int r;

	*n = *all = 0;
	if ((q = db_sql(j->db, e, "SELECT ifnull(sum(last - first) FILTER "
	    "(WHERE number > (SELECT snapshot_number FROM head)), 0), "
	    "ifnull(sum(last - first), 0) FROM segment WHERE number > 0")) ==
	    NULL)
		return -1;
	if ((r = db_row(q, e)) == 1) {
		*n = db_get_int(q, 0);
		*all = db_get_int(q, 1);
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

/* --- a push ------------------------------------------------------------ */

int
journal_pushing(struct journal *j, const char *push, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(j->db, e, "INSERT OR IGNORE INTO push (id, number) "
	    "VALUES (:push, 0)")) == NULL)
		return -1;
	db_text(q, ":push", push);
	return db_run(q, e);
}

int
journal_pushed(struct journal *j, const char *push, int64_t *number,
    struct err *e)
{
	struct db_query *q;

	*number = 0;
	if ((q = db_sql(j->db, e, "SELECT number FROM push WHERE id = :push"))
	    == NULL)
		return -1;
	db_text(q, ":push", push);
	return db_first(q, number, e);
}

int
journal_has_pushed(struct journal *j, struct err *e)
{
	int64_t any;

	if (db_number(j->db, e, "SELECT EXISTS (SELECT 1 FROM push)", 0,
	    &any) < 0)
		return -1;
	return any != 0;
}

int
journal_ready_add(struct journal *j, const struct manifest_segment *s,
    struct err *e)
{
	const struct sync_manifest none = { .number = 0 };

	return journal_put_segment(j, &none, s, e) < 0 ? -1 :
	    journal_fresh_add(j, s->name, e);
}

int
journal_ready(struct journal *j, const char *node, int64_t from,
    struct manifest_segment *s, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(j->db, e, "SELECT first, last, size, name FROM "
	    "segment WHERE node = :node AND first = :after AND number = 0 "
	    "AND name IN (SELECT name FROM fresh WHERE at > :old) "
	    "ORDER BY last DESC LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":old", date_real() - JOURNAL_NAMED_MS);
	return one_segment(q, node, from, s, e);
}

int
journal_fresh_add(struct journal *j, const char *name, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(j->db, e, "INSERT OR REPLACE INTO fresh (name, at) "
	    "VALUES (:name, :at)")) == NULL)
		return -1;
	db_text(q, ":name", name);
	db_int(q, ":at", date_real());
	return db_run(q, e);
}

/* By a clock that was set back it is not. */
int
journal_fresh(struct journal *j, const char *name, struct err *e)
{
	int64_t at, now = date_real();
	struct db_query *q;

	if ((q = db_sql(j->db, e, "SELECT at FROM fresh WHERE name = :name "
	    "AND at BETWEEN :old AND :now")) == NULL)
		return -1;
	db_text(q, ":name", name);
	db_int(q, ":old", now - JOURNAL_FRESH_MS);
	db_int(q, ":now", now);
	return db_first(q, &at, e);
}

int
journal_node(struct journal *j, int64_t number, char name[ULID_LEN + 1],
    char **address, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(j->db, e, "SELECT name, address FROM node UNION ALL "
	    "SELECT DISTINCT node, NULL FROM segment WHERE node NOT IN "
	    "(SELECT name FROM node) AND number > 0")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1)
		if (node_number_of(db_get_text(q, 0)) == number)
			break;
	if (r == 1) {
		db_copy_text(q, 0, name, ULID_LEN + 1);
		*address = db_dup(q, 1);
	}
	db_end(q);
	return r;
}

int
journal_each_segment(struct journal *j, int (*fn)(void *,
    const struct manifest_segment *, struct err *), void *arg, struct err *e)
{
	struct manifest_segment s;
	struct db_query *q;
	int r;

	if ((q = db_sql(j->db, e, "SELECT node, first, last, size, name FROM "
	    "segment WHERE number > 0 ORDER BY node, last")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		db_copy_text(q, 0, s.node, sizeof s.node);
		s.from = db_get_int(q, 1);
		s.to = db_get_int(q, 2);
		s.size = db_get_int(q, 3);
		db_copy_text(q, 4, s.name, sizeof s.name);
		if ((r = fn(arg, &s, e)) != 0)
			break;
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}
