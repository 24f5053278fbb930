/*
 * Markdown: blocks, what a paragraph says, front matter.
 */
#include "told.h"

#include "docs/markdown.h"
#include "docs/md_inline.h"

static const struct told_case blocks[] = {
	{ "nothing", "", "" },
	{ "links in headings", "# [a](http://b)\n", "H1 a\n" },
	{ "headings", "# One #\n## Two {#two}\nThree *x*\n===\nFour\nmore\n--\n"
	    "####### no\n#no\n", "H1 One\nH2 Two\nH1 Three x\nH2 Four more\n"
	    "P ####### no #no\n" },
	{ "paragraphs, breaks", "a\n  b  \nc\\\nd\n\n***\ne\n- - -\n",
	    "P a b|c|d\nP e\n" },
	{ "lists", "- a\n  b\n  - c\n\n    d\n- e\nf\n\n1. g\n2) h\n\ni\n",
	    "I1 a b\nI2 c\nP d\nI1 e f\nI1 1. g\nI1 2) h\nP i\n" },
	{ "what interrupts a paragraph, and what does not", "a\n- b\n\nc\n"
	    "2. d\n\ne\n1. f\n", "P a\nI1 b\nP c 2. d\nP e\nI1 1. f\n" },
	{ "headings and code in a list", "- # h\n- ```\n  x\n  ```\n-\n  y\n",
	    "I1 h\nC0 x\nI1 y\n" },
	{ "quotes, and lines that go on without the mark", "> a\nb\n> > c\n\n"
	    "> # d\n", "P a b\nP c\nP d\n" },
	{ "a list in a quote in a list", "- > 1. a\n  >    b\n",
	    "I2 1. a b\n" },
	{ "code", "```c\n  int *x;\n\n\ty\n```\n\n    a\n\n      b\n\nc\n~~~\n"
	    "```\n~~~~\nd\n", "C0   int *x;||\ty\nC0 a||  b\nP c\nC0 ```\n"
	    "P d\n" },
	{ "a fence that nobody closes, and one in a list that ends",
	    "- ```\n  a\n\nb\n\n```\nc\n", "C0 a\nP b\nC0 c\n" },
	{ "tabs", "-\ta\n\n\tb\n\n\tc\n", "I1 a\nP b\nP c\n" },
	{ "tables", "x\n\n| A | B |\n|---|:-:|\n| 1 | `a\\|b` |\n| *2* |\n\n"
	    "a | b\n--|--\nc | d\n# e\n", "P x\nR1 A\tB\nR0 1\ta|b\nR0 2\n"
	    "R1 a\tb\nR0 c\td\nH1 e\n" },
	{ "a table needs as many columns", "a | b\n---\n\nc | d\n--|--|--\n",
	    "H2 a | b\nP c | d --|--|--\n" },
	{ "HTML", "<h1 align=c>T <i>x</i></h1>\n\n<div>\na &amp; b\n<p>c"
	    "</div>\n\n<!-- x\n\ny -->\nd\n<script>\n\nno</script>\n<pre>\nz\n\nz\n"
	    "</pre>\n", "H1 T x\nP a & b|c\nP d\nP z||z\n" },
	{ "no front matter", "---\n\na: b\n---\n", "H2 a: b\n" },
	{ "YAML", "---\ntitle: \"A: b\"\nauthors: [Ann, 'Bo, B']\n"
	    "date: 2024-05-01 # x\nlastmod: 2024-05-02T10:00:00 +0100\ntags:\n"
	    "  - one\n  - \"two\"\nlang: en\nx:\n  title: no\ndescription: >\n"
	    "  lang: no\n---\na\n", "title: A: b\nauthor: Ann, Bo, B\n"
	    "created: 2024-05-01T00:00:00.000Z\n"
	    "modified: 2024-05-02T09:00:00.000Z\ntag: one\ntag: two\n"
	    "language: en\nP a\n" },
	{ "TOML", "+++\ntitle = \"A\"\ntags = [\n \"x\",\n 'y'\n]\n"
	    "date = 2024-05-01T10:00:00Z\n[extra]\ntitle = 'no'\n+++\na\n",
	    "title: A\ntag: x\ntag: y\ncreated: 2024-05-01T10:00:00.000Z\n"
	    "P a\n" },
	{ "front matter that never ends", "---\ntitle: a\nb\n",
	    "P title: a b\n" }
};

static const struct {
	const char *text, *want;
} spans[] = {
	{ "a *b* _c_ **d** ***e*** ~~f~~ *g **h** i*", "a b c d e f g h i" },
	{ "2 * 3 * 4, a_b_c, *x, y**, __init__", "2 * 3 * 4, a_b_c, x, y*, "
	    "init" },
	{ "`a *b* \\` ``c ` d`` `e", "a *b* \\ c ` d `e" },
	{ "[a](http://x/ \"t\") [http://y](http://y) [b](#c) [d](/e)",
	    "a (http://x/) http://y b d" },
	{ "[a *b*](<http://x y> 't') ![p](q) [![r](s)](http://t)",
	    "a b (http://x y) p r" },
	{ "[a][b] [c][] [d] [^1] [ ] x[0]", "a c [d] [^1] [ ] x[0]" },
	{ "[a](b c) [d](e", "[a](b c) [d](e" },
	{ "<http://a.b> <c@d.e> <b>f</b> <!-- g --> h<br>i <2 a<b",
	    "http://a.b c@d.e f  h\ni <2 a<b" },
	{ "&amp;&#65;&#x42;&nbsp;&copy;&nope; &#0; &", "&AB \xc2\xa9&nope; "
	    "&#0; &" },
	{ "\\*a\\* \\[b\\] \\c \\", "*a* [b] \\c \\" }
};

static void
hostile(void)
{
	static const char *const parts[] = { "*a ", "[", "[a](", "`a``",
	    "<a b=\"",
	    "<!--", "> ", "- ", "![", "[a][", "&#", "_a*", "\\", "|", "<a ='",
	    "1. ", "***a", "](" };
	struct buf b = BUF_INIT;
	size_t i, k;

	for (i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		buf_reset(&b);
		for (k = 0; k < 200000; k++)
			buf_adds(&b, parts[i]);
		ok(read_as(docs_read_markdown, "x.md", b.p, b.len) == told.p,
		    "two hundred thousand times '%s'", parts[i]);
	}
	buf_release(&b);
}

int
main(void)
{
	struct buf b = BUF_INIT;
	size_t i;

	TOLD_CASES(docs_read_markdown, "x.md", blocks);
	for (i = 0; i < sizeof spans / sizeof spans[0]; i++) {
		buf_reset(&b);
		md_inline(&b, spans[i].text, strlen(spans[i].text), true);
		is_str(b.p, spans[i].want, "%s", spans[i].text);
	}
	hostile();
	buf_release(&b);
	buf_release(&told);
	return done();
}
