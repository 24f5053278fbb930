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
	uint32_t acc = 0;	/* bits not given out yet, lowest last */
	int i, o = 0, bits = 2;	/* of them; the two that are always zero */

	for (i = 0; i < ULID_BYTES; i++) {
		acc = acc << 8 | id[i];
		for (bits += 8; bits >= 5; bits -= 5)
			out[o++] = digits[acc >> (bits - 5) & 31];
	}
	assert(o == ULID_LEN && bits == 0);
	out[o] = '\0';
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

/* The value of a digit, -1 if it is none. */
static int
ulid_digit(char c)
{
	const char *p;

	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'I' || c == 'L')
		return 1;
	if (c == 'O')
		return 0;
	if (c == '\0' || (p = strchr(digits, c)) == NULL)
		return -1;
	return (int)(p - digits);
}

int
ulid_parse(const char *s, uint8_t id[ULID_BYTES])
{
	uint8_t got[ULID_BYTES];
	uint32_t acc = 0;
	int i, d, o = 0, bits = -2;

	for (i = 0; i < ULID_LEN; i++) {
		/* the end of a short string is no digit either */
		if ((d = ulid_digit(s[i])) < 0 || (i == 0 && d > 7))
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
