#include "graph/file.h"

#include "base/alloc.h"
#include "base/file.h"
#include "store/db.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_MS 10000
#define TEXT_OF(n) #n
#define TEXT(n) TEXT_OF(n)
#define FORMAT TEXT(GRAPH_FORMAT)

static const char schema[] =
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) "
    "STRICT, WITHOUT ROWID;"
    "CREATE TABLE kind (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;"
    "CREATE TABLE entity (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, "
    "tail TEXT, strong INTEGER NOT NULL, "
    "forms TEXT NOT NULL, seen BLOB NOT NULL) STRICT;"
    "CREATE INDEX entity_tail ON entity (tail) WHERE tail IS NOT NULL;"
    "CREATE TABLE edge (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;"
    "CREATE TABLE count (chunk INTEGER PRIMARY KEY, body BLOB NOT NULL) "
    "STRICT;";

static int
read_meta(struct graph_file *g, int64_t *format, struct err *e)
{
	static const char *const names[] = { "format", "row", "tombstone",
	    "docs", "proposals", "proposed" };
	int64_t *const to[] = { format, &g->mark.row, &g->mark.tombstone,
	    &g->mark.docs, &g->mark.proposals, &g->mark.proposed };
	struct db_query *q;
	int i, r = 0;

	if ((q = db_sql(g->db, e, "SELECT value FROM meta WHERE name = "
	    ":name")) == NULL)
		return -1;
	for (i = 0; i < 6 && r >= 0; i++) {
		db_text(q, ":name", names[i]);
		if ((r = db_row(q, e)) == 1)
			*to[i] = db_get_int(q, 0);
		db_again(q);
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

static int
read_kinds(struct graph_file *g, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(g->db, e, "SELECT name FROM kind ORDER BY id")) ==
	    NULL)
		return -1;
	while ((r = db_row(q, e)) == 1)
		strv_add(&g->kinds, db_get_text(q, 0));
	db_end(q);
	return r;
}

int
graph_file_make(struct graph_file *g, const char *path, struct err *e)
{
	mode_t old = umask(077);
	int r;

	memset(g, 0, sizeof *g);
	r = db_open(&g->db, path != NULL ? path : ":memory:", DB_CREATE_PLAIN,
	    BUSY_MS, e);
	umask(old);
	/* it is renamed into place when it is whole */
	if (r == 0)
		r = db_script(g->db, "PRAGMA journal_mode=OFF;"
		    "PRAGMA synchronous=OFF; PRAGMA temp_store=MEMORY", e);
	if (r == 0 && (r = tx_begin(g->db, e)) == 0) {
		r = db_script(g->db, schema, e);
		if (r == 0)
			r = db_script(g->db, "INSERT INTO meta VALUES "
			    "('format', " FORMAT ")", e);
		r = tx_end(g->db, r, e);
	}
	if (r < 0)
		graph_file_close(g);
	return r;
}

/* Whoever wrote it was killed: who opens it to write rolls that back. */
static bool
is_half_written(const char *path)
{
	struct buf journal = BUF_INIT;
	bool there;

	buf_addf(&journal, "%s-journal", path);
	there = file_exists(journal.p) == 1;
	buf_release(&journal);
	return there;
}

int
graph_file_open(struct graph_file *g, const char *path, bool write,
    struct err *e)
{
	int64_t format = 0;
	int r;

	memset(g, 0, sizeof *g);
	if ((r = file_exists(path)) != 1)
		return r < 0 ? -1 : 0;
	r = db_open(&g->db, path, write ? DB_WRITE : DB_READ, BUSY_MS, e);
	if (r == 0)
		r = read_meta(g, &format, e);
	if (r == 0)
		r = read_kinds(g, e);
	/* one view for all of its reads: each by itself would lock */
	if (r == 0 && format == GRAPH_FORMAT && !write)
		r = tx_read(g->db, e);
	if (r == 0 && format == GRAPH_FORMAT) {
		g->path = xstrdup(path);
		return 1;
	}
	graph_file_close(g);
	return r < 0 && e->code != ERR_CORRUPT && (write || !is_half_written(
	    path)) ? -1 : 0;
}

void
graph_file_close(struct graph_file *g)
{
	struct err ignored;
	size_t i;

	if (g->db != NULL && tx_active(g->db) && !tx_writing(g->db))
		tx_end(g->db, 0, &ignored);
	if (g->db != NULL)
		db_close(g->db);
	if (g->damaged && g->path != NULL)
		unlink(g->path);	/* the next call makes it anew */
	free(g->path);
	strv_release(&g->kinds);
	for (i = 0; i < g->chunks; i++)
		free(g->chunk[i]);
	free(g->chunk);
	memset(g, 0, sizeof *g);
}

static int
told(struct graph_file *g, int r, const struct err *e)
{
	if (r < 0 && (e->code == ERR_CORRUPT || e->code == ERR_INDEX))
		g->damaged = true;
	return r;
}

/* --- rows -------------------------------------------------------------- */

void
graph_row_release(struct graph_row *row)
{
	free(row->key);
	strv_release(&row->forms);
	memset(row, 0, sizeof *row);
}

/* "12 Redis\n3 redis" */
static void
read_forms(struct graph_row *row, const char *p)
{
	char *end;
	size_t n;

	while (p != NULL && *p != '\0' && row->forms.n < GRAPH_FORMS) {
		row->form_n[row->forms.n] = (uint32_t)strtoul(p, &end, 10);
		p = *end == ' ' ? end + 1 : end;
		n = strcspn(p, "\n");
		strv_add_n(&row->forms, p, n);
		p += n + (p[n] != '\0');
	}
}

static int
read_row(struct db_query *q, struct graph_row *row, struct err *e)
{
	const uint8_t *p;
	size_t n;

	memset(row, 0, sizeof *row);
	row->id = db_get_int(q, 0);
	p = db_get_blob(q, 4, &n);
	if (!graph_row_unpack(&row->in, row->kinds, p, n))
		return graph_is_damaged(e);
	row->key = db_dup(q, 1);
	row->kind = graph_kind_of(row->kinds);
	row->strong = (uint32_t)db_get_int(q, 2);
	read_forms(row, db_get_text(q, 3));
	if (row->forms.n == 0)
		strv_add(&row->forms, row->key);
	return 1;
}

#define COLUMNS "SELECT id, key, strong, forms, seen FROM entity "

int
graph_row_find(struct graph_file *g, const char *key, struct graph_row *row,
    struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(g->db, e, COLUMNS "WHERE key = :key")) == NULL)
		return -1;
	db_text(q, ":key", key);
	if ((r = db_row(q, e)) == 1)
		r = read_row(q, row, e);
	db_end(q);
	return told(g, r, e);
}

int
graph_row_get(struct graph_file *g, int64_t id, struct graph_row *row,
    struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(g->db, e, COLUMNS "WHERE id = :id")) == NULL)
		return -1;
	db_int(q, ":id", id);
	if ((r = db_row(q, e)) == 1)
		r = read_row(q, row, e);
	db_end(q);
	return told(g, r, e);
}

int
graph_row_each(struct graph_file *g, const char *tail,
    int (*fn)(void *, const struct graph_row *, struct err *), void *arg,
    struct err *e)
{
	struct graph_row row;
	struct db_query *q;
	int r;

	q = tail != NULL ? db_sql(g->db, e, COLUMNS "WHERE tail = :tail "
	    "ORDER BY id") : db_sql(g->db, e, COLUMNS "ORDER BY id");
	if (q == NULL)
		return -1;
	if (tail != NULL)
		db_text(q, ":tail", tail);
	while ((r = db_row(q, e)) == 1) {
		if ((r = read_row(q, &row, e)) == 1) {
			r = fn(arg, &row, e);
			graph_row_release(&row);
		}
		if (r != 0)
			break;
	}
	db_end(q);
	return told(g, r, e);
}

void
graph_edges_release(struct graph_edges *x)
{
	free(x->v);
	memset(x, 0, sizeof *x);
}

int
graph_edges_read(struct graph_file *g, int64_t id, struct graph_edges *x,
    struct err *e)
{
	struct db_query *q;
	const void *p;
	size_t n;
	int r;

	x->n = 0;
	if ((q = db_sql(g->db, e, "SELECT body FROM edge WHERE id = :id")) ==
	    NULL)
		return -1;
	db_int(q, ":id", id);
	if ((r = db_row(q, e)) == 1) {
		p = db_get_blob(q, 0, &n);
		r = graph_edges_unpack(x, p, n, e);
	}
	db_end(q);
	return told(g, r, e);
}

int
graph_edges_body(struct graph_file *g, int64_t id, struct buf *b,
    struct err *e)
{
	struct db_query *q;
	const void *p;
	size_t n;
	int r;

	if ((q = db_sql(g->db, e, "SELECT body FROM edge WHERE id = :id")) ==
	    NULL)
		return -1;
	db_int(q, ":id", id);
	if ((r = db_row(q, e)) == 1 && (p = db_get_blob(q, 0, &n)) != NULL)
		buf_add(b, p, n);
	db_end(q);
	return told(g, r < 0 ? -1 : 0, e);
}

/* --- counts ------------------------------------------------------------ */

static int
read_chunk(struct graph_file *g, size_t at, struct err *e)
{
	struct db_query *q;
	const void *p;
	size_t n;
	int r;

	if ((q = db_sql(g->db, e, "SELECT body FROM count WHERE chunk = "
	    ":chunk")) == NULL)
		return -1;
	db_int(q, ":chunk", (int64_t)at);
	g->chunk[at] = xcalloc(GRAPH_CHUNK, 4);
	if ((r = db_row(q, e)) == 1 && (p = db_get_blob(q, 0, &n)) != NULL)
		memcpy(g->chunk[at], p, n < GRAPH_CHUNK * 4 ? n : GRAPH_CHUNK *
		    4);
	db_end(q);
	return told(g, r < 0 ? -1 : 0, e);
}

static int
read_most(struct graph_file *g, struct err *e)
{
	int64_t most;

	if (db_number(g->db, e, "SELECT max(chunk) FROM count", -1, &most) < 0)
		return told(g, -1, e);
	g->chunks = most < 0 || most > INT32_MAX ? 0 : (size_t)most + 1;
	g->chunk = xcalloc(g->chunks + 1, sizeof *g->chunk);
	return 0;
}

int
graph_count_get(struct graph_file *g, int64_t id, struct graph_count *c,
    struct err *e)
{
	size_t at = (size_t)id / GRAPH_CHUNK;
	const uint8_t *p;
	uint32_t v;

	memset(c, 0, sizeof *c);
	if (g->chunk == NULL && read_most(g, e) < 0)
		return -1;
	if (id < 0 || at >= g->chunks)
		return 0;
	if (g->chunk[at] == NULL && read_chunk(g, at, e) < 0)
		return -1;
	p = g->chunk[at] + (size_t)id % GRAPH_CHUNK * 4;
	v = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
	c->n = v >> 5;
	c->strong = v & 1;
	if ((v >> 1 & 15) < GRAPH_KINDS)
		c->kind = (enum graph_kind)(v >> 1 & 15);
	return 0;
}
