/*
 * Rows are added here and read; audit_row.c has their hash, audit_chain.c walks
 * the chain.
 */
#include "store/audit.h"

#include "base/buf.h"
#include "base/date.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "store/audit_own.h"
#include "store/db.h"
#include "store/store.h"

#include <string.h>

const char *audit_tool;

/* --- adding ------------------------------------------------------------ */

/* Only UTF-8 goes in: a row has to come out of a file as it was (rotated
 * ones are JSON).  s, or what it becomes, in b. */
static const char *
clean(const char *s, struct buf *b)
{
	size_t i, n, len = s == NULL ? 0 : strlen(s);
	char out[4];
	uint32_t c;

	if (len == 0 || utf8_check(s, len) == len)
		return s;
	for (i = 0; i < len; i += n) {
		c = utf8_decode(s + i, len - i, &n);
		buf_add(b, out, utf8_put(out, c));
	}
	return b->p;
}

static struct audit_span
span(const char *s)
{
	return (struct audit_span){ s, s == NULL ? 0 : strlen(s) };
}

static void
add_hash(struct audit *a, const uint8_t prev[HASH_LEN])
{
	const struct audit_row row = { a->seq, a->at_ms, { span(a->who),
	    span(a->action), span(a->object), span(a->detail), span(a->tool),
	    span(a->outcome) }, { 0 } };
	struct buf room = BUF_INIT;

	audit_row_hash(&row, a->seq, prev, &room, a->hash);
	buf_release(&room);
}

static int
audit_insert(struct db *db, const struct audit *a, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(db, e, "INSERT INTO audit (seq, at, who, action, "
	    "object, detail, tool, outcome, hash) VALUES (:seq, :at, :who, "
	    ":action, :object, :detail, :tool, :outcome, :hash)")) == NULL)
		return -1;
	db_int(q, ":seq", a->seq);
	db_int(q, ":at", a->at_ms);
	db_text(q, ":who", a->who);
	db_text(q, ":action", a->action);
	db_text(q, ":object", a->object);
	db_text(q, ":detail", a->detail);
	db_text(q, ":tool", a->tool);
	db_text(q, ":outcome", a->outcome);
	db_blob(q, ":hash", a->hash, HASH_LEN);
	return db_run(q, e);
}

static int
audit_append(struct db *db, struct audit *a, struct err *e)
{
	uint8_t prev[HASH_LEN] = { 0 };
	const void *p;
	struct db_query *q;
	size_t n;
	int r;

	if ((q = db_sql(db, e, "SELECT seq, hash FROM audit "
	    "ORDER BY seq DESC LIMIT 1")) == NULL)
		return -1;
	a->seq = 1;
	if ((r = db_row(q, e)) == 1) {
		a->seq = db_get_int(q, 0) + 1;
		p = db_get_blob(q, 1, &n);
		if (n == HASH_LEN)
			memcpy(prev, p, n);
	}
	db_end(q);
	if (r < 0)
		return -1;
	add_hash(a, prev);
	return audit_insert(db, a, e);
}

int
audit_add_db(struct db *db, const struct audit *what, struct err *e)
{
	struct buf who = BUF_INIT, object = BUF_INIT, detail = BUF_INIT;
	struct audit a = *what;
	int r;

	a.at_ms = date_real();
	a.who = clean(a.who, &who);
	a.object = clean(a.object, &object);
	a.detail = clean(a.detail, &detail);
	if (a.tool == NULL)
		a.tool = audit_tool;
	if (a.outcome == NULL)
		a.outcome = AUDIT_DONE;
	if (tx_active(db))
		r = audit_append(db, &a, e);
	else if ((r = tx_begin(db, e)) == 0)
		r = tx_end(db, audit_append(db, &a, e), e);
	buf_release(&who);
	buf_release(&object);
	buf_release(&detail);
	return r;
}

int
audit_add(struct store *st, const char *action, const char *object,
    const char *detail, struct err *e)
{
	struct audit a = { .who = st->who, .action = action,
	    .object = object, .detail = detail };

	return audit_add_db(st->db, &a, e);
}

int
audit_deny(struct store *st, const char *action, const char *object,
    const char *detail, struct err *e)
{
	struct audit a = { .who = st->who, .action = action,
	    .object = object, .detail = detail, .outcome = AUDIT_DENIED };

	return audit_add_db(st->db, &a, e);
}

/* --- reading ----------------------------------------------------------- */

static int
audit_read(struct db_query *q, struct audit *a, struct err *e)
{
	const void *p;
	size_t n;

	a->seq = db_get_int(q, 0);
	a->at_ms = db_get_int(q, 1);
	a->who = db_get_text(q, 2);
	a->action = db_get_text(q, 3);
	a->object = db_get_text(q, 4);
	a->detail = db_get_text(q, 5);
	a->tool = db_get_text(q, 6);
	a->outcome = db_get_text(q, 7);
	p = db_get_blob(q, 8, &n);
	if (n != HASH_LEN)
		return err_set(e, ERR_CORRUPT, "audit row %lld has no hash",
		    (long long)a->seq);
	memcpy(a->hash, p, n);
	return 0;
}

int
audit_each(struct db *db, const struct audit_which *w,
    int (*fn)(void *, const struct audit *, struct err *), void *arg,
    struct err *e)
{
	struct audit a;
	struct db_query *q;
	int r;

	if ((q = db_sql(db, e, "SELECT " AUDIT_COLUMNS " FROM audit "
	    "WHERE at >= :since AND at < :until "
	    "AND (:who IS NULL OR who = :who) "
	    "AND (:action IS NULL OR action = :action) "
	    "AND (:tool IS NULL OR tool = :tool) "
	    "AND (:outcome IS NULL OR outcome = :outcome) "
	    "ORDER BY seq")) == NULL)
		return -1;
	db_int(q, ":since", w->since_ms);
	db_int(q, ":until", w->until_ms);
	db_text(q, ":who", w->who);
	db_text(q, ":action", w->action);
	db_text(q, ":tool", w->tool);
	db_text(q, ":outcome", w->outcome);
	while ((r = db_row(q, e)) == 1)
		if ((r = audit_read(q, &a, e)) < 0 ||
		    (r = fn(arg, &a, e)) != 0)
			break;
	db_end(q);
	return r < 0 ? -1 : 0;
}
