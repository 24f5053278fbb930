#include "store/db.h"

#include "base/alloc.h"
#include "base/file.h"
#include "store/schema.h"
#include "store/verify.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static char dir[] = "/tmp/memkit-u-db.XXXXXX";
static char path[64];

static struct db *
must_open(enum db_mode mode, int busy_ms)
{
	struct db *db;
	struct err e;

	if (db_open(&db, path, mode, busy_ms, &e) < 0) {
		printf("# %s\n", e.msg);
		exit(2);
	}
	return db;
}

static int64_t
number(struct db *db)
{
	int64_t n = -1;
	struct err e;

	db_number(db, &e, "SELECT count(*) FROM t", -1, &n);
	return n;
}

static int
insert(struct db *db, int64_t i, const char *s, struct err *e)
{
	struct db_query *q = db_sql(db, e, "INSERT INTO t (i, s, r, b) "
	    "VALUES (:i, :s, :r, :b)");

	if (q == NULL)
		return -1;
	db_int(q, ":i", i);
	db_text(q, ":s", s);
	db_real(q, ":r", 0.5);
	db_blob(q, ":b", "\0\1", i == 2 ? 0 : 2);
	return db_run(q, e);
}

static void
values(struct db *db)
{
	struct db_query *q, *inner;
	struct err e;
	char *own;
	size_t n;

	is_int(db_script(db, "CREATE TABLE t (i INTEGER PRIMARY KEY, s TEXT, "
	    "r REAL, b BLOB) STRICT", &e), 0, "a script runs");
	is_int(insert(db, 1, "one", &e), 0, "a row goes in");
	is_int(db_last_id(db), 1, "with its number");
	is_int(db_changes(db), 1, "as one change");
	is_int(insert(db, 2, NULL, &e), 0, "so does NULL");
	is_int(insert(db, 2, "again", &e), -1, "a key twice does not");

	q = db_sql(db, &e, "SELECT i, s, r, b FROM t ORDER BY i");
	is_int(db_row(q, &e), 1, "a row comes out");
	is_int(db_get_int(q, 0), 1, "its number");
	is_str(db_get_text(q, 1), "one", "its text");
	ok(db_get_real(q, 2) > 0.4 && db_get_real(q, 2) < 0.6, "its real");
	ok(memcmp(db_get_blob(q, 3, &n), "\0\1", 2) == 0 && n == 2,
	    "its bytes");
	own = db_dup(q, 1);
	is_str(own, "one", "a copy of the text");
	free(own);
	/* the same place in the source again, while the first is stepping */
	inner = db_sql(db, &e, "SELECT count(*) FROM t");
	is_int(db_row(inner, &e), 1, "another query at the same time");
	db_end(inner);
	is_int(db_row(q, &e), 1, "does not disturb the first");
	ok(db_is_null(q, 1) && db_get_text(q, 1) == NULL, "NULL is NULL");
	db_get_blob(q, 3, &n);
	ok(n == 0 && !db_is_null(q, 3), "no bytes are not NULL");
	is_int(db_row(q, &e), 0, "then there is none");
	db_end(q);
	db_end(NULL);
}

/* A query at one place of the source, inside of itself. */
static int
nest(struct db *db, int depth, struct err *e)
{
	struct db_query *q;
	int rows = 0;

	if ((q = db_sql(db, e, "SELECT i FROM t")) == NULL)
		return -1;
	while (db_row(q, e) == 1)
		rows += 1 + (depth > 0 ? nest(db, depth - 1, e) : 0);
	db_end(q);
	return rows;
}

static void
transactions(struct db *db)
{
	struct db *other;
	struct err e;
	int64_t first;

	is_int(nest(db, 2, &e), 2 + 4 + 8, "one place used inside of itself");
	first = tx_number(db);
	is_int(tx_begin(db, &e), 0, "a transaction begins");
	ok(tx_active(db), "and is there");
	ok(tx_number(db) > first, "with a number of its own");
	insert(db, 3, "three", &e);
	other = must_open(DB_READ, 0);
	is_int(number(other), 2, "nobody else sees what is in it");
	is_int(tx_end(db, 7, &e), 7, "it ends with the result");
	ok(!tx_active(db), "and is over");
	is_int(number(other), 3, "now everybody sees it");
	tx_begin(db, &e);
	insert(db, 4, "four", &e);
	is_int(tx_end(db, -1, &e), -1, "a failure");
	is_int(number(db), 3, "takes all of it back");
	is_int(insert(other, 5, "five", &e), -1, "who only reads cannot write");

	is_int(tx_read(other, &e), 0, "a view");
	is_int(number(other), 3, "is what it is");
	insert(db, 6, "six", &e);
	is_int(number(other), 3, "while others write");
	is_int(tx_end(other, 0, &e), 0, "until it ends");
	is_int(number(other), 4, "and then is not");
	db_close(other);

	tx_begin(db, &e);
	insert(db, 8, "eight", &e);
	db_close(db);
	db = must_open(DB_READ, 0);
	is_int(number(db), 4, "closed within a transaction: none of it");
	db_close(db);
}

static void
busy(void)
{
	struct db *one = must_open(DB_WRITE, 0), *two = must_open(DB_WRITE, 30);
	struct err e = { 0 };

	tx_begin(one, &e);
	is_int(tx_begin(two, &e), -1, "two do not write at once");
	is_int(e.code, ERR_BUSY, "the second is told that it is busy");
	ok(!tx_active(two), "and is in no transaction");
	tx_end(one, 0, &e);
	is_int(tx_begin(two, &e), 0, "later it may");
	tx_end(two, 0, &e);
	db_close(one);
	db_close(two);
}

/* What a killed maker left is in use by who opens it, for a moment. */
static void
made_late(void)
{
	struct db *one, *two = NULL;
	struct err e = { 0 };
	const char *said;
	char new[80];
	int fds[2];
	pid_t pid;
	char c;

	snprintf(new, sizeof new, "%s/new.db", dir);
	if (pipe(fds) < 0 || (pid = fork()) < 0)
		exit(2);
	if (pid == 0) {
		if (db_open(&one, new, DB_CREATE_PLAIN, 0, &e) < 0 ||
		    tx_begin(one, &e) < 0 || write(fds[1], "", 1) != 1)
			_exit(2);
		usleep(500000);
		tx_end(one, -1, &e);
		_exit(0);
	}
	is_int(read(fds[0], &c, 1), 1, "a new one is held");
	is_int(db_open(&two, new, DB_CREATE, 20, &e), -1, "for too long");
	ok(e.code == ERR_BUSY && (said = strstr(e.msg, " for ")) != NULL &&
	    atoi(said + 5) >= 20, "and told is how long it was");
	is_int(db_open(&two, new, DB_CREATE, 20000, &e), 0,
	    "else it is waited for");
	db_close(two);
	waitpid(pid, NULL, 0);
	close(fds[0]);
	close(fds[1]);
}

static void
copies(void)
{
	struct db *db = must_open(DB_WRITE, 0), *other;
	char to[80], wal[96];
	struct err e;
	struct stat sb;

	snprintf(to, sizeof to, "%s/copy.db", dir);
	snprintf(wal, sizeof wal, "%s-wal", to);
	tx_begin(db, &e);
	insert(db, 100, "not yet", &e);
	other = must_open(DB_READ, 0);
	is_int(db_copy(other, to, &e), 0, "copied while somebody writes");
	tx_end(db, 0, &e);
	ok(stat(wal, &sb) < 0, "the copy is one file");
	is_int(db_copy(other, to, &e), -1, "it is not written over");
	db_close(other);
	db_close(db);
	is_int(db_open(&db, to, DB_READ, 0, &e), 0, "it opens");
	is_int(number(db), 4, "and is of one moment");
	is_int(verify_pages(db, to, &e), 0, "and whole");
	db_close(db);
}

static void
damaged(void)
{
	static const char text[] = "this is not a database, it is a text that "
	    "is longer than the header of one, to be sure of it..............";
	struct buf what = BUF_INIT;
	struct db *db = NULL;
	char sum[HASH_HEX + 1];
	struct err e;

	snprintf(path, sizeof path, "%s/text.db", dir);
	if (file_replace(path, text, sizeof text - 1, &e) < 0)
		exit(2);
	if (db_open(&db, path, DB_READ, 0, &e) == 0) {
		is_int(verify_pages(db, path, &e), -1, "a text is no database");
		db_close(db);
	}
	is_int(e.code, ERR_CORRUPT, "it is damage");
	snprintf(path, sizeof path, "%s/absent.db", dir);
	is_int(db_open(&db, path, DB_READ, 0, &e), -1, "none is not made");
	is_int(e.code, ERR_SYS, "by who reads");

	snprintf(path, sizeof path, "%s/schema.db", dir);
	db = must_open(DB_CREATE, 0);
	is_int(schema_check(db, path, &e), 0, "an empty one is older");
	is_int(schema_migrate(db, path, &e), 0, "it is brought up");
	is_int(schema_check(db, path, &e), 1, "and is not older then");
	is_int(schema_migrate(db, path, &e), 0, "a second time does nothing");
	is_int(verify_schema(db, &what, &e), 1, "it is as it should be");
	is_int(verify_sum(db, sum, &e), 0, "its sum");
	is_str(sum, SCHEMA_SUM, "is the one in store/schema.h");
	db_script(db, "CREATE TRIGGER evil AFTER INSERT ON event BEGIN "
	    "DELETE FROM event; END", &e);
	is_int(verify_schema(db, &what, &e), 0, "a trigger is found");
	is_str(what.p, "trigger evil is not ours", "and named");
	db_script(db, "DROP TRIGGER evil; DROP INDEX event_session", &e);
	buf_reset(&what);
	is_int(verify_schema(db, &what, &e), 0, "an index that is missing");
	is_str(what.p, "index event_session is missing", "is named");
	db_script(db, "CREATE INDEX event_session ON event (session)", &e);
	buf_reset(&what);
	is_int(verify_schema(db, &what, &e), 0, "another than ours");
	is_str(what.p, "index event_session is not made as it should be",
	    "is named too");
	db_script(db, "PRAGMA user_version = 99", &e);
	is_int(schema_check(db, path, &e), -1, "a newer one is refused");
	is_int(e.code, ERR_VERSION, "as that");
	db_script(db, "PRAGMA user_version = 1; PRAGMA application_id = 7",
	    &e);
	is_int(schema_check(db, path, &e), -1, "somebody else's is refused");
	db_close(db);
	buf_release(&what);
}

static int64_t
how_many(struct db *db)
{
	struct err e;
	int64_t n = -1;

	db_number(db, &e, "SELECT count(*) FROM once", 0, &n);
	return n;
}

/* What was opened to be read is written to when it is asked for, alone. */
static void
once(void)
{
	struct db *db, *other;
	struct err e;

	snprintf(path, sizeof path, "%s/once.db", dir);
	other = must_open(DB_CREATE, 0);
	db_script(other, "CREATE TABLE once (n); INSERT INTO once VALUES (1)",
	    &e);
	is_int(db_write_once(other), 0, "a writer is none that is asked");
	db = must_open(DB_READ, 0);
	is_int(db_script(db, "INSERT INTO once VALUES (2)", &e), -1,
	    "a reader does not write");
	is_int(tx_begin(db, &e), 0, "nor in a transaction");
	is_int(tx_end(db, db_script(db, "INSERT INTO once VALUES (3)", &e),
	    &e), -1, "of its own");
	is_int(how_many(other), 1, "there is nothing of it");
	is_int(db_script(db, "CREATE TEMP TABLE mine (n); INSERT INTO mine "
	    "VALUES (1)", &e), 0, "what is its own alone it may have");
	tx_read(db, &e);
	is_int(how_many(db), 1, "a view is open");
	is_int(db_write_once(db), 0, "which would be left behind");
	tx_end(db, 0, &e);
	is_int(db_write_once(db), 1, "else it may, once");
	is_int(db_lazy(db, true, &e), 0, "without waiting");
	is_int(db_script(db, "INSERT INTO once VALUES (4)", &e), 0, "it does");
	db_read_only(db);
	is_int(db_script(db, "INSERT INTO once VALUES (5)", &e), -1,
	    "and no more");
	is_int(how_many(other), 2, "others have what it wrote");
	is_int(db_sync(other, &e), 0, "which goes to the disk");
	db_close(db);
	db_close(other);
}

int
main(void)
{
	struct db *db;
	struct err e;

	if (mkdtemp(dir) == NULL)
		return 2;
	snprintf(path, sizeof path, "%s/x.db", dir);
	db = must_open(DB_CREATE, 0);
	values(db);
	transactions(db);	/* closes it */
	busy();
	made_late();
	copies();
	damaged();
	once();
	file_remove_tree(dir, &e);
	return done();
}
