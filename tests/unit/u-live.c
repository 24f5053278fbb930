/*
 * Patterns, whose words the bytes of a turn are, rules, keys.
 */
#include "tap.h"

#include "base/json.h"
#include "base/str.h"
#include "ltm/live_around.h"
#include "ltm/live_fill.h"
#include "ltm/live_read.h"

static struct live_rules rules = LIVE_RULES_INIT;

/* --- patterns ---------------------------------------------------------- */

static int
matches(const char *pattern, const char *text, const char *value)
{
	unsigned char kind[400] = { LIVE_SAID };
	struct live_text t = { text, kind, strlen(text) };
	struct live_match m;
	const struct live_span *s = &m.hole[LIVE_VALUE];

	if (!live_match(pattern, &t, 0, t.len, &m))
		return 0;
	return value == NULL ? 1 : s->len == strlen(value) &&
	    memcmp(text + s->at, value, s->len) == 0;
}

static void
test_patterns(void)
{
	ok(matches("i prefer {value}", "I prefer tea", "tea"), "a hole");
	ok(matches("i  prefer {value}", "I\t prefer  tea ", "tea"), "blanks");
	ok(!matches("i prefer {value}", "I preferred tea", NULL),
	    "words are whole at their ends");
	ok(!matches("i prefer {value}", "Hi prefer tea", NULL),
	    "and at their beginning");
	ok(!matches("i prefer {value}", "I prefer", NULL),
	    "a hole is not empty");
	ok(matches("i [really|much] prefer {value}", "i much prefer tea",
	    "tea") && matches("i [really|much] prefer {value}",
	    "i prefer tea", "tea"), "one or none");
	ok(!matches("i (really|much) prefer {value}", "i prefer tea", NULL),
	    "one of them");
	ok(matches("i'm {value}", "I\xe2\x80\x99m Ann", "Ann"),
	    "an apostrophe of either kind");
	ok(matches("call it {value}", "call it \"the box\"", "the box"),
	    "quotes around a hole");
	ok(matches("{value} over {other}", "a over b over c", "a"),
	    "as little as will do");
	ok(matches("我喜欢{value}", "我喜欢 vim", "vim"),
	    "without blanks, with one");
	ok(!matches(" - {value}", "sci-fi", NULL), "a blank is one");
	ok(!matches("{subject}a{value}b{other}c", "aaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "bababababababababababababababababababababababababababababababab"
	    "ababababababababababababababababababababababababababababab",
	    NULL), "what takes too long is given up");
}

static void
test_bad(void)
{
	static const char *const bad[] = { "", "{value", "{what} x",
	    "a {value}{other}", "{value} {value} x", "(a", "a)", "()",
	    "(a (b))", "Upper", "\xff", "a|b", "{value}" };
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(live_pattern_bad(bad[i], true) != NULL, "'%s' is none",
		    i == 10 ? "a bad byte" : bad[i]);
	ok(live_pattern_bad("a {value}", false) != NULL,
	    "a phrase has no holes");
	ok(live_pattern_bad("a [b|c] {value}, {other}", true) == NULL,
	    "this is one");
	is_int(live_pattern_holes("{other} x {value}"), 3, "its holes");
}

/* --- bytes ------------------------------------------------------------- */

/* One letter for a byte: s said, q quoted, f of somebody else. */
static void
kinds(const char *text, const char *want, const char *what)
{
	unsigned char kind[400];
	char got[400];
	size_t n = strlen(text), i;

	live_kinds(&rules, text, n, kind);
	for (i = 0; i < n; i++)
		got[i] = text[i] == '\n' ? '.' : "sqf"[kind[i]];
	got[n] = '\0';
	is_str(got, want, "%s", what);
}

static void
test_kinds(void)
{
	kinds("a \"b\" c", "ssqqqss", "quotes");
	kinds("it's 'b' c", "sssssqqqss", "and apostrophes");
	kinds("a \"b", "ssqq", "one that is not closed");
	kinds("> a\nb", "fff.s", "a line that is quoted");
	kinds("```\na\n```\nb", "fff.f.fff.s", "code");
	kinds("Bob: a. b", "fffffffff", "somebody else speaks");
	kinds("Note: a", "sssssss", "a phrase is no name");
	kinds("He wrote me this: a", "ssssssssssssssssfff",
	    "what follows a colon");
	kinds("Fix:\na\n\nb", "ffff.f..f", "a text that was pasted");
	kinds("<x>\na\n</x>\nb", "fff.f.ffff.s", "an element");
	kinds("a\n    b", "s.fffff", "code by its indent");
	kinds("- a\n2. b\nc", "fff.ffff.s", "items of a list");
	kinds("# T\na\n\nb", "fff.f..f", "a document from its heading on");
	kinds("Dear Ann,\n\na\nBye", "sssssssss..f.fff", "a letter");
	kinds("Song\na\nb", "ssss.f.f", "a text with a title");
	kinds("Thanks\na", "ssssss.s", "what is a phrase is none");
	kinds("song\na", "ssss.s", "nor is what has no capital");
	kinds("Song.\na", "sssss.s", "nor a sentence");
	kinds("Bob: a\nb\n\nc", "ffffff.f..s",
	    "somebody's paragraph is his");
	kinds("To: a\nRe: b\n\nc", "fffff.fffff..f", "the head of a mail");
	kinds("x = 1;\na", "ffffff.s", "a line of code");
	kinds("f(\"a\")\na", "ffffff.s", "and a call");
	kinds("12:01:09 a\nWARN b\nc", "ffffffffff.ffffff.s", "a log");
	kinds("\"\"\"\na\n\"\"\"\nb", "fff.f.fff.s", "a long string");
	kinds("", "", "nothing");
}

/* --- turns ------------------------------------------------------------- */

/* "kind: content; ..." of all that is found, "-" nothing. */
static const char *
told(const char *text)
{
	static struct buf b = BUF_INIT;
	struct live_finds f = LIVE_FINDS_INIT;
	size_t i;

	buf_reset(&b);
	live_read(&rules, text, strlen(text), &f);
	for (i = 0; i < f.n; i++) {
		buf_addf(&b, "%s%s%s: ", i > 0 ? "; " : "",
		    f.v[i].session ? "now " : "", f.v[i].rule->kind);
		live_fill(&b, f.v[i].rule->content != NULL ?
		    f.v[i].rule->content : "no {value}", text, &f.v[i].m,
		    false);
	}
	if (f.n == 0)
		buf_adds(&b, "-");
	live_finds_release(&f);
	return b.p;
}

static void
test_turns(void)
{
	char longer[LIVE_READ + 200];

	is_str(told("I prefer tea because it is hot."),
	    "preference: Prefers tea.", "a reason is none of it");
	is_str(told("The build is slow, but I prefer gcc."),
	    "preference: Prefers gcc.", "a clause behind a comma");
	is_str(told("I prefer tea. My name is Ann."), "preference: Prefers "
	    "tea.; name: The user's name is Ann.", "two sentences");
	is_str(told("Please always run the tests from now on."),
	    "instruction: Always run the tests.", "what stands around it");
	is_str(told("For this session, answer in Latin."),
	    "now instruction: From now on: answer in Latin.", "for now");
	is_str(told("Answer in Latin."), "-", "once is not always");
	is_str(told("I no longer use Emacs."), "preference: no Emacs",
	    "what ends");
	is_str(told("It is slow, not broken."), "-",
	    "no correction without a word for it");
	is_str(told("I prefer tea, right?"), "-", "a question");
	is_str(told("Maybe I prefer tea."), "-", "in doubt");
	is_str(told("I prefer tea. Just kidding."), "-", "a joke");
	is_str(told("Once we sailed, I prefer tea."), "-", "on a condition");
	is_str(told("I prefer tea once a day."),
	    "preference: Prefers tea once a day.", "that is none");
	is_str(told("So why do I prefer tea"), "-",
	    "a question without its mark");
	is_str(told("Oh, I love waiting."), "-", "irony");
	is_str(told("You are a pirate. My name is Ann."), "-", "a play");
	is_str(told("Bob: I prefer tea. I prefer milk."), "-",
	    "somebody else");
	is_str(told("\"I prefer tea.\""), "-", "quoted");
	is_str(told("I prefer this."), "-", "pointing");
	is_str(told("我喜欢茶。"), "preference: 喜欢茶。", "in Chinese");
	is_str(told("你喜欢茶吗"), "-", "a question in Chinese");
	memset(longer, 'x', sizeof longer);
	longer[sizeof longer - 1] = '\0';
	memcpy(longer, "I prefer tea.\n\nI prefer milk.\n\n", 31);
	is_str(told(longer), "preference: Prefers tea.",
	    "of a long turn the first paragraph");
	memset(longer, 'x', 40);
	is_str(told(longer), "-", "which there may not be");
}

static void
test_keys(void)
{
	struct live_finds f = LIVE_FINDS_INIT;
	struct buf a = BUF_INIT, b = BUF_INIT;
	const char *one = "I prefer Tabs over  the spaces.";
	const char *two = "I prefer spaces to tabs.";

	live_read(&rules, one, strlen(one), &f);
	live_read(&rules, two, strlen(two), &f);
	is_int((int64_t)f.n, 2, "two are found");
	if (f.n == 2) {
		live_fill(&a, f.v[0].rule->key, one, &f.v[0].m, true);
		live_fill(&b, f.v[1].rule->key, two, &f.v[1].m, true);
		is_str(a.p, "preference:spaces+tabs", "a pair in order");
		is_str(b.p, a.p, "either way");
		is_int(f.v[0].sure, 8000, "as sure as the rule");
		is_int((int64_t)f.v[0].parts, 1, "of one part");
	}
	live_finds_release(&f);
	buf_release(&a);
	buf_release(&b);
}

static void
test_files(void)
{
	static const char good[] = "[rule \"r\"]\nkind = k\n"
	    "pattern = p {value}\nkey = {value}\ncontent = {value}\n[clause]\ncut = x\n";
	static const char other[] = "[rule \"r\"]\nkind = k\n"
	    "pattern = p {value}\nkey = {other}\ncontent = c\n";
	static const char *const bad[] = { "[rule \"r\"]\nkind = k\n",
	    "[rule]\nkind = k\n", "[veto \"v\"]\nin = where\n",
	    "[phrases \"p\"]\nadd = much\n", "[clause]\nsay = a\n",
	    other };
	struct live_rules l = LIVE_RULES_INIT;
	struct err e = { 0 };
	size_t i;

	ok(live_rules_parse(&l, good, sizeof good - 1, "f", &e) == 0, "a file");
	is_int((int64_t)l.nrules, 1, "one rule");
	ok(live_rules_parse(&l, good, sizeof good - 1, "f", &e) == 0 &&
	    l.nrules == 1 && l.rule[0].patterns.n == 1, "is written anew");
	live_rules_release(&l);
	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		ok(live_rules_parse(&l, bad[i], strlen(bad[i]), "f", &e) < 0 &&
		    e.code == ERR_INPUT && str_starts(e.msg, "f:"),
		    "file %zu is wrong: %s", i, e.msg);
		live_rules_release(&l);
	}
}

int
main(void)
{
	struct err e = { 0 };

	json_setup();
	ok(live_rules_built_in(&rules, &e) == 0, "what is built in: %s", e.msg);
	test_patterns();
	test_bad();
	test_kinds();
	test_turns();
	test_keys();
	test_files();
	live_rules_release(&rules);
	return done();
}
