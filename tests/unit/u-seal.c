/*
 * Sealed objects against a slow AES-GCM (which is held against the vectors of
 * NIST's proposal) and against bytes made by Python's cryptography; every way
 * to damage a small one; ranges; limits.
 */
#include "tap.h"
#include "slow-gcm.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/seal.h"

#include <stdbool.h>
#include <stdlib.h>

#define SEG 64			/* of small objects */
#define FEW 200			/* bytes of the largest small one */

static struct seal_key ring;
static uint8_t salt[SEAL_KEY];
static uint8_t text[200000];

static void
set_up(void)
{
	size_t i;

	strcpy(ring.id, "k1");
	for (i = 0; i < SEAL_KEY; i++) {
		ring.key[i] = (uint8_t)i;
		salt[i] = (uint8_t)(100 + i);
	}
	for (i = 0; i < sizeof text; i++)
		text[i] = (uint8_t)(i * 7 % 251);
}

static struct seal_about
about(uint64_t size, uint32_t segment)
{
	struct seal_about a = { .size = size, .segment = segment,
	    .ad = "ad", .ad_len = 2 };

	memcpy(a.salt, salt, sizeof salt);
	return a;
}

static int
put(void *arg, const void *p, size_t n, struct err *e)
{
	(void)e;
	buf_add(arg, p, n);
	return 0;
}

/* In pieces of step bytes; 0: all at once. */
static int
run(struct seal *s, const uint8_t *p, size_t n, size_t step, struct err *e)
{
	size_t part;
	int r = 0;

	for (; r == 0 && n > 0; p += part, n -= part) {
		part = step == 0 || step > n ? n : step;
		r = seal_add(s, p, part, e);
	}
	if (r == 0)
		r = seal_end(s, e);
	seal_free(s);
	return r;
}

static int
do_seal(const struct seal_about *a, const void *p, size_t n, size_t step,
    struct buf *out, struct err *e)
{
	struct seal_sink sink = { put, out };
	struct seal *s;

	buf_reset(out);
	return seal_begin(&s, &ring, a, &sink, e) < 0 ? -1 :
	    run(s, p, n, step, e);
}

static int
do_open(const struct seal_key *k, const struct seal_about *a, uint64_t from,
    uint64_t n, const void *p, size_t len, size_t step, struct buf *out,
    struct err *e)
{
	struct seal_sink sink = { put, out };
	struct seal *s;

	buf_reset(out);
	return unseal_begin(&s, k, a, from, n, &sink, e) < 0 ? -1 :
	    run(s, p, len, step, e);
}

/* All of it, in one piece. */
static int
opens(const struct seal_about *a, const void *p, size_t len, struct err *e)
{
	struct buf out = BUF_INIT;
	int r = do_open(&ring, a, 0, a->size, p, len, 0, &out, e);

	if (r == 0 && (out.len != a->size ||
	    memcmp(out.p, text, out.len) != 0))
		r = 1;
	/* whatever came out before it failed is authentic */
	else if (r < 0 && memcmp(out.p, text, out.len) != 0)
		r = 2;
	buf_release(&out);
	return r;
}

/* --- the form ---------------------------------------------------------- */

static void
gcm_vectors(void)
{
	static const struct {
		const char *key, *nonce, *plain, *sealed;
	} t[] = {	/* McGrew, Viega: test cases 13, 14, 15 */
		{ "00000000000000000000000000000000"
		    "00000000000000000000000000000000",
		    "000000000000000000000000", "",
		    "530f8afbc74536b9a963b4f1c4cb738b" },
		{ "00000000000000000000000000000000"
		    "00000000000000000000000000000000",
		    "000000000000000000000000",
		    "00000000000000000000000000000000",
		    "cea7403d4d606b6e074ec5d3baf39d18"
		    "d0d1c8a799996bf0265b98b5d48ab919" },
		{ "feffe9928665731c6d6a8f9467308308"
		    "feffe9928665731c6d6a8f9467308308",
		    "cafebabefacedbaddecaf888",
		    "d9313225f88406e5a55909c5aff5269a"
		    "86a7a9531534f7da2e4c303d8a318a72"
		    "1c3c0c95956809532fcf0e2449a6b525"
		    "b16aedf5aa0de657ba637b391aafd255",
		    "522dc1f099567d07f47f37a32a84427d"
		    "643a8cdcbfe5c0c97598a2bd2555d1aa"
		    "8cb08e48590dbb3da7b08b1056828838"
		    "c5f61e6393ba7a0abcc9f662898015ad"
		    "b094dac5d93471bdec1a502270e3cc6c" },
	};
	uint8_t key[32], nonce[12], plain[64], out[80];
	char hex[161];
	size_t i, n;

	for (i = 0; i < sizeof t / sizeof *t; i++) {
		n = strlen(t[i].plain) / 2;
		hex_decode(key, t[i].key, 32);
		hex_decode(nonce, t[i].nonce, 12);
		hex_decode(plain, t[i].plain, n);
		slow_gcm(key, nonce, plain, n, out);
		hex_encode(hex, out, n + 16);
		is_str(hex, t[i].sealed, "NIST: %zu bytes", n);
	}
}

/* As the header describes it; of a stream, too. */
static void
slow_seal(const struct seal_about *a, struct buf *out)
{
	uint8_t okm[39], info[64], nonce[12], room[SEG + 16];
	struct hkdf h = { .key = ring.key, .keylen = 32, .salt = a->salt,
	    .saltlen = 32, .info = info, .infolen = 14 + 8 + 4 + 1 + 2 + 2 };
	size_t n = (size_t)a->size, i, at, part;

	memcpy(info, "memkit seal 1\0\0\0\0\0\0\0\0\0\0\0\0\0\2k1ad", 31);
	info[21] = (uint8_t)n;
	info[25] = SEG;
	if (a->stream)
		memset(info + 14, 0xff, 8);
	hkdf_make(&h, okm, sizeof okm);
	memcpy(nonce, okm + 32, 7);
	buf_reset(out);
	for (i = 0, at = 0; i == 0 || at < n; i++, at += part) {
		part = n - at < SEG ? n - at : SEG;
		memset(nonce + 7, 0, 5);
		nonce[10] = (uint8_t)i;
		nonce[11] = at + part == n;
		slow_gcm(okm, nonce, text + at, part, room);
		buf_add(out, room, part + 16);
	}
}

static void
form(void)
{
	static const size_t sizes[] = { 0, 1, 15, 16, 63, 64, 65, 127, 128,
	    129, 192, FEW };
	struct buf fast = BUF_INIT, slow = BUF_INIT;
	struct seal_about a;
	size_t i, step;
	struct err e;
	bool good;

	for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		a = about(sizes[i], SEG);
		slow_seal(&a, &slow);
		good = true;
		for (step = 0; step <= sizes[i]; step++)
			good &= do_seal(&a, text, sizes[i], step, &fast, &e)
			    == 0 && fast.len == slow.len &&
			    memcmp(fast.p, slow.p, slow.len) == 0;
		ok(good, "%zu bytes, in pieces of any size", sizes[i]);
		is_int(slow.len, seal_size(sizes[i], SEG), "their number");
		is_int(opens(&a, fast.p, fast.len, &e), 0, "come back");
	}
	buf_release(&fast);
	buf_release(&slow);
}

/* By Python: AESGCM and HKDF of the module cryptography. */
static void
foreign(void)
{
	struct seal_about a = about(0, 0);
	struct buf out = BUF_INIT;
	uint8_t sum[HASH_LEN];
	char hex[200];
	struct err e;

	a.ad_len = 0;
	is_int(do_seal(&a, NULL, 0, 0, &out, &e), 0, "nothing");
	hex_encode(hex, (uint8_t *)out.p, out.len);
	is_str(hex, "a2a723b3d2178121dfc932bb97679e2a", "is a tag");
	a = about(19, 8);
	is_int(do_seal(&a, "the quick brown fox", 19, 0, &out, &e), 0,
	    "three segments");
	hex_encode(hex, (uint8_t *)out.p, out.len);
	is_str(hex, "7f4eeb6dccaef1419f0138cb58bd4e1fbf3f9eed77baeb06"
	    "9677a63f650a7cb9cf456f7ad3862fb1495a6ae44c3cc8a8"
	    "26592d25e8425efc197fc4c767af7c1b327619", "as elsewhere");
	a = about(sizeof text, 0);
	is_int(do_seal(&a, text, sizeof text, 4096, &out, &e), 0,
	    "segments of 64 KiB");
	hash_mem(out.p, out.len, sum);
	hex_encode(hex, sum, sizeof sum);
	is_str(hex, "a861cb7cb822e27f73c86c1da3d50d70"
	    "c55bbe41af07aa66908ca6fa41391b73", "as elsewhere");
	is_int(opens(&a, out.p, out.len, &e), 0, "come back");
	buf_release(&out);
}

/* --- damage ------------------------------------------------------------ */

static void
damage(size_t size)
{
	struct seal_about a = about(size, SEG);
	struct buf b = BUF_INIT;
	size_t i, bad = 0, silent = 0;
	struct err e = { 0 };

	do_seal(&a, text, size, 0, &b, &e);
	for (i = 0; i < b.len; i++)
		bad += opens(&a, b.p, i, &e) != -1;
	is_int(bad, 0, "%zu bytes: cut off anywhere", size);
	is_int(e.code, ERR_CORRUPT, "it is damaged");
	for (i = 0, bad = 0; i < 8 * b.len; i++) {
		b.p[i / 8] = (char)(b.p[i / 8] ^ 1 << i % 8);
		e.msg[0] = '\0';
		bad += opens(&a, b.p, b.len, &e) != -1;
		silent += strstr(e.msg, "key 'k1'") == NULL;
		b.p[i / 8] = (char)(b.p[i / 8] ^ 1 << i % 8);
	}
	is_int(bad, 0, "any bit turned");
	is_int(silent, 0, "the message names the key by its id");
	buf_addc(&b, 0);
	is_int(opens(&a, b.p, b.len, &e), -1, "a byte more");
	buf_reserve(&b, b.len);		/* then b.p stays where it is */
	buf_add(&b, b.p, b.len - 1);
	is_int(opens(&a, b.p, b.len, &e), -1, "the same behind it");
	buf_release(&b);
}

/* Where a segment was taken from, and put. */
static void
move_segment(struct buf *b, size_t from, size_t to)
{
	memmove(b->p + to * (SEG + 16), b->p + from * (SEG + 16), SEG + 16);
}

static void
reordered(void)
{
	struct seal_about a = about(3 * SEG, SEG), other = a;
	struct buf b = BUF_INIT, c = BUF_INIT, d = BUF_INIT;
	size_t i, k, bad = 0;
	struct err e;

	other.salt[0] ^= 1;
	do_seal(&a, text, 3 * SEG, 0, &b, &e);
	do_seal(&other, text, 3 * SEG, 0, &c, &e);
	for (i = 0; i < 3; i++)
		for (k = 0; k < 3; k++) {
			buf_reset(&d);
			buf_add(&d, b.p, b.len);
			move_segment(&d, i, k);
			bad += i != k && opens(&a, d.p, d.len, &e) != -1;
			/* the same place of another object */
			memcpy(d.p, b.p, b.len);
			memcpy(d.p + i * (SEG + 16), c.p + i * (SEG + 16),
			    SEG + 16);
			bad += opens(&a, d.p, d.len, &e) != -1;
		}
	is_int(bad, 0, "segments of another place or object");
	is_int(opens(&other, b.p, b.len, &e), -1, "another object");
	/* whole segments cut off, and a size that fits what is left */
	a.size = 2 * SEG;
	is_int(opens(&a, b.p, 2 * (SEG + 16), &e), -1, "cut at a segment");
	buf_release(&b);
	buf_release(&c);
	buf_release(&d);
}

static void
of_another(void)
{
	struct seal_about a = about(FEW, SEG), x;
	struct seal_key k = ring;
	struct buf b = BUF_INIT, out = BUF_INIT;
	struct err e = { 0 };

	do_seal(&a, text, FEW, 0, &b, &e);
	is_int(opens(&a, b.p, b.len, &e), 0, "as it was sealed");
	x = a;
	x.ad = "aD";
	is_int(opens(&x, b.p, b.len, &e), -1, "other associated data");
	x.ad_len = 0;
	is_int(opens(&x, b.p, b.len, &e), -1, "none");
	x = a;
	x.size--;
	is_int(opens(&x, b.p, b.len - 1, &e), -1, "another size");
	x = a;
	x.segment = 128;
	is_int(opens(&x, b.p, b.len, &e), -1, "another segment");
	k.key[31] ^= 1;
	is_int(do_open(&k, &a, 0, FEW, b.p, b.len, 0, &out, &e), -1,
	    "another key");
	is_int(out.len, 0, "of which nothing comes");
	is_int(e.code, ERR_CORRUPT, "is told");
	k = ring;
	strcpy(k.id, "k2");
	is_int(do_open(&k, &a, 0, FEW, b.p, b.len, 0, &out, &e), -1,
	    "the key under another id");
	ok(strstr(e.msg, "'k2'") != NULL, "which is named");
	buf_release(&b);
	buf_release(&out);
}

/* --- ranges ------------------------------------------------------------ */

static void
ranges(size_t size)
{
	struct seal_about a = about(size, SEG);
	struct buf b = BUF_INIT, out = BUF_INIT;
	uint64_t at, len, longest = 0;
	size_t from, n, bad = 0, wide = 0;
	struct err e;

	do_seal(&a, text, size, 0, &b, &e);
	for (from = 0; from <= size; from++)
		for (n = 0; n <= size - from; n++) {
			if (seal_span(&a, from, n, &at, &len, &e) < 0 ||
			    at + len > b.len || do_open(&ring, &a, from, n,
			    b.p + at, (size_t)len, n % 7, &out, &e) < 0 ||
			    out.len != n ||
			    memcmp(out.p, text + from, n) != 0)
				bad++;
			wide += len > n + 2 * (SEG + 16) + n / SEG * 16;
			longest = len > longest ? len : longest;
		}
	is_int(bad, 0, "any range of %zu bytes", size);
	is_int(longest, b.len, "at most all of it");
	is_int(wide, 0, "and not much more than was asked for");
	is_int(seal_span(&a, size + 1, 0, &at, &len, &e), -1, "beyond it");
	is_int(seal_span(&a, 0, size + 1, &at, &len, &e), -1, "more than it");
	is_int(seal_span(&a, UINT64_MAX, 2, &at, &len, &e), -1,
	    "a sum that wraps");
	is_int(e.code, ERR_INPUT, "is no range");
	buf_release(&b);
	buf_release(&out);
}

/* A range of an object whose other segments are damaged. */
static void
by_itself(void)
{
	struct seal_about a = about(3 * SEG, SEG);
	struct buf b = BUF_INIT, out = BUF_INIT;
	uint64_t at, len;
	struct err e;

	do_seal(&a, text, 3 * SEG, 0, &b, &e);
	b.p[0] ^= 1;
	b.p[b.len - 1] ^= 1;
	seal_span(&a, SEG, SEG, &at, &len, &e);
	is_int(at, SEG + 16, "one segment");
	is_int(len, SEG + 16, "and no other");
	is_int(do_open(&ring, &a, SEG, SEG, b.p + at, len, 0, &out, &e), 0,
	    "opens by itself");
	is_int(do_open(&ring, &a, SEG, SEG + 1, b.p + at, 2 * len, 0, &out,
	    &e), -1, "the next one does not");
	is_int(out.len, SEG, "what came before it is right");
	buf_release(&b);
	buf_release(&out);
}

/* --- names ------------------------------------------------------------- */

static void
names(void)
{
	uint8_t naming[SEAL_KEY] = "a secret of this store", name[SEAL_KEY];
	struct seal_about a = about(FEW, SEG);
	struct buf b = BUF_INIT, c = BUF_INIT;
	uint8_t other[SEAL_KEY];
	struct err e;

	seal_name(naming, text, FEW, name);
	memcpy(a.salt, name, sizeof name);
	a.naming = naming;
	is_int(do_seal(&a, text, FEW, 0, &b, &e), 0, "sealed by its name");
	is_int(do_seal(&a, text, FEW, 9, &c, &e), 0, "and again");
	ok(b.len == c.len && memcmp(b.p, c.p, b.len) == 0, "is the same");
	is_int(opens(&a, b.p, b.len, &e), 0, "and opens");
	is_int(do_seal(&a, text + 1, FEW, 0, &c, &e), -1, "other bytes");
	is_int(e.code, ERR_INPUT, "under that name are refused");
	a.size = 0;
	is_int(do_seal(&a, text, 0, 0, &c, &e), -1, "no bytes, too");
	seal_name(naming, NULL, 0, a.salt);
	is_int(do_seal(&a, text, 0, 0, &c, &e), 0, "but by their own");
	naming[0] ^= 1;
	seal_name(naming, text, FEW, other);
	ok(memcmp(name, other, sizeof name) != 0,
	    "another store names them otherwise");
	is_int(seal_random_salt(name, &e), 0, "a salt by chance");
	is_int(seal_random_salt(other, &e), 0, "and one more");
	ok(memcmp(name, other, sizeof name) != 0, "differ");
	buf_release(&b);
	buf_release(&c);
}

/* --- limits and misuse ------------------------------------------------- */

static int
full(void *arg, const void *p, size_t n, struct err *e)
{
	(void)arg;
	(void)p;
	(void)n;
	return err_set(e, ERR_SYS, "no room");
}

static void
limits(void)
{
	struct seal_sink sink = { full, NULL };
	struct seal_about a = about(FEW, SEG);
	struct buf b = BUF_INIT;
	struct seal *s = NULL;
	struct err e = { 0 };

	is_int(do_seal(&a, text, FEW - 1, 0, &b, &e), -1, "fewer than said");
	is_int(e.code, ERR_INPUT, "are refused");
	is_int(do_seal(&a, text, FEW + 1, 0, &b, &e), -1, "more, too");
	a = about(0, SEG);
	is_int(do_seal(&a, text, 1, 0, &b, &e), -1, "and one for none");
	a = about(1, SEAL_SEGMENT_MAX + 1);
	is_int(seal_begin(&s, &ring, &a, &sink, &e), -1, "a large segment");
	a = about(((uint64_t)1 << 32) * SEG + 1, SEG);
	is_int(seal_begin(&s, &ring, &a, &sink, &e), -1,
	    "more than 2^32 segments");
	is_int(unseal_begin(&s, &ring, &a, 0, 1, &sink, &e), -1,
	    "cannot be opened, either");
	a = about(UINT64_MAX, 1);
	is_int(seal_begin(&s, &ring, &a, &sink, &e), -1, "a size that wraps");
	ok(s == NULL, "of which nothing is begun");
	a.size = ((uint64_t)1 << 32) * SEG;
	a.segment = SEG;
	is_int(seal_begin(&s, &ring, &a, &sink, &e), 0, "2^32 of them");
	is_int(seal_add(s, text, FEW, &e), -1, "a sink that fails");
	is_str(e.msg, "no room", "says why");
	is_int(seal_add(s, text, FEW, &e), -1, "ends it");
	is_int(seal_end(s, &e), -1, "for good");
	seal_free(s);
	seal_free(NULL);
	buf_release(&b);
}

/* Of a size that is not said: in pieces of each size, damaged in each way. */
static void
streams(void)
{
	static const size_t sizes[] = { 0, 1, 63, 64, 65, 127, 128, 129,
	    FEW };
	struct buf fast = BUF_INIT, slow = BUF_INIT, out = BUF_INIT;
	struct seal_about a, b;
	size_t i, step, cut;
	struct err e = { 0 };
	bool good, refused;

	for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		a = b = about(sizes[i], SEG);
		a.stream = true;
		slow_seal(&a, &slow);
		b = about(0, SEG);
		b.stream = true;
		good = true;
		for (step = 0; step < FEW + 1; step++)
			good &= do_seal(&b, text, sizes[i], step, &fast, &e) ==
			    0 && fast.len == slow.len &&
			    memcmp(fast.p, slow.p, slow.len) == 0;
		ok(good, "a stream of %zu bytes, in all kinds of pieces",
		    sizes[i]);
		ok(fast.len == seal_size(sizes[i], SEG), "has its size");
		is_int(opens(&a, slow.p, slow.len, &e), 0, "and opens");
		a.stream = false;
		is_int(opens(&a, slow.p, slow.len, &e), -1,
		    "as an object it does not");
		a.stream = true;
		refused = true;
		for (cut = 0; cut < slow.len; cut++)
			refused &= do_open(&ring, &a, 0, a.size, slow.p, cut,
			    0, &out, &e) < 0 && e.code == ERR_CORRUPT;
		ok(refused, "cut anywhere it is refused");
		/* as if it had ended there: a segment that was not the last */
		if (sizes[i] > SEG) {
			a.size = SEG;
			is_int(opens(&a, slow.p, SEG + SEAL_TAG, &e), -1,
			    "and with a size that fits that");
		}
	}
	buf_release(&fast);
	buf_release(&slow);
	buf_release(&out);
}

static void
ids(void)
{
	static const char *const bad[] = { "", "-a", ".a", "_a", "a b", "a/b",
	    "a:b", "a\n", "\xc3\xa4" };
	char id[SEAL_ID_MAX + 2];
	struct err e;
	size_t i;

	memset(id, 'a', sizeof id);
	id[SEAL_ID_MAX + 1] = '\0';
	is_int(seal_id_check(id, &e), -1, "an id of 65 bytes");
	id[SEAL_ID_MAX] = '\0';
	is_int(seal_id_check(id, &e), 0, "one of 64");
	is_int(seal_id_check("2026-11_a.B", &e), 0, "all kinds of letters");
	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		is_int(seal_id_check(bad[i], &e), -1, "bad id %zu", i);
	is_int(seal_id_check("a secret", &e), -1, "a bad one");
	ok(strstr(e.msg, "secret") == NULL, "is not repeated");
}

/* By Python's hashlib.scrypt, which the vectors of RFC 7914 test; those have
 * other lengths. */
static void
passphrases(void)
{
	struct seal_scrypt c = { 10, 8, 1 };
	uint8_t key[SEAL_KEY] = { 0 };
	char hex[2 * SEAL_KEY + 1];
	struct err e;
	size_t i;
	static const struct seal_scrypt bad[] = { { 0, 8, 1 }, { 31, 8, 1 },
	    { 10, 0, 1 }, { 10, 8, 0 }, { 21, 8, 1 }, { 10, 65, 1 },
	    { 10, 8, 65 }, { 4000000000, 4000000000, 4000000000 } };

	is_int(seal_passphrase(&c, "passphrase", 10, salt, key, &e), 0,
	    "scrypt");
	hex_encode(hex, key, sizeof key);
	is_str(hex, "4148ee7f1b17841d50c21cdd9eafde05"
	    "13da226682200755e5cc37b6723a9881", "as elsewhere");
	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		is_int(seal_passphrase(&bad[i], "p", 1, salt, key, &e), -1,
		    "parameters %zu that are refused", i);
	is_int(e.code, ERR_INPUT, "as what came in");
}

int
main(void)
{
	static const size_t sizes[] = { 0, 1, SEG, SEG + 1, FEW };
	size_t i;

	set_up();
	gcm_vectors();
	form();
	foreign();
	for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		damage(sizes[i]);
		ranges(sizes[i]);
	}
	reordered();
	of_another();
	by_itself();
	names();
	limits();
	streams();
	ids();
	passphrases();
	return done();
}
