/*
 * Long strings go by the parser: what is read, and refused, is what jansson
 * alone reads and refuses, of texts that are drawn, and of the same with a byte
 * that is another.
 */
#include "tap.h"

#include "base/json.h"
#include "base/json_long.h"

#include <stdlib.h>

#define TEXTS 4000
#define FLAGS (JSON_REJECT_DUPLICATES | JSON_DECODE_ANY)

static uint32_t seed = 7;

static uint32_t
draw(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static void
put_string(struct buf *b)
{
	static const char *const some[] = { "\\n", "\\\"", "\\\\", "\\/",
	    "\\u00e9", "\\ud83d\\ude00", "\xc3\xa9", "\xe4\xb8\xad", ":", "{",
	    "]", ",", "\\t", "\x7f" };
	uint32_t n = draw(4) == 0 ? 90 + draw(300) : draw(12);
	bool odd = draw(3) == 0;

	buf_addc(b, '"');
	while (n-- > 0)
		if (odd && draw(8) == 0)
			buf_adds(b, some[draw(sizeof some / sizeof *some)]);
		else
			buf_addc(b, (char)('a' + draw(26)));
	buf_addc(b, '"');
}

static void
put_value(struct buf *b, int depth)
{
	uint32_t n, kind = draw(depth > 3 ? 4 : 6);

	if (kind < 3) {
		put_string(b);
		return;
	}
	if (kind == 3) {
		buf_adds(b, draw(2) == 0 ? "17" : "null");
		return;
	}
	buf_addc(b, kind == 4 ? '[' : '{');
	for (n = draw(5); n > 0; n--) {
		if (kind == 5) {
			put_string(b);
			buf_adds(b, draw(4) == 0 ? " : " : ":");
		}
		put_value(b, depth + 1);
		if (n > 1)
			buf_adds(b, draw(4) == 0 ? "\n, " : ",");
	}
	buf_addc(b, kind == 4 ? ']' : '}');
}

/* 1 both read the same, 0 both refuse it, -1. */
static int
compare(const char *p, size_t len)
{
	json_t *want = json_loadb(p, len, FLAGS, NULL), *got;
	struct err e = { 0 };
	int r;

	got = json_read(p, len, &e);
	r = want == NULL ? (got == NULL && e.code == ERR_INPUT ? 0 : -1) :
	    got != NULL && json_equal(want, got) ? 1 : -1;
	json_decref(want);
	json_decref(got);
	return r;
}

static void
drawn(void)
{
	struct buf b = BUF_INIT;
	int i, k, r, good = 0, bad = 0, taken = 0, refused = 0;
	struct json_long l;

	for (i = 0; i < TEXTS; i++) {
		buf_reset(&b);
		put_value(&b, 0);
		taken += json_long_take(&l, b.p, b.len);
		json_long_release(&l);
		r = compare(b.p, b.len);
		good += r == 1;
		bad += r < 0;
		for (k = 0; k < 4; k++) {
			b.p[draw((uint32_t)b.len)] = (char)draw(256);
			r = compare(b.p, b.len);
			bad += r < 0;
			refused += r == 0;
		}
	}
	is_int(bad, 0, "none is read otherwise than by jansson alone");
	ok(good > TEXTS * 9 / 10 && refused > TEXTS && taken > TEXTS / 8,
	    "%d are JSON, %d had long strings, %d that were changed are none",
	    good, taken, refused);
	buf_release(&b);
}

static void
taken(void)
{
	struct buf b = BUF_INIT;
	struct json_long l;
	json_t *v;
	int i;

	buf_adds(&b, "{\"a\":\"");
	for (i = 0; i < 50; i++)
		buf_adds(&b, "four\\n");
	buf_adds(&b, "\",\"b\":\"");
	for (i = 0; i < 50; i++)
		buf_adds(&b, "\\u00e9 ");
	buf_adds(&b, "\"}");
	ok(json_long_take(&l, b.p, b.len), "a long string");
	is_int((int64_t)l.parts, 1, "but none with \\uXXXX");
	is_int((int64_t)(b.len - l.text.len), 200, "escapes stay");
	v = json_loadb("{\"a\":\"x\",\"b\":\"\"}", 16, FLAGS, NULL);
	ok(v != NULL && !json_long_give(&l, v), "of another text");
	json_decref(v);
	v = json_loadb("[]", 2, FLAGS, NULL);
	ok(v != NULL && !json_long_give(&l, v), "that has no strings");
	json_decref(v);
	json_long_release(&l);
	buf_release(&b);
}

int
main(void)
{
	json_setup();
	taken();
	drawn();
	return done();
}
