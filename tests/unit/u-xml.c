/*
 * Elements of XML, and what is refused.
 */
#include "tap.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/xml.h"

#include <stdlib.h>
#include <unistd.h>

static struct buf out = BUF_INIT;
static int64_t last_line;
static int stop_after;

static int
take(void *arg, const json_t *v, int64_t line, struct err *e)
{
	int *n = arg;

	(void)e;
	if (v == NULL)
		buf_addc(&out, '#');
	else
		json_sorted(&out, v);
	buf_addc(&out, '|');
	last_line = line;
	return ++*n == stop_after ? 7 : 0;
}

static int
parse(const char *text, size_t len, struct err *e)
{
	static const char *const names[] = { "bug", "case", NULL };
	FILE *f = tmpfile();
	int n = 0, r;

	if (f == NULL || write(fileno(f), text, len) != (ssize_t)len ||
	    lseek(fileno(f), 0, SEEK_SET) != 0)
		exit(2);
	buf_reset(&out);
	r = xml_each(fileno(f), "t.xml", names, take, &n, e);
	fclose(f);
	return r;
}

static const char *
all(const char *text)
{
	static struct err e;

	return parse(text, strlen(text), &e) < 0 ? e.msg : out.p;
}

static void
children(void)
{
	const char *got = all("<r v='1'>a<bug id='7'><id> 9 </id><k>a</k>"
	    "<k>b</k><k c='d'>e</k>t<bug>in</bug>u</bug>b</r>");

	is_str(got, "{\"#text\":\"tu\",\"@id\":\"7\",\"^\":[{\"#name\":\"r\","
	    "\"@v\":\"1\"}],\"bug\":\"in\",\"id\":\"9\",\"k\":[\"a\",\"b\","
	    "{\"#text\":\"e\",\"@c\":\"d\"}]}|",
	    "attributes, children, lists, text");
	all("<r>\n<bug>\n</bug>\n</r>");
	is_int(last_line, 3, "with the line where it ends");
	stop_after = 1;
	is_int(parse("<r><bug/><bug/></r>", 19, &(struct err){ 0 }), 7,
	    "who has enough stops");
	stop_after = 0;
	is_str(out.p, "{\"^\":[{\"#name\":\"r\"}]}|", "after the first");
}

static void
texts(void)
{
	is_str(all("<bug>&lt;a&gt; &amp; &#x4e2d;<![CDATA[<b>]]></bug>"),
	    "{\"#text\":\"<a> & \xe4\xb8\xad<b>\",\"^\":[]}|",
	    "characters by name and number, CDATA");
	is_str(all("<?xml version='1.0' encoding='ISO-8859-1'?>"
	    "<bug>\xe9</bug>"), "{\"#text\":\"\xc3\xa9\",\"^\":[]}|",
	    "Latin-1");
	is_str(all("<!DOCTYPE b SYSTEM \"http://127.0.0.1:1/b.dtd\">"
	    "<bug>a &copy; b</bug>"), "{\"#text\":\"a &copy; b\",\"^\":[]}|",
	    "a DTD that is named is not read, its entities stay");
	is_str(xml_text(json_object_get(NULL, "x")), "", "no value, no text");
}

static void
refused(void)
{
	is_str(all("<r><bug/>"), "'t.xml' line 1: no element found",
	    "what ends too early");
	is_str(out.p, "{\"^\":[{\"#name\":\"r\"}]}|",
	    "what came before was handed out");
	is_str(all("<!DOCTYPE b [<!ENTITY a 'b'>]><bug>&a;</bug>"),
	    "'t.xml' line 1: a DTD inside the file is not accepted: entities "
	    "could be declared there; take it out", "entities");
	is_str(all("<!DOCTYPE b [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>\n"
	    "<bug>&x;</bug>"), "'t.xml' line 1: a DTD inside the file is not "
	    "accepted: entities could be declared there; take it out",
	    "external ones");
	is_str(all("<!DOCTYPE b [<!ENTITY % p SYSTEM 'http://127.0.0.1:1/'>"
	    "%p;]><bug/>"), "'t.xml' line 1: a DTD inside the file is not "
	    "accepted: entities could be declared there; take it out",
	    "those of parameters");
	is_str(all("<bug>&x;</bug>"), "'t.xml' line 1: undefined entity",
	    "and what nobody declared");
}

static void
bombs(void)
{
	struct buf b = BUF_INIT;
	struct err e = { 0 };
	int i;

	for (i = 0; i < 1000; i++)
		buf_adds(&b, "<a>");
	is_str(all(b.p), "'t.xml' line 1: elements are nested too deeply",
	    "a thousand levels");
	buf_reset(&b);
	buf_adds(&b, "<bug a='");
	for (i = 0; i < 3000000; i++)
		buf_addc(&b, 'x');
	is_str(all(b.p), "'t.xml' line 1: a tag or a comment is too long",
	    "an attribute of 3 MB");
	buf_reset(&b);
	buf_adds(&b, "<r><bug>");
	for (i = 0; i < 200000; i++)
		buf_adds(&b, "<k/>");
	buf_adds(&b, "</bug><bug>y</bug><bug><t>");
	for (i = 0; i < 2000000; i++)
		buf_adds(&b, "0123456789");
	buf_adds(&b, "</t></bug><bug>z</bug></r>");
	is_int(parse(b.p, b.len, &e), 0, "elements that are too large");
	is_str(out.p, "#|{\"#text\":\"y\",\"^\":[{\"#name\":\"r\"}]}|#|"
	    "{\"#text\":\"z\",\"^\":[{\"#name\":\"r\"}]}|",
	    "are told of, and passed over");
	buf_release(&b);
}

int
main(void)
{
	json_setup();
	children();
	texts();
	refused();
	bombs();
	return done();
}
