/*
 * Tokens, written as one line: leaves as "text", wholes as "[text]", pairs
 * as "(ab)", a lone character as "<a>", the last of a run as "<a", each with
 * its position where it is not the next one.  Stop words are in capitals
 * only in the list of stop words below.
 */
#include "base/buf.h"
#include "index/fold.h"
#include "index/token.h"
#include "index/word.h"
#include "tap.h"

#include <stdlib.h>

static struct tokens ts;

static void
shape(struct buf *b, const struct token *t)
{
	static const char *const open[] = { "", "", "(", "<", "<", "[" };
	static const char *const shut[] = { "", "", ")", ">", "", "]" };

	if (b->len > 0)
		buf_addc(b, ' ');
	buf_adds(b, open[t->kind]);
	buf_add(b, t->text, t->len);
	buf_adds(b, shut[t->kind]);
}

static const char *
line(const char *p, size_t len)
{
	static struct buf b = BUF_INIT;
	struct token t;

	buf_reset(&b);
	tokens_start(&ts, p, len, 0);
	while (token_next(&ts, &t))
		shape(&b, &t);
	return b.p;
}

static void
is_line(const char *text, const char *want)
{
	is_str(line(text, strlen(text)), want, "%s", text);
}

static void
words(void)
{
	is_line("", "");
	is_line("  ,;!? ()", "");
	is_line("Hello, World!", "hello world");
	is_line("don't 'quoted' boys' O'Brien rock\xe2\x80\x99n\xe2\x80\x99roll",
	    "don't quoted boys o'brien rock'n'roll");
	is_line("5'10 a'1", "5 10 a 1");
	is_line("__init__ _x", "init x");
	is_line("a--b a..b a, b", "a b a b a b");
	is_line("sha256 3rd 42", "sha256 3rd 42");
	is_line("end. Next", "end next");
}

static void
compounds(void)
{
	is_line("getUserName", "[getusername] get user name");
	is_line("HTTPServer", "[httpserver] http server");
	is_line("SHA1Hash", "[sha1hash] sha1 hash");
	is_line("URLs APIs", "urls apis");
	is_line("iOS isA pH", "ios isa ph");
	is_line("4F3A9B2C deadBEEF", "4f3a9b2c [deadbeef] dead beef");
	is_line("aGVsbG8gd29ybGQhIQpRsTuVwXyZ", "agvsbg8gd29ybgqhiqprstuvwxyz");
	is_line("max_retries", "[max_retries] max retries");
	is_line("a__b", "[a__b] a b");
	is_line("src/auth/getUser.c",
	    "[src/auth/getuser.c] src auth [getuser] get user c");
	is_line("/usr/lib/", "[usr/lib] usr lib");
	is_line("C:\\Users\\x", "[c:\\users\\x] c users x");
	is_line("https://ex.com/a?b=c",
	    "[https://ex.com/a] https ex com a b c");
	is_line("std::vector<int>", "[std::vector] std vector int");
	is_line("v1.2.3", "[v1.2.3] [v1] v 1 2 3");
	is_line("v2 V8Engine", "v2 [v8engine] v8 engine");
	is_line("1.2.3-rc1", "[1.2.3-rc1] 1 2 3 rc1");
	is_line("ERR-42 E1234 PROJ-7", "[err-42] err 42 e1234 [proj-7] proj 7");
	is_line("1,000 a,b 10:30", "[1,000] 1 000 a b [10:30] 10 30");
	is_line("me@example.org", "[me@example.org] me example org");
	is_line("AT&T", "[at&t] at t");
	is_line("C++ c# F#, x#1 i+j",
	    "[c++] c [c#] c [f#] f [x#1] x 1 [i+j] i j");
	is_line("snake_caseAndCamel", "[snake_caseandcamel] snake case and camel");
}

/* One run of ASCII goes a way of its own; what may be more does not. */
static void
alone(void)
{
	is_line("One TWO, three. 4: five/ six- (SEVEN) 8th", "one two three 4 "
	    "five six seven 8th");
	is_line("end.", "end");
	is_line("end", "end");
	is_line("v1. v1 v1, V2.", "[v1] v 1 v1 v1 [v2] v 2");
	is_line("c+ c++ C# c. c", "c [c++] c [c#] c c c");
	is_line("it's its' 'its", "it's its its");
	is_line("HTTPServer URLs IOError X Xy aB", "[httpserver] http server "
	    "urls [ioerror] io error x xy ab");
	is_line("Caf\xc3\xa9 Cafe\xe2\x80\x94" "bar", "cafe cafe bar");
	is_line("abcdefghijklmnopABCDEFGHIJKLMNOP0123456789abcdef", "[abcdefgh"
	    "ijklmnopabcdefghijklmnop0123456789abcdef] abcdefghijklmnop "
	    "abcdefghijklmnop0123456789abcdef");
}

static void
unicode(void)
{
	is_line("Caf\xc3\xa9 cafe\xcc\x81", "cafe cafe");
	is_line("Stra\xc3\x9f" "e", "strasse");
	is_line("\xef\xbc\xa1\xef\xbc\xb0\xef\xbc\xa9", "api");	/* full width */
	is_line("\xef\xac\x81le", "file");			/* ligature */
	is_line("\xd0\x9c\xd0\xbe\xd1\x81\xd0\xba\xd0\xb2\xd0\xb0",
	    "\xd0\xbc\xd0\xbe\xd1\x81\xd0\xba\xd0\xb2\xd0\xb0");
	is_line("so\xc2\xad" "ft zero\xe2\x80\x8bwidth a\xe2\x80\x8d" "b",
	    "soft zero width ab");
	is_line("na\xc3\xafve_caf\xc3\xa9", "[naive_cafe] naive cafe");
	/* Hindi keeps its vowel signs, Arabic loses its short ones */
	is_line("\xe0\xa4\xb9\xe0\xa4\xbf\xe0\xa4\xa8\xe0\xa5\x8d\xe0\xa4\xa6"
	    "\xe0\xa5\x80", "\xe0\xa4\xb9\xe0\xa4\xbf\xe0\xa4\xa8\xe0\xa5\x8d"
	    "\xe0\xa4\xa6\xe0\xa5\x80");
	is_line("\xd9\x83\xd9\x8e\xd8\xaa\xd9\x8e\xd8\xa8",
	    "\xd9\x83\xd8\xaa\xd8\xa8");
	is_line("\xf0\x9f\x98\x80 ok \xf0\x9f\x98\x80", "ok");	/* emoji */
	is_line("bad\xff" "byte \xc3 x\xed\xa0\x80y", "bad byte x y");
	is_line("\xcc\x81\xcc\x81 a", "a");		/* marks of nothing */
	is_str(line("a\0b", 3), "a b", "a NUL stands between words");
}

static void
unspaced(void)
{
	is_line("\xe6\x95\xb0\xe6\x8d\xae\xe5\xba\x93",
	    "(\xe6\x95\xb0\xe6\x8d\xae) (\xe6\x8d\xae\xe5\xba\x93) "
	    "<\xe5\xba\x93");
	is_line("\xe5\xba\x93", "<\xe5\xba\x93>");
	is_line("\xe7\x94\xa8redis\xe5\xba\x93",
	    "<\xe7\x94\xa8> redis <\xe5\xba\x93>");
	/* half width KA + voicing mark, and decomposed GA, are GA */
	is_line("\xef\xbd\xb6\xef\xbe\x9e\xe3\x81\x8b\xe3\x82\x99",
	    "(\xe3\x82\xac\xe3\x81\x8c) <\xe3\x81\x8c");
	/* Hangul, composed and not */
	is_line("\xed\x95\x9c\xea\xb5\xad",
	    "(\xed\x95\x9c\xea\xb5\xad) <\xea\xb5\xad");
	is_line("\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab\xea\xb5\xad",
	    "(\xed\x95\x9c\xea\xb5\xad) <\xea\xb5\xad");
}

/* Positions, ranges of bytes, stems. */
static void
details(void)
{
	const char *text = "The getUserName runs";
	struct token t;
	int n = 0, whole = 0;

	tokens_start(&ts, text, strlen(text), 10);
	while (token_next(&ts, &t)) {
		n++;
		if (t.pos == 10)
			ok(t.stop && t.kind == TOKEN_WORD, "the is a stop word");
		if (t.kind == TOKEN_WHOLE) {
			whole++;
			ok(t.pos == 11 && t.span == 3 && t.start == 4 &&
			    t.end == 15, "the whole lies over three leaves");
		}
		if (t.pos == 12)
			ok(t.start == 7 && t.end == 11 &&
			    t.kind == TOKEN_PART, "a part has its bytes");
		if (t.pos == 14)
			ok(t.stem_len == 3 && memcmp(t.stem, "run", 3) == 0 &&
			    t.len == 4, "runs has the stem run");
	}
	ok(n == 6 && whole == 1 && ts.pos == 15, "six tokens, five leaves");
	ok(word_is_stop(NULL, "wouldn't", 8) && !word_is_stop(NULL, "redis", 5) &&
	    !word_is_stop(NULL, "", 0), "the list of stop words");
}

/* Only words that begin with r are worth a stem. */
static void
wanted(void)
{
	unsigned char first[256] = { ['r'] = 1 };
	const char *text = "the jumping runs";
	struct token t;

	tokens_start(&ts, text, strlen(text), 0);
	tokens_want(&ts, first);
	ok(token_next(&ts, &t) == 1 && !t.stop, "nobody asks about the");
	ok(token_next(&ts, &t) == 1 && t.stem_len == 7, "nor jumping");
	ok(token_next(&ts, &t) == 1 && t.stem_len == 3, "runs is stemmed");
	tokens_want(&ts, NULL);
	tokens_start(&ts, text, strlen(text), 0);
	ok(token_next(&ts, &t) == 1 && t.stop, "all are wanted again");
}

static void
long_tokens(void)
{
	char text[3000], a[TOKEN_MAX], b[TOKEN_MAX];
	struct token t;
	size_t an, i, parts = 0, most = 0;

	memset(text, 'x', 200);
	tokens_start(&ts, text, 200, 0);
	ok(token_next(&ts, &t) == 1 && t.len == TOKEN_MAX && t.start == 0 &&
	    t.end == 200 && t.text[TOKEN_MAX - 17] == '~',
	    "a long word is one token of 64 bytes");
	memcpy(a, t.text, an = t.len);
	ok(token_next(&ts, &t) == 0, "and nothing else");
	text[199] = 'y';
	tokens_start(&ts, text, 200, 0);
	token_next(&ts, &t);
	memcpy(b, t.text, t.len);
	ok(memcmp(a, b, an) != 0 && memcmp(a, b, 47) == 0,
	    "another long word is another token with the same beginning");
	for (i = 0; i < sizeof text; i++)
		text[i] = i % 3 == 2 ? '/' : 'a';
	tokens_start(&ts, text, sizeof text, 0);
	while (token_next(&ts, &t)) {
		if (t.kind == TOKEN_WHOLE && t.span > most)
			most = t.span;
		parts += t.kind != TOKEN_WHOLE;
	}
	ok(parts == 1000 && most == TOKEN_LEAVES, "a long path is cut");
}

/* Folding what is folded changes nothing, for every character; the stem of a
 * word begins as it does. */
static void
folding(void)
{
	char in[8], once[64], twice[64];
	size_t n, a, b;
	uint32_t c;
	int bad = 0;

	for (c = 0x80; c < 0x30000; c++) {
		if (c >= 0xd800 && c < 0xe000)
			continue;
		n = 0;
		if (c < 0x800) {
			in[n++] = (char)(0xc0 | c >> 6);
		} else if (c < 0x10000) {
			in[n++] = (char)(0xe0 | c >> 12);
			in[n++] = (char)(0x80 | (c >> 6 & 63));
		} else {
			in[n++] = (char)(0xf0 | c >> 18);
			in[n++] = (char)(0x80 | (c >> 12 & 63));
			in[n++] = (char)(0x80 | (c >> 6 & 63));
		}
		in[n++] = (char)(0x80 | (c & 63));
		a = fold_text(once, sizeof once, in, n, false);
		b = fold_text(twice, sizeof twice, once, a, false);
		if (fold_class(c) != FOLD_NONE &&
		    (a != b || memcmp(once, twice, a) != 0 ||
		    (a > 0 && *once == '\''))) {
			if (bad++ < 5)
				printf("# U+%04X\n", (unsigned)c);
		}
	}
	ok(bad == 0, "folding twice is folding once, and none begins with a "
	    "quote (%d are not so)", bad);
}

int
main(void)
{
	tokens_init(&ts, NULL);
	words();
	compounds();
	alone();
	unicode();
	unspaced();
	details();
	wanted();
	long_tokens();
	folding();
	tokens_release(&ts);
	return done();
}
