/*
 * JSON: what is refused, what is written, and that reasons quote nothing.
 */
#include "tap.h"

#include "base/json.h"

#include <stdlib.h>

#include "base/utf8.h"

static const char *
refusal(const char *text, size_t len)
{
	static struct err e;
	json_t *v;

	memset(&e, 0, sizeof e);
	v = json_read(text, len, &e);
	if (v != NULL) {
		json_decref(v);
		return "read";
	}
	return e.code == ERR_INPUT ? e.msg : "another code";
}

/* Read and written again. */
static const char *
again(const char *text)
{
	static struct buf b = BUF_INIT;
	static struct err e;
	json_t *v = json_read(text, strlen(text), &e);

	buf_reset(&b);
	if (v == NULL)
		return e.msg;
	json_write(&b, v);
	json_decref(v);
	return b.p;
}

static void
refused(void)
{
	static const struct {
		const char *text, *why;
	} t[] = {
		{ "", "byte 0: the end comes too early" },
		{ "  ", "byte 2: the end comes too early" },
		{ "{\"a\":1", "byte 6: the end comes too early" },
		{ "{\"a\":1}x", "byte 8: something follows the value" },
		{ "{\"a\":1} {}", "byte 9: something follows the value" },
		{ "{\"a\":1,\"a\":2}", "byte 10: a key stands twice in one "
		    "object" },
		{ "\"\\u0000\"", "byte 8: a NUL (\\u0000) in a string" },
		{ "[1e999]", "byte 6: a number is out of range" },
		{ "[9223372036854775808]",
		    "byte 20: a number is out of range" },
		{ "[-9223372036854775809]",
		    "byte 21: a number is out of range" },
		{ "\"\\ud800\"", "byte 8: not JSON" },
		{ "[01]", "byte 2: not JSON" },
		{ "[NaN]", "byte 4: not JSON" },
		{ "{'a':1}", "byte 2: not JSON" },
		{ "[1,]", "byte 4: not JSON" },
		{ "id,title", "byte 2: not JSON" },
	};
	size_t i;

	for (i = 0; i < sizeof t / sizeof *t; i++)
		is_str(refusal(t[i].text, strlen(t[i].text)), t[i].why,
		    "%s is refused", t[i].text);
	ok(strstr(refusal("\"a\xff\"", 4), "not UTF-8") != NULL,
	    "a byte that is not UTF-8");
	ok(strstr(refusal("\"\xed\xa0\x80\"", 5), "not UTF-8") != NULL,
	    "a surrogate in UTF-8");
	ok(strcmp(refusal("\"a\0b\"", 5), "read") != 0, "a NUL in a string");
	ok(strcmp(refusal("[1]\0", 4), "read") != 0, "a NUL behind a value");
	ok(strstr(refusal("{\"k\":\"geheim\" geheim}", 21), "geheim") == NULL,
	    "a reason quotes nothing");
}

static void
depth(void)
{
	char text[20000];
	size_t i;

	for (i = 0; i < 64; i++) {
		text[i] = '[';
		text[127 - i] = ']';
	}
	is_str(refusal(text, 128), "read", "64 deep");
	memset(text, '[', 65);
	memset(text + 65, ']', 65);
	is_str(refusal(text, 130), "byte 65: nested deeper than 64", "65 deep");
	memset(text, '[', sizeof text);
	is_str(refusal(text, sizeof text), "byte 65: nested deeper than 64",
	    "20,000 deep");
	for (i = 0; i + 5 <= sizeof text; i += 5)
		memcpy(text + i, "{\"a\":", 5);
	is_str(refusal(text, i), "byte 321: nested deeper than 64",
	    "objects too");
	/* brackets in strings do not count, escaped quotes do not end them */
	memset(text, '[', 500);
	memcpy(text, "[\"\\\"", 4);
	memcpy(text + 498, "\"]", 2);
	is_str(refusal(text, 500), "read", "brackets in a string");
	for (i = 0; i < 300; i++)
		memcpy(text + 1 + i * 3, "[],", 3);
	text[0] = '[';
	text[300 * 3] = ']';
	is_str(refusal(text, 901), "read", "many side by side");
	is_str(refusal("]]]]]]]]]]", 10), "byte 1: not JSON", "only closed");
}

static void
written(void)
{
	static const char *const same[] = {
		"{\"b\":1,\"a\":[true,false,null,{}],\"c\":[]}",
		"\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f/\x7f\"",
		"\"gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80\"",
		("[0.1,1.0,-2.5,1e+100,4.94065645841247e-324,"
		    "1.7976931348623157e+308,-0.0]"),
		"[0.30000000000000004,100000.0,123456789012345.0]",
		"[9223372036854775807,-9223372036854775808,0]",
		"{\"\":\"\"}", "\"\"", "7", "null",
	};
	struct buf b = BUF_INIT;
	struct err e;
	json_t *v;
	size_t i;

	for (i = 0; i < sizeof same / sizeof *same; i++)
		is_str(again(same[i]), same[i], "comes back");
	is_str(again(" { \"a\" : \"\\u00e9\\/\\ud83d\\ude00\" } "),
	    "{\"a\":\"\xc3\xa9/\xf0\x9f\x98\x80\"}", "escapes are undone");
	is_str(again("\xef\xbb\xbf[1]"), "[1]", "a byte order mark is passed");
	is_str(again("\xef\xbb\xbf[x]"), "byte 5: not JSON", "and counted");

	v = json_read("{\"b\":{\"z\":1,\"y\":2},\"a\":0,\"ab\":1}", 32, &e);
	json_sorted(&b, v);
	is_str(b.p, "{\"a\":0,\"ab\":1,\"b\":{\"y\":2,\"z\":1}}", "sorted");
	json_decref(v);
	buf_release(&b);
}

/* Every byte at every place of a short string, against jansson. */
static void
quoted(void)
{
	char text[24];
	int c, at, wrong = 0, invalid = 0;
	struct buf b = BUF_INIT;
	char *want;
	json_t *v;
	struct err e;

	for (c = 0; c < 256; c++)
		for (at = 0; at < 20; at++) {
			memset(text, 'x', 20);
			text[at] = (char)c;
			buf_reset(&b);
			json_quote(&b, text, 20);
			if (c >= 0x80) {
				v = json_read(b.p, b.len, &e);
				if (v == NULL || json_string_length(v) != 22)
					invalid++;
				json_decref(v);
				continue;
			}
			v = json_stringn(text, 20);
			want = json_dumps(v, JSON_ENCODE_ANY);
			wrong += strcasecmp(want, b.p) != 0;
			free(want);
			json_decref(v);
		}
	is_int(wrong, 0, "ASCII is quoted as jansson does");
	is_int(invalid, 0, "a bad byte becomes U+FFFD");
	buf_reset(&b);
	json_quote(&b, "", 0);
	is_str(b.p, "\"\"", "nothing is quoted");
	buf_release(&b);
}

static void
getters(void)
{
	struct err e;
	const char *bad = NULL, *text = "{\"s\":\"x\",\"i\":7,\"n\":null,"
	    "\"r\":1.5,\"t\":\"2024-01-29T00:00:00Z\",\"a\":[{\"k\":[1,2]}],"
	    "\"big\":253402300800000,\"w\":\"soon\"}";
	json_t *o = json_read(text, strlen(text), &e);
	int64_t v = 42;

	is_str(get_str(o, "s", &bad), "x", "a string");
	ok(get_str(o, "n", &bad) == NULL && get_str(o, "no", &bad) == NULL &&
	    bad == NULL, "null is absent");
	ok(get_str(o, "i", &bad) == NULL && strcmp(bad, "i") == 0,
	    "another type is told");
	ok(get_int(o, "i", &v) == 1 && v == 7, "a number");
	ok(get_int(o, "no", &v) == 0 && get_int(o, "n", &v) == 0 &&
	    get_int(o, "r", &v) == -1 && get_int(o, "s", &v) == -1 && v == 7,
	    "no number");
	ok(get_time(o, "i", &v) == 1 && v == 7, "a time in ms");
	ok(get_time(o, "t", &v) == 1 && v == INT64_C(1706486400000),
	    "a time in RFC 3339");
	ok(get_time(o, "big", &v) == -1 && get_time(o, "w", &v) == -1 &&
	    get_time(o, "a", &v) == -1 && get_time(o, "no", &v) == 0,
	    "no time");
	is_int(json_integer_value(get_path(o, "a.0.k.1")), 2, "a path");
	ok(get_path(o, "a.1.k") == NULL && get_path(o, "a.x") == NULL &&
	    get_path(o, "s.x") == NULL && get_path(o, "a.0x") == NULL &&
	    get_path(o, "") == NULL && get_path(o, "a..k") == NULL &&
	    get_path(o, "a.-1") == NULL &&
	    get_path(o, "a.99999999999999999999") == NULL, "no such path");
	json_decref(o);
}

/* What json_reason makes of an answer. */
static const char *
reason(const char *answer)
{
	static const char *const paths[] = { "error.0.why", "error", NULL };
	static struct buf b = BUF_INIT;

	buf_reset(&b);
	json_reason(&b, answer, strlen(answer), paths);
	return b.p;
}

static void
reasons(void)
{
	is_str(reason("{\"error\":[{\"why\":\"no\"}]}"), ": no", "a path");
	is_str(reason("{\"error\":\"a\\nb\\u007f\"}"), ": a b ",
	    "the next path; no controls");
	is_str(reason("{\"error\":[{\"why\":\"\"}]}"), "", "an empty one");
	is_str(reason("{\"error\":{\"code\":1}}"), "", "no text");
	is_str(reason("<html>"), "", "no JSON");
}

int
main(void)
{
	json_setup();
	refused();
	depth();
	written();
	quoted();
	getters();
	reasons();
	return done();
}
