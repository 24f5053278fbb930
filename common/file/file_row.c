#include "file/file_row.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/str.h"
#include "memory/session.h"
#include "store/change.h"
#include "store/db.h"
#include "store/sealed.h"
#include "store/store.h"

#include <inttypes.h>
#include <string.h>

/* The columns that row_read reads, from the first on. */
#define COLUMNS "f.seq, f.area, " OPEN_FILE("f.") ", f.size, f.sha256, " \
	"f.exec, f.local, f.at, f.node, f.base, f.key "

/* What was sealed of it.  1, 0 the key is gone. */
static int
read_sealed(struct db_query *q, struct file_row *f, struct err *e)
{
	size_t n;
	const char *p = db_get_blob(q, 2, &n);

	if (db_is_null(q, 2))
		return 0;
	if (n < FILE_MORE || memchr(p, '\0', n) != p + n - FILE_MORE)
		return err_set(e, ERR_CORRUPT, "row %" PRId64 " of a file is "
		    "not of its form; restore a backup", f->seq);
	f->path = p;
	memcpy(f->sha256, p + n - 2 * HASH_LEN, HASH_LEN);
	memcpy(f->disk, p + n - HASH_LEN, HASH_LEN);
	return 1;
}

/* 1; 0 nobody can read it any more. */
static int
row_read(struct db_query *q, struct file_row *f, struct err *e)
{
	const void *sum;
	size_t n;

	f->seq = db_get_int(q, 0);
	f->area = (int)db_get_int(q, 1);
	f->size = db_get_int(q, 3);
	f->key = db_get_int(q, 10);
	sum = db_get_blob(q, 4, &n);
	f->removed = n != HASH_LEN;
	memset(f->disk, 0, HASH_LEN);
	if (f->key == 0) {
		f->path = db_get_text(q, 2);
		if (f->removed)
			memset(f->sha256, 0, HASH_LEN);
		else
			memcpy(f->sha256, sum, HASH_LEN);
	} else if ((n = (size_t)read_sealed(q, f, e)) != 1)
		return (int)n;
	f->exec = db_get_int(q, 5) != 0;
	f->local = (enum file_local)db_get_int(q, 6);
	f->s.at_ms = db_get_int(q, 7);
	f->s.node = db_get_int(q, 8);
	f->s.base_ms = db_get_int(q, 9);
	return 1;
}

/* What rows of a path have in their column: 1; 0 there can be none. */
static int
column(struct store *st, int64_t session, int area, const char *path,
    struct buf *out, struct err *e)
{
	struct sealed_beside k;
	uint8_t tag[HASH_LEN];
	struct hmac h;
	int64_t key;
	int r;

	if ((r = store_is_sealed(st, e)) <= 0) {
		buf_adds(out, path);
		return r < 0 ? -1 : 1;
	}
	if (session_key(st, session, false, &key, e) < 0)
		return -1;
	if (key == 0 || (r = store_seal_beside(st, key, &k, e)) == 0)
		return 0;
	if (r < 0)
		return -1;
	hmac_init(&h, k.names, sizeof k.names);
	hmac_add(&h, file_areas[area], strlen(file_areas[area]) + 1);
	hmac_add(&h, path, strlen(path));
	hmac_end(&h, tag);
	base64url_encode(buf_reserve(out, 4 * HASH_LEN / 3 + 1), tag,
	    HASH_LEN);
	out->len += (4 * HASH_LEN + 2) / 3;
	out->p[out->len] = '\0';
	mem_wipe(&k, sizeof k);
	return 1;
}

/* The parameters of a query over one path.  1; 0 it has no rows, and the query
 * is ended; -1, too. */
static int
of_path(struct store *st, struct db_query *q, int64_t session, int area,
    const char *path, struct err *e)
{
	struct buf b = BUF_INIT;
	int r;

	if (q == NULL)
		return -1;
	if ((r = column(st, session, area, path, &b, e)) == 1) {
		db_int(q, ":session", session);
		db_int(q, ":area", area);
		db_text_copy(q, ":path", b.p);
	} else
		db_end(q);
	buf_release(&b);
	return r;
}

bool
file_row_same(const struct file_row *a, const struct file_row *b)
{
	if (a->removed || b->removed)
		return a->removed == b->removed;
	return a->exec == b->exec && memcmp(a->sha256, b->sha256, HASH_LEN) ==
	    0;
}

/* The first row of a query over one path, which is ended. */
static int
first_row(struct store *st, struct db_query *q, int64_t session, int area,
    const char *path, struct file_row *f, struct err *e)
{
	int r = of_path(st, q, session, area, path, e);

	if (r != 1)
		return r;
	if ((r = db_row(q, e)) == 1 && (r = row_read(q, f, e)) == 1)
		f->path = path;
	db_end(q);
	return r;
}

#define OF_PATH "FROM file f WHERE session = :session AND area = :area " \
	"AND path = :path "
#define NEWEST_FIRST "ORDER BY at DESC, node DESC, seq DESC LIMIT 1"

int
file_row_last(struct store *st, int64_t session, int area, const char *path,
    struct file_row *f, struct err *e)
{
	return first_row(st, db_sql(st->db, e, "SELECT " COLUMNS OF_PATH
	    NEWEST_FIRST), session, area, path, f, e);
}

int
file_row_here(struct store *st, int64_t session, int area, const char *path,
    struct file_row *f, struct err *e)
{
	return first_row(st, db_sql(st->db, e, "SELECT " COLUMNS OF_PATH
	    "AND local <> 0 " NEWEST_FIRST), session, area, path, f, e);
}

/* What is sealed of it. */
static void
body_make(const struct file_row *f, struct buf *b)
{
	static const uint8_t none[HASH_LEN];

	buf_add(b, f->path, strlen(f->path) + 1);
	buf_add(b, f->removed ? none : f->sha256, HASH_LEN);
	buf_add(b, f->removed ? none : f->disk, HASH_LEN);
}

static int
append(struct store *st, int64_t session, const struct file_row *f,
    struct err *e)
{
	static const uint8_t none[HASH_LEN];
	struct buf body = BUF_INIT;
	struct db_query *q;
	int64_t key;
	int r;

	if (session_key(st, session, true, &key, e) < 0)
		return -1;
	q = db_sql(st->db, e, "INSERT INTO file (session, area, path, size, "
	    "sha256, exec, local, at, node, base, key, sealed) VALUES "
	    "(:session, :area, :path, :size, :sha256, :exec, :local, :at, "
	    ":node, :base, :key, " SEAL_FILE ")");
	if ((r = of_path(st, q, session, f->area, f->path, e)) != 1)
		return r < 0 ? -1 : err_set(e, ERR_CORRUPT, "key %" PRId64
		    " of tenant '%s' is gone; try again", key, st->tenant);
	db_int(q, ":key", key);
	if (key != 0) {
		body_make(f, &body);
		db_blob(q, ":body", body.p, body.len);
	} else
		db_null(q, ":body");
	db_int(q, ":size", f->removed ? 0 : f->size);
	if (f->removed)
		db_null(q, ":sha256");
	else
		db_blob(q, ":sha256", key != 0 ? none : f->sha256, HASH_LEN);
	db_int(q, ":exec", f->exec && !f->removed);
	db_int(q, ":local", f->local);
	db_int(q, ":at", f->s.at_ms);
	db_int(q, ":node", f->s.node);
	db_int(q, ":base", f->s.base_ms);
	r = db_run(q, e);
	buf_release(&body);
	if (r < 0)
		return -1;
	return change_push(st, CHANGE_FILE, db_last_id(st->db), e);
}

int
file_row_put(struct store *st, int64_t session, struct file_row *f,
    struct err *e)
{
	struct file_row last;
	int r = file_row_last(st, session, f->area, f->path, &last, e);

	if (r < 0 || node_number(st, &f->s.node, e) < 0)
		return -1;
	f->s.at_ms = date_real();
	if (r == 1 && f->s.at_ms <= last.s.at_ms)
		f->s.at_ms = last.s.at_ms + 1;
	if (append(st, session, f, e) < 0)
		return -1;
	return file_row_newest(st, &f->seq, e);
}

/* --- rows of others ---------------------------------------------------- */

/* *clash: neither knew of the other, and they are not the same. */
static int
is_there(struct store *st, int64_t session, const struct file_row *f,
    bool *clash, struct err *e)
{
	struct db_query *q = db_sql(st->db, e, "SELECT " COLUMNS OF_PATH);
	struct file_row o;
	int r = of_path(st, q, session, f->area, f->path, e), there = 0;

	if (r != 1)
		return r;
	while ((r = db_row(q, e)) == 1) {
		if ((r = row_read(q, &o, e)) < 0)
			break;
		if (r == 0)
			continue;
		if (o.s.at_ms == f->s.at_ms && o.s.node == f->s.node)
			there |= file_row_same(&o, f);
		else if (o.s.at_ms > f->s.base_ms &&
		    f->s.at_ms > o.s.base_ms && !file_row_same(&o, f))
			*clash = true;
	}
	db_end(q);
	return r < 0 ? -1 : there;
}

int
file_row_merge(struct store *st, int64_t session, const struct file_row *f,
    bool *clash, struct err *e)
{
	bool met = false;
	int r = is_there(st, session, f, &met, e);

	*clash = false;
	if (r != 0)
		return r < 0 ? -1 : 0;
	if (append(st, session, f, e) < 0)
		return -1;
	*clash = met;
	return 1;
}

int
file_row_set_local(struct store *st, int64_t seq, enum file_local local,
    struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "UPDATE file SET local = :local "
	    "WHERE seq = :seq")) == NULL)
		return -1;
	db_int(q, ":local", local);
	db_int(q, ":seq", seq);
	return db_run(q, e);
}

int
file_row_set_here(struct store *st, int64_t session,
    const struct file_row *f, struct err *e)
{
	struct buf body = BUF_INIT;
	struct db_query *q;
	int r;

	/* the rest is bound to it as it is */
	if ((q = db_sql(st->db, e, "UPDATE file SET local = 1, sealed = "
	    SEAL_FILE " WHERE seq = :seq")) == NULL)
		return -1;
	body_make(f, &body);
	db_int(q, ":seq", f->seq);
	db_int(q, ":key", f->key);
	db_blob(q, ":body", body.p, body.len);
	db_int(q, ":session", session);
	db_int(q, ":area", f->area);
	db_int(q, ":size", f->size);
	db_int(q, ":exec", f->exec);
	db_int(q, ":at", f->s.at_ms);
	db_int(q, ":node", f->s.node);
	db_int(q, ":base", f->s.base_ms);
	r = db_run(q, e);
	buf_release(&body);
	return r;
}

/* --- all of them ------------------------------------------------------- */

/* One probe of the index for each row; most paths have one. */
#define COUNTS "NOT EXISTS (SELECT 1 FROM file g WHERE " \
	"g.session = f.session AND g.area = f.area AND g.path = f.path " \
	"AND (g.at, g.node, g.seq) > (f.at, f.node, f.seq)) "

static int
show_rows(struct db_query *q, int64_t session,
    int (*fn)(void *, const struct file_row *, struct err *), void *arg,
    struct err *e)
{
	struct file_row f;
	int r;

	if (q == NULL)
		return -1;
	db_int(q, ":session", session);
	while ((r = db_row(q, e)) == 1)
		if ((r = row_read(q, &f, e)) < 0 ||
		    (r == 1 && (r = fn(arg, &f, e)) != 0))
			break;
	db_end(q);
	return r < 0 ? -1 : 0;
}

int
file_row_each(struct store *st, int64_t session,
    int (*fn)(void *, const struct file_row *, struct err *), void *arg,
    struct err *e)
{
	return show_rows(db_sql(st->db, e, "SELECT " COLUMNS "FROM file f "
	    "WHERE f.session = :session AND " COUNTS "ORDER BY f.area, "
	    OPEN_FILE("f.")), session, fn, arg, e);
}

int
file_row_each_here(struct store *st, int64_t session,
    int (*fn)(void *, const struct file_row *, struct err *), void *arg,
    struct err *e)
{
	return show_rows(db_sql(st->db, e, "SELECT " COLUMNS "FROM file f "
	    "WHERE f.session = :session AND f.local = 1 AND "
	    "f.sha256 IS NOT NULL AND NOT EXISTS (SELECT 1 FROM file g WHERE "
	    "g.session = f.session AND g.area = f.area AND g.path = f.path "
	    "AND g.local <> 0 AND (g.at, g.node, g.seq) > "
	    "(f.at, f.node, f.seq)) ORDER BY f.seq"), session, fn, arg, e);
}

int
file_row_newest(struct store *st, int64_t *seq, struct err *e)
{
	return db_number(st->db, e, "SELECT max(seq) FROM file", 0, seq);
}

int
file_row_since(struct store *st, int64_t session, int64_t seq,
    struct err *e)
{
	struct db_query *q;
	int64_t one;

	/* +: by number, of which there are few, not by session */
	if ((q = db_sql(st->db, e, "SELECT 1 FROM file WHERE seq > :seq "
	    "AND +session = :session LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":seq", seq);
	db_int(q, ":session", session);
	return db_first(q, &one, e);
}

static int
show_each(struct db_query *q, int (*fn)(void *, const struct file_each *,
    struct err *), void *arg, struct err *e)
{
	struct file_each f;
	int r, n = 0;

	while ((r = db_row(q, e)) == 1) {
		if ((r = row_read(q, &f.row, e)) < 0)
			break;
		if (r == 0)
			continue;
		f.user = db_get_text(q, 11);
		f.session = db_get_text(q, 12);
		n = 1;
		if ((r = fn(arg, &f, e)) != 0)
			break;
	}
	db_end(q);
	return r < 0 ? -1 : n;
}

#define NAMED "SELECT " COLUMNS ", u.name, s.name FROM file f " \
	"JOIN session s ON s.seq = f.session JOIN user u ON u.id = s.user " \
	"WHERE "
#define BY_NAME "ORDER BY u.name, s.name, f.area, " OPEN_FILE("f.")

int
file_each(struct store *st, int64_t after,
    int (*fn)(void *, const struct file_each *, struct err *), void *arg,
    struct err *e)
{
	struct db_query *q;

	if (after < 0) {
		if ((q = db_sql(st->db, e, NAMED COUNTS BY_NAME)) == NULL)
			return -1;
	} else {
		/* 7: CHANGE_FILE; others' lie in the ranges of origin */
		if ((q = db_sql(st->db, e, NAMED COUNTS "AND f.seq IN "
		    "(SELECT ref FROM change c WHERE seq > :after AND "
		    "type = 7 AND NOT ifnull((SELECT first <= c.seq AND "
		    "own = 0 FROM origin WHERE last >= c.seq ORDER BY last "
		    "LIMIT 1), 0)) " BY_NAME)) == NULL)
			return -1;
		db_int(q, ":after", after);
	}
	return show_each(q, fn, arg, e) < 0 ? -1 : 0;
}

int
file_find(struct store *st, int64_t seq,
    int (*fn)(void *, const struct file_each *, struct err *), void *arg,
    struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, NAMED "f.seq = :seq")) == NULL)
		return -1;
	db_int(q, ":seq", seq);
	return show_each(q, fn, arg, e);
}

int
file_each_other(struct store *st, int64_t seq, int (*fn)(void *,
    const uint8_t sha256[HASH_LEN], struct err *), void *arg, struct err *e)
{
	struct db_query *q;
	const void *sum;
	size_t n;
	int r;

	if ((q = db_sql(st->db, e, "SELECT DISTINCT " OPEN_FILE_HASH("g.")
	    " FROM file f "
	    "JOIN file g ON g.session = f.session AND g.area = f.area "
	    "AND g.path = f.path WHERE f.seq = :seq AND g.seq <> f.seq")) ==
	    NULL)
		return -1;
	db_int(q, ":seq", seq);
	while ((r = db_row(q, e)) == 1) {
		sum = db_get_blob(q, 0, &n);
		if (n == HASH_LEN && (r = fn(arg, sum, e)) != 0)
			break;
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

int
file_row_elsewhere(struct store *st, struct err *e)
{
	return db_script(st->db, "UPDATE file SET local = 0 WHERE local <> 0",
	    e);
}

int
file_row_contested(struct store *st, int64_t session, int area,
    const char *path, struct err *e)
{
	struct db_query *q;
	int64_t heads = 0;
	int r;

	/* rows that no other one took the place of */
	q = db_sql(st->db, e, "SELECT count(*) FROM file f "
	    "WHERE f.session = :session AND f.area = :area AND f.path = :path "
	    "AND NOT EXISTS (SELECT 1 FROM file g WHERE g.session = f.session "
	    "AND g.area = f.area AND g.path = f.path AND g.base = f.at)");
	if ((r = of_path(st, q, session, area, path, e)) != 1)
		return r;
	return db_first(q, &heads, e) < 0 ? -1 : heads > 1;
}

int
file_row_follows(struct store *st, int64_t session, const struct file_row *f,
    int64_t at_ms, struct err *e)
{
	struct db_query *q;
	int64_t n = 0;
	int r;

	/* to be later is not to know: rows of others may lie between */
	q = db_sql(st->db, e, "WITH RECURSIVE was (at) AS (SELECT :base "
	    "UNION SELECT g.base FROM file g JOIN was ON g.at = was.at "
	    "WHERE g.session = :session AND g.area = :area "
	    "AND g.path = :path) "
	    "SELECT count(*) FROM was WHERE at = :at");
	if ((r = of_path(st, q, session, f->area, f->path, e)) != 1)
		return r;
	db_int(q, ":base", f->s.base_ms);
	db_int(q, ":at", at_ms);
	return db_first(q, &n, e) < 0 ? -1 : n > 0;
}

int
file_row_wanted(struct store *st, const uint8_t sha256[HASH_LEN],
    struct err *e)
{
	struct db_query *q;
	int64_t one;

	if ((q = db_sql(st->db, e, "SELECT 1 FROM file f WHERE "
	    "f.sha256 IS NOT NULL AND " OPEN_FILE_HASH("f.")
	    " = :hash AND NOT EXISTS (SELECT 1 FROM file g WHERE "
	    "g.session = f.session AND g.area = f.area AND g.path = f.path "
	    "AND g.base = f.at) LIMIT 1")) == NULL)
		return -1;
	db_blob(q, ":hash", sha256, HASH_LEN);
	return db_first(q, &one, e);
}
