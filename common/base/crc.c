#include "base/crc.h"

#include "base/cpu.h"

#include <stdbool.h>
#include <string.h>

#define POLY UINT32_C(0x82f63b78)	/* reversed */

/* table[k][b]: the sum of byte b and k zero bytes after it. */
static uint32_t table[8][256];

static void
table_make(void)
{
	uint32_t c;
	int i, k;

	for (i = 0; i < 256; i++) {
		c = (uint32_t)i;
		for (k = 0; k < 8; k++)
			c = c >> 1 ^ (c & 1 ? POLY : 0);
		table[0][i] = c;
	}
	for (k = 1; k < 8; k++)
		for (i = 0; i < 256; i++)
			table[k][i] = table[k - 1][i] >> 8 ^
			    table[0][table[k - 1][i] & 0xff];
}

/* Eight bytes at a time: "slicing by 8", Kounavis and Berry, 2005. */
uint32_t
crc32c_table(uint32_t before, const void *data, size_t n)
{
	const unsigned char *p = data;
	uint32_t c = ~before;

	if (table[0][1] == 0)
		table_make();
	for (; n >= 8; n -= 8, p += 8) {
		c ^= (uint32_t)p[0] | (uint32_t)p[1] << 8 |
		    (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
		c = table[7][c & 0xff] ^ table[6][c >> 8 & 0xff] ^
		    table[5][c >> 16 & 0xff] ^ table[4][c >> 24] ^
		    table[3][p[4]] ^ table[2][p[5]] ^ table[1][p[6]] ^
		    table[0][p[7]];
	}
	for (; n > 0; n--)
		c = c >> 8 ^ table[0][(c ^ *p++) & 0xff];
	return ~c;
}

#if defined __x86_64__ && defined __GNUC__
/*
 * The instruction takes three cycles and can begin each cycle, so three
 * stretches are summed side by side; `shift` moves a sum over the zeros that
 * stand for the stretch behind it.
 */
#define STRETCH 1360	/* bytes: three of them are 4080 of a page */

/* What each bit of a sum has become after as many zeros: worked out once, a
 * cold process has no time for it (tests/unit/u-crc.c compares). */
static const uint32_t bits[32] = {
	0x79113270, 0xf22264e0, 0xe1a8bf31, 0xc6bd0893, 0x889667d7,
	0x14c0b95f, 0x298172be, 0x5302e57c, 0xa605caf8, 0x49e7e301,
	0x93cfc602, 0x2273faf5, 0x44e7f5ea, 0x89cfebd4, 0x1673a159,
	0x2ce742b2, 0x59ce8564, 0xb39d0ac8, 0x62d66361, 0xc5acc6c2,
	0x8eb5fb75, 0x1887801b, 0x310f0036, 0x621e006c, 0xc43c00d8,
	0x8d947741, 0x1ec49873, 0x3d8930e6, 0x7b1261cc, 0xf624c398,
	0xe9a5f1c1, 0xd6a79573
};
static uint32_t shift_table[4][256];

static void
shift_make(void)
{
	uint32_t c;
	int i, k, bit;

	/* linear: from the 32 single bits follow all others */
	for (k = 0; k < 4; k++)
		for (i = 1; i < 256; i++) {
			for (bit = 0; !(i >> bit & 1); bit++)
				;
			c = shift_table[k][i & (i - 1)];
			shift_table[k][i] = c ^ bits[8 * k + bit];
		}
}

static uint32_t
shift(uint32_t c)
{
	return shift_table[0][c & 0xff] ^ shift_table[1][c >> 8 & 0xff] ^
	    shift_table[2][c >> 16 & 0xff] ^ shift_table[3][c >> 24];
}

static uint64_t
word(const unsigned char *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof w);
	return w;
}

__attribute__((target("sse4.2"))) static uint32_t
crc32c_sse(uint32_t before, const unsigned char *p, size_t n)
{
	uint64_t a = (uint32_t)~before, b, c;
	size_t i;

	if (n >= 3 * STRETCH && shift_table[0][1] == 0)
		shift_make();
	for (; n >= 3 * STRETCH; n -= 3 * STRETCH, p += 3 * STRETCH) {
		for (i = b = c = 0; i < STRETCH; i += 8) {
			a = __builtin_ia32_crc32di(a, word(p + i));
			b = __builtin_ia32_crc32di(b, word(p + STRETCH + i));
			c = __builtin_ia32_crc32di(c,
			    word(p + 2 * STRETCH + i));
		}
		b ^= shift((uint32_t)a);
		a = c ^ shift((uint32_t)b);
	}
	for (; n >= 8; n -= 8, p += 8)
		a = __builtin_ia32_crc32di(a, word(p));
	for (; n > 0; n--)
		a = __builtin_ia32_crc32qi((uint32_t)a, *p++);
	return ~(uint32_t)a;
}

uint32_t
crc32c(uint32_t before, const void *p, size_t n)
{
	static int has = -1;

	if (has < 0)
		has = CPU_HAS(SSE4_2);
	return has ? crc32c_sse(before, p, n) : crc32c_table(before, p, n);
}
#else
uint32_t
crc32c(uint32_t before, const void *p, size_t n)
{
	return crc32c_table(before, p, n);
}
#endif
