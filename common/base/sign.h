/*
 * Signatures: Ed25519 (RFC 8032), by libcrypto.
 *
 * A secret key is 32 random bytes; the public key and every signature follow
 * from it, so that the same text signed twice has the same signature.  Who
 * signs says in the text what it is, so that it cannot be taken for a text of
 * another purpose.
 */
#ifndef BASE_SIGN_H
#define BASE_SIGN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define SIGN_KEY 32
#define SIGN_LEN 64

/* Of a secret key; whoever made that wipes it.  ERR_SYS. */
int	sign_public(const uint8_t secret[SIGN_KEY], uint8_t out[SIGN_KEY],
	    struct err *);
int	sign_text(const uint8_t secret[SIGN_KEY], const void *, size_t,
	    uint8_t out[SIGN_LEN], struct err *);
/* 1 it is of this text and of that key, 0 it is not; -1. */
int	sign_check(const uint8_t key[SIGN_KEY], const void *, size_t,
	    const uint8_t signature[SIGN_LEN], struct err *);

#endif
