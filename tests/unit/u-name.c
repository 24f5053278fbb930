#include "store/name.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

static void
pair(const char *plain, const char *encoded)
{
	struct buf b = BUF_INIT, back = BUF_INIT;

	name_encode(&b, plain);
	is_str(b.p, encoded, "'%s' is '%s'", plain, encoded);
	is_int(name_decode(&back, b.p), 1, "and can be read");
	is_str(back.p, plain, "as what it was");
	buf_release(&b);
	buf_release(&back);
}

static void
pairs(void)
{
	pair("default", "default");
	pair("ann-marie_2.0", "ann-marie_2.0");
	pair("Ann", "%41nn");
	pair("a/b", "a%2fb");
	pair("..", "%2e%2e");
	pair(".hidden", "%2ehidden");
	pair("end.", "end%2e");
	pair("a.b", "a.b");
	pair("50%", "50%25");
	pair("%2e", "%252e");
	pair("con", "%63on");
	pair("con.txt", "%63on.txt");
	pair("console", "console");
	pair("com7", "%63om7");
	pair("com", "com");
	pair("lpt1.x", "%6cpt1.x");
	pair("M\xc3\xbcller", "%4d%c3%bcller");
	pair("a b~c", "a%20b%7ec");
	pair("-", "-");
}

static void
cases(void)
{
	struct buf a = BUF_INIT, b = BUF_INIT;

	name_encode(&a, "Users");
	name_encode(&b, "users");
	ok(strcmp(a.p, b.p) != 0, "two cases are two names");
	buf_adds(&a, "x");
	buf_reset(&a);
	buf_adds(&a, "lead/");
	name_encode(&a, "N");
	is_str(a.p, "lead/%4e", "it is appended");
	buf_release(&a);
	buf_release(&b);
}

static void
lengths(void)
{
	struct buf a = BUF_INIT, b = BUF_INIT, back = BUF_INIT;
	char name[NAME_MAX_IN + 2];
	size_t i;
	int bad = 0;

	memset(name, 'a', sizeof name);
	name[255] = '\0';
	name_encode(&a, name);
	is_str(a.p, name, "255 bytes stay");
	name[255] = 'a';
	name[256] = '\0';
	buf_reset(&a);
	name_encode(&a, name);
	is_int((int64_t)a.len, 255, "256 are cut to 255");
	is_int(name_decode(&back, a.p), 0, "and cannot be read back");
	name[250] = 'b';
	name_encode(&b, name);
	ok(strcmp(a.p, b.p) != 0, "two long names stay apart");
	/* wherever the cut falls, no escape is cut in two */
	for (i = 200; i < 260; i++) {
		memset(name, 'a', sizeof name);
		memset(name + i, 'A', 20);
		name[300] = '\0';
		buf_reset(&a);
		name_encode(&a, name);
		if (a.len > 255 || strspn(strstr(a.p, "%-") + 2,
		    "0123456789abcdef") != 32)
			bad++;
		a.p[strstr(a.p, "%-") - a.p] = '\0';
		buf_reset(&back);
		if (!name_decode(&back, a.p) ||
		    strncmp(back.p, name, back.len) != 0)
			bad++;
	}
	is_int(bad, 0, "what is left of a long name is its beginning");
	buf_release(&a);
	buf_release(&b);
	buf_release(&back);
}

static void
strange(void)
{
	static const char *const not_ours[] = { "%", "%4", "%zz", "a%", "%00",
	    "a%-0123", NULL };
	struct buf b = BUF_INIT;
	int i;

	for (i = 0; not_ours[i] != NULL; i++) {
		buf_reset(&b);
		buf_adds(&b, "kept");
		is_int(name_decode(&b, not_ours[i]), 0, "'%s' is not ours",
		    not_ours[i]);
		is_str(b.p, "kept", "and leaves nothing");
	}
	buf_release(&b);
}

static void
check(const char *name, int want, const char *what)
{
	struct err e;

	is_int(name_check("the name", name, &e), want, "%s", what);
}

static void
checks(void)
{
	char longest[NAME_MAX_IN + 2];
	struct err e;

	memset(longest, 'x', sizeof longest);
	longest[NAME_MAX_IN] = '\0';
	check("a", 0, "a letter is a name");
	check("../../etc/passwd", 0, "so is a path: it is encoded");
	check("\xe6\x97\xa5\xe6\x9c\xac", 0, "and any script");
	check(longest, 0, "and 1024 bytes");
	longest[NAME_MAX_IN] = 'x';
	longest[NAME_MAX_IN + 1] = '\0';
	check(longest, -1, "but not 1025");
	check("", -1, "nor nothing");
	check("a\nb", -1, "nor a newline");
	check("a\x7f", -1, "nor DEL");
	check("a\xc2\x85", -1, "nor a control of Latin-1");
	check("a\xff", -1, "nor what is not UTF-8");
	name_check("the tenant's name", "", &e);
	is_str(e.msg, "the tenant's name is empty", "it says what of");
	is_int(e.code, ERR_USAGE, "and that it is the caller's");
}

int
main(void)
{
	pairs();
	cases();
	lengths();
	strange();
	checks();
	return done();
}
