/*
 * The table of a made-up tool: parsing, messages, help, completion.
 */
#include "base/opt.h"

#include <stdlib.h>

#include "base/buf.h"
#include "tap.h"

static struct {
	bool dry, redact, quiet;
	const char *store, *form;
	struct strv tags;
	int64_t limit, size, since;
	int mode, verbose;
} o;

static const char *const modes[] = { "text", "vector", "both", NULL };
static const char *const forms[] = { "jsonl", "text", NULL };
static const char *const more_forms[] = { "jsonl", "csv", NULL };

static const struct opt shared[] = {
	OPT_GROUP("In general"),
	OPT_STR(0, "store", &o.store, "dir", "where the store is", OPT_C_DIR),
	OPT_FLAG('q', "quiet", &o.quiet, "say less"),
	OPT_COUNT('v', "verbose", &o.verbose, "say more"),
	OPT_HELP('h', "help", "print this help"),
	OPT_VERSION(0, "version", "print the version"),
	OPT_END
};

static const struct opt opts[] = {
	OPT_GROUP("Which results"),
	OPT_FLAG(0, "dry-run", &o.dry, "change nothing"),
	OPT_FLAG(0, "no-redact", &o.redact, "keep secrets"),
	OPT_INT('n', "limit", &o.limit, "n", "stop after <n> results"),
	OPT_SIZE(0, "size", &o.size, "bytes", "how much"),
	OPT_TIME('s', "since", &o.since, "time", "at or after <time>"),
	OPT_ENUM('m', "mode", &o.mode, modes, "how", "how to match: words that "
	    "are long enough to need more than the one line that is left"),
	OPT_WORD(0, "format", &o.form, forms, NULL, "the form"),
	OPT_LIST('t', "tag", &o.tags, "tag", "only with <tag>", OPT_C_KB),
	OPT_FLAG('0', NULL, &o.dry, "end with NUL"),
	OPT_INCLUDE(shared),
	OPT_END
};

static const struct opt backup_opts[] = {
	OPT_FLAG(0, "with-keys", &o.dry, "keys too"),
	OPT_WORD(0, "format", &o.form, more_forms, NULL, "another form"),
	OPT_END
};

static const struct opt_verb verbs[] = {
	{ "backup", "FILE|-", "write a backup", backup_opts, OPT_C_FILE },
	{ "config get", "KEY", "print a value", NULL, OPT_C_CONFIG },
	{ "config set", "KEY VALUE", "set a value", NULL, OPT_C_CONFIG },
	{ "stats", NULL, "print counts", NULL, OPT_C_NONE },
	{ NULL, NULL, NULL, NULL, OPT_C_NONE }
};

static const struct opt_tool plain = { "mem-x", "[ID ...]", "does x", opts,
    NULL, OPT_C_SESSION, false };
static const struct opt_tool many = { "mem-y", NULL, "does y", shared, verbs,
    OPT_C_NONE, false };

static char *argv_room[32];
static int args;
static int asked;
static const struct opt_verb *verb;
static struct err e;

/* Parse a line of words that single blanks separate. */
static int
parse(const struct opt_tool *t, const char *line)
{
	static char room[512];
	char *p;

	strv_release(&o.tags);
	memset(&o, 0, sizeof o);
	o.redact = true;
	memset(&e, 0, sizeof e);
	snprintf(room, sizeof room, "tool %s", line);
	args = 0;
	for (p = strtok(room, " "); p != NULL; p = strtok(NULL, " "))
		argv_room[args++] = p;
	argv_room[args] = NULL;
	return opt_parse(t, &args, argv_room, &verb, &asked, &e);
}

static const char *
fails(const struct opt_tool *t, const char *line)
{
	if (parse(t, line) != -1 || e.code != ERR_USAGE)
		return "did not fail";
	return e.msg;
}

static const char *
complete(const struct opt_tool *t, const char *line, enum opt_comp *comp,
    size_t *lead)
{
	static struct buf b;
	static char room[256];	/* values point into it */
	char *words[16], *p = room;
	int n = 0;

	snprintf(room, sizeof room, "%s", line);
	for (;;) {
		words[n++] = p;
		if ((p = strchr(p, ' ')) == NULL)
			break;
		*p++ = '\0';
	}
	buf_release(&b);
	*lead = opt_complete(t, n, words, &b, comp);
	return b.p;
}

static void
test_values(void)
{
	is_int(parse(&plain, "-n 5 a --tag=x,y b -t z -qvv c"), 0, "mixed");
	is_int(args, 3, "three operands");
	is_str(argv_room[2], "c", "in order");
	ok(argv_room[3] == NULL, "ended by NULL");
	is_int(o.limit, 5, "-n 5");
	is_int((int64_t)o.tags.n, 3, "lists add, commas separate");
	ok(o.quiet && o.verbose == 2, "bundled letters, counted");
	parse(&plain, "-n7 -mvector --format text --size 2k");
	is_int(o.limit, 7, "-n7");
	is_int(o.mode, 1, "-mvector");
	is_str(o.form, "text", "a word");
	is_int(o.size, 2048, "2k");
	parse(&plain, "--since 2026-11-20");
	is_int(o.since, INT64_C(1795132800000), "a time");
	parse(&plain, "-- -n --x -");
	is_int(args, 3, "-- ends the options");
	parse(&plain, "- --dry-run --no-dry-run");
	ok(args == 1 && !o.dry, "- is an operand; --no- clears");
	parse(&plain, "--redact");
	ok(!o.redact, "--redact clears --no-redact");
	parse(&plain, "-0");
	ok(o.dry, "a letter without a name");
	parse(&plain, "--store= x");
	ok(o.store != NULL && *o.store == '\0' && args == 1, "empty value");
}

static void
test_misuse(void)
{
	is_str(fails(&plain, "--sinc 1"), "unknown option '--sinc', did you "
	    "mean '--since'? see mem-x -h", "nearest");
	is_str(fails(&plain, "--colour"), "unknown option '--colour'; see "
	    "mem-x -h", "nothing near");
	is_str(fails(&plain, "-qz"), "unknown option '-z'; see mem-x -h",
	    "letter");
	is_str(fails(&plain, "-n five"), "option '--limit' wants a whole "
	    "number, not 'five'", "number");
	is_str(fails(&plain, "-n -1"), "option '--limit' wants a whole "
	    "number, not '-1'", "negative");
	is_str(fails(&plain, "--mode all"), "option '--mode' wants text, "
	    "vector or both, not 'all'", "enumeration");
	is_str(fails(&plain, "x -n"), "option '--limit' wants a value (n); "
	    "see mem-x -h", "value missing");
	is_str(fails(&plain, "--quiet=1"), "option '--quiet' takes no value; "
	    "see mem-x -h", "value too many");
	ok(strstr(fails(&plain, "--since never"), "option '--since'") != NULL,
	    "time names the option");
	is_str(fails(&plain, "--no-limit"), "unknown option '--no-limit', "
	    "did you mean '--limit'? see mem-x -h", "only flags negate");
	is_str(fails(&many, "bakcup"), "unknown command 'bakcup', did you "
	    "mean 'backup'? see mem-y -h", "nearest command");
	is_str(fails(&many, "config gat x"), "unknown command 'config gat', "
	    "did you mean 'config get'? see mem-y -h", "of two words");
	is_str(fails(&many, "config"), "no command given after config; see "
	    "mem-y -h", "half a command");
	is_str(fails(&many, "-q"), "no command given; see mem-y -h", "none");
	is_str(fails(&many, "stats --with-keys"), "unknown option "
	    "'--with-keys'; see mem-y -h", "an option of another verb");
}

static void
test_verbs(void)
{
	is_int(parse(&many, "-q backup x --with-keys"), 0, "verb");
	ok(verb == &verbs[0] && args == 1 && o.dry && o.quiet, "taken off");
	is_int(parse(&many, "config -q set k v"), 0, "verb of two words");
	ok(verb == &verbs[2] && args == 2, "taken off");
	is_int(parse(&many, "backup --format csv"), 0, "own words first");
	is_int(parse(&many, "-h"), 1, "-h needs no verb");
	is_int(asked, 'h', "asked for help");
	is_int(parse(&many, "backup x -h --bogus"), 1, "-h ends the parse");
	ok(verb == &verbs[0], "and knows the verb");
	is_int(parse(&plain, "--version"), 1, "--version");
	is_int(asked, 'v', "asked for the version");
	is_int(parse(&plain, "--complete a -h --bog"), 1, "--complete");
	ok(asked == 'c' && args == 3, "leaves the words alone");
}

static void
test_help(void)
{
	struct buf b = BUF_INIT;
	const char *p;
	size_t n, longest = 0;

	opt_help(&plain, NULL, &b);
	ok(strncmp(b.p, "usage: mem-x [option ...] [ID ...]\ndoes x\n", 41)
	    == 0, "usage first");
	ok(strstr(b.p, "\nWhich results\n      --dry-run ") != NULL, "group");
	ok(strstr(b.p, "  -n, --limit <n>         stop after") != NULL,
	    "letter, name, value");
	ok(strstr(b.p, "      --format <jsonl|text>\n") != NULL,
	    "words; a long one has a line for itself");
	ok(strstr(b.p, "  -0                      end with") != NULL,
	    "only a letter");
	for (p = b.p; *p != '\0'; p += n + 1) {
		n = strcspn(p, "\n");
		longest = n > longest ? n : longest;
	}
	ok(longest <= 80 && longest > 70, "80 columns");
	buf_reset(&b);
	opt_help(&many, NULL, &b);
	ok(strstr(b.p, "\n  config set KEY VALUE    set a value\n") != NULL,
	    "commands");
	ok(strstr(b.p, "\nOptions of backup\n      --with-keys") != NULL,
	    "and their options");
	buf_reset(&b);
	opt_help(&many, &verbs[0], &b);
	ok(strncmp(b.p, "usage: mem-y backup [option ...] FILE|-\n", 40) == 0,
	    "of one command");
	ok(strstr(b.p, "config") == NULL, "only");
	buf_release(&b);
}

static void
test_complete(void)
{
	enum opt_comp c;
	size_t lead;

	is_str(complete(&plain, "--qu", &c, &lead), "--quiet\tsay less\n",
	    "names");
	ok(strstr(complete(&plain, "-", &c, &lead), "-0\tend") != NULL,
	    "letters that have no name");
	is_str(complete(&plain, "--mode v", &c, &lead), "vector\thow\n",
	    "words");
	is_str(complete(&plain, "-m t", &c, &lead), "text\thow\n", "by letter");
	is_str(complete(&plain, "--mode=b", &c, &lead), "--mode=both\thow\n",
	    "after =");
	is_str(complete(&plain, "--store ", &c, &lead), "", "a folder");
	is_int(c, OPT_C_DIR, "is for the shell");
	complete(&plain, "--store=/x", &c, &lead);
	ok(c == OPT_C_DIR && lead == 8, "after = too");
	complete(&plain, "--store /y -q -n 3 ", &c, &lead);
	ok(c == OPT_C_SESSION && strcmp(o.store, "/y") == 0,
	    "operands; values are set");
	complete(&plain, "-n -- -q", &c, &lead);
	is_int(c, OPT_C_NONE, "'--' as a value ends nothing");
	complete(&plain, "-- -q", &c, &lead);
	is_int(c, OPT_C_SESSION, "but as a word it does");
	is_str(complete(&many, "c", &c, &lead), "config\tprint a value\n",
	    "first words, once");
	is_str(complete(&many, "config s", &c, &lead), "set\tset a value\n",
	    "second words");
	complete(&many, "backup ", &c, &lead);
	is_int(c, OPT_C_FILE, "operands of a command");
	ok(strstr(complete(&many, "backup --", &c, &lead), "--with-keys")
	    != NULL, "options of a command");
	ok(strstr(complete(&many, "stats --", &c, &lead), "--with-keys")
	    == NULL, "of that only");
	is_str(complete(&plain, "--bogus ", &c, &lead), "", "mistakes are "
	    "passed over");
}

int
main(void)
{
	test_values();
	test_misuse();
	test_verbs();
	test_help();
	test_complete();
	strv_release(&o.tags);
	return done();
}
