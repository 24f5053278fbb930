#include "index/bits.h"

#include "tap.h"

static uint64_t seed = 88172645463325252u;

static uint32_t
any(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 16);
}

static int
blocks(unsigned width)
{
	uint32_t in[BITS_BLOCK], out[BITS_BLOCK];
	uint8_t room[1 + BITS_BYTES(32)];
	unsigned i;

	for (i = 0; i < BITS_BLOCK; i++)
		in[i] = width == 0 ? 0 : any() >> (32 - width);
	bits_pack(in, width, room + 1);
	bits_unpack(room + 1, width, out);
	for (i = 0; i < BITS_BLOCK; i++)
		if (in[i] != out[i] || bits_at(room + 1, width, i) != in[i])
			return 0;
	return 1;
}

int
main(void)
{
	uint32_t v[BITS_BLOCK], sum = 7;
	unsigned width, i;
	int good = 1;

	for (width = 0; width <= 32; width++)
		for (i = 0; i < 20; i++)
			good &= blocks(width);
	ok(good, "blocks of every width come back, at any address");
	for (i = 0; i < BITS_BLOCK; i++)
		v[i] = any();
	{
		uint32_t w[BITS_BLOCK];

		memcpy(w, v, sizeof w);
		bits_sum(w, sum);
		for (i = 0; i < BITS_BLOCK; i++) {
			sum += v[i] + 1;
			good &= w[i] == sum;
		}
	}
	ok(good, "sums, also beyond 32 bits");
	is_int(bits_width(0), 0, "no bits for 0");
	is_int(bits_width(255), 8, "8 bits for 255");
	is_int(bits_width(UINT32_MAX), 32, "32 bits for all");
	return done();
}
