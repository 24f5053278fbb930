/*
 * The keys of a sealed tenant's rows, and those of the ring that wrap them.
 */
#include "store/sealed_own.h"

#include "base/alloc.h"
#include "base/date.h"
#include "store/audit.h"
#include "store/db.h"
#include "store/keyring.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LABEL "memkit tenant 1"		/* with its NUL */
#define WRAPPED (AEAD_KEY + SEALED_MORE)
#define ROW "SELECT id, user, session, ring, wrapped FROM seal_key "

static struct sealed_row
sealed_row(struct db_query *q)
{
	struct sealed_row row = { .id = db_get_int(q, 0),
	    .user = db_get_int(q, 1), .session = db_get_int(q, 2),
	    .ring = db_get_text(q, 3) };

	row.wrapped = db_get_blob(q, 4, &row.len);
	return row;
}

/* --- the key that wraps ------------------------------------------------ */

int
sealed_ring(struct store *st, struct err *e)
{
	struct sealed *s = sealed_state(st);

	return s->ring != NULL ? 0 : keyring_open(&s->ring,
	    st->ring_of != NULL ? st->ring_of : st, e);
}

static int
wrap_with(struct store *st, const struct seal_key *k, struct err *e)
{
	struct sealed *s = sealed_state(st);
	uint8_t key[AEAD_KEY], info[sizeof LABEL + sizeof s->tenant];
	struct hkdf h = { .key = k->key, .keylen = SEAL_KEY,
	    .info = info, .infolen = sizeof info };
	int r;

	if (s->wrap != NULL && strcmp(s->wrap_id, k->id) == 0)
		return 0;
	aead_free(s->wrap);
	s->wrap = NULL;
	memcpy(info, LABEL, sizeof LABEL);
	memcpy(info + sizeof LABEL, s->tenant, sizeof s->tenant);
	hkdf_make(&h, key, sizeof key);
	r = aead_new(&s->wrap, AEAD_XGCM, key, e);
	mem_wipe(key, sizeof key);
	memcpy(s->wrap_id, k->id, sizeof s->wrap_id);
	return r;
}

static void
wrap_ad(struct buf *ad, const char *ring, const struct sealed_row *row)
{
	seal_ad(ad, "seal_key");
	seal_ad_bytes(ad, ring, strlen(ring));
	seal_ad_int(ad, row->id);
	seal_ad_int(ad, row->user);
	seal_ad_int(ad, row->session);
}

int
sealed_unwrap(struct store *st, const struct sealed_row *row,
    uint8_t key[AEAD_KEY], struct err *e)
{
	struct sealed *s = sealed_state(st);
	struct buf ad = BUF_INIT, b = BUF_INIT;
	const struct seal_key *with;
	int r = -1;

	buf_reserve(&b, WRAPPED);	/* it does not grow with a key in it */
	wrap_ad(&ad, row->ring, row);
	if (sealed_ring(st, e) < 0 ||
	    keyring_find(s->ring, row->ring, &with, e) < 0)
		err_add(e, "tenant '%s' is sealed: ", st->tenant);
	else if (wrap_with(st, with, e) == 0 && (row->len != WRAPPED ||
	    (r = sealed_open(s->wrap, &ad, row->wrapped, row->len, &b,
	    e)) == 0))
		r = err_set(e, ERR_DENIED, "tenant '%s' is sealed: key '%s' of "
		    "the ring is another than that which it was sealed with, "
		    "or row %" PRId64 " of seal_key was altered; bring the "
		    "right key (mem-admin key import)", st->tenant, row->ring,
		    row->id);
	if (r == 1)
		memcpy(key, b.p, AEAD_KEY);
	buf_wipe(&b);
	buf_release(&ad);
	return r < 0 ? -1 : 0;
}

/* --- making keys ------------------------------------------------------- */

static int
key_row(struct store *st, int64_t user, int64_t session, int64_t *id,
    struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT id FROM seal_key WHERE "
	    "user = :user AND session = :session ORDER BY id LIMIT 1"))
	    == NULL)
		return -1;
	db_int(q, ":user", user);
	db_int(q, ":session", session);
	r = db_row(q, e);
	if (r == 1)
		*id = db_get_int(q, 0);
	db_end(q);
	return r;
}

static int
key_write(struct store *st, int64_t id, const char *ring,
    const struct buf *wrapped, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "UPDATE seal_key SET ring = :ring, "
	    "wrapped = :wrapped WHERE id = :id")) == NULL)
		return -1;
	db_text(q, ":ring", ring);
	db_blob(q, ":wrapped", wrapped->p, wrapped->len);
	db_int(q, ":id", id);
	return db_run(q, e);
}

/* Wrap 32 bytes for this row with the active key. */
static int
key_wrap(struct store *st, const struct sealed_row *row,
    const uint8_t key[AEAD_KEY], struct err *e)
{
	struct buf ad = BUF_INIT, wrapped = BUF_INIT;
	struct sealed *s = sealed_state(st);
	const struct seal_key *with;
	int r = -1;

	if (sealed_ring(st, e) < 0 || keyring_active(s->ring, &with, e) < 0) {
		err_add(e, "tenant '%s' is sealed: ", st->tenant);
	} else if (wrap_with(st, with, e) == 0) {
		wrap_ad(&ad, with->id, row);
		r = sealed_shut(s, s->wrap, &ad, key, AEAD_KEY, &wrapped, e);
		if (r == 0)
			r = key_write(st, row->id, with->id, &wrapped, e);
	}
	buf_release(&ad);
	buf_release(&wrapped);
	return r;
}

static int
key_make(struct store *st, int64_t user, int64_t session, int64_t *id,
    struct err *e)
{
	struct sealed_row row = { .user = user, .session = session };
	uint8_t key[AEAD_KEY];
	struct db_query *q;
	int r;

	/* its number is bound to it, and known only then */
	if ((q = db_sql(st->db, e, "INSERT INTO seal_key (user, session, ring, "
	    "made, wrapped) VALUES (:user, :session, '', :made, x'')"))
	    == NULL)
		return -1;
	db_int(q, ":user", user);
	db_int(q, ":session", session);
	db_int(q, ":made", date_real());
	if (db_run(q, e) < 0)
		return -1;
	*id = row.id = db_last_id(st->db);
	if ((r = random_bytes(key, sizeof key, e)) == 0)
		r = key_wrap(st, &row, key, e);
	mem_wipe(key, sizeof key);
	return r;
}

int
store_seal_key(struct store *st, int64_t user, int64_t session, int64_t *key,
    struct err *e)
{
	struct sealed *s = sealed_state(st);
	int r;

	*key = 0;
	if ((r = store_is_sealed(st, e)) <= 0)
		return r;
	if (s->last_key != 0 && s->last_tx == tx_number(st->db) &&
	    s->last_user == user && s->last_session == session &&
	    tx_active(st->db)) {
		*key = s->last_key;
		return 0;
	}
	if ((r = key_row(st, user, session, key, e)) == 0)
		r = key_make(st, user, session, key, e);
	if (r < 0)
		return -1;
	s->last_key = *key;
	s->last_tx = tx_number(st->db);
	s->last_user = user;
	s->last_session = session;
	return 0;
}

int
store_seal_key_there(struct store *st, int64_t user, int64_t session,
    int64_t *key, struct err *e)
{
	int r;

	*key = 0;
	if ((r = store_is_sealed(st, e)) <= 0)
		return r;
	return key_row(st, user, session, key, e) < 0 ? -1 : 0;
}

int
sealed_tenant_key(struct store *st, int64_t *key, struct err *e)
{
	struct sealed *s = sealed_state(st);
	int r;

	*key = 0;
	if (s->tenant_key == 0) {
		if ((r = store_is_sealed(st, e)) <= 0)
			return r;
		if ((r = key_row(st, 0, 0, &s->tenant_key, e)) < 0)
			return -1;
		if (r == 0)
			return err_set(e, ERR_CORRUPT, "the key of tenant "
			    "'%s' is gone; restore a backup", st->tenant);
	}
	*key = s->tenant_key;
	return 0;
}

/* --- what is done with them -------------------------------------------- */

int
store_seal_forget(struct store *st, int64_t session, struct err *e)
{
	struct db_query *q;
	int r;

	if ((r = store_is_sealed(st, e)) <= 0)
		return r;
	sealed_state(st)->last_key = 0;
	if (db_scrub(st->db, e) < 0 || (q = db_sql(st->db, e,
	    "DELETE FROM seal_key WHERE session = :session AND session > 0"))
	    == NULL)
		return -1;
	db_int(q, ":session", session);
	return db_run(q, e);
}

static int
rewrap(struct store *st, int64_t *n, struct err *e)
{
	const struct seal_key *with;
	uint8_t key[AEAD_KEY];
	struct sealed_row row;
	struct db_query *q;
	char detail[64];
	int r;

	if (keyring_active(sealed_state(st)->ring, &with, e) < 0 ||
	    db_scrub(st->db, e) < 0 || (q = db_sql(st->db, e, ROW
	    "WHERE ring <> :ring ORDER BY id")) == NULL)
		return -1;
	db_text(q, ":ring", with->id);
	while ((r = db_row(q, e)) == 1) {
		row = sealed_row(q);
		if ((r = sealed_unwrap(st, &row, key, e)) < 0 ||
		    (r = key_wrap(st, &row, key, e)) < 0)
			break;
		++*n;
	}
	mem_wipe(key, sizeof key);
	db_end(q);
	snprintf(detail, sizeof detail, "%" PRId64 " keys", *n);
	return r < 0 ? -1 : *n == 0 ? 0 :
	    audit_add(st, "key_rewrap", with->id, detail, e);
}

int
store_seal_rewrap(struct store *st, int64_t *n, struct err *e)
{
	int r;

	*n = 0;
	if ((r = store_is_sealed(st, e)) <= 0)
		return r;
	/* somebody may have made a key since */
	keyring_free(sealed_state(st)->ring);
	sealed_state(st)->ring = NULL;
	if (sealed_ring(st, e) < 0 || tx_begin(st->db, e) < 0)
		return -1;
	r = tx_end(st->db, rewrap(st, n, e), e);
	if (r == 0 && *n > 0)
		db_settle(st->db);	/* the old ones are in the log */
	return r;
}

int
store_index_key(struct store *st, uint8_t key[32], struct err *e)
{
	static const char purpose[] = "memkit index 1";
	struct hkdf h = { .key = key, .keylen = AEAD_KEY,
	    .info = purpose, .infolen = sizeof purpose };
	struct sealed_row row;
	struct db_query *q;
	uint8_t own[AEAD_KEY];
	int r;

	if ((r = store_is_sealed(st, e)) <= 0)
		return r;
	if ((q = db_sql(st->db, e, ROW "WHERE user = 0 AND session = 0 "
	    "ORDER BY id LIMIT 1")) == NULL)
		return -1;
	if ((r = db_row(q, e)) == 1) {
		row = sealed_row(q);
		r = sealed_unwrap(st, &row, own, e) < 0 ? -1 : 1;
	} else if (r == 0)
		r = err_set(e, ERR_CORRUPT, "the key of tenant '%s' is gone; "
		    "restore a backup", st->tenant);
	db_end(q);
	if (r == 1) {
		h.key = own;
		hkdf_make(&h, key, AEAD_KEY);
	}
	mem_wipe(own, sizeof own);
	return r;
}
