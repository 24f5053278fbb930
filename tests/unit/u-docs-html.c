/*
 * HTML: which elements say what.
 */
#include "told.h"

#include "docs/html.h"
#include "docs/markup.h"

static const struct told_case cases[] = {
	{ "nothing", "", "" },
	{ "headings, paragraphs that are not closed, blanks",
	    "<h1>A\n <em>b</em></h1>x <b>y</b>z<p>one<p> two&nbsp;&amp;&lt;",
	    "H1 A b\nP x yz\nP one\nP two &<\n" },
	{ "lines", "<p>a<br>b<hr>c", "P a|b\nP c\n" },
	{ "lists", "<ul><li>a<li><p>b<p>c<ol start=3><li>d<li>e</ol></ul>"
	    "<p>f<dl><dt>t<dd>d</dl>", "I1 a\nI1 b\nP c\nI2 3. d\nI2 4. e\n"
	    "P f\nP t\nI1 d\n" },
	{ "code", "<pre>\n a\n\tb  c &lt;\n</pre>d", "C0  a|\tb  c <\nP d\n" },
	{ "tables", "<table><caption>t</caption><tr><th>A<th>B<tr><td>1<td>"
	    "<p>2<br>3<tr><td><td></table><table><thead><tr><td>x</thead>"
	    "<tr><th>r<td>y</table>", "P t\nR1 A\tB\nR0 1\t2 3\nR1 x\n"
	    "R0 r\ty\n" },
	{ "tables for layout", "<table><tr><td>left<td><h2>H</h2><p>x"
	    "<table><tr><td>in</table><tr><td>y</table>", "P left\nH2 H\nP x\n"
	    "P in\nP y\n" },
	{ "what says nothing", "<script>var a='<p>no'</script><style>p{}"
	    "</style><nav>no</nav><p hidden>no</p><div style='display: none'>"
	    "no<p>no</div><!-- no --><template>no</template><noscript>no"
	    "</noscript><svg><title>no</title></svg><select><option>no"
	    "</select>yes", "P yes\n" },
	{ "what is told of it", "<html lang=de><head><title> A  b</title>"
	    "<meta name=Author content='Ann'><meta name=keywords "
	    "content='x, y'><meta property='article:published_time' "
	    "content='2024-05-01T10:00:00+02:00'><meta name=date "
	    "content='soon'></head><p>c", "language: de\ntitle: A b\n"
	    "author: Ann\ntag: x\ntag: y\ncreated: 2024-05-01T08:00:00.000Z\n"
	    "P c\n" },
	{ "pictures by their description", "<p>a <img alt='a cat' src=x> b",
	    "P a a cat b\n" },
	{ "control characters", "<p>a&#1;b&#150;c\x01" "d&#127;",
	    "P abcd\n" },
	{ "an encoding that is declared", "<meta charset=iso-8859-1><p>\xe9"
	    "\x80", "P \xc3\xa9\xe2\x82\xac\n" },
	{ "by http-equiv, of another alphabet", "<meta http-equiv=Content-Type "
	    "content='text/html; charset=koi8-r'><p>\xc1", "P \xd0\xb0\n" },
	{ "and one that is wrong", "<meta charset=utf-16><p>\xc3\xa9",
	    "P \xc3\xa9\n" },
	{ "tags that do not match", "</p></b></table></li><td>a</td><li>b</ul>"
	    "<p>c</h1>", "P a\nI1 b\nP c\n" },
	{ "ends behind a comment, and what is behind the end", "<!-- c -->\n"
	    "</p>a</body></html><p>b", "P a\nP b\n" },
	{ "a second document behind it", "<p>a<body><p>b</body></html>"
	    "<!DOCTYPE html><html><body><p>c</body></html>\n<p>d",
	    "P a\nP b\nP c\nP d\n" },
	{ "what is no tag", "a < b && c <1 d", "P a < b && c <1 d\n" },
	{ "XHTML", "<?xml version='1.0' encoding='utf-8'?><!DOCTYPE html>"
	    "<html xmlns='x'><head><script src='a'/></head><body><p>a<br/>b"
	    "</p></body></html>", "P a|b\n" }
};

static size_t blocks_soon;

static int
count(void *arg, const struct docs_block *b, struct err *e)
{
	const struct docs_mem *mem = arg;

	(void)b;
	(void)e;
	blocks_soon += mem->at < mem->len / 2;
	return 0;
}

static int
no_meta(void *arg, enum docs_meta what, const char *p, size_t len,
    struct err *e)
{
	(void)arg;
	(void)what;
	(void)p;
	(void)len;
	(void)e;
	return 0;
}

/* Steps of the parser end within tags: it must not wait for the end. */
static void
flows(void)
{
	struct docs_limits limits = DOCS_LIMITS;
	struct docs_sink s = { count, no_meta, NULL };
	struct buf b = BUF_INIT;
	struct docs_mem mem;
	struct docs_in in;
	struct err e;
	int i;

	for (i = 0; i < 40000; i++)
		buf_adds(&b, "<p class=\"ab\">hello there</p>\n");
	docs_in_mem(&in, &mem, b.p, b.len, "t");
	s.arg = &mem;
	is_int(docs_read_html(&in, &s, &limits, &e), 0, "a megabyte");
	ok(blocks_soon > 15000, "is told as it comes: %zu", blocks_soon);
	limits.part = 100000;
	buf_reset(&b);
	buf_adds(&b, "<p>a<!--");
	for (i = 0; i < 100000; i++)
		buf_adds(&b, "<p>a");
	docs_in_mem(&in, &mem, b.p, b.len, "t");
	is_int(docs_read_html(&in, &s, &limits, &e), -1, "a comment that "
	    "never ends");
	is_str(e.msg, "line 1: a tag, comment or script has more than 100000 "
	    "bytes", "is refused");
	buf_release(&b);
}

int
main(void)
{
	struct buf b = BUF_INIT;
	int i;

	TOLD_CASES(docs_read_html, "t.html", cases);
	flows();
	for (i = 0; i < 1000; i++)
		buf_adds(&b, "<div>");
	is_str(read_as(docs_read_html, "t", b.p, b.len), "line 1: elements are "
	    "nested deeper than 256, the most that is read; " MARKUP_FLATTEN,
	    "a thousand levels");
	buf_reset(&b);
	for (i = 0; i < 100; i++)
		buf_adds(&b, "<ul><li>");
	buf_adds(&b, "x");
	is_str(read_as(docs_read_html, "t", b.p, b.len), "I100 x\n",
	    "a hundred lists");
	buf_release(&b);
	buf_release(&told);
	return done();
}
