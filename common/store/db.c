/*
 * SQLite behind short calls.  Statements are prepared once for each place
 * in the source (keyed by the address of the literal) and kept.
 *
 * The write-ahead log is kept when a connection closes and is emptied into
 * the database after about 256 pages: a write by a cold process then costs
 * one sync, and an open has at most a megabyte of log to read (4 MB, the
 * default, cost every cold open 0.8 ms).  A bulk writer may let it grow;
 * db_close brings it back below the mark.
 */
#include "store/db.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"

#include <sqlite3.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#define WAL_PAGES 256		/* kept between processes */
#define WAL_PAGES_BULK 2048	/* within one */
#define NAP_NS 1000000L		/* while another writes */
#define SLOTS 128		/* statements; power of two */
#define BINDS 16		/* places of parameters; power of two */

struct db_query {
	struct db *db;
	const char *literal;
	sqlite3_stmt *stmt;
	bool in_use;
	struct {
		const char *name;	/* a literal: told by its address */
		int column;
	} bound[BINDS];		/* looked up before; name NULL: free */
	struct db_query *next;	/* same literal or same slot */
};

struct db {
	sqlite3 *h;
	char *path;
	enum db_mode mode;
	int busy_ms;
	int64_t busy_since;	/* ms of the monotonic clock */
	int64_t waited_ms;	/* before wait_turn gave up, until it is told */
	int wal_pages;		/* after the last commit */
	int64_t tx_bytes;	/* bound since the transaction began */
	int64_t tx_number;
	bool tx, writing;
	bool once;		/* db_write_once */
	struct err why;		/* of a function of SQL */
	struct db_query *slot[SLOTS];
};

static int
db_fail_full(struct db *db, struct err *e)
{
	struct statvfs vfs;
	int64_t room = -1;

	if (statvfs(db->path, &vfs) == 0)
		room = (int64_t)vfs.f_bavail * (int64_t)vfs.f_frsize;
	/* Every page goes to the log and then to the database; rows are
	 * scattered over pages by their indexes. */
	return err_set(e, ERR_SYS, "cannot write '%s': no space left on "
	    "device: %" PRId64 " KiB free, about %" PRId64 " KiB needed; "
	    "nothing of this batch was stored", db->path, room / 1024,
	    (4 * db->tx_bytes + (1 << 20)) / 1024);
}

/* It, or a folder on the way to it: SQLITE_OPEN_NOFOLLOW looks at both. */
static bool
db_linked(struct db *db)
{
	return db->h != NULL &&
	    sqlite3_extended_errcode(db->h) == SQLITE_CANTOPEN_SYMLINK;
}

static int
db_fail(struct db *db, int rc, struct err *e)
{
	int sys = db->h != NULL ? sqlite3_system_errno(db->h) : 0;
	int64_t waited = db->waited_ms;

	db->waited_ms = 0;
	switch (rc & 0xff) {
	case SQLITE_NOMEM:
		xmalloc(SIZE_MAX);	/* says so and exits */
		break;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		if (waited == 0)	/* it does not let us wait */
			return err_set(e, ERR_BUSY, "'%s' is busy: another "
			    "process is writing; try again", db->path);
		return err_set(e, ERR_BUSY, "'%s' is busy: another process "
		    "has been writing for %" PRId64 " ms; try again",
		    db->path, waited);
	case SQLITE_FULL:
		return db_fail_full(db, e);
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_AUTH:
	case SQLITE_READONLY:
		if (sys == ENOSPC || sys == EDQUOT)
			return db_fail_full(db, e);
		if (db_linked(db))
			return err_set(e, ERR_SYS, "'%s' is a symbolic link, "
			    "or lies behind one; put the folder itself there",
			    db->path);
		return err_set(e, ERR_SYS, "cannot use '%s': %s%s%s", db->path,
		    db->h != NULL ? sqlite3_errmsg(db->h) :
		    sqlite3_errstr(rc), sys ? ": " : "",
		    sys ? strerror(sys) : "");
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return err_set(e, ERR_CORRUPT, "'%s' is damaged (%s); run "
		    "mem-admin check", db->path, sqlite3_errmsg(db->h));
	default:
		break;
	}
	if (db->why.code != ERR_NONE) {		/* a function's own */
		*e = db->why;
		db->why.code = ERR_NONE;
		return -1;
	}
	return err_set(e, ERR_CORRUPT, "'%s': %s", db->path,
	    db->h != NULL ? sqlite3_errmsg(db->h) : sqlite3_errstr(rc));
}

static int
wal_hook(void *arg, sqlite3 *h, const char *name, int pages)
{
	struct db *db = arg;

	db->wal_pages = pages;
	if (pages >= WAL_PAGES_BULK)
		sqlite3_wal_checkpoint_v2(h, name, SQLITE_CHECKPOINT_PASSIVE,
		    NULL, &db->wal_pages);
	return SQLITE_OK;
}

/* Temporary tables may be written to, where the database may not; query_only
 * would forbid both. */
static int
refuse(void *arg)
{
	struct db *db = arg;

	return !db->once &&
	    sqlite3_txn_state(db->h, "main") == SQLITE_TXN_WRITE;
}

/*
 * SQLite's own way to wait naps longer each time, up to 100 ms: among many
 * writers the one that has waited longest looks least often, and starves.
 * Naps that stay short give each the same chance; their odd part keeps
 * those that began together from always looking together.
 */
static int
wait_turn(void *arg, int tries)
{
	struct db *db = arg;
	struct timespec now, t = { 0, 0 };
	int64_t ms;

	clock_gettime(CLOCK_MONOTONIC, &now);
	ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	if (tries == 0)
		db->busy_since = ms;
	if (ms - db->busy_since >= db->busy_ms) {
		db->waited_ms = ms - db->busy_since;
		return 0;
	}
	t.tv_nsec = NAP_NS / 2 + now.tv_nsec % NAP_NS;
	nanosleep(&t, NULL);
	return 1;
}

/*
 * Who opens a database whose maker was killed has RESERVED for a moment, to
 * take away the journal that is left; this PRAGMA is refused then, and
 * wait_turn not called.  Where it is called its waits count anew (busy_since):
 * the first one is what all of them are measured by.
 */
int
db_use_log(struct db *db, struct err *e)
{
	int64_t since = 0;
	int rc, tries = 0;

	while (rc = sqlite3_exec(db->h, "PRAGMA journal_mode=WAL", NULL, NULL,
	    NULL), (rc & 0xff) == SQLITE_BUSY) {
		if (tries > 0)
			db->busy_since = since;
		if (!wait_turn(db, tries++))
			break;
		since = db->busy_since;
	}
	return rc == SQLITE_OK ? 0 : db_fail(db, rc, e);
}

static int
db_set_up(struct db *db, struct err *e)
{
	int on = 1;

	sqlite3_busy_handler(db->h, wait_turn, db);
	sqlite3_extended_result_codes(db->h, 1);
	sqlite3_db_config(db->h, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	/* Hostile databases: no triggers or views that call functions. */
	sqlite3_db_config(db->h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db->h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_file_control(db->h, "main", SQLITE_FCNTL_PERSIST_WAL, &on);
	if (db->mode == DB_READ) {
		sqlite3_commit_hook(db->h, refuse, db);
		return 0;
	}
	sqlite3_wal_hook(db->h, wal_hook, db);
	/* References are checked by `mem-admin check`, not on each insert:
	 * rows only ever name rows of the same transaction or earlier. */
	if (db->mode == DB_CREATE && db_use_log(db, e) < 0)
		return -1;
	return db_script(db, "PRAGMA synchronous=FULL", e);
}

int
db_open(struct db **out, const char *path, enum db_mode mode, int busy_ms,
    struct err *e)
{
	static bool configured;
	struct db *db;
	int rc, flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;

	if (!configured) {
		sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
		configured = true;
	}
	db = xcalloc(1, sizeof *db);
	db->path = xstrdup(path);
	db->mode = mode;
	db->busy_ms = busy_ms;
	/* to be read, too, for db_write_once; where that may not be SQLite
	 * opens it to be read */
	flags |= SQLITE_OPEN_READWRITE;
	if (mode == DB_CREATE || mode == DB_CREATE_PLAIN)
		flags |= SQLITE_OPEN_CREATE;
	rc = sqlite3_open_v2(path, &db->h, flags, NULL);
	if (rc != SQLITE_OK) {
		db_fail(db, rc, e);
		db_close(db);
		return -1;
	}
	if (db_set_up(db, e) < 0) {
		db_close(db);
		return -1;
	}
	*out = db;
	return 0;
}

void
db_close(struct db *db)
{
	struct db_query *q, *next;
	size_t i;

	if (db == NULL)
		return;
	/* A transaction still open here was never promised to anybody. */
	if (db->tx)
		sqlite3_exec(db->h, "ROLLBACK", NULL, NULL, NULL);
	for (i = 0; i < SLOTS; i++)
		for (q = db->slot[i]; q != NULL; q = next) {
			next = q->next;
			sqlite3_finalize(q->stmt);
			free(q);
		}
	/* Readers may be in the way; they are not waited for, and the next
	 * writer does it. */
	if (db->wal_pages > WAL_PAGES) {
		sqlite3_busy_timeout(db->h, 0);
		sqlite3_wal_checkpoint_v2(db->h, NULL,
		    SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	}
	sqlite3_close_v2(db->h);
	free(db->path);
	free(db);
}

struct sqlite3 *
db_handle(struct db *db)
{
	return db->h;
}

void
db_why(struct db *db, const struct err *e)
{
	db->why = *e;
}

struct db_query *
db_prepare(struct db *db, const char *literal, struct err *e)
{
	size_t slot = ((uintptr_t)literal >> 3) % SLOTS;
	struct db_query *q;
	int rc;

	for (q = db->slot[slot]; q != NULL; q = q->next)
		if (q->literal == literal && !q->in_use)
			break;
	if (q == NULL) {
		q = xcalloc(1, sizeof *q);
		rc = sqlite3_prepare_v3(db->h, literal, -1,
		    SQLITE_PREPARE_PERSISTENT, &q->stmt, NULL);
		if (rc != SQLITE_OK) {
			free(q);
			db_fail(db, rc, e);
			return NULL;
		}
		q->db = db;
		q->literal = literal;
		q->next = db->slot[slot];
		db->slot[slot] = q;
	}
	q->in_use = true;
	return q;
}

static int
column_of(struct db_query *q, const char *name)
{
	size_t at = ((uintptr_t)name ^ (uintptr_t)name >> 4) % BINDS;
	int i;

	if (q->bound[at].name == name)
		return q->bound[at].column;
	i = sqlite3_bind_parameter_index(q->stmt, name);
	assert(i > 0);
	q->bound[at].name = name;
	q->bound[at].column = i;
	return i;
}

void
db_int(struct db_query *q, const char *name, int64_t v)
{
	sqlite3_bind_int64(q->stmt, column_of(q, name), v);
}

void
db_real(struct db_query *q, const char *name, double v)
{
	sqlite3_bind_double(q->stmt, column_of(q, name), v);
}

void
db_text_copy(struct db_query *q, const char *name, const char *s)
{
	size_t n = strlen(s);

	q->db->tx_bytes += (int64_t)n;
	sqlite3_bind_text64(q->stmt, column_of(q, name), s, n,
	    SQLITE_TRANSIENT, SQLITE_UTF8);
}

void
db_text(struct db_query *q, const char *name, const char *s)
{
	size_t n;

	if (s == NULL) {
		db_null(q, name);
		return;
	}
	n = strlen(s);
	q->db->tx_bytes += (int64_t)n;
	sqlite3_bind_text64(q->stmt, column_of(q, name), s, n, SQLITE_STATIC,
	    SQLITE_UTF8);
}

void
db_blob(struct db_query *q, const char *name, const void *p, size_t n)
{
	q->db->tx_bytes += (int64_t)n;
	/* A NULL pointer would bind NULL, not an empty blob. */
	sqlite3_bind_blob64(q->stmt, column_of(q, name), n ? p : "", n,
	    SQLITE_STATIC);
}

void
db_null(struct db_query *q, const char *name)
{
	sqlite3_bind_null(q->stmt, column_of(q, name));
}

int
db_row(struct db_query *q, struct err *e)
{
	int rc = sqlite3_step(q->stmt);

	if (rc == SQLITE_ROW)
		return 1;
	if (rc == SQLITE_DONE)
		return 0;
	return db_fail(q->db, rc, e);
}

void
db_again(struct db_query *q)
{
	sqlite3_reset(q->stmt);
}

void
db_end(struct db_query *q)
{
	if (q == NULL)
		return;
	sqlite3_reset(q->stmt);
	sqlite3_clear_bindings(q->stmt);
	q->in_use = false;
}

int
db_run(struct db_query *q, struct err *e)
{
	int r = db_row(q, e);

	db_end(q);
	return r < 0 ? -1 : 0;
}

bool
db_is_null(struct db_query *q, int col)
{
	return sqlite3_column_type(q->stmt, col) == SQLITE_NULL;
}

int64_t
db_get_int(struct db_query *q, int col)
{
	return sqlite3_column_int64(q->stmt, col);
}

double
db_get_real(struct db_query *q, int col)
{
	return sqlite3_column_double(q->stmt, col);
}

const char *
db_get_text(struct db_query *q, int col)
{
	return (const char *)sqlite3_column_text(q->stmt, col);
}

const void *
db_get_blob(struct db_query *q, int col, size_t *len)
{
	const void *p = sqlite3_column_blob(q->stmt, col);

	*len = (size_t)sqlite3_column_bytes(q->stmt, col);
	return p != NULL ? p : "";
}

char *
db_dup(struct db_query *q, int col)
{
	const char *s = db_get_text(q, col);

	return s != NULL ? xstrdup(s) : NULL;
}

void
db_copy_text(struct db_query *q, int col, char *out, size_t size)
{
	const char *s = db_get_text(q, col);

	snprintf(out, size, "%s", s != NULL ? s : "");
}

int64_t
db_last_id(struct db *db)
{
	return sqlite3_last_insert_rowid(db->h);
}

int64_t
db_changes(struct db *db)
{
	return sqlite3_changes64(db->h);
}

int
db_first(struct db_query *q, int64_t *n, struct err *e)
{
	int r = db_row(q, e);

	if (r == 1)
		*n = db_get_int(q, 0);
	db_end(q);
	return r;
}

int
db_one(struct db *db, const char *literal, int64_t dflt, int64_t *out,
    struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_prepare(db, literal, e)) == NULL)
		return -1;
	if ((r = db_row(q, e)) >= 0)
		*out = r == 1 && !db_is_null(q, 0) ? db_get_int(q, 0) : dflt;
	db_end(q);
	return r < 0 ? -1 : 0;
}

int
db_script(struct db *db, const char *sql, struct err *e)
{
	int rc = sqlite3_exec(db->h, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : db_fail(db, rc, e);
}

int
db_cache(struct db *db, int kib, struct err *e)
{
	char sql[64];

	snprintf(sql, sizeof sql, "PRAGMA cache_size=-%d", kib);
	return db_script(db, sql, e);
}

int
tx_begin(struct db *db, struct err *e)
{
	struct db_query *q;

	assert(!db->tx);
	db->tx_bytes = 0;
	db->tx_number++;
	if ((q = db_sql(db, e, "BEGIN IMMEDIATE")) == NULL ||
	    db_run(q, e) < 0)
		return -1;
	db->tx = db->writing = true;
	return 0;
}

int
tx_read(struct db *db, struct err *e)
{
	struct db_query *q;

	assert(!db->tx);
	if ((q = db_sql(db, e, "BEGIN")) == NULL || db_run(q, e) < 0)
		return -1;
	db->tx = true;
	return 0;
}

int
tx_end(struct db *db, int r, struct err *e)
{
	struct err ignored = { 0 };	/* the first failure counts */
	struct db_query *q;

	assert(db->tx);
	db->tx = db->writing = false;
	if (r >= 0 && (q = db_sql(db, e, "COMMIT")) != NULL &&
	    db_run(q, e) == 0)
		return r;
	if (!sqlite3_get_autocommit(db->h))
		db_script(db, "ROLLBACK", &ignored);
	db->tx_number++;	/* what was true within it is not */
	return -1;
}

bool
tx_active(struct db *db)
{
	return db->tx;
}

bool
tx_writing(struct db *db)
{
	return db->writing;
}

int64_t
tx_number(struct db *db)
{
	return db->tx_number;
}

int
db_scrub(struct db *db, struct err *e)
{
	return db_script(db, "PRAGMA secure_delete=ON", e);
}

void
db_settle(struct db *db)
{
	sqlite3_wal_checkpoint_v2(db->h, NULL, SQLITE_CHECKPOINT_TRUNCATE,
	    NULL, NULL);
	db->wal_pages = 0;
	db->waited_ms = 0;
}

int
db_lazy(struct db *db, bool on, struct err *e)
{
	return db_script(db, on ? "PRAGMA synchronous=NORMAL" :
	    "PRAGMA synchronous=FULL", e);
}

int
db_write_once(struct db *db)
{
	if (db->mode != DB_READ || db->tx ||
	    sqlite3_txn_state(db->h, NULL) != SQLITE_TXN_NONE ||
	    sqlite3_db_readonly(db->h, "main") != 0)
		return 0;
	sqlite3_wal_hook(db->h, wal_hook, db);
	return db->once = true;
}

void
db_read_only(struct db *db)
{
	db->once = false;
}

/* The log is enough: whoever empties it syncs it first, and the database
 * behind it. */
int
db_sync(struct db *db, struct err *e)
{
	struct buf log = BUF_INIT;
	int fd, r = 0;

	buf_addf(&log, "%s-wal", db->path);
	if ((fd = open(log.p, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)) >= 0) {
		r = file_sync(fd, log.p, e);
		close(fd);
	} else if (errno != ENOENT)	/* a rollback journal is synced */
		r = err_sys(e, "cannot open '%s'", log.p);
	buf_release(&log);
	return r;
}

int
db_gather(struct db *db, struct err *e)
{
	int rc = sqlite3_wal_checkpoint_v2(db->h, NULL,
	    SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);

	db->wal_pages = 0;
	db->waited_ms = 0;
	if (rc == SQLITE_OK)
		return 0;
	return err_set(e, (rc & 0xff) == SQLITE_BUSY ? ERR_BUSY : ERR_SYS,
	    "cannot write '%s': %s", db->path, sqlite3_errmsg(db->h));
}

int
db_copy(struct db *db, const char *to, struct err *e)
{
	sqlite3 *out = NULL;
	sqlite3_backup *b;
	int rc;

	/* SQLite does not heed SQLITE_OPEN_EXCLUSIVE when we say it. */
	if (file_exists(to))
		return err_set(e, ERR_EXISTS, "'%s' is there already", to);
	rc = sqlite3_open_v2(to, &out, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX,
	    NULL);
	if (rc == SQLITE_OK) {
		b = sqlite3_backup_init(out, "main", db->h, "main");
		if (b != NULL) {
			/* All pages in one step, so in one view. */
			rc = sqlite3_backup_step(b, -1);
			sqlite3_backup_finish(b);
			rc = rc == SQLITE_DONE ? SQLITE_OK : rc;
		} else
			rc = sqlite3_errcode(out);
	}
	/* A copy is one file: no log beside it. */
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(out, "PRAGMA journal_mode=DELETE", NULL,
		    NULL, NULL);
	if (rc != SQLITE_OK)
		err_set(e, (rc & 0xff) == SQLITE_BUSY ? ERR_BUSY : ERR_SYS,
		    "cannot copy '%s' to '%s': %s", db->path, to,
		    out != NULL ? sqlite3_errmsg(out) : sqlite3_errstr(rc));
	sqlite3_close(out);
	return rc == SQLITE_OK ? 0 : -1;
}
