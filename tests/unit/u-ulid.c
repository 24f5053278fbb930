/*
 * ULIDs against the published example of their time and against long
 * division of the 128 bits.
 */
#include "tap.h"

#include "base/ulid.h"

#include <stdlib.h>

/* The id as a number, divided by 32 again and again. */
static void
slow(char *out, const uint8_t id[ULID_BYTES])
{
	uint8_t n[ULID_BYTES];
	int i, k, rest;

	memcpy(n, id, sizeof n);
	out[ULID_LEN] = '\0';
	for (k = ULID_LEN - 1; k >= 0; k--) {
		for (rest = i = 0; i < ULID_BYTES; i++) {
			rest = rest * 256 + n[i];
			n[i] = (uint8_t)(rest / 32);
			rest %= 32;
		}
		out[k] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[rest];
	}
}

static void
forms(void)
{
	static const uint8_t zero[10], full[10] = { 255, 255, 255, 255, 255,
	    255, 255, 255, 255, 255 };
	char s[ULID_LEN + 1];
	uint8_t id[ULID_BYTES];

	ulid_format(s, 1706540400000, zero);
	is_str(s, "01HNAVQZC00000000000000000", "48 bits of time come first");
	ok(ulid_parse(s, id) && ulid_time(id) == 1706540400000,
	    "and come back");
	ulid_format(s, 1469918176385, zero);
	ok(strncmp(s, "01ARYZ6S41", 10) == 0, "the example of the standard");
	ulid_format(s, ULID_TIME_MAX, full);
	is_str(s, "7ZZZZZZZZZZZZZZZZZZZZZZZZZ", "the last");
	ok(ulid_parse(s, id) && ulid_time(id) == ULID_TIME_MAX, "is read");
	ulid_format(s, -1, zero);
	is_str(s, "00000000000000000000000000", "before 1970 is 0");
}

static void
bad(void)
{
	static const char *const t[] = { "", "0", "01HNAVQZC0000000000000000",
	    "01HNAVQZC000000000000000000", "80000000000000000000000000",
	    "Z0000000000000000000000000", "01HNAVQZCU0000000000000000",
	    "01HNAVQZC-0000000000000000", "01HNAVQZC\303\244000000000000000",
	    " 1HNAVQZC00000000000000000" };
	uint8_t id[ULID_BYTES], a[ULID_BYTES], b[ULID_BYTES];
	size_t i;

	memset(id, 42, sizeof id);
	for (i = 0; i < sizeof t / sizeof *t; i++)
		ok(!ulid_parse(t[i], id), "'%s' is none", t[i]);
	ok(id[0] == 42 && id[15] == 42, "and nothing was stored");
	ok(ulid_parse("01hnavqzc0iloILO0000000000", a) &&
	    ulid_parse("01HNAVQZC01101100000000000", b) &&
	    memcmp(a, b, sizeof a) == 0, "letters that are taken for digits");
}

static void
many(void)
{
	uint8_t id[ULID_BYTES], back[ULID_BYTES], last[ULID_BYTES] = { 0 };
	char s[ULID_LEN + 1], want[ULID_LEN + 1];
	char before[ULID_LEN + 1] = "00000000000000000000000000";
	int i, k, good = 1, sorted = 1;

	srand(1);
	for (i = 0; i < 20000; i++) {
		for (k = 0; k < ULID_BYTES; k++)
			id[k] = (uint8_t)(rand() >> 7);
		ulid_from_bytes(s, id);
		slow(want, id);
		good &= strcmp(s, want) == 0 && ulid_parse(s, back) &&
		    memcmp(id, back, sizeof id) == 0;
		sorted &= (memcmp(last, id, sizeof id) < 0) ==
		    (strcmp(before, s) < 0);
		memcpy(last, id, sizeof last);
		memcpy(before, s, sizeof before);
	}
	ok(good, "20000 ids, against long division, and back");
	ok(sorted, "text sorts as the bits do");
}

int
main(void)
{
	forms();
	bad();
	many();
	return done();
}
