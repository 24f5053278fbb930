/*
 * SHA-256 (FIPS 180-4), HMAC and HKDF with it (RFC 2104, RFC 5869), MD5
 * (RFC 1321), hexadecimal and base64 (RFC 4648).
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define HASH_LEN 32
#define HASH_HEX 64

struct hash {
	union {
		uint64_t align;
		unsigned char room[112];	/* a SHA256_CTX */
	} ctx;
};

void	hash_init(struct hash *);
void	hash_add(struct hash *, const void *, size_t);
/* Adds the length (64 bits, big endian) and then the bytes, so that two
 * fields cannot be taken for one; NULL is told from "". */
void	hash_add_field(struct hash *, const char *);
void	hash_end(struct hash *, uint8_t out[HASH_LEN]);
void	hash_mem(const void *, size_t, uint8_t out[HASH_LEN]);
/* ERR_ABSENT: no such file.  A link is followed. */
int	hash_file(const char *path, uint8_t out[HASH_LEN], struct err *);

/* HMAC-SHA-256, piece by piece; what is left of the key is wiped at the
 * end. */
struct hmac {
	struct hash inner, outer;
};

void	hmac_init(struct hmac *, const void *key, size_t keylen);
void	hmac_add(struct hmac *, const void *, size_t);
void	hmac_end(struct hmac *, uint8_t out[HASH_LEN]);
/* All at once; out may be the key. */
void	hmac_mem(const void *key, size_t keylen, const void *, size_t,
	    uint8_t out[HASH_LEN]);

/*
 * HKDF-SHA-256: n bytes (at most HKDF_MAX) for one use of a key.  The salt
 * makes it another one for each object, the info for each purpose; info, or
 * the salt, may be nothing.  The key must have the entropy of a key: for a
 * passphrase see seal_passphrase.
 */
#define HKDF_MAX ((size_t)255 * HASH_LEN)

struct hkdf {
	const void *key, *salt, *info;		/* borrowed */
	size_t keylen, saltlen, infolen;
};

void	hkdf_make(const struct hkdf *, void *out, size_t n);

/* Are they the same?  It takes as long wherever they differ. */
bool	hash_same(const void *, const void *, size_t n);

/*
 * MD5, for those who ask for it (Content-MD5, the ETag of an object).  It
 * tells damage; that nobody meant to deceive has to be known otherwise.
 */
#define MD5_LEN 16

struct md5 {
	union {
		uint64_t align;
		unsigned char room[96];		/* an MD5_CTX */
	} ctx;
};

void	md5_init(struct md5 *);
void	md5_add(struct md5 *, const void *, size_t);
void	md5_end(struct md5 *, uint8_t out[MD5_LEN]);

/* With padding; out takes 4 * ((n + 2) / 3) + 1 bytes. */
void	base64_encode(char *out, const void *, size_t n);
/* For URLs and names (section 5): '-' and '_', no padding, as many bytes of
 * out at most.  It is read strictly: len characters, all of them digits,
 * which are n bytes and leave no bit over.  1, 0 bad. */
void	base64url_encode(char *out, const void *, size_t n);
int	base64url_decode(uint8_t *out, size_t n, const char *, size_t len);

void	hex_encode(char *out, const uint8_t *, size_t);	/* 2n + 1 bytes */
int	hex_decode(uint8_t *out, const char *, size_t n);	/* 1, 0 bad */
bool	hex_is(const char *, size_t n);	/* n digits in small letters, no more */

/* Cryptographic random bytes from the system. */
int	random_bytes(void *, size_t, struct err *);

#endif
