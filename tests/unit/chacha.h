/*
 * The bytes that the tests of Kubo and js-ipfs-unixfs name by a seed
 * (test/cli/testutils/random_deterministic.go; IPIP-0499): the key stream of
 * ChaCha20 (RFC 8439) under the SHA-256 of the seed, with a nonce of zeros.
 */
#ifndef TESTS_CHACHA_H
#define TESTS_CHACHA_H

#include <stdint.h>
#include <string.h>

#include "base/hash.h"

static uint32_t
chacha_turn(uint32_t v, int n)
{
	return v << n | v >> (32 - n);
}

static void
chacha_quarter(uint32_t *x, int a, int b, int c, int d)
{
	x[a] += x[b];
	x[d] = chacha_turn(x[d] ^ x[a], 16);
	x[c] += x[d];
	x[b] = chacha_turn(x[b] ^ x[c], 12);
	x[a] += x[b];
	x[d] = chacha_turn(x[d] ^ x[a], 8);
	x[c] += x[d];
	x[b] = chacha_turn(x[b] ^ x[c], 7);
}

/* n bytes from the block `from` (64 bytes each) on; n is a multiple of 64. */
static void
chacha_bytes(const char *seed, uint32_t from, uint8_t *out, size_t n)
{
	uint32_t s[16] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 };
	uint32_t x[16], v;
	uint8_t key[HASH_LEN];
	int i;

	hash_mem(seed, strlen(seed), key);
	for (i = 0; i < 8; i++)
		s[4 + i] = (uint32_t)key[4 * i] | (uint32_t)key[4 * i + 1] << 8 |
		    (uint32_t)key[4 * i + 2] << 16 |
		    (uint32_t)key[4 * i + 3] << 24;
	for (s[12] = from; n >= 64; n -= 64, out += 64, s[12]++) {
		memcpy(x, s, sizeof x);
		for (i = 0; i < 10; i++) {
			chacha_quarter(x, 0, 4, 8, 12);
			chacha_quarter(x, 1, 5, 9, 13);
			chacha_quarter(x, 2, 6, 10, 14);
			chacha_quarter(x, 3, 7, 11, 15);
			chacha_quarter(x, 0, 5, 10, 15);
			chacha_quarter(x, 1, 6, 11, 12);
			chacha_quarter(x, 2, 7, 8, 13);
			chacha_quarter(x, 3, 4, 9, 14);
		}
		for (i = 0; i < 64; i++) {
			v = x[i / 4] + s[i / 4];
			out[i] = (uint8_t)(v >> 8 * (i % 4));
		}
	}
}

#endif
