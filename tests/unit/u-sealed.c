/*
 * Keys of a sealed tenant's rows: one for each session, not kept from what
 * was rolled back, gone when deleted; what is bound to a value; the key of
 * the index.
 */
#include "tap.h"
#include "temp-store.h"

#include "store/keyring.h"
#include "store/sealed.h"

#include <stdlib.h>

static struct err e;

static void
ad_of(struct buf *ad, int64_t id)
{
	seal_ad(ad, "fact");
	seal_ad_int(ad, id);
	seal_ad_bytes(ad, "x", 1);
}

static int64_t
key_of(struct store *st, int64_t user, int64_t session)
{
	int64_t key = -1;

	return store_seal_key(st, user, session, &key, &e) < 0 ? -1 : key;
}

static void
clear(void)
{
	struct store *st = temp_open("clear", "u", STORE_MAKE);
	uint8_t key[32];

	is_int(store_is_sealed(st, &e), 0, "a tenant is not sealed");
	ok(!sealed_known(st), "and that is known");
	is_int(key_of(st, 1, 1), 0, "so its rows have no key");
	is_int(store_index_key(st, key, &e), 0, "nor has its index");
	is_int(store_seal_make(st, &e), 1, "it becomes one");
	is_int(store_seal_make(st, &e), 0, "once");
	is_int(store_is_sealed(st, &e), 1, "it is");
	store_close(st);
}

static void
keys(void)
{
	struct store *st = temp_open("clear", "u", STORE_WRITE);
	int64_t tenant, one, two, lost, again;

	is_int(store_is_sealed(st, &e), 1, "it stays so");
	tx_begin(st->db, &e);
	tenant = key_of(st, 0, 0);
	one = key_of(st, 1, 1);
	two = key_of(st, 1, 2);
	ok(tenant > 0 && one > 0 && two > 0 && one != two && one != tenant,
	    "a key for each session, and the tenant's");
	ok(key_of(st, 1, 0) != key_of(st, 2, 0), "and for each user");
	is_int(key_of(st, 1, 1), one, "the same again");
	tx_end(st->db, 0, &e);
	tx_begin(st->db, &e);
	is_int(key_of(st, 1, 1), one, "in another transaction, too");
	lost = key_of(st, 1, 3);
	tx_end(st->db, -1, &e);
	tx_begin(st->db, &e);
	again = key_of(st, 7, 7);
	is_int(again, lost, "what was rolled back gives its number away");
	tx_end(st->db, 0, &e);
	store_close(st);
}

/* Sealed under a key whose making was rolled back must open nowhere. */
static void
rolled_back(void)
{
	struct store *st = temp_open("clear", "u", STORE_WRITE);
	struct buf ad = BUF_INIT, sealed = BUF_INIT, text = BUF_INIT;
	int64_t lost, key;

	ad_of(&ad, 1);
	tx_begin(st->db, &e);
	lost = key_of(st, 9, 9);
	is_int(store_seal(st, lost, &ad, "lost", 4, &sealed, &e), 0, "seal");
	tx_end(st->db, -1, &e);
	is_int(store_unseal(st, lost, &ad, sealed.p, sealed.len, &text, &e),
	    0, "a key that was rolled back is gone");
	tx_begin(st->db, &e);
	key = key_of(st, 10, 10);
	is_int(key, lost, "its number has another one now");
	is_int(store_unseal(st, key, &ad, sealed.p, sealed.len, &text, &e),
	    -1, "which does not open it");
	buf_reset(&sealed);
	is_int(store_seal(st, key, &ad, "kept", 4, &sealed, &e), 0, "seal");
	tx_end(st->db, 0, &e);
	is_int(store_unseal(st, key, &ad, sealed.p, sealed.len, &text, &e), 1,
	    "what the other one sealed");
	is_str(text.p, "kept", "opens");
	store_close(st);
	st = temp_open("clear", "u", STORE_READ);
	buf_reset(&text);
	is_int(store_unseal(st, key, &ad, sealed.p, sealed.len, &text, &e), 1,
	    "in another process, too");
	buf_release(&ad);
	buf_release(&sealed);
	buf_release(&text);
	store_close(st);
}

static void
bound(void)
{
	struct store *st = temp_open("clear", "u", STORE_WRITE);
	struct buf ad = BUF_INIT, sealed = BUF_INIT, text = BUF_INIT;
	int64_t one, two;
	size_t i;
	int bad = 0;

	tx_begin(st->db, &e);
	one = key_of(st, 1, 1);
	two = key_of(st, 1, 2);
	tx_end(st->db, 0, &e);
	ad_of(&ad, 1);
	is_int(store_seal(st, one, &ad, "words", 5, &sealed, &e), 0, "seal");
	is_int((int64_t)sealed.len, 5 + SEALED_MORE, "so long");
	is_int(store_unseal(st, one, &ad, sealed.p, sealed.len, &text, &e), 1,
	    "open");
	is_str(text.p, "words", "what it was");
	is_int(store_unseal(st, two, &ad, sealed.p, sealed.len, &text, &e), -1,
	    "not with another session's key");
	is_int(e.code, ERR_CORRUPT, "%s", e.msg);
	ad_of(&ad, 2);
	is_int(store_unseal(st, one, &ad, sealed.p, sealed.len, &text, &e), -1,
	    "not in another row");
	seal_ad(&ad, "fac");
	seal_ad_bytes(&ad, "t", 1);
	is_int(store_unseal(st, one, &ad, sealed.p, sealed.len, &text, &e), -1,
	    "nor in another table");
	ad_of(&ad, 1);
	for (i = 0; i < sealed.len; i++)
		bad += store_unseal(st, one, &ad, sealed.p, i, &text, &e) >= 0;
	for (i = 0; i < sealed.len; i++) {
		sealed.p[i] ^= 4;
		bad += store_unseal(st, one, &ad, sealed.p, sealed.len, &text,
		    &e) >= 0;
		sealed.p[i] ^= 4;
	}
	is_int(bad, 0, "not cut, nor with one bit changed");
	is_str(text.p, "words", "and nothing was added");
	buf_release(&ad);
	buf_release(&sealed);
	buf_release(&text);
	store_close(st);
}

static void
forgotten(void)
{
	struct store *st = temp_open("clear", "u", STORE_WRITE);
	struct store *reader = temp_open("clear", "u", STORE_READ);
	struct buf ad = BUF_INIT, sealed = BUF_INIT, text = BUF_INIT;
	int64_t key;

	ad_of(&ad, 1);
	tx_begin(st->db, &e);
	key = key_of(st, 1, 1);
	tx_end(st->db, 0, &e);
	store_seal(st, key, &ad, "words", 5, &sealed, &e);
	is_int(store_unseal(reader, key, &ad, sealed.p, sealed.len, &text, &e),
	    1, "it opens");
	tx_begin(st->db, &e);
	is_int(store_seal_forget(st, 1, &e), 0, "the session's key goes");
	tx_end(st->db, 0, &e);
	tx_begin(st->db, &e);
	is_int(store_unseal(st, key, &ad, sealed.p, sealed.len, &text, &e), 0,
	    "and with it the row");
	ok(key_of(st, 1, 1) != key, "a new one has another number");
	is_int(store_seal(st, key, &ad, "words", 5, &sealed, &e), -1,
	    "nothing is sealed with one that is gone");
	tx_end(st->db, 0, &e);
	store_close(reader);
	buf_release(&ad);
	buf_release(&sealed);
	buf_release(&text);
	store_close(st);
}

static void
rewrapped(void)
{
	struct store *st = temp_open("clear", "u", STORE_WRITE);
	struct store *reader = temp_open("clear", "u", STORE_READ);
	uint8_t was[32], is[32];
	char id[SEAL_ID_MAX + 1] = "second";
	int64_t n = -1;

	is_int(store_index_key(reader, was, &e), 1, "the index has a key");
	is_int(keyring_new(st, id, &e), 0, "another key of the ring");
	is_int(store_seal_rewrap(st, &n, &e), 0, "rewrap");
	ok(n > 3, "all of them: %d", (int)n);
	is_int(store_seal_rewrap(st, &n, &e), 0, "again");
	is_int(n, 0, "none");
	is_int(store_index_key(st, is, &e), 1, "the index's key");
	ok(memcmp(was, is, sizeof was) == 0, "is what it was");
	store_close(st);
	store_close(reader);
	st = temp_open("clear", "u", STORE_READ);
	is_int(store_index_key(st, is, &e), 1, "also for who comes later");
	ok(memcmp(was, is, sizeof was) == 0, "the same");
	store_close(st);
}

int
main(void)
{
	temp_begin();
	clear();
	keys();
	rolled_back();
	bound();
	forgotten();
	rewrapped();
	return temp_end() | done();
}
