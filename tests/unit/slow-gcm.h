/*
 * AES-256-GCM as FIPS 197 and SP 800-38D write it down, a bit and a byte at a
 * time: what the fast one is held against.  Without additional data.
 */
#ifndef TESTS_SLOW_GCM_H
#define TESTS_SLOW_GCM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint8_t
slow_times2(uint8_t x)
{
	return (uint8_t)(x << 1 ^ (x & 0x80 ? 0x1b : 0));
}

static inline uint8_t
slow_times(uint8_t a, uint8_t b)
{
	uint8_t r = 0;

	for (; b != 0; b >>= 1, a = slow_times2(a))
		r ^= b & 1 ? a : 0;
	return r;
}

/* The inverse, which is the 254th power, and the affine map. */
static inline uint8_t
slow_sub(uint8_t x)
{
	uint8_t inv = 1, r;
	int i;

	for (i = 0; i < 254; i++)
		inv = slow_times(inv, x);
	for (r = inv, i = 1; i < 5; i++)
		r ^= (uint8_t)(inv << i | inv >> (8 - i));
	return r ^ 0x63;
}

static inline void
slow_expand(const uint8_t key[32], uint8_t w[240])
{
	uint8_t t[4], first, rcon = 1;
	int i, k;

	memcpy(w, key, 32);
	for (i = 32; i < 240; i += 4) {
		memcpy(t, w + i - 4, 4);
		if (i % 32 == 0) {
			first = t[0];
			for (k = 0; k < 4; k++)
				t[k] = slow_sub(k < 3 ? t[k + 1] : first);
			t[0] ^= rcon;
			rcon = slow_times2(rcon);
		} else if (i % 32 == 16)
			for (k = 0; k < 4; k++)
				t[k] = slow_sub(t[k]);
		for (k = 0; k < 4; k++)
			w[i + k] = w[i - 32 + k] ^ t[k];
	}
}

static inline void
slow_aes(const uint8_t w[240], const uint8_t in[16], uint8_t out[16])
{
	uint8_t s[16], t[16], *c;
	int round, i;

	for (i = 0; i < 16; i++)
		s[i] = in[i] ^ w[i];
	for (round = 1; round <= 14; round++) {
		for (i = 0; i < 16; i++)	/* SubBytes, ShiftRows */
			t[i] = slow_sub(s[(i + 4 * (i % 4)) % 16]);
		for (i = 0; i < 16; i++) {
			c = t + i / 4 * 4;
			s[i] = round == 14 ? t[i] : (uint8_t)(
			    slow_times2(c[i % 4]) ^
			    slow_times(c[(i + 1) % 4], 3) ^
			    c[(i + 2) % 4] ^ c[(i + 3) % 4]);
		}
		for (i = 0; i < 16; i++)
			s[i] ^= w[16 * round + i];
	}
	memcpy(out, s, 16);
}

/* y = (y ^ block) * h in GF(2^128); n bytes of the block, then zeros */
static inline void
slow_ghash(uint8_t y[16], const uint8_t h[16], const uint8_t *block, size_t n)
{
	uint8_t z[16] = { 0 }, v[16], low;
	size_t i, k;

	for (i = 0; i < n; i++)
		y[i] ^= block[i];
	memcpy(v, h, 16);
	for (i = 0; i < 128; i++) {
		for (k = 0; k < 16 && y[i / 8] >> (7 - i % 8) & 1; k++)
			z[k] ^= v[k];
		low = v[15] & 1;
		for (k = 15; k > 0; k--)
			v[k] = (uint8_t)(v[k] >> 1 | v[k - 1] << 7);
		v[0] = (uint8_t)(v[0] >> 1 ^ (low ? 0xe1 : 0));
	}
	memcpy(y, z, 16);
}

/* out takes n + 16 bytes. */
static inline void
slow_gcm(const uint8_t key[32], const uint8_t nonce[12], const uint8_t *in,
    size_t n, uint8_t *out)
{
	uint8_t w[240], h[16] = { 0 }, j[16] = { 0 }, pad[16], y[16] = { 0 };
	uint8_t bits[16] = { 0 };
	uint32_t count = 1;
	size_t i, part, at;

	slow_expand(key, w);
	slow_aes(w, h, h);
	memcpy(j, nonce, 12);
	for (at = 0; at < n; at += part) {
		part = n - at < 16 ? n - at : 16;
		count++;
		for (i = 0; i < 4; i++)
			j[12 + i] = (uint8_t)(count >> (24 - 8 * i));
		slow_aes(w, j, pad);
		for (i = 0; i < part; i++)
			out[at + i] = in[at + i] ^ pad[i];
		slow_ghash(y, h, out + at, part);
	}
	for (i = 0; i < 8; i++)
		bits[8 + i] = (uint8_t)((uint64_t)n * 8 >> (56 - 8 * i));
	slow_ghash(y, h, bits, 16);
	memset(j + 12, 0, 3);
	j[15] = 1;
	slow_aes(w, j, pad);
	for (i = 0; i < 16; i++)
		out[n + i] = y[i] ^ pad[i];
}

#endif
