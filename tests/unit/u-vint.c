/*
 * Numbers of seven bits a byte.
 */
#include "tap.h"

#include "base/buf.h"
#include "base/vint.h"

#include <string.h>

static void
vints(void)
{
	static const uint64_t values[] = { 0, 1, 127, 128, 16383, 16384,
	    UINT32_MAX, UINT64_MAX, UINT64_MAX - 1, UINT64_C(1) << 63 };
	uint8_t room[VINT_MAX + 1], *end;
	uint64_t x;
	size_t i;
	struct buf b = BUF_INIT;
	int good = 1;

	for (i = 0; i < sizeof values / sizeof *values; i++) {
		end = vint_put(room, values[i]);
		good &= vint_get(room, end, &x) == end && x == values[i];
		good &= vint_get(room, end - 1, &x) == NULL;
		buf_reset(&b);
		vint_add(&b, values[i]);
		good &= b.len == (size_t)(end - room) &&
		    memcmp(b.p, room, b.len) == 0 && b.p[b.len] == '\0';
	}
	ok(good, "vints come back; those cut short do not");
	memset(room, 0xff, sizeof room);
	ok(vint_get(room, room + sizeof room, &x) == NULL,
	    "a vint without an end is none");
	room[9] = 2;
	ok(vint_get(room, room + sizeof room, &x) == NULL,
	    "a vint of 65 bits is none");
	ok(vint_get(NULL, NULL, &x) == NULL, "nothing stays nothing");
	buf_release(&b);
}

static void
bytes(void)
{
	static const uint8_t want[] = { 0xe5, 0x8e, 0x26 };
	uint8_t room[VINT_MAX];

	ok(vint_put(room, 624485) == room + 3 && memcmp(room, want, 3) == 0,
	    "the example of DWARF 5, 7.6");
}

int
main(void)
{
	vints();
	bytes();
	return done();
}
