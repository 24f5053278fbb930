#include "sync/journal_file.h"

#include "base/alloc.h"
#include "base/str.h"
#include "store/db.h"
#include "sync/journal.h"
#include "sync/journal_db.h"

#include <stdlib.h>
#include <string.h>

int
journal_begin(struct journal *j, struct err *e)
{
	return tx_begin(j->db, e);
}

int
journal_end(struct journal *j, int r, struct err *e)
{
	return tx_end(j->db, r, e);
}

int
journal_file_add(struct journal *j, const struct journal_file *f,
    struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(j->db, e, "INSERT OR REPLACE INTO file (key, what, "
	    "seq, hash, last) VALUES (:key, :what, :seq, :hash, :last)")) ==
	    NULL)
		return -1;
	db_text(q, ":key", f->key);
	db_int(q, ":what", f->what);
	db_int(q, ":seq", f->seq);
	db_blob(q, ":hash", f->sha256, HASH_LEN);
	db_int(q, ":last", f->last);
	return db_run(q, e) < 0 ? -1 : f->what != JOURNAL_MOVE ? 0 :
	    journal_fresh_add(j, f->key, e);
}

int
journal_file_has(struct journal *j, const char *key,
    const uint8_t sha256[HASH_LEN], struct err *e)
{
	struct db_query *q;
	int64_t what;
	int r;

	if ((q = db_sql(j->db, e, "SELECT what FROM file WHERE key = :key AND "
	    "hash = :hash AND what < 2")) == NULL)
		return -1;
	db_text(q, ":key", key);
	db_blob(q, ":hash", sha256, HASH_LEN);
	if ((r = db_first(q, &what, e)) == 1 && what == JOURNAL_MOVE)
		r = journal_fresh(j, key, e);
	return r;
}

int
journal_file_drop(struct journal *j, const char *key, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(j->db, e, "DELETE FROM file WHERE key = :key")) ==
	    NULL)
		return -1;
	db_text(q, ":key", key);
	return db_run(q, e);
}

int
journal_file_waits(struct journal *j, struct err *e)
{
	struct db_query *q;
	int64_t what;

	if ((q = db_sql(j->db, e, "SELECT what FROM file WHERE what > 0 "
	    "LIMIT 1")) == NULL)
		return -1;
	return db_first(q, &what, e);
}

/* --- what is due ------------------------------------------------------- */

static int
next_due(struct journal *j, int64_t upto, const char *after,
    struct journal_file *f, char **key, struct err *e)
{
	struct db_query *q;
	const void *hash;
	size_t n;
	int r;

	if ((q = db_sql(j->db, e, "SELECT key, what, seq, hash, last "
	    "FROM file WHERE key > :after AND what > 0 AND last <= :upto "
	    "ORDER BY key LIMIT 1")) == NULL)
		return -1;
	db_text(q, ":after", after);
	db_int(q, ":upto", upto);
	if ((r = db_row(q, e)) == 1) {
		*key = db_dup(q, 0);
		f->key = *key;
		f->what = (enum journal_what)db_get_int(q, 1);
		f->seq = db_get_int(q, 2);
		hash = db_get_blob(q, 3, &n);
		memset(f->sha256, 0, HASH_LEN);
		if (n == HASH_LEN)
			memcpy(f->sha256, hash, HASH_LEN);
		f->last = db_get_int(q, 4);
	}
	db_end(q);
	return r;
}

int
journal_file_due(struct journal *j, int64_t upto, int (*fn)(void *,
    const struct journal_file *, struct err *), void *arg, struct err *e)
{
	char *at = xstrdup(""), *key = NULL;
	struct journal_file f;
	int r;

	while ((r = next_due(j, upto, at, &f, &key, e)) == 1) {
		free(at);
		at = key;
		if ((r = fn(arg, &f, e)) != 0)
			break;
	}
	free(at);
	return r < 0 ? -1 : 0;
}

int
journal_file_trim(struct journal *j, int64_t upto, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(j->db, e, "DELETE FROM file WHERE what = 0 AND "
	    "last <= :upto")) == NULL)
		return -1;
	db_int(q, ":upto", upto);
	return db_run(q, e);
}
