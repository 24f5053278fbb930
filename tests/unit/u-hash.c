/*
 * SHA-256 with the examples of FIPS 180-4 (NIST), hexadecimal with those
 * of RFC 4648.
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
	chance();
	return done();
}
