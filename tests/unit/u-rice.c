#include "index/rice.h"

#include "tap.h"

static uint64_t seed = 88172645463325252u;

static uint64_t
any(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed >> 16;
}

/* Numbers below 2^size, now and then one of any size. */
static int
comes_back(unsigned size, unsigned k)
{
	uint64_t v[300], got;
	struct buf b = BUF_INIT;
	struct rice_out out;
	struct rice_in in;
	size_t i;
	int good = 1;

	rice_start(&out, &b, k);
	for (i = 0; i < 300; i++) {
		v[i] = any() >> (48 - size);
		if (any() % 20 == 0)
			v[i] = any() >> 8;
		rice_put(&out, v[i]);
	}
	rice_end(&out);
	rice_open(&in, (const uint8_t *)b.p, b.len, k);
	for (i = 0; i < 300; i++)
		good &= rice_get(&in, &got) == 1 && got == v[i];
	/* what is cut short ends, and reads nothing beyond */
	rice_open(&in, (const uint8_t *)b.p, b.len / 2, k);
	for (i = 0; i < 300 && rice_get(&in, &got) == 1; i++)
		good &= got == v[i];
	good &= i < 300;
	buf_release(&b);
	return good;
}

int
main(void)
{
	unsigned size, k;
	int good = 1;

	for (size = 1; size <= 32; size++)
		for (k = 0; k <= 32; k += 4)
			good &= comes_back(size, k);
	ok(good, "numbers of all sizes come back, in order");
	is_int(rice_k(0, 10), 0, "no bits for zeros");
	is_int(rice_k(0, 0), 0, "nor for nothing");
	is_int(rice_k(3700, 100), 4, "a mean of 37: 4 bits");
	ok(rice_k(UINT64_MAX, 1) == 32, "at most 32");
	return done();
}
