/*
 * ULIDs.  26 characters hold 130 bits; the two extra ones are the highest
 * and must be zero, so the first character is at most 7.
 */
#include "base/ulid.h"

#include <assert.h>
#include <string.h>

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void
ulid_from_bytes(char *out, const uint8_t id[ULID_BYTES])
{
	uint64_t high = 0, low = 0, mid;
	int i;

	for (i = 0; i < 8; i++) {
		high = high << 8 | id[i];
		low = low << 8 | id[8 + i];
	}
	mid = low >> 60 | high << 4;	/* 60 bits are twelve digits */
	high >>= 56;
	out[0] = digits[high >> 5];
	out[1] = digits[high & 31];
	for (i = 0; i < 12; i++) {
		out[13 - i] = digits[mid & 31];
		out[25 - i] = digits[low & 31];
		mid >>= 5;
		low >>= 5;
	}
	out[ULID_LEN] = '\0';
}

void
ulid_format(char *out, int64_t ms, const uint8_t rest[10])
{
	uint8_t id[ULID_BYTES];
	int i;

	assert(ms <= ULID_TIME_MAX);
	if (ms < 0)
		ms = 0;
	for (i = 0; i < 6; i++)
		id[i] = (uint8_t)(ms >> (40 - 8 * i));
	memcpy(id + 6, rest, 10);
	ulid_from_bytes(out, id);
}

/* The value of a digit, plus one; 0: it is none.  An import reads three
 * ids for each event, so this is a table. */
static const uint8_t values[256] = {
	['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6,
	['6'] = 7, ['7'] = 8, ['8'] = 9, ['9'] = 10, ['A'] = 11, ['B'] = 12,
	['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16, ['G'] = 17,
	['H'] = 18, ['I'] = 2, ['J'] = 19, ['K'] = 20, ['L'] = 2, ['M'] = 21,
	['N'] = 22, ['O'] = 1, ['P'] = 23, ['Q'] = 24, ['R'] = 25, ['S'] = 26,
	['T'] = 27, ['V'] = 28, ['W'] = 29, ['X'] = 30, ['Y'] = 31,
	['Z'] = 32, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14,
	['e'] = 15, ['f'] = 16, ['g'] = 17, ['h'] = 18, ['i'] = 2, ['j'] = 19,
	['k'] = 20, ['l'] = 2, ['m'] = 21, ['n'] = 22, ['o'] = 1, ['p'] = 23,
	['q'] = 24, ['r'] = 25, ['s'] = 26, ['t'] = 27, ['v'] = 28,
	['w'] = 29, ['x'] = 30, ['y'] = 31, ['z'] = 32,
};

int
ulid_parse(const char *s, uint8_t id[ULID_BYTES])
{
	uint8_t got[ULID_BYTES];
	uint32_t acc = 0;
	int i, d, o = 0, bits = -2;

	for (i = 0; i < ULID_LEN; i++) {
		/* the end of a short string is no digit either */
		d = values[(unsigned char)s[i]] - 1;
		if (d < 0 || (i == 0 && d > 7))
			return 0;
		acc = acc << 5 | (uint32_t)d;
		if ((bits += 5) >= 8) {
			bits -= 8;
			got[o++] = (uint8_t)(acc >> bits);
		}
	}
	if (s[ULID_LEN] != '\0')
		return 0;
	memcpy(id, got, sizeof got);
	return 1;
}

int64_t
ulid_time(const uint8_t id[ULID_BYTES])
{
	int64_t ms = 0;
	int i;

	for (i = 0; i < 6; i++)
		ms = ms << 8 | id[i];
	return ms;
}
