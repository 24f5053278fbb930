/*
 * What a sealed tenant's database may hold where another hand wrote it: the
 * first byte says as what.  It is refused, or is what we sealed ourselves.
 */
#include "fuzz-store.h"

#include "base/buf.h"
#include "store/sealed.h"

#include <string.h>

static int64_t key;

static void
make(void)
{
	struct err e;

	start();
	must(store_seal_make(st, &e) == 1);
	must(tx_begin(st->db, &e) == 0);
	must(store_seal_key(st, 1, 1, &key, &e) == 0 && key > 0);
	must(tx_end(st->db, 0, &e) == 0);
}

/* As a blob of a row, bound to nothing else than its number. */
static void
as_blob(const uint8_t *p, size_t n)
{
	struct buf ad = BUF_INIT, out = BUF_INIT;
	struct err e;

	seal_ad(&ad, "fuzz");
	seal_ad_int(&ad, 1);
	must(store_unseal(st, key, &ad, p, n, &out, &e) == -1);
	must(e.code == ERR_CORRUPT && out.len == 0);
	buf_release(&ad);
	buf_release(&out);
}

/* As a text in a statement: 0 where it does not open, and no other error. */
static void
as_text(const uint8_t *p, size_t n)
{
	struct buf text = BUF_INIT;
	struct db_query *q;
	struct err e;

	buf_add(&text, p, n);
	must((q = db_sql(st->db, &e, "SELECT opens(:key, :value, 'fuzz', 1), "
	    "opens(:key, CAST(:value AS BLOB), 'fuzz', :value)")) != NULL);
	db_int(q, ":key", key);
	db_text(q, ":value", text.p);
	must(db_row(q, &e) == 1);
	must(db_get_int(q, 0) == 0 && db_get_int(q, 1) == 0);
	db_end(q);
	must((q = db_sql(st->db, &e, "SELECT unseal(:key, :value, 'fuzz', 1)"))
	    != NULL);
	db_int(q, ":key", key);
	db_text(q, ":value", text.p);
	must(db_row(q, &e) == -1 && e.code == ERR_CORRUPT);
	db_end(q);
	buf_release(&text);
}

/* As the wrapped key of another row. */
static void
as_key(const uint8_t *p, size_t n)
{
	struct buf ad = BUF_INIT, out = BUF_INIT;
	struct db_query *q;
	struct err e;

	must((q = db_sql(st->db, &e, "INSERT OR REPLACE INTO seal_key (id, "
	    "user, session, ring, made, wrapped) SELECT 1000, 1, 2, ring, 0, "
	    ":wrapped FROM seal_key LIMIT 1")) != NULL);
	db_blob(q, ":wrapped", p, n);
	must(db_run(q, &e) == 0);
	seal_ad(&ad, "fuzz");
	must(store_unseal(st, 1000, &ad, p, n, &out, &e) == -1);
	must(e.code == ERR_DENIED);
	buf_release(&ad);
	buf_release(&out);
}

/* There and back, with whatever in its place changed by one bit. */
static void
as_plain(const uint8_t *p, size_t n)
{
	struct buf ad = BUF_INIT, sealed = BUF_INIT, out = BUF_INIT;
	struct err e;

	seal_ad(&ad, "fuzz");
	seal_ad_bytes(&ad, p, n);
	must(store_seal(st, key, &ad, p, n, &sealed, &e) == 0);
	must(sealed.len == n + SEALED_MORE);
	must(store_unseal(st, key, &ad, sealed.p, sealed.len, &out, &e) == 1);
	must(out.len == n && memcmp(out.p, p, n) == 0);
	sealed.p[n > 0 ? p[0] % sealed.len : 0] ^= 1;
	must(store_unseal(st, key, &ad, sealed.p, sealed.len, &out, &e) == -1);
	buf_release(&ad);
	buf_release(&sealed);
	buf_release(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (st == NULL)
		make();
	if (len == 0)
		return 0;
	switch (data[0] & 3) {
	case 0:
		as_blob(data + 1, len - 1);
		break;
	case 1:
		as_text(data + 1, len - 1);
		break;
	case 2:
		as_key(data + 1, len - 1);
		break;
	default:
		as_plain(data + 1, len - 1);
	}
	return 0;
}
