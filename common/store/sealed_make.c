/*
 * A tenant becomes a sealed one while it is empty, and is marked so; then
 * there is no way back.
 */
#include "store/sealed_own.h"

#include "store/audit.h"
#include "store/db.h"
#include "store/keyring.h"
#include "store/store.h"

#include <string.h>

static int
meta_put(struct store *st, const char *name, const char *value,
    struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "INSERT INTO meta (name, value) "
	    "VALUES (:name, :value)")) == NULL)
		return -1;
	db_text(q, ":name", name);
	db_text(q, ":value", value);
	return db_run(q, e);
}

static int
seal_now(struct store *st, struct err *e)
{
	struct sealed *s = sealed_state(st);
	uint8_t id[16];
	char hex[33];
	int64_t n, key;
	int r;

	if ((r = store_is_sealed(st, e)) != 0)
		return r < 0 ? -1 : 0;
	if (db_number(st->db, e, "SELECT EXISTS (SELECT 1 FROM session) OR "
	    "EXISTS (SELECT 1 FROM event) OR EXISTS (SELECT 1 FROM record) OR "
	    "EXISTS (SELECT 1 FROM fact) OR EXISTS (SELECT 1 FROM decision) "
	    "OR EXISTS (SELECT 1 FROM artifact) OR EXISTS (SELECT 1 FROM "
	    "tombstone) OR EXISTS (SELECT 1 FROM cursor) OR "
	    "EXISTS (SELECT 1 FROM toc_node) OR EXISTS (SELECT 1 FROM "
	    "ltm_group)", 1, &n) < 0)
		return -1;
	if (n != 0)
		return err_set(e, ERR_EXISTS, "tenant '%s' has rows that are "
		    "not sealed; export it (mem-sync export), make a sealed "
		    "tenant, and import into that", st->tenant);
	if (random_bytes(id, sizeof id, e) < 0)
		return -1;
	hex_encode(hex, id, sizeof id);
	if (meta_put(st, "sealed", "1", e) < 0 ||
	    meta_put(st, "sealed_id", hex, e) < 0)
		return -1;
	memcpy(s->id, hex, sizeof hex);
	memcpy(s->tenant, id, sizeof id);
	s->is = true;
	if (store_seal_key(st, 0, 0, &key, e) < 0 ||
	    audit_add(st, "seal", st->tenant, NULL, e) < 0)
		return -1;
	return 1;
}

/* A ring without an active key gets one; it cannot be made within the
 * transaction, whose lock it needs. */
static int
ring_make(struct store *st, struct err *e)
{
	struct sealed *s = sealed_state(st);
	char id[SEAL_ID_MAX + 1] = "";
	const struct seal_key *with;
	struct err none;

	if (sealed_ring(st, e) < 0)
		return -1;
	if (keyring_active(s->ring, &with, &none) == 0)
		return 0;
	if (st->ring_of != NULL)	/* none is made for another store */
		return keyring_active(s->ring, &with, e);
	keyring_free(s->ring);
	s->ring = NULL;
	return keyring_new(st, id, e);
}

int
store_seal_make(struct store *st, struct err *e)
{
	int r;

	if ((r = store_is_sealed(st, e)) != 0)
		return r < 0 ? -1 : 0;
	if (ring_make(st, e) < 0 || tx_begin(st->db, e) < 0)
		return -1;
	r = tx_end(st->db, seal_now(st, e), e);
	sealed_release(st);	/* it may not be, after all */
	return r < 0 || store_is_sealed(st, e) < 0 ? -1 : r;
}
