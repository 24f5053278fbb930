/*
 * EVP, with contexts that are made once and get another nonce, and in XAES
 * another key, for each text.
 */
#include "base/aead.h"

#include "base/alloc.h"
#include "base/crypto.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 16		/* of AES */

struct aead {
	const struct crypto *lib;
	enum aead_kind kind;
	EVP_CIPHER_CTX *gcm;
	EVP_CIPHER_CTX *ecb;		/* AEAD_XGCM: of the key itself */
	uint8_t k1[BLOCK];		/* AEAD_XGCM: CMAC's first subkey */
};

static int
failed(const char *what, struct err *e)
{
	return err_set(e, ERR_SYS, "libcrypto cannot %s", what);
}

/* --- XAES-256-GCM ------------------------------------------------------ */

/* Two blocks at once. */
static int
ecb(struct aead *a, uint8_t b[2 * BLOCK], struct err *e)
{
	int n = 0;

	if (a->lib->update(a->ecb, b, &n, b, 2 * BLOCK) != 1 ||
	    n != 2 * BLOCK)
		return failed("do AES-256", e);
	return 0;
}

/* SP 800-38B, 6.1: K1 is L doubled in GF(2^128). */
static int
subkey(struct aead *a, struct err *e)
{
	uint8_t l[2 * BLOCK] = { 0 };
	int i, r = ecb(a, l, e);

	for (i = 0; i < BLOCK; i++)
		a->k1[i] = (uint8_t)(l[i] << 1 |
		    (i + 1 < BLOCK ? l[i + 1] >> 7 : 0));
	a->k1[BLOCK - 1] ^= (uint8_t)(0x87 & -(l[0] >> 7));
	mem_wipe(l, sizeof l);
	return r;
}

/* The key of one text: CMAC (00 i 58 00 || nonce[0..12]), i = 1, 2; each is
 * a whole block. */
static int
text_key(struct aead *a, const uint8_t *nonce, uint8_t key[AEAD_KEY],
    struct err *e)
{
	int i, j;

	for (i = 0; i < 2; i++, key += BLOCK) {
		key[0] = key[3] = 0;
		key[1] = (uint8_t)(i + 1);
		key[2] = 0x58;
		memcpy(key + 4, nonce, 12);
		for (j = 0; j < BLOCK; j++)
			key[j] ^= a->k1[j];
	}
	return ecb(a, key - 2 * BLOCK, e);
}

/* --- both -------------------------------------------------------------- */

static int
begin(struct aead *a, const uint8_t *nonce, int seal, struct err *e)
{
	uint8_t key[AEAD_KEY];
	int r;

	if (a->kind == AEAD_GCM) {
		r = a->lib->init(a->gcm, NULL, NULL, NULL, nonce, seal);
	} else {
		if (text_key(a, nonce, key, e) < 0)
			return -1;
		r = a->lib->init(a->gcm, NULL, NULL, key, nonce + 12, seal);
		mem_wipe(key, sizeof key);
	}
	return r == 1 ? 0 : failed("do AES-256-GCM", e);
}

static int
update(struct aead *a, uint8_t *out, const void *p, size_t n, struct err *e)
{
	int len = 0;

	if (n > INT_MAX)
		return err_set(e, ERR_INPUT, "a text of %zu bytes is too "
		    "long to be sealed at once", n);
	if (n > 0 && a->lib->update(a->gcm, out, &len, p, (int)n) != 1)
		return failed("seal or open", e);
	return 0;
}

int
aead_seal(struct aead *a, const uint8_t *nonce, const void *ad, size_t ad_len,
    const void *text, size_t n, uint8_t *out, struct err *e)
{
	int len = 0;

	if (begin(a, nonce, 1, e) < 0 || update(a, NULL, ad, ad_len, e) < 0 ||
	    update(a, out, text, n, e) < 0)
		return -1;
	if (a->lib->final(a->gcm, out + n, &len) != 1 ||
	    a->lib->ctrl(a->gcm, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG, out + n)
	    != 1)
		return failed("seal", e);
	return 0;
}

int
aead_open(struct aead *a, const uint8_t *nonce, const void *ad, size_t ad_len,
    const void *sealed, size_t n, uint8_t *out, struct err *e)
{
	const uint8_t *p = sealed;
	uint8_t tag[AEAD_TAG], none[BLOCK];
	int len = 0;

	if (n < AEAD_TAG)
		return 0;
	n -= AEAD_TAG;
	memcpy(tag, p + n, AEAD_TAG);
	if (begin(a, nonce, 0, e) < 0 || update(a, NULL, ad, ad_len, e) < 0 ||
	    update(a, out, p, n, e) < 0)
		return -1;
	if (a->lib->ctrl(a->gcm, EVP_CTRL_AEAD_SET_TAG, AEAD_TAG, tag) != 1)
		return failed("take a tag", e);
	if (a->lib->final(a->gcm, none, &len) == 1)
		return 1;
	mem_wipe(out, n);	/* nothing that nobody vouched for */
	return 0;
}

int
aead_new(struct aead **out, enum aead_kind kind, const uint8_t key[AEAD_KEY],
    struct err *e)
{
	const struct crypto *lib;
	struct aead *a;
	int r = 0;

	if (crypto_load(&lib, e) < 0)
		return -1;
	a = xcalloc(1, sizeof *a);
	a->lib = lib;
	a->kind = kind;
	if ((a->gcm = lib->ctx_new()) == NULL || lib->init(a->gcm, lib->gcm(),
	    NULL, kind == AEAD_GCM ? key : NULL, NULL, 1) != 1)
		r = failed("do AES-256-GCM", e);
	else if (kind == AEAD_XGCM && ((a->ecb = lib->ctx_new()) == NULL ||
	    lib->init(a->ecb, lib->ecb(), NULL, key, NULL, 1) != 1 ||
	    lib->padding(a->ecb, 0) != 1))
		r = failed("do AES-256", e);
	else if (kind == AEAD_XGCM)
		r = subkey(a, e);
	if (r < 0)
		aead_free(a);
	else
		*out = a;
	return r;
}

void
aead_free(struct aead *a)
{
	if (a == NULL)
		return;
	a->lib->ctx_free(a->gcm);	/* cleanses what it holds */
	a->lib->ctx_free(a->ecb);
	mem_wipe(a, sizeof *a);
	free(a);
}
