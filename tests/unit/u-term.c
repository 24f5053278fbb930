/*
 * What reaches a terminal.
 */
#include "tap.h"

#include "base/term.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/utf8.h"

static const char *
shown(const char *text, size_t len, bool multi)
{
	static struct buf b = BUF_INIT;

	buf_reset(&b);
	term_puts(&b, text, len, multi);
	return b.p;
}

#define ONE(s)	shown(s, sizeof s - 1, false)
#define MULTI(s) shown(s, sizeof s - 1, true)

/* Whatever goes in, nothing comes out that a terminal would obey. */
static void
everything(void)
{
	char in[4];
	const char *out;
	uint32_t c;
	size_t i, n, len;
	int unsafe = 0, changed = 0;

	for (c = 0; c <= 0x10ffff; c++) {
		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		n = utf8_put(in, c);
		out = shown(in, n, false);
		len = strlen(out);
		for (i = 0; i < len; i++)
			unsafe += (unsigned char)out[i] < 0x20 ||
			    out[i] == 0x7f;
		unsafe += utf8_check(out, len) != len;
		changed += (len != n || memcmp(in, out, n) != 0) !=
		    (utf8_unsafe(c) || c == '\n' || c == '\t');
	}
	is_int(unsafe, 0, "no character gets through that must not");
	is_int(changed, 0, "and no other is changed");
}

int
main(void)
{
	is_str(ONE(""), "", "nothing");
	is_str(ONE("plain ~ text"), "plain ~ text", "ASCII stays");
	is_str(ONE("gr\xc3\xbc\xc3\x9f \xe4\xbd\xa0 \xf0\x9f\x98\x80"),
	    "gr\xc3\xbc\xc3\x9f \xe4\xbd\xa0 \xf0\x9f\x98\x80", "letters too");
	is_str(ONE("a\033[2Jb"), "a\\e[2Jb", "an escape is shown");
	is_str(ONE("\0\a\b\x7f"), "\\x00\\x07\\x08\\x7f", "controls");
	is_str(ONE("a\nb\tc\r\n"), "a\\nb\\tc\\r\\n", "one line");
	is_str(MULTI("a\nb\tc\r\nd\re\r"), "a\nb\tc\nd\\re\\r", "lines");
	is_str(ONE("\xc2\x9b""31m"), "\\u{009b}31m", "a control of 8 bits");
	is_str(ONE("x\x9b\xff\xc3"), "x\\x9b\\xff\\xc3", "bad bytes");
	is_str(ONE("\xed\xa0\x80"), "\\xed\\xa0\\x80", "a surrogate");
	is_str(ONE("\xef\xbf\xbd"), "\xef\xbf\xbd", "U+FFFD itself stays");
	is_str(ONE("a\xe2\x80\xae""b\xe2\x81\xa6"), "a\\u{202e}b\\u{2066}",
	    "marks of direction");
	is_str(ONE("\xf3\xa0\x81\x81"), "\\u{e0041}", "a hidden letter");
	everything();

	ok(term_width(-1) == 80, "80 columns where nobody says");
	setenv("TERM", "xterm", 1);
	unsetenv("NO_COLOR");
	ok(!term_colour(-1), "no colour but on a terminal");
	return done();
}
