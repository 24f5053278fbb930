/*
 * XML in pieces, and what is refused.
 */
#include "tap.h"

#include "base/buf.h"
#include "docs/markup.h"

#include <stdlib.h>

static struct buf out = BUF_INIT;
static struct docs_limits limits = DOCS_LIMITS;

/* Bytes that come by ones and twos, as from a pipe. */
struct drip {
	const char *p;
	size_t len, at;
	size_t fail_at;			/* 0: never */
};

static int64_t
drip_read(void *arg, void *p, size_t max, struct err *e)
{
	struct drip *d = arg;
	size_t n = d->at % 2 + 1;

	if (d->fail_at != 0 && d->at >= d->fail_at)
		return err_set(e, ERR_SYS, "no more");
	n = n > max ? max : n;
	n = n > d->len - d->at ? d->len - d->at : n;
	memcpy(p, d->p + d->at, n);
	d->at += n;
	return (int64_t)n;
}

static int
pieces(struct markup *m, struct err *e)
{
	const char *s;
	size_t len;
	int r;

	while ((r = markup_next(m, e)) > MARKUP_END) {
		if (r == MARKUP_TEXT) {
			s = markup_text(m, &len);
			buf_add(&out, s, len);
			continue;
		}
		buf_addf(&out, "%s%s%d", r == MARKUP_OPEN ? "<" : "</",
		    markup_name(m), markup_depth(m));
		if (markup_space(m)[0] != '\0')
			buf_addf(&out, "{%s}", markup_space(m));
		if (r == MARKUP_OPEN && (s = markup_attr(m, "a")) != NULL)
			buf_addf(&out, " a=%s", s);
		buf_addc(&out, '>');
	}
	if (r < 0 && markup_next(m, e) != -1)
		abort();		/* it stays where it failed */
	return r;
}

static const char *
parse(struct docs_in *in)
{
	static struct err e;
	struct markup *m = NULL;
	int r;

	buf_reset(&out);
	if ((r = markup_open(&m, in, &limits, &e)) == 0)
		r = pieces(m, &e);
	markup_close(m);
	return r < 0 ? e.msg : out.p;
}

static const char *
all_n(const char *p, size_t len)
{
	struct docs_mem mem;
	struct docs_in in;

	docs_in_mem(&in, &mem, p, len, "t.xml");
	return parse(&in);
}

static const char *
all(const char *text)
{
	return all_n(text, strlen(text));
}

static void
reading(void)
{
	is_str(all("<r a='1'>x<b/>y<c a=''>&lt;&#x4e2d;</c><!-- no --></r>"),
	    "<r0 a=1>x<b1></b1>y<c1 a=>" "<\xe4\xb8\xad</c1></r0>",
	    "elements, depths, attributes, texts, no comments");
	is_str(all("<w:r xmlns:w='urn:w' w:a='q'><v xmlns='urn:v'/></w:r>"),
	    "<r0{urn:w} a=q><v1{urn:v}></v1{urn:v}></r0{urn:w}>",
	    "name spaces");
	is_str(all("<p:r p:a='q'><p:b/></p:r>"), "<r0 a=q><b1></b1></r0>",
	    "a prefix that nobody declared");
	is_str(all("<r><![CDATA[<b>]]> x</r>"), "<r0><b> x</r0>", "CDATA");
	is_str(all("<?xml version='1.0' encoding='ISO-8859-1'?><r>\xe9</r>"),
	    "<r0>\xc3\xa9</r0>", "Latin-1");
	is_str(all_n("\xff\xfe<\0r\0>\0\x2d\x4e<\0/\0r\0>\0", 18),
	    "<r0>\xe4\xb8\xad</r0>", "UTF-16 with its mark");
	is_str(all("<r>a&#13;b\xc2\x85" "c\x7f</r>"), "<r0>a\nbc</r0>",
	    "no control characters");
}

static void
dripping(void)
{
	struct buf b = BUF_INIT;
	struct drip d = { 0 };
	struct docs_in in = { .read = drip_read, .arg = &d, .name = "d",
	    .most = 1000000 };
	int i;

	buf_adds(&b, "<r>");
	for (i = 0; i < 20000; i++)
		buf_adds(&b, "word ");
	buf_adds(&b, "</r>");
	d.p = b.p;
	d.len = b.len;
	parse(&in);
	is_int((int64_t)out.len, 100000 + 9, "a text in many pieces");
	d.at = 0;
	d.fail_at = 5000;
	is_str(parse(&in), "no more", "the error of the bytes is what is said");
	d.at = d.fail_at = 0;
	in.taken = 0;
	in.most = 3000;
	is_str(parse(&in), "is larger than 3000 bytes; docs.maxBytes in "
	    "memkit.conf(5) allows more", "so is their limit");
	buf_release(&b);
}

static void
refused(void)
{
	static const char told[] = "line 1: its DTD declares entities, which "
	    "is not accepted; take them out";

	is_str(all("<!DOCTYPE b [<!ENTITY a 'b'>]><b>&a;</b>"), told,
	    "entities");
	is_str(all("<!DOCTYPE b [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
	    "<b>&x;</b>"), told, "external ones");
	is_str(all("<!DOCTYPE b [<!ENTITY % p SYSTEM 'http://127.0.0.1:1/'>"
	    "%p;]><b/>"), told, "those of parameters");
	is_str(all("<!DOCTYPE b [<!ENTITY a '0123456789'><!ENTITY b "
	    "'&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;'>]><b x='&c;'/>"),
	    told, "laughs, in an attribute too");
	is_str(all("<!DOCTYPE html PUBLIC 'x' 'http://127.0.0.1:1/b.dtd'>"
	    "<r>a&nbsp;&mystery;b</r>"), "<r0>a\xc2\xa0&mystery;b</r0>",
	    "a DTD that is named is not read, the names of HTML are known");
	is_str(all("<!DOCTYPE r [<!ELEMENT r ANY>]><r/>"), "<r0></r0>",
	    "a DTD without entities");
	is_str(all("<r>&nbsp;</r>"), "line 1: not well-formed: Entity 'nbsp' "
	    "not defined", "no DTD, no names");
	is_str(all("<r>\n<b></r>"), "line 2: not well-formed: Opening and "
	    "ending tag mismatch: b line 2 and r", "what does not match");
	ok(strncmp(all("<r><b/>"), "line 1: not well-formed: ", 25) == 0,
	    "what ends too early");
	is_str(out.p, "<r0><b1></b1>", "what came before was told");
	ok(strstr(all(""), "not well-formed") != NULL, "nothing at all");
	ok(strstr(all("\x89PNG\r\n\x1a\n"), "not well-formed") != NULL,
	    "something else");
}

static void
bombs(void)
{
	struct buf b = BUF_INIT;
	int i;

	limits.depth = 10;
	is_str(all("<a><a><a><a><a><a><a><a><a><a></a></a></a></a></a></a></a>"
	    "</a></a></a>"), "<a0><a1><a2><a3><a4><a5><a6><a7><a8><a9></a9>"
	    "</a8></a7></a6></a5></a4></a3></a2></a1></a0>", "ten levels");
	is_str(all("<a><a><a><a><a><a><a><a><a><a><b/></a></a></a></a></a></a>"
	    "</a></a></a></a>"), "line 1: elements are nested deeper than 10, "
	    "the most that is read; " MARKUP_FLATTEN, "eleven");
	limits.depth = 256;
	for (i = 0; i < 5000; i++)
		buf_adds(&b, "<a>");
	is_str(all(b.p), "line 1: elements are nested deeper than 256, "
	    "the most that is read; " MARKUP_FLATTEN, "thousands");
	buf_reset(&b);
	buf_adds(&b, "<a b='");
	for (i = 0; i < 1200000; i++)
		buf_adds(&b, "0123456789");
	ok(strstr(all(b.p), "not well-formed") != NULL, "a tag of 12 MB");
	buf_reset(&b);
	buf_adds(&b, "<a");
	for (i = 0; i < 200000; i++)
		buf_addf(&b, " a%d=''", i);
	is_str(all(b.p), "a tag has more than 100000 attributes",
	    "or one with many attributes");
	buf_release(&b);
}

int
main(void)
{
	reading();
	dripping();
	refused();
	bombs();
	buf_release(&out);
	return done();
}
