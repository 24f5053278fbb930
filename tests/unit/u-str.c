/*
 * Strings and numbers.
 */
#include "tap.h"

#include "base/str.h"

static void
compare(void)
{
	ok(str_starts("mem-log", "mem-") && str_starts("x", ""), "starts");
	ok(!str_starts("me", "mem"), "a prefix longer than the string");
	ok(str_ends("a.jsonl", ".jsonl") && str_ends("x", ""), "ends");
	ok(!str_ends("l", ".jsonl"), "an ending longer than the string");
	ok(str_same("ABCz", "abcZ") && str_same("", ""), "case is ignored");
	ok(!str_same("ab", "abc") && !str_same("abc", "ab"), "length is not");
	ok(!str_same("@", "`") && !str_same("[", "{"), "only of letters");
	ok(!str_same("\xC4", "\xE4"), "and only of ASCII");
	ok(str_eq(NULL, NULL) && str_eq("a", "a"), "equal");
	ok(!str_eq(NULL, "") && !str_eq("", NULL), "NULL is not empty");
}

static void
numbers(void)
{
	static const char *const bad[] = { "", "-", "+1", " 1", "1 ", "0x1",
	    "1.0", "1e3", "--1", "9223372036854775808", "-9223372036854775809",
	    "99999999999999999999999", "one", "\xD9\xA1" };
	int64_t v = 42;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(!str_int(bad[i], INT64_MIN, INT64_MAX, &v),
		    "'%s' is no number", bad[i]);
	is_int(v, 42, "and nothing was stored");
	ok(str_int("9223372036854775807", 0, INT64_MAX, &v) && v == INT64_MAX,
	    "the greatest");
	ok(str_int("-9223372036854775808", INT64_MIN, 0, &v) && v == INT64_MIN,
	    "the least");
	ok(str_int("-0", 0, 0, &v) && v == 0, "zero below zero");
	ok(str_int("007", 0, 9, &v) && v == 7, "leading zeros are decimal");
	ok(!str_int("10", 0, 9, &v) && !str_int("-1", 0, 9, &v), "the range");
}

static void
sizes(void)
{
	static const char *const bad[] = { "", "k", "-1", "-1k", "1kb", "1 k",
	    "1.5M", "1P", "8388608T", "9223372036854775807k", "1k\n" };
	int64_t v = 42;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(!str_size(bad[i], INT64_MAX, &v), "'%s' is no size", bad[i]);
	is_int(v, 42, "and nothing was stored");
	ok(str_size("64k", INT64_MAX, &v) && v == 65536, "64k");
	ok(str_size("2M", INT64_MAX, &v) && v == 2097152, "2M");
	ok(str_size("1G", INT64_MAX, &v) && v == 1073741824, "1G");
	ok(str_size("8388607T", INT64_MAX, &v) &&
	    v == INT64_C(8388607) << 40, "all the T there are");
	ok(str_size("0", 0, &v) && v == 0, "nothing");
	ok(str_size("1K", 1024, &v) && !str_size("1025", 1024, &v),
	    "the maximum is of bytes");
}

static void
changes(void)
{
	char a[] = "ABz\xC4[", b[] = " \t\n a b \r\n", c[] = " \n ", d[] = "";

	str_lower(a);
	is_str(a, "abz\xC4[", "lower case, ASCII");
	is_str(str_trim(b), "a b", "blanks at both ends go");
	is_str(str_trim(c), "", "all blank");
	is_str(str_trim(d), "", "empty");
}

static void
hides(void)
{
	char a[] = "key=ab12, or ab1ab12ab12.", b[] = "**** and *****",
	    c[] = "as it was";

	str_hide(a, "ab12");
	is_str(a, "key=****, or ab1********.", "wherever it is");
	str_hide(b, "**");
	is_str(b, "**** and *****", "a secret of stars comes to an end");
	str_hide(c, "");
	is_str(c, "as it was", "an empty one is nowhere");
}

static void
lists(void)
{
	struct strv l = STRV_INIT;
	char s[16];
	int i;

	strv_sort(&l);
	ok(!strv_has(&l, ""), "an empty list has nothing");
	for (i = 99; i >= 0; i--) {
		snprintf(s, sizeof s, "%02d", i);
		strv_add(&l, s);
	}
	strv_add_n(&l, "abcdef", 3);
	is_int(l.n, 101, "a hundred and one");
	ok(strv_has(&l, "abc") && !strv_has(&l, "abcdef"), "a part of one");
	strv_sort(&l);
	ok(strcmp(l.v[0], "00") == 0 && strcmp(l.v[99], "99") == 0 &&
	    strcmp(l.v[100], "abc") == 0, "sorted");
	strv_release(&l);
	ok(l.v == NULL && l.n == 0 && l.cap == 0, "released");
}

int
main(void)
{
	compare();
	numbers();
	sizes();
	changes();
	hides();
	lists();
	return done();
}
