/*
 * Sealed tenants: what was said lies in memory.db only under a key.
 *
 * A tenant is sealed when it is made (meta 'sealed' is '1'), and stays so.
 * Each session has a key of its own (table seal_key), each user one for what
 * belongs to none of his sessions, and the tenant one for what all share:
 * 32 random bytes, wrapped with the active key of the ring (keyring.h).  A
 * row names its key in its column "key"; 0 is clear.  Deleting a session's
 * key forgets its rows for good, wherever copies of them are, as long as no
 * copy has the key's row, too.
 *
 * Sealed is: nonce (24 bytes) || text || tag (16), XAES-256-GCM (base/aead.h
 * says why), the nonce random.  In columns of texts it is base64url of that.
 * The additional data is the name of the table and what tells the row from
 * all others, each with its length; so a sealed value opens in its own row
 * only, in no other tenant, session, or version.  Of rows that change in
 * place an older value would open: that needs another hand at the file, and
 * the same hand could put back all of an older database.
 *
 * A wrapped key is bound to the tenant's own number (meta 'sealed_id', 16
 * random bytes in hex), its user and session, and not to names nor to the
 * store: a snapshot or a backup opens wherever the ring is.
 *
 * In SQL: "seal(:key, :body, 'fact', ...)" and "unseal(key, body, 'fact',
 * ...)", which give a value as it is where the key is 0, and NULL where the
 * key's row is gone; opens() is 1, 0, or NULL then.
 * What lies in clear is said in memkit-store(5), SEALED TENANTS.
 */
#ifndef STORE_SEALED_H
#define STORE_SEALED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/seal.h"

struct store;

#define SEALED_MORE 40		/* bytes more than the text */

/*
 * Columns that may be sealed.  AD_ is key, value, table and what tells the
 * row: the arguments of unseal() and opens(); OPEN_ the value, as it was.  t
 * is the name of the table in the statement, with its dot.  SEAL_ is for who
 * writes one, and must say the same.  tenant_key() is the key for what the
 * whole tenant shares.
 */
#define AD_FACT(t) t "key, " t "body, 'fact', " t "id, " t "version, " t "user"
#define AD_RECORD(t) t "key, " t "body, 'record', " t "kb, " t "id, " t \
	"version"
#define AD_VARIABLE(t) t "key, " t "value, 'variable', " t "session, " t \
	"kind, " t "name, " t "at, " t "node"
#define AD_DECISION(t) t "key, " t "value, 'decision', " t "user, " t \
	"about, " t "what, " t "at, " t "node"
#define AD_CONTENTS(t) t "key, " t "body, 'toc_version', " t "node, " t \
	"version"
#define AD_ARTIFACT(t) t "key, " t "body, 'artifact', " t "id"

#define AD_FILE(t) t "key, " t "sealed, 'file', " t "session, " t "area, " \
	t "size, " t "exec, " t "at, " t "node, " t "base"

#define OPEN(fn, t, column, ad) \
	"iif(" t "key = 0, " t column ", " fn "(" ad "))"
#define OPEN_FACT(t) OPEN("unseal", t, "body", AD_FACT(t))
#define OPEN_RECORD(t) OPEN("unseal", t, "body", AD_RECORD(t))
#define OPEN_VARIABLE(t) OPEN("unseal", t, "value", AD_VARIABLE(t))
#define OPEN_DECISION(t) OPEN("unseal", t, "value", AD_DECISION(t))
#define OPEN_CONTENTS(t) OPEN("unseal", t, "body", AD_CONTENTS(t))
#define OPEN_ARTIFACT(t) OPEN("unseal", t, "body", AD_ARTIFACT(t))
/*
 * What is sealed of a row of a file: its path, a 0, 32 bytes of SHA-256 (zeros:
 * it was removed), and 32 of the name on this disk (zeros: it is not here).
 * OPEN_FILE is the path alone where it is not sealed.
 */
#define FILE_MORE 65		/* bytes behind the path */
#define OPEN_FILE(t) OPEN("unseal", t, "path", AD_FILE(t))
#define OPEN_FILE_PATH(t) "iif(" t "key = 0, " t "path, CAST(substr(unseal(" \
	AD_FILE(t) "), 1, length(" t "sealed) - 105) AS TEXT))"
#define OPEN_FILE_HASH(t) "iif(" t "key = 0 OR " t "sha256 IS NULL, " t \
	"sha256, substr(unseal(" AD_FILE(t) "), length(" t "sealed) - 103, 32))"
/* In another store (sealed_attach_there). */
#define OPEN_VARIABLE_BY(fn, t) OPEN(fn, t, "value", AD_VARIABLE(t))
#define OPEN_ARTIFACT_BY(fn, t) OPEN(fn, t, "body", AD_ARTIFACT(t))

/* Without a column "key". */
#define OPEN_TENANT(column, ad) "iif(tenant_key() = 0, " column \
	", unseal(tenant_key(), " column ", " ad "))"
#define OPEN_CURSOR OPEN_TENANT("state", "'cursor', user, source")
#define OPEN_GROUP_NAME OPEN_TENANT("name", "'ltm_group.name', id")
#define OPEN_GROUP_TAIL OPEN_TENANT("tail", "'ltm_group.tail', id")
#define OPEN_MEMBER OPEN_TENANT("data", "'ltm_member', grp, chunk")
#define SEAL_TENANT(value, ad) "iif(tenant_key() = 0, " value \
	", seal(tenant_key(), " value ", " ad "))"
#define SEAL_CURSOR SEAL_TENANT(":state", "'cursor', :user, :source")
#define SEAL_GROUP_NAME SEAL_TENANT(":name", "'ltm_group.name', :id")
#define SEAL_GROUP_TAIL SEAL_TENANT(":tail", "'ltm_group.tail', :id")
#define SEAL_MEMBER SEAL_TENANT(":data", "'ltm_member', :grp, :chunk")

#define SEAL_FACT "seal(:key, :body, 'fact', :id, :version, :user)"
#define SEAL_RECORD "seal(:key, :body, 'record', :kb, :id, :version)"
#define SEAL_VARIABLE "seal(:key, :value, 'variable', :session, :kind, " \
	":name, :at, :node)"
#define SEAL_DECISION "seal(:key, :value, 'decision', :user, :about, " \
	":what, :at, :node)"
#define SEAL_CONTENTS "seal(:key, :body, 'toc_version', :node, :version)"
#define SEAL_ARTIFACT "seal(:key, :body, 'artifact', :id)"
#define SEAL_FILE "seal(:key, :body, 'file', :session, :area, :size, :exec, " \
	":at, :node, :base)"

/* 1 it is, 0 not, -1. */
int	store_is_sealed(struct store *, struct err *);
/* The same as of when it was asked last; store_open asks. */
bool	sealed_known(const struct store *);
/*
 * Make this tenant a sealed one, in a transaction of its own; a ring of the
 * store gets a key if it has none.  1 done, 0 it is one; ERR_EXISTS: it has
 * rows; ERR_ABSENT: keys are kept elsewhere, and there is none.
 */
int	store_seal_make(struct store *, struct err *);

/*
 * The key for what belongs to this session, its row (0: none), else to this
 * user (0: the tenant), made if absent: in a transaction.  0 in a tenant that
 * is not sealed.
 */
int	store_seal_key(struct store *, int64_t user, int64_t session,
	    int64_t *key, struct err *);

/* The same, if there is one; 0: none. */
int	store_seal_key_there(struct store *, int64_t user, int64_t session,
	    int64_t *key, struct err *);

/*
 * What follows from a key, for files that lie beside its rows: a key for names
 * that tell nothing (HMAC), and one to seal their bytes (base/seal.h).  The
 * caller wipes it.  1; 0 the key is gone.
 */
struct sealed_beside {
	uint8_t names[SEAL_KEY];
	struct seal_key bytes;
};
int	store_seal_beside(struct store *, int64_t key, struct sealed_beside *,
	    struct err *);

/* Additional data, built up: seal_ad, then what tells the row. */
void	seal_ad(struct buf *, const char *table);
void	seal_ad_int(struct buf *, int64_t);
void	seal_ad_bytes(struct buf *, const void *, size_t);

/* Appends it sealed.  The key is not 0. */
int	store_seal(struct store *, int64_t key, const struct buf *ad,
	    const void *, size_t, struct buf *out, struct err *);
/* Appends the text.  1; 0 the key is gone: so is the row; ERR_CORRUPT: the
 * row was altered, or is another's. */
int	store_unseal(struct store *, int64_t key, const struct buf *ad,
	    const void *, size_t, struct buf *out, struct err *);

/* 1: the key that this tenant's index is sealed with; 0: it is not. */
int	store_index_key(struct store *, uint8_t key[32], struct err *);

/* Inside a transaction: the session's key goes, for good (db_scrub). */
int	store_seal_forget(struct store *, int64_t session, struct err *);
/* Wrap all keys with the active key of the ring, in one transaction;
 * *n: those that were wrapped with another. */
int	store_seal_rewrap(struct store *, int64_t *n, struct err *);

/* Called by store_open and store_close. */
int	sealed_attach(struct store *, struct err *);
/* For who compares two stores: "unseal_there" in the statements of one opens
 * what the other has. */
int	sealed_attach_there(struct store *, struct store *there,
	    struct err *);
void	sealed_release(struct store *);

#endif
