/*
 * The key that checkpoints of the audit log are signed with (base/sign.h):
 * STORE/keys/audit, mode 0600, made when it is first needed.  It is no key of
 * the ring (keyring.h), and never leaves the store but in a backup with keys.
 *
 *	memkit audit key 1
 *	BASE64URL of the 32 bytes of the secret key
 *
 * Its public half is for everybody.  Who keeps that elsewhere can tell a
 * checkpoint of this store from one that was made with another key.
 */
#ifndef STORE_AUDIT_KEY_H
#define STORE_AUDIT_KEY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/sign.h"

#define AUDIT_KEY_ID 16		/* hex digits: of SHA-256 of the public key */
#define AUDIT_KEY_TEXT 43	/* a public key as base64url */

struct store;

struct audit_public {
	char id[AUDIT_KEY_ID + 1];
	uint8_t key[SIGN_KEY];
};

/* The secret one, which is to be wiped: ERR_ABSENT there is none, ERR_DENIED
 * it is open to others, ERR_CORRUPT. */
int	audit_key_read(const struct store *, uint8_t secret[SIGN_KEY],
	    struct err *);
/* The same, or a new one, with a row of the audit log: of a store that was
 * opened to be written. */
int	audit_key_need(struct store *, uint8_t secret[SIGN_KEY],
	    struct err *);

int	audit_public_of(const uint8_t secret[SIGN_KEY], struct audit_public *,
	    struct err *);
/*
 * A line of a file of public keys, as mem-admin audit key prints them: a JSON
 * record, or the key alone.  ERR_INPUT.
 */
int	audit_public_read(struct audit_public *, const char *line, size_t len,
	    struct err *);

#endif
