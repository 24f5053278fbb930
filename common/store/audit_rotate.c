#include "store/audit_rotate.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/utf8.h"
#include "store/audit.h"
#include "store/audit_chain.h"
#include "store/audit_own.h"
#include "store/db.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PIECE ((size_t)256 << 10)

struct run {
	struct store *st;
	struct audit_chain chain;
	int64_t from;			/* rows are behind this one */
	uint8_t previous[HASH_LEN];	/* and its hash */
	int64_t last;
	struct buf text;
};

/* --- the file ---------------------------------------------------------- */

static void
add_hash(struct buf *b, const char *key, const uint8_t hash[HASH_LEN])
{
	char hex[HASH_HEX + 1];

	hex_encode(hex, hash, HASH_LEN);
	json_add_text(b, key, hex);
}

static void
put_head(struct run *run)
{
	struct buf *b = &run->text;

	buf_adds(b, "{\"type\":\"audit_rotated\"");
	json_add_text(b, "store_id", run->st->id);
	json_add_text(b, "tenant", run->st->tenant);
	json_add_int(b, "first", run->from + 1);
	json_add_int(b, "last", run->last);
	add_hash(b, "previous", run->previous);
	buf_adds(b, "}\n");
}

static int
put_row(struct run *run, const struct audit_row *row, struct err *e)
{
	const struct audit_span *t;
	struct buf *b = &run->text;
	int i;

	buf_adds(b, "{\"type\":\"audit\"");
	json_add_text(b, "tenant", run->st->tenant);
	json_add_int(b, "seq", row->seq);
	json_add_int(b, "timestamp", row->at_ms);
	for (i = 0; i < AUDIT_TEXTS; i++) {
		t = &row->text[i];
		if (t->p == NULL)
			continue;
		if (utf8_check(t->p, t->n) != t->n ||
		    (t->n > 0 && memchr(t->p, '\0', t->n) != NULL))
			return err_set(e, ERR_CORRUPT, "row %" PRId64 " of the "
			    "audit log has bytes that are no text; it has to "
			    "stay where it is", row->seq);
		buf_addf(b, ",\"%s\":", audit_texts[i]);
		json_quote(b, t->p, t->n);
	}
	add_hash(b, "hash", row->hash);
	buf_adds(b, "}\n");
	return 0;
}

static int
flush(struct run *run, int fd, const char *name, struct err *e)
{
	int r = file_write(fd, run->text.p, run->text.len, name, e);

	buf_reset(&run->text);
	return r;
}

static int
put_rows(struct run *run, int fd, const char *name, struct err *e)
{
	struct audit_row row;
	struct db_query *q;
	int r;

	if ((q = db_sql(run->st->db, e, "SELECT " AUDIT_COLUMNS " FROM audit "
	    "WHERE seq <= :last ORDER BY seq")) == NULL)
		return -1;
	db_int(q, ":last", run->last);
	put_head(run);
	while ((r = db_row(q, e)) == 1) {
		audit_row_read(q, &row);
		if (!audit_chain_add(&run->chain, &row))
			r = err_set(e, ERR_CORRUPT, "the audit log is broken "
			    "at row %" PRId64 "; mem-admin audit verify says "
			    "more", row.seq);
		else
			r = put_row(run, &row, e);
		if (r < 0 || (run->text.len >= PIECE &&
		    (r = flush(run, fd, name, e)) < 0))
			break;
	}
	db_end(q);
	return r < 0 ? -1 : flush(run, fd, name, e);
}

static int
sync_folder(const char *path, struct err *e)
{
	const char *slash = strrchr(path, '/');
	struct buf dir = BUF_INIT;
	int r;

	if (slash == NULL)
		buf_adds(&dir, ".");
	else
		buf_add(&dir, path, slash == path ? 1 : (size_t)(slash - path));
	r = file_sync_dir(dir.p, e);
	buf_release(&dir);
	return r;
}

static int
make_file(struct run *run, const char *to, struct err *e)
{
	struct file_new f;
	int r;

	if (file_exists(to))
		return err_set(e, ERR_EXISTS, "'%s' is there; name a new file",
		    to);
	if (file_new(&f, to, e) < 0)
		return -1;
	if ((r = put_rows(run, f.fd, to, e)) == 0 &&
	    (r = file_new_done(&f, e)) == 0)
		r = sync_folder(to, e);
	else
		file_new_drop(&f);
	return r;
}

/* --- which rows -------------------------------------------------------- */

static int
choose(struct run *run, int64_t before_ms, struct err *e)
{
	struct db_query *q;
	int64_t next = 0, last = 0;
	int r;

	if (audit_start(run->st->db, &run->from, run->previous, e) < 0)
		return -1;
	run->chain.seq = run->from;
	memcpy(run->chain.hash, run->previous, HASH_LEN);
	if ((q = db_sql(run->st->db, e, "SELECT seq FROM audit "
	    "WHERE at >= :before ORDER BY seq LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":before", before_ms);
	if ((r = db_first(q, &next, e)) < 0 || db_number(run->st->db, e,
	    "SELECT max(seq) FROM audit", 0, &last) < 0)
		return -1;
	run->last = r == 1 ? next - 1 : last;
	return run->last > run->from;
}

/* --- the database ------------------------------------------------------ */

static int
keep_start(struct run *run, struct err *e)
{
	struct buf value = BUF_INIT;
	char hex[HASH_HEX + 1];
	struct db_query *q;
	int r = -1;

	hex_encode(hex, run->chain.hash, HASH_LEN);
	buf_addf(&value, "%" PRId64 " %s", run->last, hex);
	if ((q = db_sql(run->st->db, e, "INSERT OR REPLACE INTO meta "
	    "(name, value) VALUES ('audit_start', :value)")) != NULL) {
		db_text(q, ":value", value.p);
		r = db_run(q, e);
	}
	buf_release(&value);
	return r;
}

/* The new row comes first: it follows the last there is. */
static int
take_out(struct run *run, const char *to, struct err *e)
{
	char detail[AUDIT_ROTATED];
	uint8_t hash[HASH_LEN];
	struct db_query *q;
	int64_t from;

	if (audit_start(run->st->db, &from, hash, e) < 0)
		return -1;
	if (from != run->from)
		return err_set(e, ERR_BUSY, "somebody else rotates the audit "
		    "log; try again");
	audit_rotated(detail, run->last, run->chain.hash);
	if (audit_add(run->st, "rotate", to, detail, e) < 0 ||
	    keep_start(run, e) < 0 || (q = db_sql(run->st->db, e,
	    "DELETE FROM audit WHERE seq <= :last")) == NULL)
		return -1;
	db_int(q, ":last", run->last);
	return db_run(q, e);
}

/* A commit that failed may be one all the same, once the log is read again:
 * then the file has the only copy. */
static int
take_out_all(struct run *run, const char *to, struct err *e)
{
	struct err ignored;	/* what failed first is told */

	if (tx_begin(run->st->db, e) < 0) {
		unlink(to);
		return -1;
	}
	if (take_out(run, to, e) < 0) {
		tx_end(run->st->db, -1, &ignored);
		unlink(to);
		return -1;
	}
	if (tx_end(run->st->db, 0, e) < 0)
		return err_add(e, "'%s' has rows that may be in the log no "
		    "more, keep it", to);
	return 1;
}

/* What is old does not change: it is read before anybody has to wait. */
static int
rotate(struct run *run, int64_t before_ms, const char *to, struct err *e)
{
	int r;

	if (tx_read(run->st->db, e) < 0)
		return -1;
	if ((r = choose(run, before_ms, e)) == 1 && to != NULL)
		r = make_file(run, to, e) < 0 ? -1 : 1;
	r = tx_end(run->st->db, r, e);
	return r != 1 || to == NULL ? r : take_out_all(run, to, e);
}

int
audit_rotate(struct store *st, int64_t before_ms, const char *to,
    struct audit_rotation *told, struct err *e)
{
	struct run run = { .st = st, .text = BUF_INIT };
	int r;

	audit_chain_init(&run.chain);
	memset(told, 0, sizeof *told);
	if ((r = rotate(&run, before_ms, to, e)) == 1) {
		told->first = run.from + 1;
		told->last = run.last;
		memcpy(told->hash, run.chain.hash, HASH_LEN);
	}
	audit_chain_release(&run.chain);
	buf_release(&run.text);
	return r;
}
