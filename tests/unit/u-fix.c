#include "history/fix.h"

#include "tap.h"
#include "temp-dir.h"

static const char *
says(const struct fix_rules *r, const char *subject)
{
	enum fix_severity s;

	return fix_match(r, subject, &s) ? fix_severities[s] : "-";
}

static void
built_in(void)
{
	static const struct {
		const char *subject, *want;
	} t[] = {
		{ "Fix a leak in the parser", "major" },
		{ "parser: FIXED off-by-one", "minor" },
		{ "bug: wrong sign", "minor" },
		{ "hotfix", "minor" },
		{ "CVE-2024-1234: check lengths", "critical" },
		{ "Fix crash in a security check", "critical" },
		{ "fix-up of the fix", "minor" },
		{ "Regression in 1.2", "major" },
		{ "fix a compiler warning", "trivial" },
		{ "\xe4\xbf\xae\xe5\xa4\x8d\xe7\x99\xbb\xe5\xbd\x95", "minor" },
		{ "\xe4\xbf\xae\xe5\xa4\x8d\xe6\xbc\x8f\xe6\xb4\x9e",
		    "critical" },
		{ "Fix typo in a comment", "-" },
		{ "Revert \"Fix a leak\"", "-" },
		{ "fix what the revert broke", "minor" },
		{ "Add a prefix and a suffix", "-" },
		{ "test fixtures", "-" },
		{ "debug output", "-" },
		{ "", "-" },
	};
	struct fix_rules *r = NULL;
	struct err e;
	size_t i;

	ok(fix_rules_read(&r, NULL, &e) == 0, "what is built in");
	for (i = 0; i < sizeof t / sizeof *t; i++)
		is_str(says(r, t[i].subject), t[i].want, "%s", t[i].subject);
	fix_rules_free(r);
}

/* A file with this text; what is said of it. */
static const char *
read_file(const char *text, struct fix_rules **r)
{
	static struct err e;

	if (file_replace("rules", text, strlen(text), &e) < 0)
		return e.msg;
	return fix_rules_read(r, "rules", &e) < 0 ? e.msg : "";
}

static void
own(void)
{
	struct fix_rules *r = NULL;
	struct err e;

	is_str(read_file("[fix]\nword = Solved\nword = ^done\nseverity = "
	    "major\n[severity \"trivial\"]\nword = docs\n", &r), "",
	    "a file of one's own");
	is_str(says(r, "solved the case"), "major", "its words");
	is_str(says(r, "fix the case"), "-", "and no others");
	is_str(says(r, "Done: x"), "major", "where a subject begins");
	is_str(says(r, "x is done"), "-", "only there");
	is_str(says(r, "solved in docs"), "trivial", "its severities");
	fix_rules_free(r);
	is_str(read_file("[fix]\nwords = x\n", &r), "'rules': 'fix.words = x' "
	    "is nothing that such a file has", "an unknown key");
	is_str(read_file("[severity \"bad\"]\nword = x\n", &r), "'rules': "
	    "'severity.bad.word = x' is nothing that such a file has",
	    "an unknown severity");
	is_str(read_file("[fix]\nword = two words\n", &r), "'rules': 'two "
	    "words' is not one word of at most 63 letters and digits",
	    "two words");
	is_str(read_file("[fix]\nword =\n", &r), "'rules': '' is not one word "
	    "of at most 63 letters and digits", "none");
	ok(fix_rules_read(&r, "/nowhere/x", &e) == -1 &&
	    e.code == ERR_ABSENT, "no file: %s", e.msg);
}

int
main(void)
{
	temp_begin();
	built_in();
	own();
	return temp_end() | done();
}
