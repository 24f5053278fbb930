/*
 * Configuration files: the syntax against git's own reader, edits that
 * leave the rest alone.
 */
#include "tap.h"

#include "base/conf.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/conf_parse.h"
#include "base/file.h"

static int
add_pair(void *out, const char *key, const char *value)
{
	buf_addf(out, "%s=%s|", key, value);
	return 0;
}

/* "key=value|..." of a text, or why it is refused. */
static const char *
parsed(const char *text, size_t len)
{
	static struct buf out = BUF_INIT;
	static struct err e;
	struct conf *c;

	buf_reset(&out);
	if (conf_parse(&c, text, len, "t", &e) < 0)
		return e.code == ERR_INPUT ? e.msg : "another code";
	conf_each(c, add_pair, &out);
	conf_free(c);
	return out.p;
}

static void
syntax(void)
{
	static const char *const t[][2] = {
		{ "", "" },
		{ "[a]", "" },
		{ "[a]\n\tb = c\n", "a.b=c|" },
		{ "[A] B=C D  \n", "a.b=C D|" },
		{ "[a]b=1\n[a \"S.x\"]\nb=2", "a.b=1|a.S.x.b=2|" },
		{ "[a \"q\\\"w\\e\"]b=1", "a.q\"we.b=1|" },
		{ "[A.B]\nc=1", "a.b.c=1|" },
		{ "[a]\nb\nc =\n", "a.b=true|a.c=|" },
		{ "# x\n; y\n[a] # z\nb = c ; d\n", "a.b=c|" },
		{ "[a]\nb = \" c ; d \" # e\n", "a.b= c ; d |" },
		{ "[a]\nb = x\\\n  y \\\n z\n", "a.b=x  y  z|" },
		{ "[a]\nb = \\n\\t\\b\\\"\\\\\n", "a.b=\n\t\b\"\\|" },
		{ "[a]\nb = x\"y z\"w\r\nc=1\r\n", "a.b=xy zw|a.c=1|" },
		{ "\xef\xbb\xbf[a]\nb=1", "a.b=1|" },
		{ "[a]\nb = c\\", "a.b=c|" },
		{ "[include]\npath = other\n", "include.path=other|" },
		{ "[a]\nb=1\nb=2\n", "a.b=1|a.b=2|" },
		{ "[a]\nb = 1\nc d\n", "'t' line 3: a name (letters, digits "
		    "and '-') must be followed by '='" },
		{ "b = 1\n", "'t' line 1: a name stands before the first "
		    "[section]" },
		{ "[a]\nb = \"c\n",
		    "'t' line 2: a value has no closing quote" },
		{ "[a]\nb = \\x\n", "'t' line 2: a backslash may only stand "
		    "before \\ \" n t b or the end of the line" },
		{ "[]\n", "'t' line 1: a section has no name" },
		{ "\n[a b]\n", "'t' line 2: a sub-section must be in quotes" },
		{ "[a \"b\n\"]\n", "'t' line 1: a sub-section has no closing "
		    "quote" },
		{ "[a \"b\" ]\n", "'t' line 1: ']' must follow the "
		    "sub-section" },
		{ "[a_b]\n", "'t' line 1: a section is letters, digits and "
		    "'-', ended by ']'" },
		{ "[a", "'t' line 1: a section is letters, digits and "
		    "'-', ended by ']'" },
		{ "[a]\n\n=1\n", "'t' line 3: expected [section] or name = "
		    "value" },
	};
	size_t i;

	for (i = 0; i < sizeof t / sizeof *t; i++)
		is_str(parsed(t[i][0], strlen(t[i][0])), t[i][1], "syntax %zu",
		    i + 1);
	is_str(parsed("[a]\0", 4), "'t' is not a configuration: it has a NUL "
	    "byte", "a NUL byte");
}

static void
values(void)
{
	static const char text[] = "[n]\n a = 12\n b = -3k\n c = x\n d = 5g\n"
	    "[b]\n t\n y = YES\n f = off\n e =\n z = 2\n[l]\n v = 1\n v = 2\n"
	    "[s \"Ab\"]\nx = 1\n";
	struct strv all = STRV_INIT;
	struct conf *c;
	struct err e;
	int64_t n = 42;
	bool b = false;

	ok(conf_parse(&c, text, sizeof text - 1, "t", &e) == 0, "parses");
	is_str(conf_get(c, "N.A", "no"), "12", "case of names is ignored");
	is_str(conf_get(c, "s.Ab.X", "no"), "1", "of sub-sections not");
	is_str(conf_get(c, "s.ab.x", "no"), "no", "the default");
	is_str(conf_get(c, "l.v", NULL), "2", "the last one counts");
	conf_get_all(c, "l.V", &all);
	ok(all.n == 2 && strcmp(all.v[0], "1") == 0, "all of them");
	strv_release(&all);
	ok(conf_get_int(c, "n.a", 0, 100, &n, &e) == 1 && n == 12, "a number");
	ok(conf_get_int(c, "n.b", -9999, 0, &n, &e) == 1 && n == -3072,
	    "a negative one, with a unit");
	ok(conf_get_int(c, "n.no", 0, 1, &n, &e) == 0 && n == -3072, "none");
	ok(conf_get_int(c, "n.c", 0, 9, &n, &e) < 0 && e.code == ERR_INPUT &&
	    strstr(e.msg, "n.c must be a number from 0 to 9"), "no number");
	ok(conf_get_int(c, "n.d", 0, 9, &n, &e) < 0, "too large");
	ok(conf_get_bool(c, "b.t", &b, &e) == 1 && b, "a name alone is true");
	ok(conf_get_bool(c, "b.f", &b, &e) == 1 && !b, "off");
	ok(conf_get_bool(c, "b.y", &b, &e) == 1 && b, "YES");
	ok(conf_get_bool(c, "b.e", &b, &e) == 1 && !b, "the empty is false");
	ok(conf_get_bool(c, "b.no", &b, &e) == 0, "absent");
	ok(conf_get_bool(c, "b.z", &b, &e) < 0 && strstr(e.msg, "b.z"),
	    "neither");
	conf_free(c);
	conf_free(NULL);

	ok(conf_key_check("a.b", &e) == 0 && conf_key_check("a.b.c.d", &e) == 0
	    && conf_key_check("remote.http://x/y.url", &e) == 0 &&
	    conf_key_check("a-1..b", &e) == 0, "keys");
	ok(conf_key_check("a", &e) < 0 && e.code == ERR_USAGE &&
	    conf_key_check("a.", &e) < 0 && conf_key_check(".b", &e) < 0 &&
	    conf_key_check("a.1", &e) < 0 && conf_key_check("a.b c", &e) < 0 &&
	    conf_key_check("a b.c", &e) < 0 && conf_key_check("", &e) < 0 &&
	    conf_key_check("a.b\nc.d", &e) < 0, "no keys");
}

/* The text with a key changed, or the error. */
static const char *
edited(const char *text, const char *key, const char *value)
{
	static struct buf out = BUF_INIT;
	static struct err e;
	struct buf in = BUF_INIT;
	int r;

	buf_reset(&out);
	buf_adds(&in, text);
	r = conf_edit_text(&out, &in, "t", key, value, &e);
	buf_release(&in);
	return r < 0 ? e.msg : r == 0 ? "(same)" : out.p;
}

static void
edits(void)
{
	static const struct {
		const char *text, *key, *value, *want;
	} t[] = {
		{ "", "a.b", "c", "[a]\n\tb = c\n" },
		{ "", "Store.userName", "x", "[Store]\n\tuserName = x\n" },
		{ "", "a.q\"\\.b", "c", "[a \"q\\\"\\\\\"]\n\tb = c\n" },
		{ "[a]\n  b=1 # one\n", "a.b", "2", "[a]\n  b=2 # one\n" },
		{ "[a]\n  b=1 # one\n", "A.B", "1", "(same)" },
		{ "[a]\nb =  \"x\" \"y\"  ; z\n", "a.b", "v w",
		    "[a]\nb =  v w  ; z\n" },
		{ "[a]\nb # no\n", "a.c", "1", "'t' line 2: a name (letters, "
		    "digits and '-') must be followed by '='" },
		{ "[a]\nb\n", "a.b", "1", "[a]\nb = 1\n" },
		{ "[a]\nb =\n", "a.b", "1", "[a]\nb = 1\n" },
		{ "[a]\nb =# c\n", "a.b", "1", "[a]\nb = 1# c\n" },
		{ "[a]\nb = x\\\n y\nc=1\n", "a.b", "1", "[a]\nb = 1\nc=1\n" },
		{ "[a]\n\tb = 1\n[z]\n\ty = 1\n", "a.c", "2",
		    "[a]\n\tb = 1\n\tc = 2\n[z]\n\ty = 1\n" },
		{ "[a]\nb=1\n[z]\n[a]\nc=1", "a.d", "2",
		    "[a]\nb=1\n[z]\n[a]\nc=1\n\td = 2\n" },
		{ "[a][z]", "a.b", "1", "[a]\n\tb = 1\n[z]" },
		{ "[a] # c\n# d\n", "a.b", "1", "[a] # c\n\tb = 1\n# d\n" },
		{ "[a \"S\"]\n[a \"s\"]\n", "a.S.b", "1",
		    "[a \"S\"]\n\tb = 1\n[a \"s\"]\n" },
		{ "x", "a.b", "1", "'t' line 1: a name stands before the "
		    "first [section]" },
		{ "[a]\nb=1\n", "a.b", "", "[a]\nb=\"\"\n" },
		{ "[a]\nb=\n", "a.b", "", "(same)" },
		{ "", "a.b", " x", "[a]\n\tb = \" x\"\n" },
		{ "", "a.b", "x;y#z", "[a]\n\tb = \"x;y#z\"\n" },
		{ "", "a.b", "\"\\\n\t", "[a]\n\tb = \"\\\"\\\\\\n\\t\"\n" },
		{ "[a]\nb=1\nb=2\n", "a.b", "3", "a.b has 2 values in 't'; "
		    "unset it first, or edit the file" },
		{ "# h\n[a]\n\tb = 1 # one\n\tc = 2\n", "a.b", NULL,
		    "# h\n[a]\n\tc = 2\n" },
		{ "[a]\nb=1\nc=2\n[a]\nb=3", "a.b", NULL, "[a]\nc=2\n[a]\n" },
		{ "[a] b = 1 # c\nd=1\n", "a.b", NULL, "[a] # c\nd=1\n" },
		{ "[a]\r\nb = x\\\r\ny\r\nc=1\r\n", "a.b", NULL,
		    "[a]\r\nc=1\r\n" },
		{ "[a]\nb=1\n", "a.c", NULL, "(same)" },
		{ "[a]\nb = x\\", "a.c", "1", "[a]\nb = x\\\n\n\tc = 1\n" },
		{ "[a]\r\nb = x\\\r\n", "z.c", "1",
		    "[a]\r\nb = x\\\r\n\n[z]\n\tc = 1\n" },
		{ "[a]\nb = x\\\\\n", "z.c", "1",
		    "[a]\nb = x\\\\\n[z]\n\tc = 1\n" },
		{ "", "nokey", "1", "'nokey' is not a key; a key is "
		    "section.name or section.sub.name, section and name of "
		    "letters, digits and '-'" },
	};
	size_t i;

	for (i = 0; i < sizeof t / sizeof *t; i++)
		is_str(edited(t[i].text, t[i].key, t[i].value), t[i].want,
		    "edit %zu", i + 1);
}

static void
files(void)
{
	struct conf *c = NULL;
	struct buf b = BUF_INIT;
	struct err e = { 0 };
	struct stat st;

	ok(conf_read(&c, "absent", &e) == 0 && conf_get(c, "a.b", NULL) == NULL,
	    "a file that is absent is empty");
	conf_free(c);
	ok(conf_edit("absent", "a.b", NULL, &e) == 0 && !file_exists("absent"),
	    "removing from it makes none");
	ok(conf_edit("c", "a.b", "1", &e) == 1 &&
	    conf_edit("c", "a.b", "1", &e) == 0 &&
	    conf_edit("c", "x.y", "2", &e) == 1 &&
	    conf_edit("c", "a.b", NULL, &e) == 1, "edits");
	buf_read_file(&b, "c", 100, &e);
	is_str(b.p, "[a]\n[x]\n\ty = 2\n", "the file");
	ok(stat("c", &st) == 0 && (st.st_mode & 0777) == 0600, "is private");
	ok(conf_read(&c, "c", &e) == 0 &&
	    strcmp(conf_get(c, "x.y", ""), "2") == 0, "and is read");
	conf_free(c);
	file_replace("c", "[a\n", 3, &e);
	ok(conf_read(&c, "c", &e) < 0 && e.code == ERR_INPUT &&
	    strstr(e.msg, "'c' line 1"), "an error names file and line");
	ok(conf_edit("c", "a.b", "1", &e) < 0, "what is broken stays so");
	buf_reset(&b);
	buf_read_file(&b, "c", 100, &e);
	is_str(b.p, "[a\n", "unchanged");
	ok(mkdir("d", 0700) == 0 && conf_read(&c, "d", &e) < 0 &&
	    e.code == ERR_SYS, "a folder is no configuration");
	buf_release(&b);
}

/* Standard output of a command; its exit status. */
static int
run(const char *cmd, struct buf *out)
{
	FILE *f = popen(cmd, "r");
	int c;

	buf_reset(out);
	if (f == NULL)
		return -1;
	while ((c = getc(f)) != EOF)
		buf_addc(out, c);
	return pclose(f);
}

static unsigned
pick(unsigned n)
{
	static uint32_t state = 7;

	state = state * 1664525 + 1013904223;
	return (state >> 16) % n;
}

/* `git config --list -z` in the form of add_pair. */
static void
from_git(struct buf *out, const struct buf *in)
{
	const char *p, *nl;

	for (p = in->p; p < in->p + in->len; p += strlen(p) + 1) {
		nl = strchr(p, '\n');
		if (nl == NULL)
			buf_addf(out, "%s=true|", p);
		else
			buf_addf(out, "%.*s=%s|", (int)(nl - p), p, nl + 1);
	}
}

/* git has turned tabs within values into spaces, and stopped to. */
static void
no_tabs(char *s)
{
	for (; (s = strchr(s, '\t')) != NULL; s++)
		*s = ' ';
}

/* Texts put together at random: both read the same, or both refuse. */
static void
against_git(void)
{
	static const char *const bit[] = { "[a]", "[a \"b\"]", "[A.B]",
	    "[x \"c\\\"d\\\\e\"]", "\nk = v", "\nKey=", "\nk", "v w",
	    "=", " ", "\t", "#", ";", "\\\n", "\n", "\n", "\n", "\r\n", "\"",
	    "\"", "\\n", "\\t", "\\\"", "\\x", "[", "]", "0", "-", "\xc3\xa9",
	    " = \"", "\n[b]\n", "\nlong-name = some words # rest\n" };
	struct buf text = BUF_INIT, got = BUF_INIT, want = BUF_INIT;
	int i, j, n, differ = 0, refused = 0;
	struct err e;
	struct conf *c;
	bool git_ok, we_ok;

	for (i = 0; i < 160; i++) {
		buf_reset(&text);
		buf_adds(&text, "[s]\n");
		n = (int)pick(i % 3 == 0 ? 20 : 6) + 1;
		for (j = 0; j < n; j++)
			buf_adds(&text, bit[pick(sizeof bit / sizeof *bit)]);
		if (file_replace("r", text.p, text.len, &e) < 0)
			break;
		git_ok = run("git config -f r --list -z 2>/dev/null", &got)
		    == 0;
		buf_reset(&want);
		from_git(&want, &got);
		buf_reset(&got);
		we_ok = conf_parse(&c, text.p, text.len, "r", &e) == 0;
		if (we_ok) {
			conf_each(c, add_pair, &got);
			conf_free(c);
		}
		no_tabs(got.p);
		no_tabs(want.p);
		refused += !git_ok;
		if (git_ok == we_ok && (!we_ok || strcmp(got.p, want.p) == 0))
			continue;
		differ++;
		printf("# git %s, we %s: %s\n# %s\n# %s\n",
		    git_ok ? "reads" : "refuses", we_ok ? "read" : "refuse",
		    text.p, want.p, got.p);
	}
	is_int(differ, 0, "%d texts, %d refused, as git does", i, refused);
	ok(i - refused > 25 && refused > 25, "enough of both");
	buf_release(&text);
	buf_release(&got);
	buf_release(&want);
}

/* What we write, git reads; what it writes, we read. */
static void
edits_and_git(void)
{
	static const char *const value[] = { "plain", " led", "trailed ",
	    "a \"b\" c", "back\\slash", "tab\tnl\nend", "a;b#c", "",
	    "gr\xc3\xbc\xc3\x9f", "'single'", "cr\r", "\\", "\"", "#" };
	static const char *const key[] = { "a.b", "a.sub.b", "a.S u\"b\\.x.b",
	    "other.Name" };
	struct buf got = BUF_INIT;
	size_t i, bad_we = 0, bad_git = 0, n = sizeof value / sizeof *value;
	struct err e;
	struct conf *c;

	file_replace("w", "", 0, &e);
	for (i = 0; i < n * 2; i++) {
		setenv("K", key[i % 4], 1);
		setenv("V", value[i % n], 1);
		if (conf_edit("w", key[i % 4], value[i % n], &e) < 0 ||
		    run("git config -f w --get \"$K\"", &got) != 0 ||
		    got.len != strlen(value[i % n]) + 1 ||
		    memcmp(got.p, value[i % n], got.len - 1) != 0)
			bad_we++;
		setenv("V", value[(i + 5) % n], 1);
		if (strchr(value[(i + 5) % n], '\r') != NULL)
			continue;	/* git does not quote it: lost */
		if (run("git config -f w \"$K\" \"$V\"", &got) != 0 ||
		    conf_read(&c, "w", &e) < 0)
			bad_git++;
		else {
			bad_git += strcmp(conf_get(c, key[i % 4], "?"),
			    value[(i + 5) % n]) != 0;
			conf_free(c);
		}
	}
	is_int(bad_we, 0, "git reads what we write");
	is_int(bad_git, 0, "we read what git writes");
	buf_release(&got);
}

int
main(void)
{
	char dir[] = "/tmp/u-conf.XXXXXX";
	struct buf out = BUF_INIT;
	struct err e;

	syntax();
	values();
	edits();
	if (mkdtemp(dir) == NULL || chdir(dir) < 0)
		return 2;
	files();
	if (run("git --version 2>/dev/null", &out) == 0) {
		against_git();
		edits_and_git();
	} else
		ok(true, "against git # SKIP git is not installed");
	buf_release(&out);
	if (chdir("/") == 0)
		file_remove_tree(dir, &e);
	return done();
}
