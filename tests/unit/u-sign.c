#include "base/sign.h"

#include "base/hash.h"

#include <string.h>

#include "tap.h"

/* RFC 8032, section 7.1: TEST 1, TEST 2 and TEST 3. */
static const struct {
	const char *secret, *public, *message, *signature;
} vectors[] = {
	{ "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
	    "", "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e0652249"
	    "01555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a"
	    "100b" },
	{ "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
	    "72", "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223eb"
	    "db69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612"
	    "bb0c00" },
	{ "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
	    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
	    "af82", "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db"
	    "5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1e"
	    "c40a" },
};

int
main(void)
{
	uint8_t secret[SIGN_KEY], public[SIGN_KEY], want[SIGN_LEN];
	uint8_t got[SIGN_LEN], text[8];
	struct err e;
	size_t i, n;

	for (i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		n = strlen(vectors[i].message) / 2;
		hex_decode(secret, vectors[i].secret, SIGN_KEY);
		hex_decode(text, vectors[i].message, n);
		is_int(sign_public(secret, got, &e), 0, "a public key");
		hex_decode(public, vectors[i].public, SIGN_KEY);
		ok(memcmp(got, public, SIGN_KEY) == 0, "is the RFC's");
		is_int(sign_text(secret, text, n, got, &e), 0, "a signature");
		hex_decode(want, vectors[i].signature, SIGN_LEN);
		ok(memcmp(got, want, SIGN_LEN) == 0, "is the RFC's");
		is_int(sign_check(public, text, n, got, &e), 1, "it holds");
		text[n] = 1;
		is_int(sign_check(public, text, n + 1, got, &e), 0,
		    "not of a longer text");
		got[40] ^= 1;
		is_int(sign_check(public, text, n, got, &e), 0,
		    "nor when it was altered");
		got[40] ^= 1;
		public[3] ^= 1;
		ok(sign_check(public, text, n, got, &e) != 1,
		    "nor with another key");
	}
	return done();
}
