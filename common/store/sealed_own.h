/*
 * What the files of store/sealed share.
 */
#ifndef STORE_SEALED_OWN_H
#define STORE_SEALED_OWN_H

#include "store/sealed.h"

#include <stdbool.h>

#include "base/aead.h"
#include "base/hash.h"
#include "base/seal.h"

#define SEALED_KEPT 512		/* keys of rows that are open at a time */
#define SEALED_POOL 64		/* nonces that are drawn at once */

struct keyring;

struct sealed {
	bool is, asked;
	int64_t asked_tx;	/* when it was not */
	char id[33];		/* meta 'sealed_id' */
	uint8_t tenant[16];	/* the same */
	struct keyring *ring;	/* own */
	struct aead *wrap;	/* own; of the ring's key wrap_id */
	char wrap_id[SEAL_ID_MAX + 1];
	struct sealed_kept {	/* own; SEALED_KEPT, at id % SEALED_KEPT */
		int64_t id;	/* 0: none */
		int64_t tx;	/* in which its row was there */
		uint8_t hash[HASH_LEN];	/* of the row's wrapped key */
		struct aead *aead;	/* own */
		uint8_t beside[2 * SEAL_KEY];	/* names, bytes */
	} *kept;
	/* what store_seal_key found last */
	int64_t tenant_key;	/* 0: not asked yet */
	int64_t last_key, last_tx, last_user, last_session;
	uint8_t pool[SEALED_POOL][AEAD_XNONCE];
	int pool_left;
	int64_t pool_of;	/* the process */
	struct buf ad, text;	/* own; of the SQL functions */
};

struct sealed *sealed_state(struct store *);
/* The ring into it, if it is not there yet. */
int	sealed_ring(struct store *, struct err *);

/* With whatever key: appended to out.  sealed_open: 1, 0 it does not fit. */
int	sealed_shut(struct sealed *, struct aead *, const struct buf *ad,
	    const void *, size_t, struct buf *out, struct err *);
int	sealed_open(struct aead *, const struct buf *ad, const void *, size_t,
	    struct buf *out, struct err *);

/* The number of the tenant's own key; 0: it is not sealed. */
int	sealed_tenant_key(struct store *, int64_t *key, struct err *);

/* A row of seal_key. */
struct sealed_row {
	int64_t id, user, session;
	const char *ring;
	const void *wrapped;
	size_t len;
};
/* Its 32 bytes; ERR_DENIED: the ring's key is another. */
int	sealed_unwrap(struct store *, const struct sealed_row *,
	    uint8_t key[AEAD_KEY], struct err *);

#endif
