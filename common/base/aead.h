/*
 * Short texts sealed in memory: AES-256-GCM (NIST SP 800-38D), a key for
 * each caller, additional data bound to each text.  Streams and objects are
 * base/seal's.
 *
 * There are two kinds, because a key must never seal two texts under one
 * nonce: then both can be read, and anything can be forged.
 *
 *   - AEAD_GCM: a nonce of 12 bytes, which the caller makes and never makes
 *     twice for one key: by a counter, under a key that nothing else has.
 *   - AEAD_XGCM: XAES-256-GCM (C2SP): a nonce of 24 bytes, which may be
 *     random.  The first 12 make a key for this text (SP 800-108 with CMAC,
 *     two blocks of AES), the others are GCM's nonce.  After 2^80 texts two
 *     nonces are the same with a probability of 2^-32 (2^32 texts would do
 *     that with 96 random bits), so nobody has to count.  It is what a
 *     database needs that is copied, restored and written to by many: a
 *     counter would go back with a backup, and two copies would count alike.
 *
 * libcrypto is loaded by the first call (base/crypto.h): a tool that has
 * nothing to seal does not pay for it.
 */
#ifndef BASE_AEAD_H
#define BASE_AEAD_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define AEAD_KEY 32
#define AEAD_TAG 16
#define AEAD_NONCE 12		/* of AEAD_GCM */
#define AEAD_XNONCE 24		/* of AEAD_XGCM */

enum aead_kind { AEAD_GCM, AEAD_XGCM };

struct aead;

/* The key is copied.  ERR_SYS: there is no libcrypto. */
int	aead_new(struct aead **, enum aead_kind, const uint8_t key[AEAD_KEY],
	    struct err *);
void	aead_free(struct aead *);	/* wipes; takes NULL */

/* n + AEAD_TAG bytes of out, which may be the text. */
int	aead_seal(struct aead *, const uint8_t *nonce, const void *ad,
	    size_t ad_len, const void *text, size_t n, uint8_t *out,
	    struct err *);
/*
 * n - AEAD_TAG bytes of out, which may be the sealed ones.  1; 0: they are
 * not what was sealed with this key, nonce and additional data, and out holds
 * nothing of use; -1 libcrypto failed.
 */
int	aead_open(struct aead *, const uint8_t *nonce, const void *ad,
	    size_t ad_len, const void *sealed, size_t n, uint8_t *out,
	    struct err *);

#endif
