/*
 * SQLite, as everybody above sees it: prepared once, bound and read by
 * short calls, errors as struct err.  Only store/ includes sqlite3.h.
 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct db;
struct sqlite3;
struct sqlite3_stmt;

/* A statement on its way: kept by the db, borrowed until db_end. */
struct db_query;

/* DB_READ: no commit, but of temporary tables, goes through (db_write_once).
 * DB_CREATE_PLAIN makes one with a rollback journal, which is cheaper to open
 * than one with a log beside it, and keeps readers out while it is written. */
enum db_mode { DB_READ, DB_WRITE, DB_CREATE, DB_CREATE_PLAIN };

/* WAL, synchronous=FULL, foreign keys on; busy_ms is how long a writer
 * waits for another. */
int	db_open(struct db **, const char *path, enum db_mode, int busy_ms,
	    struct err *);
void	db_close(struct db *);

/* The statement for a literal; a second copy if the first is in use. */
#define db_sql(db, e, sql) db_prepare((db), "" sql, (e))
struct db_query *db_prepare(struct db *, const char *literal, struct err *);

/* name is a literal, as in the statement: ":user". */
void	db_int(struct db_query *, const char *name, int64_t);
void	db_real(struct db_query *, const char *name, double);
/* Borrowed until db_end; NULL binds NULL. */
void	db_text(struct db_query *, const char *name, const char *);
void	db_text_copy(struct db_query *, const char *name, const char *);
void	db_blob(struct db_query *, const char *name, const void *, size_t);
void	db_null(struct db_query *, const char *name);

int	db_row(struct db_query *, struct err *);   /* 1 row, 0 none, -1 */
void	db_again(struct db_query *);		   /* reset, bindings stay */
void	db_end(struct db_query *);		   /* takes NULL */
int	db_run(struct db_query *, struct err *);   /* step, end: 0 or -1 */

bool	db_is_null(struct db_query *, int col);
int64_t	db_get_int(struct db_query *, int col);
double	db_get_real(struct db_query *, int col);
const char *db_get_text(struct db_query *, int col);	/* borrowed, or NULL */
const void *db_get_blob(struct db_query *, int col, size_t *len);
char	*db_dup(struct db_query *, int col);		/* own, or NULL */
/* Into so many bytes, of which it takes what fits; NULL is "". */
void	db_copy_text(struct db_query *, int col, char *, size_t);

int64_t	db_last_id(struct db *);
int64_t	db_changes(struct db *);

/* The first column of the first row of a query, which is ended: 1; 0 there is
 * no row, and *n stays; -1. */
int	db_first(struct db_query *, int64_t *n, struct err *);
/* One number: the first column of the first row, or dflt if none. */
#define db_number(db, e, sql, dflt, out) \
	db_one((db), "" sql, (dflt), (out), (e))
int	db_one(struct db *, const char *literal, int64_t dflt, int64_t *out,
	    struct err *);

/* How much of the database may be kept in memory, for who comes back to
 * the same pages: SQLite's own 2 MB spill what is yet to be changed; and for
 * who does not: memory that is used anew costs less than more of it. */
int	db_cache(struct db *, int kib, struct err *);

/* For what adds functions to SQL (sealed_sql.c): with what one of them
 * failed, which is told in place of SQLite's own error. */
struct sqlite3 *db_handle(struct db *);
void	db_why(struct db *, const struct err *);

/* A log beside it (WAL), as DB_CREATE has it; one who takes it into use for a
 * moment is waited for. */
int	db_use_log(struct db *, struct err *);

/* Several statements without parameters (schemas, pragmas). */
int	db_script(struct db *, const char *sql, struct err *);

/*
 * Transactions.  tx_begin takes the write lock at once (BEGIN IMMEDIATE);
 * tx_end takes the result so far, commits unless it is negative, and
 * returns it (or -1 when the commit failed).  tx_read holds one view for
 * several reads.
 */
int	tx_begin(struct db *, struct err *);
int	tx_read(struct db *, struct err *);
int	tx_end(struct db *, int r, struct err *);
bool	tx_active(struct db *);
/* By tx_begin, not tx_read. */
bool	tx_writing(struct db *);
/* Counts tx_begin, and what is rolled back: what was true in another
 * transaction may be no more. */
int64_t	tx_number(struct db *);

/*
 * Deleted rows leave nothing behind: db_scrub before the deletions of a
 * transaction zeroes what they free; db_settle after it empties the log,
 * where the old pages still are (as far as readers let it).
 */
int	db_scrub(struct db *, struct err *);
void	db_settle(struct db *);

/*
 * A database that was opened to be read is to be written to for once, by the
 * connection that is there: another one costs the parsing of the schema and
 * ten files opened.  1: it may, until db_read_only; 0: it cannot, as it may
 * not, or a view is open, which would be left behind.
 */
int	db_write_once(struct db *);
void	db_read_only(struct db *);

/* From now on a commit of this connection is not waited for: what kills a
 * process does not undo it, a power cut may.  The next one that is, of whatever
 * connection, or db_sync brings it to the disk. */
int	db_lazy(struct db *, bool on, struct err *);
int	db_sync(struct db *, struct err *);

/* All of it into the one file, and the log empty: for who moves that.  ERR_SYS;
 * ERR_BUSY: somebody reads it. */
int	db_gather(struct db *, struct err *);

/* Copy the database as it is now into a new file, writers going on;
 * ERR_EXISTS: it is there. */
int	db_copy(struct db *, const char *to, struct err *);

#endif
