/*
 * seal() and unseal() in SQL, so that a statement says beside its columns
 * what is bound to a value.  An error is kept whole (db_why): SQLite would
 * only pass on its text.
 */
#include "store/sealed_own.h"

#include "base/buf.h"
#include "store/db.h"
#include "store/store.h"

#include <sqlite3.h>

/* key, value, table, what tells the row ... */
#define FIRST 3

static void
bind_ad(struct buf *ad, int n, sqlite3_value **v)
{
	int i;

	seal_ad(ad, (const char *)sqlite3_value_text(v[2]));
	for (i = FIRST; i < n; i++)
		if (sqlite3_value_type(v[i]) == SQLITE_INTEGER)
			seal_ad_int(ad, sqlite3_value_int64(v[i]));
		else if (sqlite3_value_type(v[i]) == SQLITE_NULL)
			seal_ad_int(ad, -1);
		else
			seal_ad_bytes(ad, sqlite3_value_blob(v[i]),
			    (size_t)sqlite3_value_bytes(v[i]));
}

static void
failed(sqlite3_context *c, struct store *st, const struct err *e)
{
	db_why(st->db, e);
	sqlite3_result_error(c, e->msg, -1);
}

static void
result(sqlite3_context *c, int type, const struct buf *b)
{
	if (type == SQLITE_TEXT)
		sqlite3_result_text64(c, b->p, b->len, SQLITE_TRANSIENT,
		    SQLITE_UTF8);
	else
		sqlite3_result_blob64(c, b->p, b->len, SQLITE_TRANSIENT);
}

static void
fn_seal(sqlite3_context *c, int n, sqlite3_value **v)
{
	struct store *st = sqlite3_user_data(c);
	struct sealed *s = sealed_state(st);
	struct buf out = BUF_INIT;
	int64_t key = sqlite3_value_int64(v[0]);
	int type = sqlite3_value_type(v[1]);
	const void *p;
	size_t len;
	struct err e;

	if (key == 0 || type == SQLITE_NULL) {
		sqlite3_result_value(c, v[1]);
		return;
	}
	bind_ad(&s->ad, n, v);
	p = type == SQLITE_TEXT ? sqlite3_value_text(v[1]) :
	    sqlite3_value_blob(v[1]);
	len = (size_t)sqlite3_value_bytes(v[1]);
	buf_reset(&s->text);
	if (store_seal(st, key, &s->ad, p, len, &s->text, &e) < 0) {
		failed(c, st, &e);
	} else if (type == SQLITE_TEXT) {
		base64url_encode(buf_reserve(&out, 4 * (s->text.len / 3 + 1)),
		    s->text.p, s->text.len);
		out.len = (4 * s->text.len + 2) / 3;
		result(c, type, &out);
	} else
		result(c, type, &s->text);
	buf_release(&out);
}

/* The bytes that a text in base64url stands for. */
static int
decode(struct buf *out, const char *p, size_t len, struct err *e)
{
	size_t n = len / 4 * 3 + (len % 4 > 0 ? len % 4 - 1 : 0);

	if (len % 4 == 1 || !base64url_decode((uint8_t *)buf_reserve(out, n),
	    n, p, len))
		return err_set(e, ERR_CORRUPT, "a sealed text is no base64url: "
		    "it was altered; restore a backup");
	out->len = n;
	return 0;
}

/* Which row does not open. */
static int
name_row(int n, sqlite3_value **v, struct err *e)
{
	struct buf b = BUF_INIT;
	int i;

	for (i = FIRST; i < n; i++) {
		buf_adds(&b, i > FIRST ? ", " : "");
		if (sqlite3_value_type(v[i]) == SQLITE_BLOB)
			buf_adds(&b, "...");
		else if (sqlite3_value_type(v[i]) != SQLITE_NULL)
			buf_addf(&b, "%.60s",
			    (const char *)sqlite3_value_text(v[i]));
	}
	err_add(e, "row (%s): ", b.p);
	buf_release(&b);
	return -1;
}

/* Into s->text: 1, 0 the key is gone. */
static int
unseal(struct store *st, int n, sqlite3_value **v, struct err *e)
{
	struct sealed *s = sealed_state(st);
	bool text = sqlite3_value_type(v[1]) == SQLITE_TEXT;
	struct buf raw = BUF_INIT;
	const void *p;
	size_t len;
	int r = 0;

	bind_ad(&s->ad, n, v);
	p = text ? sqlite3_value_text(v[1]) : sqlite3_value_blob(v[1]);
	len = (size_t)sqlite3_value_bytes(v[1]);
	if (text && (r = decode(&raw, p, len, e)) == 0) {
		p = raw.p;
		len = raw.len;
	}
	buf_reset(&s->text);
	if (r == 0)
		r = store_unseal(st, sqlite3_value_int64(v[0]), &s->ad, p,
		    len, &s->text, e);
	buf_release(&raw);
	return r < 0 && e->code == ERR_CORRUPT ? name_row(n, v, e) : r;
}

static void
fn_unseal(sqlite3_context *c, int n, sqlite3_value **v)
{
	struct store *st = sqlite3_user_data(c);
	int r, type = sqlite3_value_type(v[1]);
	struct err e;

	if (sqlite3_value_int64(v[0]) == 0 || type == SQLITE_NULL)
		sqlite3_result_value(c, v[1]);
	else if ((r = unseal(st, n, v, &e)) < 0)
		failed(c, st, &e);
	else if (r == 1)
		result(c, type, &st->sealed->text);
}

static void
fn_opens(sqlite3_context *c, int n, sqlite3_value **v)
{
	struct store *st = sqlite3_user_data(c);
	struct err e;
	int r = 1;

	if (sqlite3_value_int64(v[0]) != 0 &&
	    sqlite3_value_type(v[1]) != SQLITE_NULL)
		r = unseal(st, n, v, &e);
	if (r < 0 && e.code != ERR_CORRUPT)
		failed(c, st, &e);
	else if (r != 0)
		sqlite3_result_int(c, r == 1);
}

static void
fn_tenant_key(sqlite3_context *c, int n, sqlite3_value **v)
{
	struct store *st = sqlite3_user_data(c);
	int64_t key;
	struct err e;

	(void)n;
	(void)v;
	if (sealed_tenant_key(st, &key, &e) < 0)
		failed(c, st, &e);
	else
		sqlite3_result_int64(c, key);
}

static int
add(struct store *st, const char *name, int n, struct store *of,
    void (*fn)(sqlite3_context *, int, sqlite3_value **), struct err *e)
{
	sqlite3 *h = db_handle(st->db);

	if (sqlite3_create_function_v2(h, name, n, SQLITE_UTF8 |
	    SQLITE_DIRECTONLY, of, fn, NULL, NULL, NULL) != SQLITE_OK)
		return err_set(e, ERR_SYS, "cannot use '%s': %s",
		    st->tenant_dir, sqlite3_errmsg(h));
	return 0;
}

int
sealed_attach(struct store *st, struct err *e)
{
	return add(st, "seal", -1, st, fn_seal, e) < 0 ||
	    add(st, "unseal", -1, st, fn_unseal, e) < 0 ||
	    add(st, "opens", -1, st, fn_opens, e) < 0 ||
	    add(st, "tenant_key", 0, st, fn_tenant_key, e) < 0 ||
	    store_is_sealed(st, e) < 0 ? -1 : 0;
}

int
sealed_attach_there(struct store *st, struct store *there, struct err *e)
{
	return add(st, "unseal_there", -1, there, fn_unseal, e);
}
