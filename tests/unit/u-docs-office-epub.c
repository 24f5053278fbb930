/*
 * epub: books that are written down here.
 */
#include "tap.h"
#include "office.h"

#include "docs/epub.h"

#define TOP "=== mimetype\napplication/epub+zip\n=== META-INF/container.xml\n" \
    "<container><rootfiles><rootfile full-path='OPS/book.opf'/></rootfiles></container>\n"
#define OPF(meta, items, spine) "=== OPS/book.opf\n<package xmlns:dc='dc' xmlns:opf='opf'>" \
    "<metadata>" meta "</metadata><manifest>" items "</manifest>" spine "</package>\n"
#define ITEM(id, href) "<item id='" id "' href='" href "' media-type='application/xhtml+xml'/>"
#define REF(id) "<itemref idref='" id "'/>"
#define CH(name, title, body) "=== OPS/" name "\n<?xml version='1.0' encoding='UTF-8'?>\n" \
    "<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.1//EN' " \
    "'http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd'>\n" \
    "<html xmlns='http://www.w3.org/1999/xhtml'><head><title>" title "</title></head><body>" \
    body "</body></html>\n"

static void
is(const char *text, const char *want, const char *what)
{
	char *got = office_text(docs_read_epub, text);

	is_str(got, want, "%s", what);
	free(got);
}

int
main(void)
{
	is(TOP OPF("<dc:title>A book</dc:title><dc:creator>Ann Author</dc:creator>"
	    "<dc:language>en</dc:language><dc:date>2003</dc:date><dc:subject>torque</dc:subject>"
	    "<meta property='dcterms:modified'>2024-01-02T03:04:05Z</meta>",
	    ITEM("c2", "text/two%20parts.xhtml") ITEM("c1", "one.xhtml") ITEM("c3", "three.xhtml")
	    ITEM("c0", "cover.xhtml") "<item id='n' href='nav.xhtml' properties='nav'/>",
	    "<spine>" REF("c0") REF("n") REF("c1") REF("c2") REF("c3") REF("gone") "</spine>")
	    "=== OPS/nav.xhtml\n<html xmlns:e='e'><body><nav e:type='landmarks'>"
	    "<a href='one.xhtml'>Start</a></nav><nav e:type='toc'><ol>"
	    "<li><a href='one.xhtml'>Chapter <b>One</b></a><ol><li><a href='one.xhtml#x'>Within"
	    "</a></li></ol></li><li><a href='text/two%20parts.xhtml#top'>Chapter Two</a></li></ol>"
	    "</nav></body></html>\n"
	    CH("cover.xhtml", "Cover", "<div><img alt='x' src='c.png'/></div>")
	    CH("one.xhtml", "ignored", "<h1>One</h1>\n<p>First&nbsp;<i>para</i>graph,\n  wrapped."
	    "</p>text <b>bare</b><div>in a <span>div</span><p>nested</p>behind</div>"
	    "<ul><li>a</li><li><p>b</p><p>b2</p><ol><li>c</li></ol></li></ul>"
	    "<pre>if (x)\n\ty();\n</pre><script>no</script><p hidden='hidden'>no</p>"
	    "<nav><p>no</p></nav><p>line<a role='doc-noteref' href='#n'>1</a><br/>break &lt;</p>"
	    "<ruby>\xe6\xbc\xa2<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>")
	    CH("text/two parts.xhtml", "x", "<table><caption>Sizes</caption><tr><th>s</th><th>t</th>"
	    "</tr><tr><th>M8</th><td>25</td></tr></table><table><thead><tr><td>h</td></tr></thead>"
	    "<tbody><tr><td><p>a</p><p>b</p></td></tr></tbody></table>")
	    CH("three.xhtml", "y", "<h2>More of two</h2>"),
	    "title=A book\nauthor=Ann Author\nlanguage=en\ncreated=2003-01-01T00:00:00.000Z\n"
	    "tag=torque\nmodified=2024-01-02T03:04:05.000Z\n"
	    "S Cover\nP x\nS Chapter One\nH1 One\nP First paragraph, wrapped.\nP text bare\n"
	    "P in a div\nP nested\nP behind\nI1 a\nI1 b\nP b2\nI2 1. c\nC if (x)/|y();\n"
	    "P line/break <\nP \xe6\xbc\xa2(kan)\nS Chapter Two\nP Sizes\nR! s|t\nR M8|25\nR! h\n"
	    "R a b\nH2 More of two\n", "EPUB 3: spine, navigation, chapters");
	is(TOP OPF("<dc:title>Old</dc:title><dc:date opf:event='modification'>2010-02-03</dc:date>"
	    "<dc:date opf:event='publication'>2009-05</dc:date>",
	    ITEM("c", "c.html") ITEM("d", "d.html") "<item id='ncx' href='toc.ncx'/>",
	    "<spine toc='ncx'>" REF("c") REF("d") "</spine>")
	    "=== OPS/toc.ncx\n<!DOCTYPE ncx PUBLIC '-//NISO//DTD ncx 2005-1//EN' "
	    "'http://www.daisy.org/z3986/2005/ncx-2005-1.dtd'>\n<ncx><docTitle><text>Old</text>"
	    "</docTitle><navMap><navPoint><navLabel><text>The\nfirst</text></navLabel>"
	    "<content src='d.html#a'/><navPoint><navLabel><text>inner</text></navLabel>"
	    "<content src='d.html#b'/></navPoint></navPoint></navMap></ncx>\n"
	    CH("c.html", "", "<p>c</p>") CH("d.html", "D", "<p>d</p>"),
	    "title=Old\nmodified=2010-02-03T00:00:00.000Z\ncreated=2009-05-01T00:00:00.000Z\n"
	    "S c.html\nP c\nS The first\nP d\n", "EPUB 2: the NCX");
	is(TOP OPF("", ITEM("c", "c.html"), "<spine>" REF("c") "</spine>")
	    "=== META-INF/encryption.xml\n<encryption><CipherReference URI='OPS/c.html'/>"
	    "</encryption>\n" CH("c.html", "", "x"),
	    "! is encrypted by who sold it; only its reader can open it\n", "locked");
	is(TOP OPF("", ITEM("c", "c.html"), "<spine>" REF("c") REF("c") REF("c") REF("c") REF("c")
	    REF("c") REF("c") REF("c") REF("c") "</spine>") CH("c.html", "T", ""),
	    "! names part 'OPS/c.html' again and again\n",
	    "the same chapter over and over");
	is(TOP OPF("", ITEM("c", "c.html"), "<spine>" REF("c") "</spine>")
	    CH("c.html", "T", "<p>one<br>two &copy; <b>three</p><p>four"),
	    "S T\nP one/two \xc2\xa9 three\nP four\n", "a chapter that is not well-formed");
	is("=== a\nb\n", "! is no EPUB: it names no package document\n", "another zip");
	return done();
}
