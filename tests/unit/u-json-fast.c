/*
 * Our parser against jansson: the same value, or none.
 */
#include "tap.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/json_fast.h"

#include <stdbool.h>

static const char *const taken[] = { "0", "-0", "7", "-12", "1.5", "-0.25e2",
    "1e3", "1E-3", "123456789012345678", "\"\"", "\"a\"", "true", "false",
    "null", "[]", "{}", " [ 1 , 2 ] ", "{ \"a\" : [ { } ] }",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u00e9\\u4e2d\"",
    "\"\\ud83d\\ude00\"", "\"\xe4\xb8\xad and more than eight bytes\"",
    "{\"a\":1,\"b\":[1,\"x\\ny\",null],\"c\":{\"d\":true}}",
    "\r\n\t[\"12345678\\\"12345678\"]", "\"\x7f\"", "{\"\":1}" };

/* jansson takes some of these, and refuses the others. */
static const char *const left[] = { "", " ", "[", "]", "[1,]", "[1 2]", "{",
    "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "01", "-", "1.", ".5",
    "1e", "1e+", "1e999", "1234567890123456789", "\"", "\"a", "\"\\",
    "\"\\x\"", "\"\\u12\"", "\"\\u0000\"", "\"\\ud83d\"", "\"\\ude00\"",
    "\"\\ud83d\\u0041\"", "\"a\nb\"", "\"\xff\"", "\"\xc0\x80\"",
    "\"\xed\xa0\x80\"", "{\"a\":1,\"a\":2}", "tru", "truE", "nulll",
    "[1]x", "[1][2]", "\"a\"b", "1 2", "+1", "NaN", "'a'", "[\"a\t\"]" };

static json_t *
theirs(const char *s)
{
	json_error_t je;

	return json_loads(s, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &je);
}

static void
nested(int n, bool fits)
{
	struct buf b = BUF_INIT;
	json_t *v;
	int i;

	for (i = 0; i < n; i++)
		buf_addc(&b, '[');
	for (i = 0; i < n; i++)
		buf_addc(&b, ']');
	v = json_fast(b.p, b.len);
	ok((v != NULL) == fits, "%d levels", n);
	json_decref(v);
	buf_release(&b);
}

int
main(void)
{
	json_t *a, *b;
	struct err e;
	size_t i;

	json_setup();
	for (i = 0; i < sizeof taken / sizeof *taken; i++) {
		a = json_fast(taken[i], strlen(taken[i]));
		b = theirs(taken[i]);
		ok(a != NULL && json_equal(a, b), "the same of %s",
		    taken[i]);
		json_decref(a);
		json_decref(b);
	}
	for (i = 0; i < sizeof left / sizeof *left; i++) {
		a = json_fast(left[i], strlen(left[i]));
		ok(a == NULL, "none of it: %s", left[i]);
		json_decref(a);
	}
	nested(JSON_DEPTH_MAX, true);
	nested(JSON_DEPTH_MAX + 1, false);
	nested(100000, false);
	a = json_fast("[1]\0", 4);
	ok(a == NULL, "a NUL behind it");
	a = json_read("\"\\uD83D\\uDE00 1234567890123456789\"", 34, &e);
	is_str(json_string_value(a), "\xf0\x9f\x98\x80 1234567890123456789",
	    "json_read asks it first");
	json_decref(a);
	a = json_read("1234567890123456789", 19, &e);
	ok(json_integer_value(a) == INT64_C(1234567890123456789),
	    "and jansson then");
	json_decref(a);
	return done();
}
