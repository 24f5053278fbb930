#include "text/prints.h"

#include "base/json.h"
#include "base/ulid.h"

#include "tap.h"

static char room[1 << 20];

/* Words that do not come again. */
static size_t
text(char *at, size_t n, unsigned seed)
{
	size_t i;

	for (i = 0; i < n; i++) {
		seed = seed * 1103515245u + 12345u;
		at[i] = i % 7 == 6 ? ' ' : (char)('a' + (seed >> 16) % 26);
	}
	return n;
}

static size_t
count(const struct prints *p, const char *s, size_t n)
{
	return prints_count(p, s, n, PRINTS_ALL);
}

static void
texts(void)
{
	struct prints p, q;
	struct err e = { 0 };
	char one[500], two[500];
	json_t *o;
	size_t i, found = 0;

	ok(prints_init(&p, &e) == 0, "made");
	text(one, sizeof one, 1);
	text(two, sizeof two, 2);
	prints_add_text(&p, one, sizeof one);
	ok(p.n >= 1 && p.n <= PRINT_TEXT, "a few places: %zu", p.n);
	ok(count(&p, one, sizeof one) == p.n, "found where it stands");
	ok(count(&p, two, sizeof two) == 0, "and nowhere else");
	text(room, sizeof room, 3);
	memcpy(room + 777777, one, sizeof one);
	ok(count(&p, room, sizeof room) == p.n, "in the middle of a MiB");
	prints_add_text(&p, "short", 5);
	prints_add_text(&p, "                                ", 32);
	prints_add_text(&p, "\n\n\"\\\n\n\"\\\n\n\"\\\n\n\"\\\n", 17);
	ok(count(&p, one, sizeof one) == p.n, "what says nothing adds none");
	prints_add_text(&p, "exactly 16 bytes", 16);
	ok(count(&p, "x exactly 16 bytes y", 20) == 1, "16 bytes are enough");

	o = prints_json(&p, 100);
	ok(prints_from_json(&q, o, &e) == 0, "read again");
	ok(q.n == p.n && count(&q, one, sizeof one) == count(&p, one,
	    sizeof one), "finds the same");
	prints_release(&q);
	json_decref(o);
	o = json_pack("{s:s, s:[s]}", "salt", "00", "ids", "zz");
	ok(prints_from_json(&q, o, &e) < 0, "not what is damaged");
	json_decref(o);

	prints_drop(&p, one, sizeof one);
	ok(count(&p, one, sizeof one) == 0 && p.dropped > 0, "taken off");
	ok(count(&p, "exactly 16 bytes", 16) == 1, "others are not");

	/* each of many, through a table that grows */
	prints_release(&p);
	prints_init(&p, &e);
	for (i = 0; i < 5000; i++)
		prints_add_text(&p, one, text(one, 100, (unsigned)i + 10));
	for (i = 0; i < 5000; i++)
		found += count(&p, one, text(one, 100, (unsigned)i + 10)) > 0;
	ok(found == 5000, "each of 5000: %zu", found);
	prints_release(&p);
}

static void
ids(void)
{
	struct err e = { 0 };
	uint8_t raw[ULID_BYTES];
	char id[ULID_LEN + 1];
	struct prints p;

	prints_init(&p, &e);
	ulid_parse("01HF7YBWNWG5JXHQEH5M3VYDK7", raw);
	ulid_from_bytes(id, raw);
	prints_add_ulid(&p, raw, false);
	ok(count(&p, id, ULID_LEN) == 1, "as people write it");
	ok(count(&p, (char *)raw, sizeof raw) == 1, "as rows have it");
	prints_drop(&p, id, ULID_LEN);
	ok(count(&p, id, ULID_LEN) == 1, "an id is nobody else's");
	prints_release(&p);
	prints_init(&p, &e);
	prints_add_ulid(&p, raw, true);
	ok(count(&p, id, ULID_LEN) == 0 && count(&p, (char *)raw,
	    sizeof raw) == 0, "one that a tombstone names may stand there");
	ok(prints_count(&p, raw, sizeof raw, PRINTS_KEYS) == 1,
	    "but be no key");
	prints_release(&p);
}

int
main(void)
{
	json_setup();
	texts();
	ids();
	return done();
}
