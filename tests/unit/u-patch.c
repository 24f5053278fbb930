#include "history/patch.h"

#include "base/buf.h"
#include "tap.h"

#include <stdlib.h>

/* What was told, a line each: "M a.c", "+3..4 -1". */
static struct buf told = BUF_INIT;

static int
on_file(void *arg, const struct patch_file *f, struct err *e)
{
	(void)arg;
	(void)e;
	buf_addf(&told, "%c%s %s%s%s\n", "MADRC"[f->did],
	    f->binary ? "b" : "", f->path, f->was != NULL ? " < " : "",
	    f->was != NULL ? f->was : "");
	return 0;
}

static int
on_range(void *arg, const struct patch_range *p, struct err *e)
{
	(void)arg;
	(void)e;
	buf_addf(&told, "%lld..%lld -%lld\n", (long long)p->first,
	    (long long)p->last, (long long)p->removed);
	return 0;
}

static int
on_text(void *arg, int64_t line, const char *s, size_t n, struct err *e)
{
	struct buf *b = arg;

	(void)e;
	buf_addf(b, "%lld:", (long long)line);
	buf_add(b, s, n);
	buf_addc(b, '|');
	return 0;
}

/* In pieces of a size; what was told, or the error. */
static const char *
read_in(const char *s, size_t step)
{
	struct patch_sink sink = { on_file, NULL, on_range, NULL };
	struct patch *p = patch_new(&sink);
	struct err e = { 0 };
	size_t n = strlen(s), k;
	int r = 0;

	buf_reset(&told);
	while (n > 0 && r == 0) {
		k = n < step ? n : step;
		r = patch_feed(p, s, k, &e);
		s += k;
		n -= k;
	}
	if (r == 0)
		r = patch_end(p, &e);
	if (patch_odd(p) > 0)
		buf_addf(&told, "odd %lld\n", (long long)patch_odd(p));
	patch_free(p);
	return r < 0 ? (buf_reset(&told), buf_adds(&told, e.msg), told.p) :
	    told.p;
}

static void
tells(const char *patch, const char *want, const char *what)
{
	char *whole = strdup(read_in(patch, 1 << 20));
	const char *bytes = read_in(patch, 1);

	is_str(whole, want, "%s", what);
	ok(strcmp(whole, bytes) == 0, "... and byte by byte");
	free(whole);
}

#define GIT(a, b) "diff --git " a " " b "\n"
#define MOD "--- a/x.c\n+++ b/x.c\n"

static void
lines(void)
{
	tells(GIT("a/x.c", "b/x.c") "index 1..2 100644\n" MOD
	    "@@ -1,3 +1,4 @@ int main\n a\n-b\n+B\n+C\n c\n"
	    "@@ -10,2 +11,1 @@\n-d\n e\n",
	    "M x.c\n2..3 -1\n11..10 -1\n", "runs of a hunk");
	tells(GIT("a/x.c", "b/x.c") MOD
	    "@@ -1,5 +1,5 @@\n-a\n+A\n b\n c\n d\n-e\n+E\n",
	    "M x.c\n1..1 -1\n5..5 -1\n", "two runs in one hunk");
	tells(GIT("a/x.c", "b/x.c") MOD
	    "@@ -1 +1 @@\n--- x\n+++ y\n" GIT("a/y", "b/y")
	    "--- a/y\n+++ b/y\n@@ -0,0 +1 @@\n+n\n\\ No newline at end of "
	    "file\n", "M x.c\n1..1 -1\nM y\n1..1 -0\n",
	    "lines that look like heads are lines");
	tells(GIT("a/x.c", "b/x.c") MOD "@@ -5,0 +6,2 @@\n+n\n+m\n",
	    "M x.c\n6..7 -0\n", "without context");
	tells(GIT("a/x.c", "b/x.c") MOD "@@ -6,2 +5,0 @@\n-n\n-m\n",
	    "M x.c\n6..5 -2\n", "taken away, without context");
	tells(GIT("a/x.c", "b/x.c") MOD "@@ -1,2 +1,2 @@\n\n-b\n+c\n",
	    "M x.c\n2..2 -1\n", "a blank that an editor took away");
	tells(GIT("a/x.c", "b/x.c") "--- a/x.c\r\n+++ b/x.c\r\n"
	    "@@ -1 +1 @@\r\n-b\r\n+c\r\n", "M x.c\n1..1 -1\n",
	    "returns before newlines");
}

static void
files(void)
{
	tells(GIT("a/o", "b/n") "similarity index 90%\nrename from o\n"
	    "rename to n\n--- a/o\n+++ b/n\n@@ -1 +1 @@\n-b\n+c\n",
	    "R n < o\n1..1 -1\n", "renamed and changed");
	tells(GIT("a/o", "b/n") "similarity index 100%\ncopy from o\n"
	    "copy to n\n" GIT("a/b b", "b/b b") "old mode 100644\n"
	    "new mode 100755\n" GIT("a/e", "b/e") "new file mode 100644\n"
	    "index 0000000..e69de29\n" GIT("a/g", "b/g")
	    "deleted file mode 100644\nindex e69de29..0000000\n",
	    "C n < o\nM b b\nA e\nD g\n", "what has no lines");
	tells(GIT("a/x", "b/x") "new file mode 100644\n--- /dev/null\n"
	    "+++ b/x\n@@ -0,0 +1,2 @@\n+a\n+b\n" GIT("a/y", "b/y")
	    "deleted file mode 100644\n--- a/y\n+++ /dev/null\n"
	    "@@ -1 +0,0 @@\n-a\n", "A x\n1..2 -0\nD y\n1..0 -1\n",
	    "made and deleted");
	tells(GIT("a/p", "b/p") "index 1..2 100644\nBinary files a/p and b/p "
	    "differ\n" GIT("a/q", "b/q") "GIT binary patch\nliteral 4\n"
	    "LcmZQzWMT#Y01f~L\n\n", "Mb p\nMb q\n", "binary");
	tells("From 1 Mon\nSubject: x\n\n x | 1 +\n--- x\n\n" GIT("i/x.c",
	    "w/x.c") "--- i/x.c\n+++ w/x.c\n@@ -1 +1 @@\n-b\n+c\n-- \n2.39\n",
	    "M x\nM x.c\n1..1 -1\n", "other prefixes");
	tells(GIT("x.c", "x.c") "--- x.c\n+++ x.c\n@@ -1 +1 @@\n-b\n+c\n"
	    GIT("a/x", "a/x") "--- a/x\n+++ a/x\n@@ -1 +1 @@\n-b\n+c\n",
	    "M x.c\n1..1 -1\nM a/x\n1..1 -1\n", "none");
	tells("--- old/x.c\t2020-01-01 00:00:00\n+++ new/x.c\t2020-01-01\n"
	    "@@ -1 +1 @@\n-b\n+c\n--- y\n+++ y\n@@ -1 +1 @@\n-b\n+c\n",
	    "M new/x.c\n1..1 -1\nM y\n1..1 -1\n", "diff -u");
	tells("diff --cc m.c\nindex 1,2..3\n--- a/m.c\n+++ b/m.c\n"
	    "@@@ -1,2 -1,2 +1,3 @@@\n  a\n +b\n++c\n",
	    "M m.c\n1..3 -0\n", "of a merge");
}

static void
paths(void)
{
	tells(GIT("\"a/t\\303\\244b\\t\\\"\"", "\"b/t\\303\\244b\\t\\\"\"")
	    "old mode 100644\nnew mode 100755\n", "M t\xc3\xa4" "b\t\"\n",
	    "quoted");
	tells(GIT("\"a/\\377\"", "\"b/\\377\"") "--- \"a/\\377\"\n"
	    "+++ \"b/\\377\"\n@@ -1 +1 @@\n-b\n+c\n", "M %FF\n1..1 -1\n",
	    "no UTF-8");
	tells(GIT("a/a b/x", "b/a b/x") "--- a/a b/x\t\n+++ b/a b/x\t\n"
	    "@@ -1 +1 @@\n-b\n+c\n", "M a b/x\n1..1 -1\n", "with blanks");
	tells("--- a/../../etc/passwd\n+++ b/../../etc/passwd\n"
	    "@@ -1 +1 @@\n-b\n+c\n--- /x\n+++ /x\n@@ -1 +1 @@\n-b\n+c\n"
	    GIT("a/ok", "b/ok") "old mode 1\n", "M ok\nodd 2\n",
	    "that lead outside");
	tells(GIT("\"a/x\\000y\"", "\"b/x\\000y\"") "new mode 1\n", "odd 1\n",
	    "with a NUL");
	tells(GIT("\"a/x", "b/x") "new mode 1\n", "odd 1\n",
	    "whose quotes do not end");
}

static void
broken(void)
{
	tells(GIT("a/x.c", "b/x.c") MOD "@@ -1,2 +1,2 @@\n a\n",
	    "line 5 of the patch: the patch ends in the middle of a hunk",
	    "torn");
	tells(GIT("a/x.c", "b/x.c") MOD "@@ -1,2 +1,2 @@\nxyz\n",
	    "line 5 of the patch: this is no line of a hunk", "other text");
	tells(GIT("a/x.c", "b/x.c") MOD "@@ -1,99999999999 +1 @@\n",
	    "line 4 of the patch: this is no head of a hunk", "huge numbers");
	tells(GIT("a/x.c", "b/x.c") MOD "@@ -1 @@\n",
	    "line 4 of the patch: this is no head of a hunk", "half a head");
	tells(GIT("a/x.c", "b/x.c") MOD "@@ -1,0 +1,0 @@\n" GIT("a/y", "b/y")
	    "new mode 1\n", "M x.c\nM y\n", "a hunk of nothing");
	tells("", "", "nothing");
	tells("no patch\n@@ -1 +1 @@\n-x\n+y\n", "", "no patch");
}

static void
text(void)
{
	struct buf b = BUF_INIT;
	struct patch_sink sink = { NULL, on_text, NULL, &b };
	struct patch *p = patch_new(&sink);
	char *big = malloc(1 << 20);
	struct err e;

	memset(big, 'x', 1 << 20);
	is_int(patch_feed(p, MOD "@@ -1 +7,2 @@\n-old\n+new\0er\n+",
	    strlen(MOD) + 29, &e), 0, "lines");
	is_str(b.p, "0:old|7:new er|", "their text and their numbers");
	buf_reset(&b);
	is_int(patch_feed(p, big, 1 << 20, &e), 0, "a long one");
	is_int(patch_feed(p, "\n", 1, &e), 0, "its end");
	is_int(patch_end(p, &e), 0, "the end");
	is_int((int64_t)b.len, (int64_t)PATCH_LINE_MAX - 1 + 3,
	    "is kept up to a bound");
	patch_free(p);
	buf_release(&b);
	free(big);
}

int
main(void)
{
	lines();
	files();
	paths();
	broken();
	text();
	buf_release(&told);
	return done();
}
