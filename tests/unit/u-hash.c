/*
 * SHA-256 with the examples of FIPS 180-4 (NIST), HMAC with those of RFC 4231,
 * HKDF with those of RFC 5869, MD5 with those of RFC 1321, hexadecimal and
 * base64 with those of RFC 4648.
 */
#include "tap.h"

#include "base/hash.h"

#include <stdlib.h>
#include <unistd.h>

static const char *
hex_of(const uint8_t sum[HASH_LEN])
{
	static char hex[HASH_HEX + 1];

	hex_encode(hex, sum, HASH_LEN);
	return hex;
}

static void
nist(void)
{
	static const struct {
		const char *in, *sum;
	} t[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb924"
		    "27ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223"
		    "b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		    "248d6a61d20638b8e5c026930c3e6039"
		    "a33ce45964ff2167f6ecedd419db06c1" },
		{ "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
		    "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
		    "cf5b16a778af8380036ce59e7b049237"
		    "0b249b11e8f07a51afac45037afee9d1" },
	};
	static const char million[] = "cdc76e5c9914fb9281a1c7e284d73e67"
	    "f1809a48a497200e046d39ccc7112cd0";
	uint8_t sum[HASH_LEN];
	char a[1000];
	struct hash h;
	size_t i, k;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		hash_mem(t[i].in, strlen(t[i].in), sum);
		is_str(hex_of(sum), t[i].sum, "%zu bytes", strlen(t[i].in));
		hash_init(&h);
		for (k = 0; t[i].in[k] != '\0'; k++)
			hash_add(&h, t[i].in + k, 1);
		hash_end(&h, sum);
		is_str(hex_of(sum), t[i].sum, "one by one");
	}
	memset(a, 'a', sizeof a);
	hash_init(&h);
	for (i = 0; i < 1000; i++)
		hash_add(&h, a, sizeof a);
	hash_end(&h, sum);
	is_str(hex_of(sum), million, "a million of a");
	hash_mem(NULL, 0, sum);
	is_str(hex_of(sum), t[0].sum, "nothing may be NULL");
}

static void
fields(void)
{
	static const char *const t[][2] = { { "ab", "c" }, { "a", "bc" },
	    { "abc", "" }, { "", "abc" }, { "abc", NULL }, { NULL, "abc" },
	    { NULL, NULL }, { "", "" }, { "", NULL }, { NULL, "" } };
	uint8_t sum[10][HASH_LEN], want[HASH_LEN];
	struct hash h;
	size_t i, k;
	int good = 1;

	for (i = 0; i < 10; i++) {
		hash_init(&h);
		hash_add_field(&h, t[i][0]);
		hash_add_field(&h, t[i][1]);
		hash_end(&h, sum[i]);
		for (k = 0; k < i; k++)
			good &= memcmp(sum[i], sum[k], HASH_LEN) != 0;
	}
	ok(good, "fields are not taken for each other");
	hash_mem("\0\0\0\0\0\0\0\2ab\0\0\0\0\0\0\0\1c", 19, want);
	ok(memcmp(sum[0], want, HASH_LEN) == 0,
	    "64 bits of length, then bytes");
}

static void
files(void)
{
	char name[] = "/tmp/u-hash.XXXXXX", bytes[70000];
	uint8_t sum[HASH_LEN], want[HASH_LEN];
	int fd = mkstemp(name);
	struct err e;

	memset(bytes, 'x', sizeof bytes);
	ok(fd >= 0 && write(fd, bytes, sizeof bytes) == sizeof bytes,
	    "a file of 70000 bytes");
	close(fd);
	hash_mem(bytes, sizeof bytes, want);
	is_int(hash_file(name, sum, &e), 0, "is read");
	ok(memcmp(sum, want, HASH_LEN) == 0, "and has the sum of its bytes");
	unlink(name);
	is_int(hash_file(name, sum, &e), -1, "no such file");
	is_int(e.code, ERR_ABSENT, "is absent");
	is_int(hash_file("/", sum, &e), -1, "a folder has no sum");
	ok(memcmp(sum, want, HASH_LEN) == 0, "and nothing was stored");
}

static void
hexes(void)
{
	uint8_t out[8] = { 0 };
	char hex[17];

	hex_encode(hex, (const uint8_t *)"foobar", 6);
	is_str(hex, "666f6f626172", "RFC 4648 section 10, lower case");
	ok(hex_decode(out, "666F6f626172", 6) && !memcmp(out, "foobar", 6),
	    "both cases are read");
	hex_encode(hex, out, 0);
	is_str(hex, "", "nothing");
	ok(!hex_decode(out, "6g", 1) && !hex_decode(out, "g6", 1) &&
	    !hex_decode(out, " 6", 1) && !hex_decode(out, "-1", 1),
	    "no digits");
	ok(!hex_decode(out, "666", 2) && !hex_decode(out, "", 1),
	    "too short is not read past its end");
}

/* RFC 4231, section 4: cases 1, 2, 3, 6 and 7 */
static void
hmac(void)
{
	static const char text6[] = "Test Using Larger Than Block-Size Key - "
	    "Hash Key First", text7[] = "This is a test using a larger than "
	    "block-size key and a larger than block-size data. The key needs "
	    "to be hashed before being used by the HMAC algorithm.";
	uint8_t b[131], aa[131], dd[50], sum[HASH_LEN];

	memset(b, 0x0b, sizeof b);
	memset(aa, 0xaa, sizeof aa);
	memset(dd, 0xdd, sizeof dd);
	hmac_mem(b, 20, "Hi There", 8, sum);
	is_str(hex_of(sum), "b0344c61d8db38535ca8afceaf0bf12b"
	    "881dc200c9833da726e9376c2e32cff7", "a key of 20 bytes");
	hmac_mem("Jefe", 4, "what do ya want for nothing?", 28, sum);
	is_str(hex_of(sum), "5bdcc146bf60754e6a042426089575c7"
	    "5a003f089d2739839dec58b964ec3843", "a short key");
	hmac_mem(aa, 20, dd, sizeof dd, sum);
	is_str(hex_of(sum), "773ea91e36800e46854db8ebd09181a7"
	    "2959098b3ef8c122d9635514ced565fe", "50 bytes");
	hmac_mem(aa, sizeof aa, text6, strlen(text6), sum);
	is_str(hex_of(sum), "60e431591ee0b67f0d8a26aacbf5b77f"
	    "8e0bc6213728c5140546040f0ee37f54", "a key longer than a block");
	hmac_mem(aa, sizeof aa, text7, strlen(text7), sum);
	is_str(hex_of(sum), "9b09ffa71b942fcb27635fbcd5b0e944"
	    "bfdc63644f0713938a7f51535c3a35e2", "and a text, too");
	memcpy(sum, b, 20);
	hmac_mem(sum, 20, "Hi There", 8, sum);
	is_str(hex_of(sum), "b0344c61d8db38535ca8afceaf0bf12b"
	    "881dc200c9833da726e9376c2e32cff7", "in the place of its key");
}

static void
hmac_in_pieces(void)
{
	uint8_t all[HASH_LEN], sum[HASH_LEN];
	char text[300];
	struct hmac m;
	size_t step, at, n;
	int good = 1;

	memset(text, 'x', sizeof text);
	hmac_mem("key", 3, text, sizeof text, all);
	for (step = 1; step <= sizeof text; step++) {
		hmac_init(&m, "key", 3);
		for (at = 0; at < sizeof text; at += n) {
			n = sizeof text - at < step ? sizeof text - at : step;
			hmac_add(&m, text + at, n);
		}
		hmac_end(&m, sum);
		good &= memcmp(all, sum, sizeof all) == 0;
	}
	ok(good, "HMAC in pieces of any size");
	for (n = 0; n < sizeof m && ((unsigned char *)&m)[n] == 0; n++)
		;
	is_int(n, sizeof m, "nothing is left of the key");
	hash_mem("a", 1, sum);
	hash_mem("a", 1, all);
	ok(hash_same(sum, all, sizeof sum), "the same");
	for (n = 0, good = 1; n < sizeof sum; n++) {
		sum[n] ^= 0x80;
		good &= !hash_same(sum, all, sizeof sum);
		sum[n] ^= 0x80;
	}
	ok(good, "a bit differs, anywhere");
	ok(hash_same(sum, "", 0), "nothing is the same as nothing");
}

/* RFC 5869, appendix A: cases 1, 2 and 3 */
static void
hkdf(void)
{
	uint8_t key[80], salt[80], info[80], out[HKDF_MAX], more[HKDF_MAX];
	struct hkdf k = { key, salt, info, 22, 13, 10 };
	char hex[200];
	int i;

	memset(key, 0x0b, sizeof key);
	for (i = 0; i < 13; i++)
		salt[i] = (uint8_t)i;
	for (i = 0; i < 10; i++)
		info[i] = (uint8_t)(0xf0 + i);
	hkdf_make(&k, out, 42);
	hex_encode(hex, out, 42);
	is_str(hex, "3cb25f25faacd57a90434f64d0362f2a"
	    "2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
	    "HKDF: case 1");
	k = (struct hkdf){ key, NULL, NULL, 22, 0, 0 };
	hkdf_make(&k, out, 42);
	hex_encode(hex, out, 42);
	is_str(hex, "8da4e775a563c18f715f802a063c5a31"
	    "b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
	    "case 3: neither salt nor info");
	for (i = 0; i < 80; i++) {
		key[i] = (uint8_t)i;
		salt[i] = (uint8_t)(0x60 + i);
		info[i] = (uint8_t)(0xb0 + i);
	}
	k = (struct hkdf){ key, salt, info, 80, 80, 80 };
	hkdf_make(&k, out, 82);
	hex_encode(hex, out, 82);
	is_str(hex, "b11e398dc80327a1c8e7f78c596a4934"
	    "4f012eda2d4efad8a050cc4c19afa97c"
	    "59045a99cac7827271cb41c65e590e09"
	    "da3275600c2f09b8367793a9aca3db71"
	    "cc30c58179ec3e87c14c01d5c1f3434f1d87", "case 2: long ones");
	hkdf_make(&k, more, HKDF_MAX);
	ok(memcmp(out, more, 82) == 0, "as much as there can be");
	hkdf_make(&k, more, 0);
}

static void
md5(void)
{
	static const struct {
		const char *in, *sum;
	} t[] = {
		{ "", "d41d8cd98f00b204e9800998ecf8427e" },
		{ "abc", "900150983cd24fb0d6963f7d28e17f72" },
		{ "12345678901234567890123456789012345678901234567890123456"
		    "789012345678901234567890",
		    "57edf4a22be3c955ac49da2e2107b67a" },
	};
	char hex[2 * MD5_LEN + 1];
	uint8_t sum[MD5_LEN];
	struct md5 m;
	size_t i, k;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		md5_init(&m);
		for (k = 0; t[i].in[k] != '\0'; k++)
			md5_add(&m, t[i].in + k, 1);
		md5_end(&m, sum);
		hex_encode(hex, sum, MD5_LEN);
		is_str(hex, t[i].sum, "MD5 of %zu bytes", k);
	}
}

static void
base64(void)
{
	static const char *const t[] = { "", "Zg==", "Zm8=", "Zm9v",
	    "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy" };
	char out[12];
	size_t i;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		base64_encode(out, "foobar", i);
		is_str(out, t[i], "base64 of %zu bytes", i);
	}
	base64_encode(out, "\xfb\xff\xbf", 3);
	is_str(out, "+/+/", "the last two digits");
}

static void
base64url(void)
{
	static const char *const t[] = { "", "Zg", "Zm8", "Zm9v", "Zm9vYg",
	    "Zm9vYmE", "Zm9vYmFy" };
	uint8_t back[6];
	char out[12];
	size_t i;
	int good = 1;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		base64url_encode(out, "foobar", i);
		is_str(out, t[i], "base64url of %zu bytes", i);
		good &= base64url_decode(back, i, out, strlen(out)) &&
		    memcmp(back, "foobar", i) == 0;
	}
	ok(good, "and back");
	base64url_encode(out, "\xfb\xff\xbf", 3);
	is_str(out, "-_-_", "the last two digits");
	ok(base64url_decode(back, 3, "-_-_", 4), "are read");
	ok(!base64url_decode(back, 3, "+/+/", 4), "those of base64 are not");
	ok(!base64url_decode(back, 1, "Zg==", 4) &&
	    !base64url_decode(back, 1, "Zg=", 3), "nor is padding");
	ok(!base64url_decode(back, 1, "Zh", 2), "nor a bit over");
	ok(!base64url_decode(back, 1, "Z", 1) &&
	    !base64url_decode(back, 2, "Zg", 2) &&
	    !base64url_decode(back, 1, "Zm8", 3) &&
	    !base64url_decode(back, SIZE_MAX, "Zg", 2), "nor other lengths");
	ok(!base64url_decode(back, 1, "Z\0", 2), "nor a NUL");
}

static void
chance(void)
{
	uint8_t a[1000] = { 0 }, b[1000] = { 0 };
	struct err e;
	int i, zeros = 0;

	ok(random_bytes(a, sizeof a, &e) == 0 &&
	    random_bytes(b, sizeof b, &e) == 0, "random bytes");
	ok(memcmp(a, b, sizeof a) != 0, "differ");
	for (i = 0; i < 1000; i++)
		zeros += a[i] == 0;
	ok(zeros < 50, "to the end (%d zeros)", zeros);
	is_int(random_bytes(a, 0, &e), 0, "none");
}

int
main(void)
{
	nist();
	fields();
	files();
	hexes();
	hmac();
	hmac_in_pieces();
	hkdf();
	md5();
	base64();
	base64url();
	chance();
	return done();
}
