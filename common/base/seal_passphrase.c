/*
 * By itself, because it is all that has libcrypto's EVP linked: a tool that
 * seals, and knows no passphrase, has it loaded where it needs it (aead.h).
 */
#include "base/seal.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

int
seal_passphrase(const struct seal_scrypt *c, const void *pass, size_t len,
    const uint8_t salt[SEAL_KEY], uint8_t key[SEAL_KEY], struct err *e)
{
	if (c->log_n < 1 || c->log_n > 30 || c->r < 1 || c->r > 64 ||
	    c->p < 1 || c->p > 64 ||
	    ((uint64_t)128 * c->r << c->log_n) > SEAL_SCRYPT_MAX)
		return err_set(e, ERR_INPUT, "scrypt with N = 2^%u, r = %u, "
		    "p = %u is beyond what is done here", c->log_n, c->r,
		    c->p);
	/* before anything else of EVP: what openssl.cnf names would be
	 * loaded */
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
		return err_set(e, ERR_SYS, "libcrypto cannot be started");
	/* the room for p blocks is counted, too */
	if (EVP_PBE_scrypt(pass, len, salt, SEAL_KEY, (uint64_t)1 << c->log_n,
	    c->r, c->p, SEAL_SCRYPT_MAX + (1 << 20), key, SEAL_KEY) != 1)
		return err_set(e, ERR_SYS, "libcrypto cannot do scrypt; is "
		    "there memory?");
	return 0;
}
