/*
 * SHA-256 by the low-level functions of libcrypto, linked from the static
 * library.  They are marked as deprecated in favour of EVP, but EVP
 * initialises the whole library, which costs every start of a tool about
 * 1.4 ms, more than the rest of a small tool; these touch nothing else and
 * use the same assembler.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "base/hash.h"

#include <openssl/sha.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#ifdef __APPLE__
#include <sys/random.h>
#endif

#define FILE_STEP 32768
#define ENTROPY_MAX 256		/* bytes that getentropy gives at once */

_Static_assert(sizeof(SHA256_CTX) <= sizeof(struct hash),
    "struct hash has no room for a SHA256_CTX");
_Static_assert(_Alignof(SHA256_CTX) <= _Alignof(struct hash),
    "struct hash is not aligned for a SHA256_CTX");

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
