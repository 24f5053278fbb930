/*
 * AES-256-GCM against the vectors of its proposal (McGrew, Viega: test cases
 * 13 to 16), XAES-256-GCM against those of C2SP (XAES-256-GCM.md).
 */
#include "tap.h"

#include "base/aead.h"
#include "base/hash.h"

#include <string.h>

#define KEY16 "feffe9928665731c6d6a8f9467308308" \
	"feffe9928665731c6d6a8f9467308308"
#define TEXT15 "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a" \
	"318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"

static const struct vector {
	const char *name;
	enum aead_kind kind;
	const char *key, *nonce, *ad, *text, *sealed;
} vectors[] = {
	{ "GCM 13", AEAD_GCM,
	    "0000000000000000000000000000000000000000000000000000000000000000",
	    "000000000000000000000000", "", "",
	    "530f8afbc74536b9a963b4f1c4cb738b" },
	{ "GCM 14", AEAD_GCM,
	    "0000000000000000000000000000000000000000000000000000000000000000",
	    "000000000000000000000000", "", "00000000000000000000000000000000",
	    "cea7403d4d606b6e074ec5d3baf39d18"
	    "d0d1c8a799996bf0265b98b5d48ab919" },
	{ "GCM 15", AEAD_GCM, KEY16, "cafebabefacedbaddecaf888", "",
	    TEXT15 "1aafd255",
	    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
	    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
	    "b094dac5d93471bdec1a502270e3cc6c" },
	{ "GCM 16", AEAD_GCM, KEY16, "cafebabefacedbaddecaf888",
	    "feedfacedeadbeeffeedfacedeadbeefabaddad2", TEXT15,
	    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
	    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
	    "76fc6ece0f4e1768cddf8853bb2d551b" },
	{ "XAES 1", AEAD_XGCM,
	    "0101010101010101010101010101010101010101010101010101010101010101",
	    "4142434445464748494a4b4c4d4e4f505152535455565758", "",
	    "584145532d3235362d47434d",
	    "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271" },
	{ "XAES 2, whose L has its highest bit", AEAD_XGCM,
	    "0303030303030303030303030303030303030303030303030303030303030303",
	    "4142434445464748494a4b4c4d4e4f505152535455565758",
	    "633273702e6f72672f584145532d3235362d47434d",
	    "584145532d3235362d47434d",
	    "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d" },
};

static size_t
bytes(uint8_t *out, const char *hex)
{
	return hex_decode(out, hex, strlen(hex) / 2) ? strlen(hex) / 2 : 9999;
}

static void
one(const struct vector *v)
{
	uint8_t key[AEAD_KEY], nonce[AEAD_XNONCE], ad[64], text[80];
	uint8_t want[96], got[96], back[96];
	struct aead *a = NULL;
	struct err e = { 0 };
	size_t ad_len = bytes(ad, v->ad), n = bytes(text, v->text), i;
	int bad = 0;

	bytes(key, v->key);
	bytes(nonce, v->nonce);
	is_int((int64_t)bytes(want, v->sealed), (int64_t)n + AEAD_TAG,
	    "%s: as long as it must be", v->name);
	if (!ok(aead_new(&a, v->kind, key, &e) == 0, "a key: %s", e.msg))
		return;
	/* twice: nothing of the one before is left */
	for (i = 0; i < 2; i++) {
		is_int(aead_seal(a, nonce, ad, ad_len, text, n, got, &e), 0,
		    "%s: seal", v->name);
		ok(memcmp(got, want, n + AEAD_TAG) == 0, "as published");
		is_int(aead_open(a, nonce, ad, ad_len, got, n + AEAD_TAG,
		    back, &e), 1, "open");
		ok(memcmp(back, text, n) == 0, "what it was");
	}
	for (i = 0; i < n + AEAD_TAG; i++) {
		got[i] ^= 1;
		bad += aead_open(a, nonce, ad, ad_len, got, n + AEAD_TAG,
		    back, &e) != 0;
		got[i] ^= 1;
		bad += aead_open(a, nonce, ad, ad_len, got, i, back, &e) != 0;
	}
	for (i = 0; i < ad_len; i++) {
		ad[i] ^= 0x80;
		bad += aead_open(a, nonce, ad, ad_len, got, n + AEAD_TAG,
		    back, &e) != 0;
		ad[i] ^= 0x80;
	}
	for (i = 0; i < (v->kind == AEAD_GCM ? 12 : 24); i++) {
		nonce[i] ^= 2;
		bad += aead_open(a, nonce, ad, ad_len, got, n + AEAD_TAG,
		    back, &e) != 0;
		nonce[i] ^= 2;
	}
	is_int(bad, 0, "one bit of any of it, or a cut, and it does not open");
	memcpy(got, text, n);
	ok(aead_seal(a, nonce, ad, ad_len, got, n, got, &e) == 0 &&
	    memcmp(got, want, n + AEAD_TAG) == 0, "in its own place");
	ok(aead_open(a, nonce, ad, ad_len, got, n + AEAD_TAG, got, &e) == 1 &&
	    memcmp(got, text, n) == 0, "and back");
	aead_free(a);
}

int
main(void)
{
	size_t i;

	for (i = 0; i < sizeof vectors / sizeof *vectors; i++)
		one(&vectors[i]);
	aead_free(NULL);
	return done();
}
