/*
 * Every way to compute the sums of a scan gives the integers of the obvious
 * one, at the ends of the range, too.
 */
#include "tap.h"

#include "index/vector_dot.h"

#include <stdbool.h>
#include <stdlib.h>

#define WIDEST 4096
#define ROWS 37

static uint64_t seed = 88172645463325252u;

/* xorshift64 (Marsaglia 2003) */
static uint32_t
draw(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 16) % below;
}

enum kind { RANDOM, LEAST, GREATEST, MIXED, KINDS };

static int
pick(enum kind k, int least, int greatest)
{
	switch (k) {
	case LEAST:
		return least;
	case GREATEST:
		return greatest;
	case MIXED:
		return draw(2) ? least : greatest;
	default:
		return least + (int)draw((uint32_t)(greatest - least + 1));
	}
}

/* Rows at odd addresses, `gap` bytes between them; 1 if all are alike. */
static bool
dots_alike(vector_dots *f, size_t wide, size_t gap, enum kind rows,
    enum kind query)
{
	static int8_t room[ROWS * (WIDEST + 9) + 1], q[WIDEST];
	int32_t got[ROWS], want, sum = 0;
	size_t stride = wide + gap, i, k;

	for (i = 0; i < sizeof room; i++)
		room[i] = (int8_t)pick(rows, -128, 127);
	for (k = 0; k < wide; k++)
		sum += q[k] = (int8_t)pick(query, -128, 127);
	f(room + 1, stride, ROWS, q, sum, wide, got);
	for (i = 0; i < ROWS; i++) {
		for (want = 0, k = 0; k < wide; k++)
			want += room[1 + i * stride + k] * q[k];
		if (got[i] != want)
			return false;
	}
	return true;
}

static bool
signs_alike(vector_signs *f, size_t wide, enum kind rows, enum kind query)
{
	static uint8_t room[ROWS * (WIDEST / 8) + 1];
	static int16_t q[WIDEST], lut[WIDEST / 8 * 256];
	int32_t got[ROWS], want;
	size_t i, k;

	for (i = 0; i < sizeof room; i++)
		room[i] = (uint8_t)pick(rows, 0, 255);
	for (k = 0; k < wide; k++)
		q[k] = (int16_t)pick(query, -4095, 4095);
	vector_lut(q, wide, lut);
	f(room + 1, ROWS, q, lut, wide, got);
	for (i = 0; i < ROWS; i++) {
		for (want = 0, k = 0; k < wide; k++)
			want += room[1 + i * (wide / 8) + k / 8] >> (k % 8) &
			    1 ? q[k] : -q[k];
		if (got[i] != want)
			return false;
	}
	return true;
}

int
main(void)
{
	static const size_t widths[] = { 64, 128, 192, 256, 320, 384, 768,
	    1024, 1536, 4096 };
	const struct vector_way *way;
	size_t n = vector_ways(&way), i, w;
	int k, bad_dots, bad_signs;

	ok(n >= 1 && strcmp(way[n - 1].name, "plain") == 0,
	    "there is always plain C");
	for (i = 0; i < n; i++) {
		bad_dots = bad_signs = 0;
		for (w = 0; w < sizeof widths / sizeof *widths; w++)
			for (k = 0; k < KINDS * KINDS; k++) {
				bad_dots += !dots_alike(way[i].dots,
				    widths[w], (size_t)k % 10,
				    (enum kind)(k / KINDS),
				    (enum kind)(k % KINDS));
				bad_signs += !signs_alike(way[i].signs,
				    widths[w], (enum kind)(k / KINDS),
				    (enum kind)(k % KINDS));
			}
		is_int(bad_dots, 0, "%s: products", way[i].name);
		is_int(bad_signs, 0, "%s: signs", way[i].name);
	}
	return done();
}
