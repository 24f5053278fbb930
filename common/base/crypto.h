/*
 * What base/aead needs of libcrypto, loaded when it is first asked for.  Its
 * EVP linked in costs every start of a tool 0.35 ms for the addresses in its
 * tables, sealed store or not; loaded it costs 1 to 1.5 ms, once, and only
 * where something is sealed.  Where there is no library to load (configure
 * --static), or it is linked anyway (--shared-libs), it is called as it is.
 */
#ifndef BASE_CRYPTO_H
#define BASE_CRYPTO_H

#include <openssl/evp.h>

#include "base/err.h"

struct crypto {
	EVP_CIPHER_CTX *(*ctx_new)(void);
	void (*ctx_free)(EVP_CIPHER_CTX *);
	int (*init)(EVP_CIPHER_CTX *, const EVP_CIPHER *, ENGINE *,
	    const unsigned char *, const unsigned char *, int);
	int (*update)(EVP_CIPHER_CTX *, unsigned char *, int *,
	    const unsigned char *, int);
	int (*final)(EVP_CIPHER_CTX *, unsigned char *, int *);
	int (*ctrl)(EVP_CIPHER_CTX *, int, int, void *);
	int (*padding)(EVP_CIPHER_CTX *, int);
	const EVP_CIPHER *(*gcm)(void);
	const EVP_CIPHER *(*ecb)(void);
};

/* Ready to be used; openssl.cnf is not read.  ERR_SYS: it cannot be loaded. */
int	crypto_load(const struct crypto **, struct err *);

#endif
