#include "base/crypto.h"

#include "config.h"

#include <openssl/crypto.h>

#include <stdbool.h>
#include <stddef.h>
#ifdef LIBCRYPTO_SO
#include <dlfcn.h>
#endif

/* Before anything else: what openssl.cnf names would be loaded into us.  The
 * texts of its errors, the names of all that it can do, and what it would tidy
 * up at the end are not asked for: they cost 0.9 ms of the 2.9 that a cold
 * process pays. */
#define START (OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT | \
	OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS | \
	OPENSSL_INIT_NO_ADD_ALL_CIPHERS | OPENSSL_INIT_NO_ADD_ALL_DIGESTS)

static struct crypto lib;
static int (*start)(uint64_t, const OPENSSL_INIT_SETTINGS *);

#ifdef LIBCRYPTO_SO
/* Its addresses are its own, not those of a tool that has a part of it linked;
 * looking there first saves 0.3 ms.  ASan refuses that. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define FLAGS 0
#endif
#endif
#if !defined(FLAGS) && defined(RTLD_DEEPBIND) && !defined(__SANITIZE_ADDRESS__)
#define FLAGS RTLD_DEEPBIND
#elif !defined(FLAGS)
#define FLAGS 0
#endif

/* C has no cast from an object's address to a function's. */
static bool
find(void *so, const char *name, void *fn)
{
	return (*(void **)fn = dlsym(so, name)) != NULL;
}

static int
load(struct err *e)
{
	void *so = dlopen(LIBCRYPTO_SO, RTLD_LAZY | RTLD_LOCAL | FLAGS);

	if (so == NULL || !find(so, "OPENSSL_init_crypto", &start) ||
	    !find(so, "EVP_CIPHER_CTX_new", &lib.ctx_new) ||
	    !find(so, "EVP_CIPHER_CTX_free", &lib.ctx_free) ||
	    !find(so, "EVP_CipherInit_ex", &lib.init) ||
	    !find(so, "EVP_CipherUpdate", &lib.update) ||
	    !find(so, "EVP_CipherFinal_ex", &lib.final) ||
	    !find(so, "EVP_CIPHER_CTX_ctrl", &lib.ctrl) ||
	    !find(so, "EVP_CIPHER_CTX_set_padding", &lib.padding) ||
	    !find(so, "EVP_aes_256_ecb", &lib.ecb) ||
	    !find(so, "EVP_aes_256_gcm", &lib.gcm))
		return err_set(e, ERR_SYS, "cannot load '%s', which opens "
		    "what is sealed; install OpenSSL's libcrypto",
		    LIBCRYPTO_SO);
	return 0;
}
#else
static int
load(struct err *e)
{
	(void)e;
	start = OPENSSL_init_crypto;
	lib = (struct crypto){ EVP_CIPHER_CTX_new, EVP_CIPHER_CTX_free,
	    EVP_CipherInit_ex, EVP_CipherUpdate, EVP_CipherFinal_ex,
	    EVP_CIPHER_CTX_ctrl, EVP_CIPHER_CTX_set_padding, EVP_aes_256_gcm,
	    EVP_aes_256_ecb };
	return 0;
}
#endif

int
crypto_load(const struct crypto **out, struct err *e)
{
	static bool ready;

	if (!ready) {
		if (load(e) < 0)
			return -1;
		if (start(START, NULL) != 1)
			return err_set(e, ERR_SYS, "libcrypto cannot be "
			    "started");
		ready = true;
	}
	*out = &lib;
	return 0;
}
