/*
 * Keys are looked up once a transaction: one that was made in a transaction
 * that was rolled back is no key, and its number may be another's by then.
 */
#include "store/sealed.h"

#include "base/aead.h"
#include "base/alloc.h"
#include "base/hash.h"
#include "store/db.h"
#include "store/keyring.h"
#include "store/sealed_own.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- state ------------------------------------------------------------- */

struct sealed *
sealed_state(struct store *st)
{
	if (st->sealed == NULL) {
		st->sealed = xcalloc(1, sizeof *st->sealed);
		buf_init(&st->sealed->ad);
		buf_init(&st->sealed->text);
	}
	return st->sealed;
}

void
sealed_release(struct store *st)
{
	struct sealed *s = st->sealed;
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; s->kept != NULL && i < SEALED_KEPT; i++)
		aead_free(s->kept[i].aead);
	if (s->kept != NULL)
		mem_wipe(s->kept, SEALED_KEPT * sizeof *s->kept);
	free(s->kept);
	aead_free(s->wrap);
	keyring_free(s->ring);
	buf_wipe(&s->text);
	buf_release(&s->ad);
	mem_wipe(s, sizeof *s);
	free(s);
	st->sealed = NULL;
}

bool
sealed_known(const struct store *st)
{
	return st->sealed != NULL && st->sealed->is;
}

int
store_is_sealed(struct store *st, struct err *e)
{
	struct sealed *s = sealed_state(st);
	struct db_query *q;
	int r;

	/* it may be made one between two transactions, and never back */
	if (s->is || (s->asked && s->asked_tx == tx_number(st->db)))
		return s->is;
	if ((q = db_sql(st->db, e, "SELECT value FROM meta "
	    "WHERE name = 'sealed_id'")) == NULL)
		return -1;
	if ((r = db_row(q, e)) == 1) {
		db_copy_text(q, 0, s->id, sizeof s->id);
		if (!hex_decode(s->tenant, s->id, sizeof s->tenant))
			r = err_set(e, ERR_CORRUPT, "'%s' does not say which "
			    "sealed tenant it is; restore a backup",
			    st->tenant_dir);
	}
	db_end(q);
	if (r < 0)
		return -1;
	s->is = r == 1;
	s->asked = true;
	s->asked_tx = tx_number(st->db);
	/* What is open is sorted in memory only.  That cannot be said within
	 * a transaction, so store_open asks. */
	if (s->is && tx_active(st->db)) {
		s->is = false;
		return err_set(e, ERR_BUSY, "tenant '%s' was made a sealed "
		    "one just now; try again", st->tenant);
	}
	if (s->is && db_script(st->db, "PRAGMA temp_store = MEMORY", e) < 0)
		return -1;
	return s->is;
}

/* --- nonces, and texts ------------------------------------------------- */

static int
nonce(struct sealed *s, const uint8_t **out, struct err *e)
{
	/* a process that was forked has the same pool */
	if (s->pool_left == 0 || s->pool_of != (int64_t)getpid()) {
		s->pool_left = 0;
		if (random_bytes(s->pool, sizeof s->pool, e) < 0)
			return -1;
		s->pool_left = SEALED_POOL;
		s->pool_of = (int64_t)getpid();
	}
	*out = s->pool[--s->pool_left];
	return 0;
}

int
sealed_shut(struct sealed *s, struct aead *a, const struct buf *ad,
    const void *p, size_t n, struct buf *out, struct err *e)
{
	const uint8_t *fresh;
	uint8_t *to;

	if (nonce(s, &fresh, e) < 0)
		return -1;
	to = (uint8_t *)buf_reserve(out, n + SEALED_MORE);
	memcpy(to, fresh, AEAD_XNONCE);
	if (aead_seal(a, to, ad->p, ad->len, p, n, to + AEAD_XNONCE, e) < 0)
		return -1;
	out->len += n + SEALED_MORE;
	out->p[out->len] = '\0';
	return 0;
}

/* 1, 0 it does not fit. */
int
sealed_open(struct aead *a, const struct buf *ad, const void *p, size_t n,
    struct buf *out, struct err *e)
{
	const uint8_t *from = p;
	int r;

	if (n < SEALED_MORE)
		return 0;
	r = aead_open(a, from, ad->p, ad->len, from + AEAD_XNONCE,
	    n - AEAD_XNONCE, (uint8_t *)buf_reserve(out, n), e);
	if (r == 1)
		out->len += n - SEALED_MORE;
	out->p[out->len] = '\0';
	return r;
}

void
seal_ad(struct buf *ad, const char *table)
{
	buf_reset(ad);
	buf_add(ad, table, strlen(table) + 1);
}

static void
put_be(uint8_t *p, uint64_t v, int bytes)
{
	while (bytes-- > 0) {
		p[bytes] = (uint8_t)v;
		v >>= 8;
	}
}

void
seal_ad_int(struct buf *ad, int64_t v)
{
	uint8_t b[9] = { 'i' };

	put_be(b + 1, (uint64_t)v, 8);
	buf_add(ad, b, sizeof b);
}

void
seal_ad_bytes(struct buf *ad, const void *p, size_t n)
{
	uint8_t b[9] = { 's' };

	put_be(b + 1, n, 8);
	buf_add(ad, b, sizeof b);
	buf_add(ad, p, n);
}

/* --- keys of rows ------------------------------------------------------ */

/* Two keys, neither of which tells the other, nor that of the rows. */
static void
derive(struct sealed_kept *k, const uint8_t key[AEAD_KEY])
{
	static const char purpose[] = "memkit files 1";
	struct hkdf h = { .key = key, .keylen = AEAD_KEY, .info = purpose,
	    .infolen = sizeof purpose };

	hkdf_make(&h, k->beside, sizeof k->beside);
}

/* Take the wrapped key of a row into its place. */
static int
keep(struct store *st, struct sealed_kept *k, const struct sealed_row *row,
    const uint8_t hash[HASH_LEN], struct err *e)
{
	uint8_t key[AEAD_KEY];
	int r;

	aead_free(k->aead);
	mem_wipe(k, sizeof *k);
	if ((r = sealed_unwrap(st, row, key, e)) == 0 &&
	    (r = aead_new(&k->aead, AEAD_XGCM, key, e)) == 0)
		derive(k, key);
	mem_wipe(key, sizeof key);
	if (r < 0)
		return -1;
	k->id = row->id;
	memcpy(k->hash, hash, sizeof k->hash);
	return 0;
}

static int
row_read(struct store *st, int64_t id, struct sealed_kept *k, struct err *e)
{
	struct sealed_row row = { .id = id };
	uint8_t hash[HASH_LEN];
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT ring, wrapped, user, session "
	    "FROM seal_key WHERE id = :id")) == NULL)
		return -1;
	db_int(q, ":id", id);
	if ((r = db_row(q, e)) == 1) {
		row.ring = db_get_text(q, 0);
		row.wrapped = db_get_blob(q, 1, &row.len);
		row.user = db_get_int(q, 2);
		row.session = db_get_int(q, 3);
		hash_mem(row.wrapped, row.len, hash);
		if ((k->id != id || memcmp(hash, k->hash, sizeof hash) != 0) &&
		    keep(st, k, &row, hash, e) < 0)
			r = -1;
	}
	db_end(q);
	if (r == 1)
		k->tx = tx_number(st->db);
	return r;
}

/* 1, 0 there is none of this number any more. */
static int
kept_get(struct store *st, int64_t id, struct sealed_kept **out,
    struct err *e)
{
	struct sealed *s = sealed_state(st);
	struct sealed_kept *k;
	int r = 1;

	if (s->kept == NULL)
		s->kept = xcalloc(SEALED_KEPT, sizeof *s->kept);
	k = &s->kept[(uint64_t)id % SEALED_KEPT];
	if (k->id != id || k->tx != tx_number(st->db)) {
		if ((r = store_is_sealed(st, e)) < 0)
			return -1;
		if (r == 0)
			return err_set(e, ERR_CORRUPT, "a row is sealed, and "
			    "tenant '%s' is not; restore a backup",
			    st->tenant);
		r = row_read(st, id, k, e);
	}
	*out = k;
	return r;
}

static int
key_get(struct store *st, int64_t id, struct aead **out, struct err *e)
{
	struct sealed_kept *k;
	int r = kept_get(st, id, &k, e);

	if (r == 1)
		*out = k->aead;
	return r;
}

int
store_seal_beside(struct store *st, int64_t key, struct sealed_beside *out,
    struct err *e)
{
	struct sealed_kept *k;
	int r = kept_get(st, key, &k, e);

	if (r != 1)
		return r;
	memcpy(out->names, k->beside, SEAL_KEY);
	memcpy(out->bytes.key, k->beside + SEAL_KEY, SEAL_KEY);
	snprintf(out->bytes.id, sizeof out->bytes.id, "files-%" PRId64, key);
	return 1;
}

int
store_seal(struct store *st, int64_t key, const struct buf *ad,
    const void *p, size_t n, struct buf *out, struct err *e)
{
	struct aead *a = NULL;
	int r;

	if ((r = key_get(st, key, &a, e)) == 0)
		r = err_set(e, ERR_CORRUPT, "key %" PRId64 " of tenant '%s' is "
		    "gone; try again", key, st->tenant);
	return r < 0 ? -1 : sealed_shut(sealed_state(st), a, ad, p, n, out, e);
}

int
store_unseal(struct store *st, int64_t key, const struct buf *ad,
    const void *p, size_t n, struct buf *out, struct err *e)
{
	struct aead *a = NULL;
	int r;

	if ((r = key_get(st, key, &a, e)) != 1 ||
	    (r = sealed_open(a, ad, p, n, out, e)) != 0)
		return r;
	return err_set(e, ERR_CORRUPT, "a sealed row of table '%s' does not "
	    "open: it was altered, or put in another's place; restore a "
	    "backup, or make it again where it follows from other rows "
	    "(--rebuild of mem-toc build, mem-ltm run)", ad->p);
}

