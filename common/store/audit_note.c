#include "store/audit_note.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/file.h"
#include "base/map.h"
#include "base/str.h"
#include "store/access.h"
#include "store/audit.h"
#include "store/db.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#define BUSY_MS 10000
#define AUDIT_READ "read"

struct book {
	struct book *next;
	char *path;			/* own; of the database */
	const struct store *st;		/* NULL: it was closed */
	struct buf rows;		/* who, action, object, detail; each
					   after a byte, which is 0 for NULL */
	size_t n;
	bool sync;			/* they have to be on the disk */
	struct map once;
};

static struct book *books;

static struct book *
book_of(const struct store *st)
{
	char *path = store_path(st, "memory.db");
	struct book *b;

	for (b = books; b != NULL && !str_eq(b->path, path); b = b->next)
		;
	if (b == NULL) {
		b = xcalloc(1, sizeof *b);
		b->path = xstrdup(path);
		buf_init(&b->rows);
		b->next = books;
		books = b;
	}
	b->st = st;
	free(path);
	return b;
}

static void
put(struct buf *b, const char *s)
{
	buf_addc(b, s != NULL);
	if (s != NULL)
		buf_add(b, s, strlen(s) + 1);
}

static const char *
take(const char **p)
{
	const char *s = *p + 1;

	if (**p == 0) {
		++*p;
		return NULL;
	}
	*p = s + strlen(s) + 1;
	return s;
}

static void
add(struct book *b, const char *action, const char *object,
    const char *detail)
{
	if (!str_eq(action, AUDIT_READ) || b->st->conf == NULL ||
	    str_eq(conf_get(b->st->conf, "audit.sync", ""), "all"))
		b->sync = true;
	put(&b->rows, b->st->who);
	put(&b->rows, action);
	put(&b->rows, object);
	put(&b->rows, detail);
	b->n++;
}

void
audit_note(const struct store *st, const char *action, const char *object,
    const char *detail)
{
	add(book_of(st), action, object, detail);
}

void
audit_note_once(const struct store *st, const char *action,
    const char *object, const char *detail)
{
	struct book *b = book_of(st);
	struct buf key = BUF_INIT;
	int made;

	put(&key, action);
	put(&key, object);
	map_put_n(&b->once, key.p, key.len, &made);
	buf_release(&key);
	if (made)
		add(b, action, object, detail);
}

void
audit_read_others(const struct store *st, const char *object,
    const char *detail)
{
	if (st->access->trial)
		return;
	audit_note_once(st, AUDIT_READ, object, detail);
}

void
audit_key_use(const struct store *st, const char *id)
{
	audit_note_once(st, "key_use", id, NULL);
}

size_t
audit_waiting(void)
{
	const struct book *b;
	size_t n = 0;

	for (b = books; b != NULL; b = b->next)
		n += b->n;
	return n;
}

static int
write_rows(const struct book *b, struct db *db, struct err *e)
{
	const char *p = b->rows.p, *end = b->rows.p + b->rows.len;
	struct audit a = { .who = NULL };

	while (p < end) {
		a.who = take(&p);
		a.action = take(&p);
		a.object = take(&p);
		a.detail = take(&p);
		if (audit_add_db(db, &a, e) < 0)
			return -1;
	}
	return 0;
}

static int
write_by(const struct book *b, struct db *db, struct err *e)
{
	if (db_lazy(db, !b->sync, e) < 0 || tx_begin(db, e) < 0)
		return -1;
	return tx_end(db, write_rows(b, db, e), e);
}

static void
written(struct book *b)
{
	buf_reset(&b->rows);
	b->n = 0;
	b->sync = false;
}

/* By the reader's own connection: 1; 0 it cannot, as a view is open, which may
 * be older than what has to be added to. */
static int
write_here(struct book *b, struct err *e)
{
	int r;

	if (!db_write_once(b->st->db))
		return 0;
	r = write_by(b, b->st->db, e);
	db_read_only(b->st->db);
	if (r < 0)
		return -1;
	written(b);
	return 1;
}

static int
write_apart(const struct book *b, struct err *e)
{
	struct db *db = NULL;
	int r;

	if ((r = db_open(&db, b->path, DB_WRITE, BUSY_MS, e)) == 0)
		r = write_by(b, db, e);
	db_close(db);
	return r;
}

static int
flush(struct book *b, struct err *e)
{
	int r;

	if (b->n == 0)
		return 0;
	/* who holds the lock would wait for himself */
	if (b->st != NULL && b->st->db != NULL && tx_writing(b->st->db))
		r = write_rows(b, b->st->db, e);
	else if (b->st != NULL && b->st->db != NULL &&
	    (r = write_here(b, e)) != 0)
		;
	else if (!file_exists(b->path))
		return 0;
	else
		r = write_apart(b, e);
	if (r < 0)
		return err_add(e, "the audit log cannot be written, and "
		    "without it nothing is shown");
	written(b);
	return 0;
}

int
audit_flush(struct err *e)
{
	struct book *b;

	for (b = books; b != NULL; b = b->next)
		if (flush(b, e) < 0)
			return -1;
	return 0;
}

void
audit_note_closed(const struct store *st)
{
	struct book *b;
	struct err ignored;	/* they wait, and are tried again */

	for (b = books; b != NULL; b = b->next)
		if (b->st == st) {
			/* while a connection is there */
			if (b->n > 0 && st->db != NULL)
				write_here(b, &ignored);
			b->st = NULL;
		}
}
