/*
 * hash(n) = SHA-256(hash(n-1) || seq || at || who || action || object ||
 * detail), numbers as 8 bytes big endian, strings with their length in
 * front; hash(0) is 32 zero bytes.  The chain shows that a row in the
 * middle was touched; that the end was cut off shows only against a hash
 * kept elsewhere.
 */
#include "store/audit.h"

#include "base/date.h"
#include "base/hash.h"
#include "store/db.h"
#include "store/store.h"

#include <string.h>

static void
audit_hash(const struct audit *a, const uint8_t prev[HASH_LEN],
    uint8_t out[HASH_LEN])
{
	struct hash h;
	uint8_t n[16];
	int i;

	for (i = 0; i < 8; i++) {
		n[i] = (uint8_t)((uint64_t)a->seq >> (56 - 8 * i));
		n[8 + i] = (uint8_t)((uint64_t)a->at_ms >> (56 - 8 * i));
	}
	hash_init(&h);
	hash_add(&h, prev, HASH_LEN);
	hash_add(&h, n, sizeof n);
	hash_add_field(&h, a->who);
	hash_add_field(&h, a->action);
	hash_add_field(&h, a->object);
	hash_add_field(&h, a->detail);
	hash_end(&h, out);
}

static int
audit_insert(struct store *st, const struct audit *a, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "INSERT INTO audit (seq, at, who, action, "
	    "object, detail, hash) VALUES (:seq, :at, :who, :action, :object, "
	    ":detail, :hash)")) == NULL)
		return -1;
	db_int(q, ":seq", a->seq);
	db_int(q, ":at", a->at_ms);
	db_text(q, ":who", a->who);
	db_text(q, ":action", a->action);
	db_text(q, ":object", a->object);
	db_text(q, ":detail", a->detail);
	db_blob(q, ":hash", a->hash, HASH_LEN);
	return db_run(q, e);
}

static int
audit_append(struct store *st, struct audit *a, struct err *e)
{
	uint8_t prev[HASH_LEN] = { 0 };
	const void *p;
	struct db_query *q;
	size_t n;
	int r;

	if ((q = db_sql(st->db, e, "SELECT seq, hash FROM audit "
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
	audit_hash(a, prev, a->hash);
	return audit_insert(st, a, e);
}

int
audit_add(struct store *st, const char *action, const char *object,
    const char *detail, struct err *e)
{
	struct audit a = { .who = st->user, .action = action,
	    .object = object, .detail = detail };

	a.at_ms = date_real();
	if (tx_active(st->db))
		return audit_append(st, &a, e);
	if (tx_begin(st->db, e) < 0)
		return -1;
	return tx_end(st->db, audit_append(st, &a, e), e);
}

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
	p = db_get_blob(q, 6, &n);
	if (n != HASH_LEN)
		return err_set(e, ERR_CORRUPT, "audit row %lld has no hash",
		    (long long)a->seq);
	memcpy(a->hash, p, n);
	return 0;
}

int
audit_each(struct store *st, int64_t since_ms, int64_t until_ms,
    const char *who, const char *action,
    int (*fn)(void *, const struct audit *, struct err *), void *arg,
    struct err *e)
{
	struct audit a;
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT seq, at, who, action, object, "
	    "detail, hash FROM audit WHERE at >= :since AND at < :until "
	    "AND (:who IS NULL OR who = :who) "
	    "AND (:action IS NULL OR action = :action) ORDER BY seq")) == NULL)
		return -1;
	db_int(q, ":since", since_ms);
	db_int(q, ":until", until_ms);
	db_text(q, ":who", who);
	db_text(q, ":action", action);
	while ((r = db_row(q, e)) == 1)
		if ((r = audit_read(q, &a, e)) < 0 ||
		    (r = fn(arg, &a, e)) != 0)
			break;
	db_end(q);
	return r < 0 ? -1 : 0;
}

int
audit_verify(struct store *st, int64_t *rows, int64_t *bad, struct err *e)
{
	uint8_t prev[HASH_LEN] = { 0 }, want[HASH_LEN];
	struct audit a;
	struct db_query *q;
	int r;

	*rows = 0;
	if ((q = db_sql(st->db, e, "SELECT seq, at, who, action, object, "
	    "detail, hash FROM audit ORDER BY seq")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		if ((r = audit_read(q, &a, e)) < 0)
			break;
		audit_hash(&a, prev, want);
		if (a.seq != *rows + 1 || memcmp(want, a.hash, HASH_LEN)) {
			*bad = *rows + 1;
			db_end(q);
			return 0;
		}
		memcpy(prev, a.hash, HASH_LEN);
		++*rows;
	}
	db_end(q);
	return r < 0 ? -1 : 1;
}
