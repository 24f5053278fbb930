/*
 * UTF-8 against a slow decoder that computes each character and judges it,
 * over all characters and over all sequences of three bytes and many of
 * four.
 */
#include "tap.h"

#include "base/utf8.h"

#include <stdlib.h>

/* RFC 3629, section 3, written down; 0 is bad. */
static size_t
slow(const unsigned char *p, size_t len, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t i, n;

	if (len == 0)
		return 0;
	n = p[0] < 0x80 ? 1 : p[0] >> 5 == 6 ? 2 : p[0] >> 4 == 14 ? 3 :
	    p[0] >> 3 == 30 ? 4 : 0;
	if (n == 0 || n > len)
		return 0;
	*c = n == 1 ? p[0] : p[0] & (0xFFu >> (n + 1));
	for (i = 1; i < n; i++) {
		if (p[i] >> 6 != 2)
			return 0;
		*c = *c * 64 + p[i] % 64;
	}
	if (*c < least[n] || *c > 0x10FFFF || (*c >= 0xD800 && *c <= 0xDFFF))
		return 0;
	return n;
}

/* Does a string of n bytes get the same answer from both? */
static int
agrees(const unsigned char *p, size_t n)
{
	uint32_t c = 0, got;
	size_t want, k, at = 0;

	want = slow(p, n, &c);
	got = utf8_decode((const char *)p, n, &k);
	if (want > 0 ? got != c || k != want : got != 0xFFFD || k != 1)
		return 0;
	while (at < n && (k = slow(p + at, n - at, &c)) > 0)
		at += k;
	return utf8_check((const char *)p, n) == at;
}

static void
all_bytes(void)
{
	static const unsigned char edge[] = { 0x00, 0x7F, 0x80, 0x8F, 0x90,
	    0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xED, 0xF4, 0xFF };
	size_t k, i, j, m = sizeof edge;
	unsigned char s[4];
	uint32_t v;
	int good = 1;

	for (v = 0; v < 1 << 16; v++) {
		s[0] = v >> 8 & 255;
		s[1] = v & 255;
		good &= agrees(s, 1) & agrees(s, 2);
		for (i = 0; i < m; i++) {
			s[2] = edge[i];
			good &= agrees(s, 3);
			if (s[0] < 0xE0)
				continue;
			for (j = 0; j < m; j++) {
				s[3] = edge[j];
				good &= agrees(s, 4);
			}
		}
	}
	ok(good, "every lead and second byte, with every sort of others");
	good = 1;
	for (v = 0; v < 0x110000; v++) {
		uint32_t c = 0;
		char t[4];

		k = utf8_put(t, v);
		if (v >= 0xD800 && v <= 0xDFFF)
			good &= k == 0;
		else
			good &= slow((unsigned char *)t, k, &c) == k && c == v;
	}
	ok(good, "every character is written and read back");
	ok(utf8_put((char *)s, 0x110000) == 0 &&
	    utf8_put((char *)s, UINT32_MAX) == 0, "there are no more");
}

static void
bad(void)
{
	static const struct {
		const char *s, *what;
	} t[] = {
		{ "\xC0\xAF", "overlong slash, two bytes" },
		{ "\xC1\xBF", "overlong, two bytes" },
		{ "\xE0\x80\xAF", "overlong slash, three bytes" },
		{ "\xE0\x9F\xBF", "overlong, three bytes" },
		{ "\xF0\x80\x80\xAF", "overlong slash, four bytes" },
		{ "\xF0\x8F\xBF\xBF", "overlong, four bytes" },
		{ "\xED\xA0\x80", "the first surrogate" },
		{ "\xED\xBF\xBF", "the last surrogate" },
		{ "\xED\xA0\x81\xED\xB0\x80", "a pair of surrogates" },
		{ "\xF4\x90\x80\x80", "U+110000" },
		{ "\xF8\x88\x80\x80\x80", "five bytes" },
		{ "\xFE", "no lead byte" },
		{ "\x80", "a byte of the middle" },
		{ "\xE2\x82", "a cut euro sign" },
		{ "\xE2\x28\xA1", "a euro sign with a hole" },
	};
	char s[64];
	size_t i, k, n;
	int good = 1;

	for (i = 0; i < sizeof t / sizeof *t; i++)
		is_int(utf8_check(t[i].s, strlen(t[i].s)), 0, "%s", t[i].what);
	/* the bad one at every place of a longer string */
	for (i = 0; i < sizeof t / sizeof *t; i++)
		for (k = 0; k < 40; k++) {
			n = strlen(t[i].s);
			memset(s, 'a', sizeof s);
			memcpy(s + k, t[i].s, n);
			good &= utf8_check(s, k + n) == k;
			good &= utf8_check(s, sizeof s) == k;
		}
	ok(good, "and each is found where it stands");
	is_int(utf8_check("", 0), 0, "nothing is good");
	is_int(utf8_check("a\0b", 3), 3, "so is a NUL");
	is_int(utf8_check("\xF4\x8F\xBF\xBF\xEE\x80\x80\xED\x9F\xBF", 10), 10,
	    "and the last before each hole");
}

static void
cut(void)
{
	static const char s[] = "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80";
	static const size_t want[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10 };
	size_t i;

	for (i = 0; i <= 10; i++)
		is_int(utf8_cut(s, 10, i), want[i], "cut at %zu", i);
	is_int(utf8_cut(s, 10, 99), 10, "nothing to cut");
	is_int(utf8_cut("\x80\x80\x80\x80\x80\x80", 6, 5), 5,
	    "what is no text is cut where it must be");
	is_int(utf8_cut("a\x80\x80", 3, 2), 2, "also behind a letter");
	is_int(utf8_cut("\xF0\x9F\x98\x80\x80", 5, 4), 4, "or a whole one");
}

static void
utf16(void)
{
	ok(utf8_is_utf16("\xff\xfe", 2), "a mark, little end first");
	ok(utf8_is_utf16("\xfe\xff\0{", 4), "a mark, big end first");
	ok(utf8_is_utf16("{\0\"\0", 4), "without a mark");
	ok(utf8_is_utf16("\0{\0\"\0", 5), "the other way round");
	ok(!utf8_is_utf16("{\0\"\0", 3), "too short to tell");
	ok(!utf8_is_utf16("\xff", 1) && !utf8_is_utf16("", 0), "much too short");
	ok(!utf8_is_utf16("{\"a\"", 4), "ASCII");
	ok(!utf8_is_utf16("\0\0\0\0", 4), "NULs");
	ok(!utf8_is_utf16("a\0bc", 4), "a NUL");
}

static void
widths(void)
{
	static const struct {
		uint32_t c;
		int width;
		const char *what;
	} t[] = {
		{ 'a', 1, "a letter" }, { 0xE4, 1, "a with marks" },
		{ 0xAD, 1, "soft hyphen" }, { 0x301, 0, "an accent" },
		{ 0, 0, "NUL" }, { 0x1B, 0, "escape" }, { 0x85, 0, "C1" },
		{ 0x200B, 0, "zero width space" }, { 0x200D, 0, "joiner" },
		{ 0xFE0F, 0, "variation selector" }, { 0xFEFF, 0, "mark" },
		{ 0x4E2D, 2, "Chinese" }, { 0x3042, 2, "Hiragana" },
		{ 0xAC00, 2, "Hangul" }, { 0x1100, 2, "a first Jamo" },
		{ 0x1161, 0, "a middle Jamo" }, { 0xFF21, 2, "full width A" },
		{ 0xFF71, 1, "half width Katakana" }, { 0x20AC, 1, "euro" },
		{ 0x1F600, 2, "a face" }, { 0x1F680, 2, "a rocket" },
		{ 0x1FAE0, 2, "a new face" }, { 0x231A, 2, "a watch" },
		{ 0x2500, 1, "a line" }, { 0x20000, 2, "rare Chinese" },
		{ 0xE0101, 0, "another selector" }, { 0x5D0, 1, "Hebrew" },
		{ 0x5B0, 0, "a Hebrew point" }, { 0xE01, 1, "Thai" },
		{ 0xE31, 0, "a Thai vowel above" }, { 0x10FFFF, 1, "the last" },
		{ 0x1F1E9, 1, "half a flag" },
	};
	size_t i;

	for (i = 0; i < sizeof t / sizeof *t; i++)
		is_int(utf8_width(t[i].c), t[i].width, "%s", t[i].what);
}

static void
unsafe(void)
{
	static const uint32_t yes[] = { 0, 7, 8, 13, 27, 31, 127, 0x80, 0x9B,
	    0x9F, 0x61C, 0x200B, 0x200E, 0x200F, 0x202A, 0x202E, 0x2066,
	    0x2069, 0xFEFF, 0xE0001, 0xE0041, 0xE007F };
	static const uint32_t no[] = { '\t', '\n', ' ', '~', 0xA0, 0xE4, 0x200D,
	    0x2010, 0x20AC, 0x4E2D, 0xFE0F, 0xFFFD, 0x1F600, 0x5D0, 0xE0100 };
	size_t i;

	for (i = 0; i < sizeof yes / sizeof *yes; i++)
		ok(utf8_unsafe(yes[i]), "U+%04X deceives",
		    (unsigned int)yes[i]);
	for (i = 0; i < sizeof no / sizeof *no; i++)
		ok(!utf8_unsafe(no[i]), "U+%04X does not",
		    (unsigned int)no[i]);
}

int
main(void)
{
	all_bytes();
	bad();
	cut();
	utf16();
	widths();
	unsafe();
	return done();
}
