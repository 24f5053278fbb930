/*
 * SHA-256 and MD5 by the low-level functions of libcrypto, linked from the
 * static library.  They are marked as deprecated in favour of EVP, but EVP
 * initialises the whole library, which costs every start of a tool about
 * 1.4 ms, more than the rest of a small tool; these touch nothing else and
 * use the same assembler.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "base/hash.h"

#include "base/alloc.h"

#include <openssl/md5.h>
#include <openssl/sha.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#ifdef __APPLE__
#include <sys/random.h>
#endif

#define FILE_STEP 32768
#define BLOCK 64		/* bytes that SHA-256 takes at once */
#define ENTROPY_MAX 256		/* bytes that getentropy gives at once */

_Static_assert(sizeof(SHA256_CTX) <= sizeof(struct hash),
    "struct hash has no room for a SHA256_CTX");
_Static_assert(_Alignof(SHA256_CTX) <= _Alignof(struct hash),
    "struct hash is not aligned for a SHA256_CTX");

_Static_assert(sizeof(MD5_CTX) <= sizeof(struct md5),
    "struct md5 has no room for an MD5_CTX");

static SHA256_CTX *
hash_ctx(struct hash *h)
{
	return (SHA256_CTX *)(void *)h;
}

void
hash_init(struct hash *h)
{
	SHA256_Init(hash_ctx(h));
}

void
hash_add(struct hash *h, const void *p, size_t n)
{
	if (n > 0)
		SHA256_Update(hash_ctx(h), p, n);
}

void
hash_add_field(struct hash *h, const char *s)
{
	/* no string is so long: this length says NULL */
	uint64_t len = s == NULL ? UINT64_MAX : strlen(s);
	uint8_t be[8];
	int i;

	for (i = 0; i < 8; i++)
		be[i] = (uint8_t)(len >> (56 - 8 * i));
	hash_add(h, be, sizeof be);
	if (s != NULL)
		hash_add(h, s, (size_t)len);
}

void
hash_end(struct hash *h, uint8_t out[HASH_LEN])
{
	SHA256_Final(out, hash_ctx(h));
}

void
hash_mem(const void *p, size_t n, uint8_t out[HASH_LEN])
{
	struct hash h;

	hash_init(&h);
	hash_add(&h, p, n);
	hash_end(&h, out);
}

int
hash_file(const char *path, uint8_t out[HASH_LEN], struct err *e)
{
	unsigned char step[FILE_STEP];
	struct hash h;
	ssize_t n;
	int fd, r = 0;

	while ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0 && errno == EINTR)
		;
	if (fd < 0 && errno == ENOENT)
		return err_set(e, ERR_ABSENT, "cannot open '%s': %s", path,
		    strerror(errno));
	if (fd < 0)
		return err_sys(e, "cannot open '%s'", path);
	hash_init(&h);
	while ((n = read(fd, step, sizeof step)) != 0) {
		if (n > 0)
			hash_add(&h, step, (size_t)n);
		else if (errno != EINTR)
			break;
	}
	if (n < 0)
		r = err_sys(e, "cannot read '%s'", path);
	else
		hash_end(&h, out);
	close(fd);
	return r;
}

static void
hmac_pad(struct hash *h, const uint8_t key[BLOCK], uint8_t with)
{
	uint8_t pad[BLOCK];
	int i;

	for (i = 0; i < BLOCK; i++)
		pad[i] = key[i] ^ with;
	hash_init(h);
	hash_add(h, pad, sizeof pad);
	mem_wipe(pad, sizeof pad);
}

void
hmac_init(struct hmac *m, const void *key, size_t keylen)
{
	uint8_t k[BLOCK] = { 0 };

	if (keylen > sizeof k)
		hash_mem(key, keylen, k);
	else if (keylen > 0)
		memcpy(k, key, keylen);
	hmac_pad(&m->inner, k, 0x36);
	hmac_pad(&m->outer, k, 0x5c);
	mem_wipe(k, sizeof k);
}

void
hmac_add(struct hmac *m, const void *p, size_t n)
{
	hash_add(&m->inner, p, n);
}

void
hmac_end(struct hmac *m, uint8_t out[HASH_LEN])
{
	uint8_t inner[HASH_LEN];

	hash_end(&m->inner, inner);
	hash_add(&m->outer, inner, sizeof inner);
	hash_end(&m->outer, out);
	mem_wipe(inner, sizeof inner);
	mem_wipe(m, sizeof *m);
}

void
hmac_mem(const void *key, size_t keylen, const void *p, size_t n,
    uint8_t out[HASH_LEN])
{
	struct hmac m;

	hmac_init(&m, key, keylen);
	hmac_add(&m, p, n);
	hmac_end(&m, out);
}

void
hkdf_make(const struct hkdf *k, void *out, size_t n)
{
	uint8_t prk[HASH_LEN], t[HASH_LEN], count = 0, *p = out;
	struct hmac m;
	size_t part;

	assert(n <= HKDF_MAX);
	/* a salt of nothing and one of 32 zero bytes are the same to HMAC */
	hmac_mem(k->salt, k->saltlen, k->key, k->keylen, prk);
	for (; n > 0; p += part, n -= part) {
		hmac_init(&m, prk, sizeof prk);
		hmac_add(&m, t, count > 0 ? sizeof t : 0);
		hmac_add(&m, k->info, k->infolen);
		count++;
		hmac_add(&m, &count, 1);
		hmac_end(&m, t);
		part = n < sizeof t ? n : sizeof t;
		memcpy(p, t, part);
	}
	mem_wipe(prk, sizeof prk);
	mem_wipe(t, sizeof t);
}

bool
hash_same(const void *a, const void *b, size_t n)
{
	const uint8_t *p = a, *q = b;
	/* or a compiler could end the loop at the first difference */
	volatile uint8_t differ = 0;

	for (; n > 0; n--)
		differ |= *p++ ^ *q++;
	return differ == 0;
}

static MD5_CTX *
md5_ctx(struct md5 *m)
{
	return (MD5_CTX *)(void *)m;
}

void
md5_init(struct md5 *m)
{
	MD5_Init(md5_ctx(m));
}

void
md5_add(struct md5 *m, const void *p, size_t n)
{
	if (n > 0)
		MD5_Update(md5_ctx(m), p, n);
}

void
md5_end(struct md5 *m, uint8_t out[MD5_LEN])
{
	MD5_Final(out, md5_ctx(m));
}

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "abcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "abcdefghijklmnopqrstuvwxyz0123456789-_";

/* pad 0: none */
static void
encode64(char *out, const uint8_t *p, size_t n, const char *digit, char pad)
{
	uint32_t x;
	size_t k;

	for (; n > 0; p += 3, n -= n < 3 ? n : 3) {
		x = (uint32_t)p[0] << 16;
		x |= n > 1 ? (uint32_t)p[1] << 8 : 0;
		x |= n > 2 ? p[2] : 0;
		for (k = 0; k < 4; k++, x <<= 6)
			if (k <= n)
				*out++ = digit[x >> 18 & 63];
			else if (pad != '\0')
				*out++ = pad;
	}
	*out = '\0';
}

void
base64_encode(char *out, const void *from, size_t n)
{
	encode64(out, from, n, digits, '=');
}

void
base64url_encode(char *out, const void *from, size_t n)
{
	encode64(out, from, n, url_digits, '\0');
}

int
base64url_decode(uint8_t *out, size_t n, const char *s, size_t len)
{
	uint32_t x = 0;
	const char *at;
	int bits = 0;

	if (n > SIZE_MAX / 4 || len != (n * 4 + 2) / 3)
		return 0;
	for (; len > 0; len--, s++) {
		if (*s == '\0' || (at = strchr(url_digits, *s)) == NULL)
			return 0;
		x = x << 6 | (uint32_t)(at - url_digits);
		if ((bits += 6) >= 8) {
			bits -= 8;
			*out++ = (uint8_t)(x >> bits);
		}
	}
	return (x & ((1u << bits) - 1)) == 0;
}

void
hex_encode(char *out, const uint8_t *p, size_t n)
{
	static const char hex[] = "0123456789abcdef";

	for (; n > 0; n--, p++) {
		*out++ = hex[*p >> 4];
		*out++ = hex[*p & 15];
	}
	*out = '\0';
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int
hex_decode(uint8_t *out, const char *s, size_t n)
{
	int hi, lo;

	/* a NUL is no digit, so a short string is not read past its end */
	for (; n > 0; n--, s += 2) {
		if ((hi = hex_digit(s[0])) < 0 || (lo = hex_digit(s[1])) < 0)
			return 0;
		*out++ = (uint8_t)(hi << 4 | lo);
	}
	return 1;
}

bool
hex_is(const char *s, size_t n)
{
	return strlen(s) == n && strspn(s, "0123456789abcdef") == n;
}

/* For a kernel without the call. */
static int
random_device(unsigned char *p, size_t n, struct err *e)
{
	static const char path[] = "/dev/urandom";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return err_sys(e, "cannot open '%s'", path);
	while (n > 0) {
		got = read(fd, p, n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got == 0)
			errno = EIO;
		if (got <= 0) {
			err_sys(e, "cannot read '%s'", path);
			break;
		}
		p += got;
		n -= (size_t)got;
	}
	close(fd);
	return n > 0 ? -1 : 0;
}

int
random_bytes(void *buf, size_t n, struct err *e)
{
	unsigned char *p = buf;
	size_t part;

	for (; n > 0; p += part, n -= part) {
		part = n < ENTROPY_MAX ? n : ENTROPY_MAX;
		if (getentropy(p, part) < 0)
			return random_device(p, n, e);
	}
	return 0;
}
