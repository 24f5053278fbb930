/*
 * A few members out of JSON: the same values that jansson finds.
 */
#include "tap.h"

#include "base/json.h"
#include "ltm/row_scan.h"

#include <string.h>

static struct err e;
static struct row_scan s;
static struct strv names = STRV_INIT;

/* "name=value;" of each, those in fields with a point in front. */
static const char *
scan(const char *text)
{
	static struct buf b = BUF_INIT;
	size_t i;

	buf_reset(&b);
	if (row_scan(&s, &names, text, strlen(text), &e) < 0)
		return "damaged";
	for (i = 0; i < s.n; i++)
		buf_addf(&b, "%s%s=%s;", s.v[i].in_fields ? "." : "",
		    names.v[s.v[i].name], s.v[i].p);
	return b.p;
}

static void
usual(void)
{
	is_str(scan("{\"a\":\"x\",\"b\":1.5e3,\"c\":true}"), "a=x;b=1.5e3;",
	    "strings and numbers, of those that are asked for");
	is_str(scan("{\"a\":[\"x\",\"y\",2,null,[\"z\"],{\"b\":1}],\"b\":{}}"),
	    "a=x;a=y;a=2;", "lists, one deep");
	is_str(scan("{\"fields\":{\"b\":\"x\",\"fields\":{\"a\":1}},"
	    "\"b\":false}"),
	    ".b=x;b=false;", "fields, and nothing below");
	is_str(scan("{\"x\":{\"a\":[1,\"}]\\\"\",{}]},\"a\":\"]\"}"), "a=];",
	    "what is passed over ends where it ends");
	is_str(scan(" { \"a\" : [ ] , \"b\" : \"\" } "), "b=;",
	    "blanks, an empty list, an empty string");
	is_str(scan("{}"), "", "nothing");
	is_str(scan("{\"fields\":[\"a\"],\"fields\":1}"), "",
	    "fields that are no object");
}

static void
escapes(void)
{
	is_str(scan("{\"a\":\"q\\\"b\\\\s\\/\"}"), "a=q\"b\\s/;", "quotes");
	is_str(scan("{\"a\":\"x\\n\\ty\\u0007z\\u001f\"}"), "a=x  y z ;",
	    "controls are blanks");
	is_str(scan("{\"a\":\"\\u00e9\\u20ac\\ud83d\\ude00\"}"),
	    "a=\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80;", "characters");
	is_str(scan("{\"a\":\"\\ud83d!\\udc00\"}"),
	    "a=\xef\xbf\xbd!\xef\xbf\xbd;", "halves of one");
}

static void
broken(void)
{
	static const char *const bad[] = { "", "[", "{", "{\"a\"", "{\"a\":",
	    "{\"a\":\"x", "{\"a\":\"x\\", "{\"a\":[\"x\"", "{\"a\":[1,",
	    "{\"b\":{\"c\":[}", "{\"a\":1", "{\"fields\":{\"a\":1}",
	    "{a:1}", "x" };
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		is_str(scan(bad[i]), "damaged", "damaged: %s", bad[i]);
}

static void
many(void)
{
	struct buf b = BUF_INIT;
	int i;

	buf_adds(&b, "{\"a\":[0");
	for (i = 1; i < 2 * ROW_VALUES; i++)
		buf_addf(&b, ",%d", i);
	buf_adds(&b, "],\"b\":1}");
	is_int(row_scan(&s, &names, b.p, b.len, &e), 0, "very many values");
	is_int((int64_t)s.n, ROW_VALUES, "the rest is not seen");
	is_str(s.v[ROW_VALUES - 1].p, "511", "and those that are stay whole");
	buf_release(&b);
}

int
main(void)
{
	json_setup();
	strv_add(&names, "a");
	strv_add(&names, "b");
	buf_init(&s.room);
	usual();
	escapes();
	broken();
	many();
	buf_release(&s.room);
	strv_release(&names);
	return done();
}
