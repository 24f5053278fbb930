/*
 * Percent-coding.
 */
#include "tap.h"

#include "base/uri.h"

#include <string.h>

static void
escape(void)
{
	static const char all[] = "a-Z_0.~ /%\xc3\xa9\x7f";
	struct buf b = BUF_INIT;
	char c;
	int i, n;

	uri_escape(&b, all, strlen(all), URI_PLAIN);
	is_str(b.p, "a-Z_0.~%20%2F%25%C3%A9%7F", "what is not plain");
	buf_reset(&b);
	uri_escape(&b, all, strlen(all), URI_PLAIN "/");
	is_str(b.p, "a-Z_0.~%20/%25%C3%A9%7F", "but a slash, if it may");
	buf_reset(&b);
	uri_escape(&b, "a\0b", 3, URI_PLAIN);
	is_str(b.p, "a%00b", "a NUL is in no set");
	buf_reset(&b);
	uri_escape_only(&b, all, strlen(all), "/%" URI_CONTROLS);
	is_str(b.p, "a-Z_0.~ %2F%25\xc3\xa9%7F", "what is odd alone");
	buf_reset(&b);
	uri_escape_only(&b, "a\0b", 3, "/");
	is_str(b.p, "a%00b", "and a NUL");
	for (i = 1, n = 0; i < 256; i++) {
		c = (char)i;
		buf_reset(&b);
		uri_escape_only(&b, &c, 1, URI_CONTROLS);
		n += (b.len == 3) == (i < 0x20 || i == 0x7f);
	}
	is_int(n, 255, "all control characters are, and nothing else");
	buf_release(&b);
}

static void
unescape(void)
{
	static const char *const bad[] = { "%", "a%4", "%4g", "%g4", "%%41",
	    "a%00", "%-1", "% 1" };
	struct buf b = BUF_INIT;
	uint8_t c = 0;
	size_t i;

	ok(uri_byte("%e9x", &c) && c == 0xe9 && uri_byte("%E9", &c) &&
	    c == 0xe9, "digits of either case");
	ok(!uri_byte("e9", &c) && !uri_byte("%e", &c) && !uri_byte("%", &c) &&
	    !uri_byte("", &c), "what is none");
	buf_adds(&b, "in front ");
	ok(uri_unescape(&b, "a%2fb%41%c3%A9+") == 1, "undone");
	is_str(b.p, "in front a/bA\xc3\xa9+", "behind what was there");
	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		buf_cut(&b, 8);
		ok(uri_unescape(&b, bad[i]) == 0 && b.len == 8,
		    "'%s' is refused", bad[i]);
	}
	buf_release(&b);
}

int
main(void)
{
	escape();
	unescape();
	return done();
}
