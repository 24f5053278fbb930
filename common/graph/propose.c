#include "graph/propose.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "store/db.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_MS 10000
#define FORM 1
#define PRINT 16		/* bytes of the hash of a text */

static const char schema[] =
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) "
    "STRICT, WITHOUT ROWID;"
    "CREATE TABLE text (row INTEGER PRIMARY KEY, print BLOB NOT NULL, "
    "version INTEGER NOT NULL, failed INTEGER NOT NULL, "
    "at INTEGER NOT NULL, body TEXT NOT NULL) STRICT;"
    "CREATE INDEX text_at ON text (at);";

/* --- the file ---------------------------------------------------------- */

static char *
path_of(const char *dir)
{
	struct buf b = BUF_INIT;

	file_join(&b, dir, "proposed.db");
	return buf_steal(&b);
}

int
proposals_drop(const char *dir, struct err *e)
{
	static const char *const ends[] = { "", "-journal" };
	char *path = path_of(dir);
	struct buf b = BUF_INIT;
	size_t i;
	int r = 0;

	for (i = 0; i < 2 && r == 0; i++) {
		buf_reset(&b);
		buf_addf(&b, "%s%s", path, ends[i]);
		if (file_exists(b.p) == 1 && unlink(b.p) != 0)
			r = err_sys(e, "cannot remove '%s'", b.p);
	}
	buf_release(&b);
	free(path);
	return r;
}

static int
put_meta(struct proposals *p, const char *name, int64_t value, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(p->db, e, "INSERT OR REPLACE INTO meta VALUES "
	    "(:name, :value)")) == NULL)
		return -1;
	db_text(q, ":name", name);
	db_int(q, ":value", value);
	return db_run(q, e);
}

static int
make(struct proposals *p, struct err *e)
{
	int r;

	if (random_bytes(&p->id, sizeof p->id, e) < 0)
		return -1;
	p->id = (p->id & INT64_MAX) | 1;
	if ((r = tx_begin(p->db, e)) < 0)
		return -1;
	r = db_script(p->db, schema, e);
	if (r == 0 && (put_meta(p, "form", FORM, e) < 0 ||
	    put_meta(p, "id", p->id, e) < 0))
		r = -1;
	return tx_end(p->db, r, e);
}

static int
read_meta(struct proposals *p, int64_t *form, struct err *e)
{
	return db_number(p->db, e, "SELECT value FROM meta WHERE name = "
	    "'form'", 0, form) < 0 || db_number(p->db, e, "SELECT value FROM "
	    "meta WHERE name = 'id'", 0, &p->id) < 0 || db_number(p->db, e,
	    "SELECT value FROM meta WHERE name = 'replaced'", 0,
	    &p->replaced) < 0 || db_number(p->db, e, "SELECT value FROM "
	    "meta WHERE name = 'high'", 0, &p->high) < 0 || db_number(p->db,
	    e, "SELECT value FROM meta WHERE name = 'done'", 0, &p->done) <
	    0 || db_number(p->db, e, "SELECT value FROM meta WHERE name = "
	    "'done_of'", 0, &p->done_of) < 0 ? -1 : 0;
}

/* 1; 0 it is damaged, or of another memkit. */
static int
open_one(struct proposals *p, const char *path, bool write, struct err *e)
{
	int64_t form = 0, tables = 0;
	mode_t old = umask(077);
	int r;

	memset(p, 0, sizeof *p);
	r = db_open(&p->db, path, write ? DB_CREATE_PLAIN : DB_READ, BUSY_MS,
	    e);
	umask(old);
	if (r == 0)
		r = db_number(p->db, e, "SELECT count(*) FROM sqlite_master",
		    0, &tables);
	if (r == 0 && tables == 0 && write)
		r = make(p, e);
	if (r == 0)
		r = read_meta(p, &form, e);
	if (r == 0 && form == FORM)
		return 1;
	proposals_close(p);
	return r == 0 || e->code == ERR_CORRUPT ? 0 : -1;
}

int
proposals_open(struct proposals *p, const char *dir, enum proposals_how how,
    struct err *e)
{
	char *path = path_of(dir);
	int r = 0;

	memset(p, 0, sizeof *p);
	if (how == PROPOSALS_MAKE || file_exists(path) == 1)
		r = open_one(p, path, how != PROPOSALS_READ, e);
	if (how == PROPOSALS_READ)
		r = 0;		/* it may be half written: then without */
	if (r == 0 && p->db == NULL && how == PROPOSALS_MAKE &&
	    (r = proposals_drop(dir, e)) == 0)
		r = open_one(p, path, true, e) == 1 ? 0 : err_set(e, ERR_SYS,
		    "cannot make '%s'; is there room on the disk?", path);
	free(path);
	return r < 0 ? -1 : 0;
}

void
proposals_close(struct proposals *p)
{
	if (p->db != NULL)
		db_close(p->db);
	memset(p, 0, sizeof *p);
}

/* --- rows -------------------------------------------------------------- */

size_t
propose_len(const char *p, size_t len)
{
	return len > PROPOSE_TEXT ? utf8_cut(p, len, PROPOSE_TEXT) : len;
}

static void
print_of(const char *text, size_t len, uint8_t out[HASH_LEN])
{
	hash_mem(text, propose_len(text, len), out);
}

void
proposed_release(struct proposed *x)
{
	free(x->body);
	memset(x, 0, sizeof *x);
}

int
proposals_get(struct proposals *p, int64_t row, const char *text, size_t len,
    struct proposed *out, struct err *e)
{
	uint8_t print[HASH_LEN];
	struct db_query *q;
	const void *had;
	size_t n;
	int r;

	memset(out, 0, sizeof *out);
	if (p->db == NULL)
		return 0;
	if ((q = db_sql(p->db, e, "SELECT version, failed, at, body, print "
	    "FROM text WHERE row = :row")) == NULL)
		return -1;
	db_int(q, ":row", row);
	if ((r = db_row(q, e)) == 1) {
		had = db_get_blob(q, 4, &n);
		print_of(text, len, print);
		if (n != PRINT || memcmp(had, print, PRINT) != 0) {
			r = 0;
		} else {
			out->version = db_get_int(q, 0);
			out->failed = db_get_int(q, 1);
			out->at = db_get_int(q, 2);
			out->body = db_dup(q, 3);
		}
	}
	db_end(q);
	return r;
}

int
proposals_after(struct proposals *p, int64_t at, int64_t row, struct err *e)
{
	struct db_query *q;
	int64_t n;

	if (p->db == NULL)
		return 0;
	if ((q = db_sql(p->db, e, "SELECT 1 FROM text WHERE row = :row AND "
	    "at > :at")) == NULL)
		return -1;
	db_int(q, ":row", row);
	db_int(q, ":at", at);
	return db_first(q, &n, e);
}

int
proposals_range(struct proposals *p, int64_t at, int64_t *from, int64_t *to,
    struct err *e)
{
	struct db_query *q;
	int r;

	if (p->db == NULL || p->high <= at)
		return 0;
	if ((q = db_sql(p->db, e, "SELECT min(row), max(row) FROM text WHERE "
	    "at > :at AND body <> ''")) == NULL)
		return -1;
	db_int(q, ":at", at);
	if ((r = db_row(q, e)) == 1) {
		r = !db_is_null(q, 0);
		*from = db_get_int(q, 0);
		*to = db_get_int(q, 1);
	}
	db_end(q);
	return r;
}

/* What it said before, if it is to be taken back. */
static int
had_body(struct proposals *p, int64_t row, const char *body, bool *had,
    struct err *e)
{
	struct db_query *q;
	int r;

	*had = false;
	if ((q = db_sql(p->db, e, "SELECT body FROM text WHERE row = :row"))
	    == NULL)
		return -1;
	db_int(q, ":row", row);
	if ((r = db_row(q, e)) == 1)
		*had = *db_get_text(q, 0) != '\0' && strcmp(db_get_text(q, 0),
		    body) != 0;
	db_end(q);
	return r < 0 ? -1 : 0;
}

static int
put(struct proposals *p, int64_t row, const uint8_t *print, int64_t version,
    const char *body, struct err *e)
{
	struct db_query *q;
	bool had;

	if (had_body(p, row, body, &had, e) < 0 || (had && put_meta(p,
	    "replaced", p->high + 1, e) < 0))
		return -1;
	if ((q = db_sql(p->db, e, "INSERT OR REPLACE INTO text (row, print, "
	    "version, failed, at, body) VALUES (:row, :print, :version, 0, "
	    ":at, :body)")) == NULL)
		return -1;
	db_int(q, ":row", row);
	db_blob(q, ":print", print, PRINT);
	db_int(q, ":version", version);
	db_int(q, ":at", p->high + 1);
	db_text(q, ":body", body);
	if (db_run(q, e) < 0 || put_meta(p, "high", p->high + 1, e) < 0)
		return -1;
	p->high++;
	if (had)
		p->replaced = p->high;
	return 0;
}

int
proposals_begin(struct proposals *p, struct err *e)
{
	return tx_begin(p->db, e);
}

int
proposals_end(struct proposals *p, int r, struct err *e)
{
	return tx_end(p->db, r, e);
}

int
proposals_put(struct proposals *p, int64_t row, const char *text, size_t len,
    int64_t version, const char *body, struct err *e)
{
	uint8_t print[HASH_LEN];

	print_of(text, len, print);
	return put(p, row, print, version, body, e);
}

int
proposals_done(struct proposals *p, int64_t row, int64_t version,
    struct err *e)
{
	if (put_meta(p, "done", row, e) < 0 || put_meta(p, "done_of",
	    version, e) < 0)
		return -1;
	p->done = row;
	p->done_of = version;
	return 0;
}

int
proposals_fail(struct proposals *p, int64_t row, const char *text, size_t len,
    struct err *e)
{
	uint8_t print[HASH_LEN];
	struct db_query *q;

	print_of(text, len, print);
	if ((q = db_sql(p->db, e, "INSERT INTO text (row, print, version, "
	    "failed, at, body) VALUES (:row, :print, 0, 1, 0, '') "
	    "ON CONFLICT (row) DO UPDATE SET failed = failed + 1")) == NULL)
		return -1;
	db_int(q, ":row", row);
	db_blob(q, ":print", print, PRINT);
	return db_run(q, e);
}

static int
drop_row(struct proposals *p, int64_t row, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(p->db, e, "DELETE FROM text WHERE row = :row")) ==
	    NULL)
		return -1;
	db_int(q, ":row", row);
	return db_run(q, e);
}

int
proposals_purge(struct proposals *p, int (*has)(void *, int64_t,
    struct err *), void *arg, struct err *e)
{
	struct db_query *q;
	int64_t *gone = NULL;
	size_t n = 0, cap = 0, i;
	int r, there;

	if (p->db == NULL)
		return 0;
	if ((q = db_sql(p->db, e, "SELECT row FROM text")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		if ((there = has(arg, db_get_int(q, 0), e)) < 0) {
			r = -1;
			break;
		}
		if (there)
			continue;
		gone = xgrow(gone, n, &cap, sizeof *gone);
		gone[n++] = db_get_int(q, 0);
	}
	db_end(q);
	if (r == 0 && n > 0 && (r = tx_begin(p->db, e)) == 0) {
		r = db_scrub(p->db, e);
		for (i = 0; i < n && r == 0; i++)
			r = drop_row(p, gone[i], e);
		r = tx_end(p->db, r, e);
	}
	free(gone);
	return r < 0 ? -1 : 0;
}

/* --- into a sum -------------------------------------------------------- */

#define PARTS 6

/* The parts of a line between tabs; how many. */
static size_t
split(const char *p, size_t n, const char *part[PARTS], size_t len[PARTS])
{
	const char *end = p + n, *tab;
	size_t k = 0;

	while (k < PARTS) {
		part[k] = p;
		tab = memchr(p, '\t', (size_t)(end - p));
		len[k++] = (size_t)((tab != NULL ? tab : end) - p);
		if (tab == NULL)
			break;
		p = tab + 1;
	}
	return k;
}

static int64_t
name(struct sum *s, const char *kind, size_t k, const char *p, size_t n)
{
	char word[32];

	if (k >= sizeof word)
		return -1;
	memcpy(word, kind, k);
	word[k] = '\0';
	return graph_kind_find(word) == GRAPH_KINDS ? -1 : sum_propose(s,
	    graph_kind_find(word), p, n);
}

static void
relation(struct sum *s, const char *kind, size_t k, int64_t a, int64_t b)
{
	char word[40] = { SUM_PROPOSED };

	if (k > sizeof word - 2)
		return;
	memcpy(word + 1, kind, k);
	/* what a rule read in this text needs no model */
	if (!sum_said(s, a, b, sum_kind(s, word + 1)))
		sum_pair(s, a, b, sum_kind(s, word));
}

void
proposed_add(struct sum *s, const char *body)
{
	const char *part[PARTS], *p;
	size_t len[PARTS], n, k;
	int64_t a, b;

	for (p = body; *p != '\0'; p += n + (p[n] == '\n')) {
		n = strcspn(p, "\n");
		k = split(p, n, part, len);
		if (k == 3 && *p == 'e') {
			name(s, part[1], len[1], part[2], len[2]);
		} else if (k == 6 && *p == 'r') {
			a = name(s, part[2], len[2], part[3], len[3]);
			b = name(s, part[4], len[4], part[5], len[5]);
			relation(s, part[1], len[1], a, b);
		}
	}
}
