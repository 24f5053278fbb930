#include "base/sign.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

static int
crypto_failed(const char *what, struct err *e)
{
	return err_set(e, ERR_SYS, "libcrypto cannot %s", what);
}

/* Before anything else of EVP: what openssl.cnf names would be loaded. */
static int
crypto_start(struct err *e)
{
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
		return crypto_failed("be started", e);
	return 0;
}

static int
open_secret(EVP_PKEY **k, const uint8_t secret[SIGN_KEY], struct err *e)
{
	if (crypto_start(e) < 0)
		return -1;
	*k = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret,
	    SIGN_KEY);
	return *k == NULL ? crypto_failed("take a key of Ed25519", e) : 0;
}

int
sign_public(const uint8_t secret[SIGN_KEY], uint8_t out[SIGN_KEY],
    struct err *e)
{
	size_t n = SIGN_KEY;
	EVP_PKEY *k;
	int r = 0;

	if (open_secret(&k, secret, e) < 0)
		return -1;
	if (EVP_PKEY_get_raw_public_key(k, out, &n) != 1 || n != SIGN_KEY)
		r = crypto_failed("tell a public key", e);
	EVP_PKEY_free(k);
	return r;
}

int
sign_text(const uint8_t secret[SIGN_KEY], const void *p, size_t n,
    uint8_t out[SIGN_LEN], struct err *e)
{
	EVP_MD_CTX *ctx = NULL;
	size_t len = SIGN_LEN;
	EVP_PKEY *k;
	int r = 0;

	if (open_secret(&k, secret, e) < 0)
		return -1;
	if ((ctx = EVP_MD_CTX_new()) == NULL ||
	    EVP_DigestSignInit(ctx, NULL, NULL, NULL, k) != 1 ||
	    EVP_DigestSign(ctx, out, &len, p, n) != 1 || len != SIGN_LEN)
		r = crypto_failed("sign", e);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(k);
	return r;
}

int
sign_check(const uint8_t key[SIGN_KEY], const void *p, size_t n,
    const uint8_t signature[SIGN_LEN], struct err *e)
{
	EVP_MD_CTX *ctx = NULL;
	EVP_PKEY *k = NULL;
	int r = -1;

	if (crypto_start(e) < 0)
		return -1;
	k = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key, SIGN_KEY);
	if (k == NULL || (ctx = EVP_MD_CTX_new()) == NULL ||
	    EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, k) != 1)
		crypto_failed("take a key of Ed25519", e);
	else
		/* it says "failed", too, of what is no signature at all */
		r = EVP_DigestVerify(ctx, signature, SIGN_LEN, p, n) == 1;
	ERR_clear_error();
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(k);
	return r;
}
