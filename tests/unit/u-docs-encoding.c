/*
 * Bytes made UTF-8: how it is found what they are in, whatever the steps they
 * come in.
 */
#include "tap.h"

#include "base/buf.h"
#include "docs/encoding.h"

#include <stdlib.h>

struct steps {
	const char *p;
	size_t len, at, step;
};

static int64_t
steps_read(void *arg, void *p, size_t max, struct err *e)
{
	struct steps *s = arg;
	size_t n = s->len - s->at;

	(void)e;
	n = n > s->step ? s->step : n;
	n = n > max ? max : n;
	memcpy(p, s->p + s->at, n);
	s->at += n;
	return (int64_t)n;
}

static struct buf out = BUF_INIT;
static int64_t replaced;

struct how {
	const char *charset, *fallback;
	bool html, feeds;
};

static const char *
decode(const char *p, size_t len, size_t step, struct how how)
{
	struct steps s = { p, len, 0, step };
	struct docs_in from = { .read = steps_read, .arg = &s, .name = "t",
	    .size = -1, .most = INT64_MAX, .charset = how.charset,
	    .fallback = how.fallback }, in;
	struct docs_decode *d = docs_decode_new(&from, how.feeds, &in);
	static struct err e;
	char room[7];
	int64_t n;

	if (how.html)
		docs_decode_html(d);
	buf_reset(&out);
	while ((n = docs_in_read(&in, room, 1 + out.len % sizeof room, &e)) > 0)
		buf_add(&out, room, (size_t)n);
	docs_decode_free(d);
	replaced = from.replaced;
	return n < 0 ? e.msg : out.p;
}

#define HOW(text, ...) \
	decode(text, sizeof (text) - 1, 3, (struct how){ __VA_ARGS__ })
#define D(text) HOW(text, NULL, NULL, false, false)
#define AS(text, name, other) HOW(text, name, other, false, false)
#define HTML(text) HOW(text, NULL, NULL, true, false)

static void
found(void)
{
	is_str(D("plain"), "plain", "ASCII");
	is_str(D("\xef\xbb\xbf" "a\xc3\xa9"), "a\xc3\xa9", "UTF-8, its mark");
	is_str(D("\xff\xfe" "a\0\xe9\0"), "a\xc3\xa9", "UTF-16, one order");
	is_str(D("\xfe\xff\0a\0\xe9"), "a\xc3\xa9", "the other");
	is_str(D("\xff\xfe\0\0" "a\0\0\0\xe9\0\0\0"), "a\xc3\xa9", "UTF-32");
	is_str(D("\0\0\xfe\xff\0\0\0a"), "a", "the other");
	is_str(D("a\0b\0c\0"), "abc", "UTF-16 without a mark");
	is_str(AS("\xd8\x3d\xde\x00", "utf-16be", NULL), "\xf0\x9f\x98\x80",
	    "a pair of halves");
	is_str(D("caf\xc3\xa9"), "caf\xc3\xa9", "UTF-8 by what it is");
	is_str(D("caf\xe9 \x80"), "caf\xc3\xa9 \xe2\x82\xac", "windows-1252");
	is_str(AS("\xc1", NULL, "koi8-r"), "\xd0\xb0", "as configured");
	is_str(AS("\xc1", "koi8-r", NULL), "\xd0\xb0", "as declared");
	is_str(AS("a\xe9", "iso-8859-1", NULL), "a\xc3\xa9", "Latin-1");
	is_str(AS("caf\xc3\xa9", "no-such", NULL), "caf\xc3\xa9",
	    "declared, and unknown");
	is_str(AS("\xe9", NULL, "no-such"), "iconv knows no encoding "
	    "'no-such'; name another one", "configured, and unknown");
	is_str(AS("a", NULL, "no-such"), "a", "but not needed");
	is_str(AS("\x93\xfa", "Shift_JIS", NULL), "\xe6\x97\xa5", "Shift JIS");
	is_str(HTML("<meta charset='koi8-r'>\xc1"),
	    "<meta charset='koi8-r'>\xd0\xb0", "by a meta element");
	is_str(HTML("<META http-equiv=x content='a; Charset = koi8-r'>\xc1"),
	    "<META http-equiv=x content='a; Charset = koi8-r'>"
	    "\xd0\xb0", "by the other one");
	is_str(HTML("<?xml version='1' encoding=\"koi8-r\"?>\xc1"),
	    "<?xml version='1' encoding=\"koi8-r\"?>\xd0\xb0", "by XML");
}

static void
bad(void)
{
	is_str(AS("a\xc3\xa9\xff" "b", "utf-8", NULL),
	    "a\xc3\xa9\xef\xbf\xbd" "b",
	    "a bad byte where UTF-8 is declared");
	is_int(replaced, 1, "is counted");
	is_str(AS("a\xe4\xb8", "utf-8", NULL), "a\xef\xbf\xbd\xef\xbf\xbd",
	    "torn at the end");
	is_str(D("\xff\xfe" "a\0\0\xd8" "b\0"), "a\xef\xbf\xbd" "b",
	    "half a pair");
	is_str(D("\xff\xfe" "a\0b"), "a\xef\xbf\xbd", "half a unit");
	is_str(AS("\xed\xa0\x80", "utf-8", NULL), "\xef\xbf\xbd\xef\xbf\xbd"
	    "\xef\xbf\xbd", "a surrogate");
	is_int(replaced, 3, "each byte");
	is_str(AS("a\0b\x1b\x7f\xc2\x85" "c\xef\xbb\xbf" "d\f", "utf-8", NULL),
	    "ab\ncd", "no control characters, no marks inside");
	is_str(HOW("a\f", NULL, NULL, false, true), "a\f",
	    "form feeds if asked for");
	is_str(D("a\r\nb\rc\n\r\n\r"), "a\nb\nc\n\n\n", "ends of lines");
}

static void
windows(void)
{
	struct buf b = BUF_INIT, want = BUF_INIT;
	size_t i, step;

	/* the window ends within a character */
	for (step = 1000; step <= 65537; step += 21512) {
		buf_reset(&b);
		buf_addc(&b, 'x');
		for (i = 0; i < 100000; i++)
			buf_adds(&b, "\xe4\xb8\xad");
		decode(b.p, b.len, step, (struct how){ NULL, NULL, false,
		    false });
		ok(out.len == b.len && memcmp(out.p, b.p, b.len) == 0 &&
		    replaced == 0, "300 kB in steps of %zu", step);
	}
	/* what is not ASCII comes late */
	buf_reset(&b);
	for (i = 0; i < 200000; i++)
		buf_addc(&b, 'a');
	buf_add(&want, b.p, b.len);
	buf_adds(&b, "\xe9.");
	buf_adds(&want, "\xc3\xa9.");
	decode(b.p, b.len, 4096, (struct how){ NULL, NULL, false,
		    false });
	ok(out.len == want.len && memcmp(out.p, want.p, want.len) == 0,
	    "windows-1252 after 200 kB");
	decode(want.p, want.len, 4096, (struct how){ NULL, NULL, false,
		    false });
	ok(out.len == want.len && memcmp(out.p, want.p, want.len) == 0,
	    "UTF-8 after 200 kB");
	buf_release(&b);
	buf_release(&want);
}

int
main(void)
{
	found();
	bad();
	windows();
	buf_release(&out);
	return done();
}
