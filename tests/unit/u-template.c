/*
 * Sentences with holes.
 */
#include "tap.h"

#include "text/template.h"

static bool
put(void *arg, struct buf *b, const char *name, size_t len)
{
	(void)arg;
	if (len == 5 && memcmp(name, "empty", 5) == 0)
		return false;
	buf_addc(b, '<');
	buf_add(b, name, len);
	buf_adds(b, "{x}[y]>");
	return true;
}

static int
count(void *arg, const char *name, size_t len, size_t at)
{
	(void)name;
	(void)at;
	*(size_t *)arg += len;
	return 0;
}

static void
filled(const char *t, const char *want, bool whole)
{
	struct buf b = BUF_INIT;

	ok(template_fill(&b, t, put, NULL) == whole, "%s: %s", t,
	    whole ? "whole" : "with a hole");
	is_str(b.p, want, "%s", t);
	buf_release(&b);
}

static void
wrong(const char *t, size_t where)
{
	size_t n = 0, at = 0;

	is_int(template_holes(t, count, &n, &at), -1, "wrong: %s", t);
	is_int((int64_t)at, (int64_t)where, "and its place");
}

int
main(void)
{
	size_t n = 0, at;

	filled("a {b} c", "a <b{x}[y]> c", true);
	filled("a[ ({b})].", "a (<b{x}[y]>).", true);
	filled("a[ ({empty})].", "a.", true);
	filled("a[ {b} {empty}]{b}", "a<b{x}[y]>", true);
	filled("a{empty}b", "ab", false);
	filled("", "", true);
	is_int(template_holes("{a}[b{cc}]{ddd}", count, &n, &at), 0, "holes");
	is_int((int64_t)n, 6, "each of them");
	wrong("a{b", 1);
	wrong("a}b", 1);
	wrong("a[b", 1);
	wrong("a]b", 1);
	wrong("[a[b]]", 2);
	return done();
}
