/*
 * The members of a zipped document: found by name, read in any order, and
 * what is refused.
 */
#include "tap.h"
#include "office.h"

#include "docs/parts.h"

static struct docs_limits limits = DOCS_LIMITS;

static int
open_bytes(struct parts **p, struct docs_in *in, struct docs_mem *mem,
    const struct buf *b, struct err *e)
{
	docs_in_mem(in, mem, b->p, b->len, "test");
	return parts_open(p, in, &limits, e);
}

/* The message when a zip of this text is opened, "" if it can be. */
static void
refuses(const char *text, const char *want, const char *what)
{
	struct buf zip = BUF_INIT;
	struct err e = { 0 };
	struct parts *p = NULL;
	struct docs_mem mem;
	struct docs_in in;

	office_zip(&zip, text, strlen(text), false);
	open_bytes(&p, &in, &mem, &zip, &e);
	is_str(e.msg, want, "%s", what);
	parts_close(p);
	buf_release(&zip);
}

static void
path(const char *from, const char *ref, bool percent, const char *want)
{
	struct buf b = BUF_INIT;
	int r = parts_path(&b, from, ref, percent);

	if (want == NULL)
		ok(r == 0 && b.len == 0, "'%s' leads out of '%s'", ref, from);
	else
		is_str(r == 1 ? b.p : "(none)", want, "'%s' in '%s'", ref, from);
	buf_release(&b);
}

static void
paths(void)
{
	path("word/document.xml", "styles.xml", false, "word/styles.xml");
	path("word/document.xml", "/docProps/core.xml", false, "docProps/core.xml");
	path("ppt/slides/s.xml", "../notes/n.xml", false, "ppt/notes/n.xml");
	path("ppt/slides/s.xml", ".././../x.xml", false, "x.xml");
	path("", "word/document.xml", false, "word/document.xml");
	path("a/b", "../../x", false, NULL);
	path("a/b", "/../x", false, NULL);
	path("a/b", "http://example.org/", false, NULL);
	path("a/b", "file:/etc/passwd", false, NULL);
	path("a/b.x", "#frag", false, "a/b.x");
	path("a/b.x", "c%20d.x#e", true, "a/c d.x");
	path("a/b.x", "c%20d.x", false, "a/c%20d.x");
	path("a/b.x", "%2e%2e/%2E%2E/x", true, NULL);
	path("a/b.x", "c%2", true, "a/c%2");
	path("a/b.x", "c//d", true, "a/c/d");
}

static void
content(struct parts *p, const char *name, const char *want)
{
	struct buf b = BUF_INIT;
	struct err e = { 0 };
	int r = parts_read(p, name, &b, &e);

	is_str(r == 1 ? b.p : r == 0 ? "(none)" : e.msg, want, "%s", name);
	buf_release(&b);
}

static void
any_order(void)
{
	static const char text[] = "=== b.xml\nfirst\n=== pic.png\nnot text\n"
	    "=== Dir/A.xml\nsecond\n=== empty.xml\n=== \xc3\xa4.xml\numlaut\n";
	struct buf zip = BUF_INIT;
	struct err e = { 0 };
	struct parts *p = NULL;
	struct docs_mem mem;
	struct docs_in in;

	office_zip(&zip, text, sizeof text - 1, true);
	ok(open_bytes(&p, &in, &mem, &zip, &e) == 0, "opened: %s", e.msg);
	content(p, "\xc3\xa4.xml", "umlaut\n");
	content(p, "Dir/A.xml", "second\n");
	content(p, "dir/a.XML", "second\n");
	content(p, "pic.png", "not text\n");
	content(p, "b.xml", "first\n");
	content(p, "pic.png", "not text\n");
	content(p, "empty.xml", "");
	content(p, "none.xml", "(none)");
	parts_close(p);
	buf_release(&zip);
}

/* Three parts too large to be kept, several open at once, each read piece by
 * piece in turn. */
static void
large(void)
{
	static const char *const names[] = { "2.xml", "0.xml", "1.xml" };
	struct buf text = BUF_INIT, zip = BUF_INIT;
	struct docs_in in, *part[3] = { NULL, NULL, NULL };
	struct err e = { 0 };
	struct parts *p = NULL;
	struct docs_mem mem;
	int64_t all[3] = { 0, 0, 0 }, n;
	bool same = true;
	char room[4000];
	int i, k, going;

	for (i = 0; i < 3; i++) {
		buf_addf(&text, "=== %d.xml\n", i);
		for (k = 0; k < 200000; k++)
			buf_addf(&text, "%d%d", i, k % 7);
		buf_addc(&text, '\n');
	}
	limits.ratio = 100000;
	office_zip(&zip, text.p, text.len, true);
	ok(open_bytes(&p, &in, &mem, &zip, &e) == 0, "opened: %s", e.msg);
	for (i = 0; i < 3; i++)
		ok(parts_begin(p, names[i], &part[i], &e) == 1, "%s", names[i]);
	do {
		for (i = going = 0; i < 3; i++) {
			n = docs_in_read(part[i], room, sizeof room, &e);
			if (n > 1)
				same = same && room[0] == names[i][0] &&
				    room[1] == "0123456"[all[i] / 2 % 7];
			all[i] += n;
			going |= n > 0;
		}
	} while (going);
	for (i = 0; i < 3; i++) {
		is_int(all[i], 400001, "all of %s", names[i]);
		parts_end(part[i]);
	}
	ok(same, "and it is of that part");
	limits.part = 400000;
	content(p, "0.xml", "part '0.xml' has more than 400000 bytes (docs.maxPart)");
	limits.part = 400001;
	for (i = 0; i < 8; i++)
		if (parts_begin(p, "1.xml", &part[0], &e) == 1)
			parts_end(part[0]);
	content(p, "1.xml", "names part '1.xml' again and again");
	parts_close(p);
	limits.bytes = 400000;
	ok(open_bytes(&p, &in, &mem, &zip, &e) == 0, "fewer bytes are allowed");
	content(p, "0.xml", "unpacks to more than 400000 bytes (docs.maxBytes)");
	parts_close(p);
	limits.bytes = 10000000;
	limits.ratio = 10;
	ok(open_bytes(&p, &in, &mem, &zip, &e) == 0, "and a ratio");
	for (i = 0; i < 2; i++)
		parts_begin(p, names[i], &part[i], &e), docs_in_drain(part[i], &e),
		    parts_end(part[i]);
	content(p, "1.xml", "unpacks to more than 10 times its size, as a bomb does "
	    "(docs.maxRatio)");
	parts_close(p);
	buf_release(&text);
	buf_release(&zip);
	limits = (struct docs_limits)DOCS_LIMITS;
}

/* A byte less each time: never opened, but for where the rest is a comment. */
static void
cut(void)
{
	static const char text[] = "=== a.xml\nsome text\n=== b.xml\nmore\n";
	struct buf zip = BUF_INIT;
	struct err e = { 0 };
	struct parts *p;
	struct docs_mem mem;
	struct docs_in in;
	int opened = 0;

	office_zip(&zip, text, sizeof text - 1, true);
	while (zip.len > 0) {
		buf_cut(&zip, zip.len - 1);
		p = NULL;
		if (open_bytes(&p, &in, &mem, &zip, &e) == 0)
			opened++;
		parts_close(p);
	}
	is_int(opened, 0, "cut off anywhere it is refused");
	buf_release(&zip);
}

int
main(void)
{
	paths();
	any_order();
	large();
	cut();
	refuses("=== a.xml\nx\n", "", "a zip");
	refuses("=== ../a.xml\nx\n", "holds '../a.xml', a name that leads out", "above");
	refuses("=== b/../../a.xml\nx\n", "holds 'b/../../a.xml', a name that leads out",
	    "above, by a way round");
	refuses("=== /a.xml\nx\n", "holds '/a.xml', a name that leads out", "absolute");
	refuses("=== ..\\a.xml\nx\n", "holds '../a.xml', a name that leads out", "backslashes");
	refuses("=== a.xml\nx\n=== a.xml\ny\n", "holds 'a.xml' twice", "a name twice");
	limits.entries = 3;
	refuses("=== a\n1\n=== b\n2\n=== c\n3\n", "", "as many as are allowed");
	refuses("=== a\n1\n=== b\n2\n=== c\n3\n=== d\n4\n", "has more than 3 entries "
	    "(docs.maxEntries)", "one more");
	limits.entries = 100000;
	limits.bytes = 10;
	refuses("=== a.xml\n0123456789abc\n", "unpacks to more than 10 bytes (docs.maxBytes)",
	    "more bytes than are allowed");
	return done();
}
