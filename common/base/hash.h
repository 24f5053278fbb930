/*
 * SHA-256 (FIPS 180-4) and hexadecimal.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

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

void	hex_encode(char *out, const uint8_t *, size_t);	/* 2n + 1 bytes */
int	hex_decode(uint8_t *out, const char *, size_t n);	/* 1, 0 bad */

/* Cryptographic random bytes from the system. */
int	random_bytes(void *, size_t, struct err *);

#endif
