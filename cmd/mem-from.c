/*
 * mem-from: a foreign format in, memkit records out.
 */
#include "base/conf.h"
#include "base/date.h"
#include "base/file.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/out.h"
#include "from/bug.h"
#include "from/bug_words.h"
#include "from/docs.h"
#include "from/from.h"
#include "store/name.h"
#include "store/store.h"

#include <inttypes.h>
#include <string.h>

#define MAX_RECORDS 5000
#define MAX_BYTES (INT64_C(50) << 20)

static struct {
	bool follow, thinking, branches;
	const char *aliases, *rules;
	struct strv map;	/* a file, or COLUMN=FIELD each */
	int64_t since_ms, until_ms, limit, at_ms;
	int64_t max_records, max_bytes;
} o = { .since_ms = DATE_MIN, .until_ms = DATE_MAX + 1,
    .max_records = MAX_RECORDS, .max_bytes = MAX_BYTES };

static struct from_docs_opts docs = FROM_DOCS_OPTS;
static const char *docs_words;
static int64_t docs_bytes;
static int docs_gone;
static struct conf *docs_settings;	/* own; of no store that is open */

static const char *const gones[] = { "withdraw", "keep", NULL };
static const struct opt docs_opts[] = {
	OPT_STR(0, "kb", &docs.kb, "name",
	    "the knowledge base of it all, which has cursors of its own",
	    OPT_C_KB),
	OPT_LIST(0, "include", &docs.include, "glob",
	    "of folders, only files whose name or path is so",
	    OPT_C_NONE),
	OPT_LIST(0, "exclude", &docs.exclude, "glob",
	    "no files and folders whose name or path is so", OPT_C_NONE),
	OPT_FLAG(0, "hidden", &docs.hidden,
	    "names that begin with a dot, and .git and the like, too"),
	OPT_FLAG(0, "all", &docs.all,
	    "read what has not changed since the last time, too"),
	OPT_ENUM(0, "gone", &docs_gone, gones, "what",
	    "documents whose files are gone: withdraw (default) or keep"),
	OPT_STR(0, "encoding", &docs.encoding, "name",
	    "of text that is no UTF-8 and does not tell (default "
	    "windows-1252)", OPT_C_NONE),
	OPT_STR(0, "words", &docs_words, "min-max",
	    "of a chunk (default 200-400)", OPT_C_NONE),
	OPT_SIZE(0, "max-bytes", &docs_bytes, "bytes",
	    "of one document, unpacked (default 1G)"),
	OPT_END
};

static const struct opt opts[] = {
	OPT_GROUP("What is taken of transcripts and repositories"),
	OPT_STR(0, "rules", &o.rules, "file",
	    "of git-fixes: words that tell a fix, see mem-from(1)",
	    OPT_C_FILE),
	OPT_FLAG(0, "follow", &o.follow,
	    "only what is new since the store's cursors, and cursors with it"),
	OPT_TIME('s', "since", &o.since_ms, "time",
	    "only events at or after <time>"),
	OPT_TIME('u', "until", &o.until_ms, "time",
	    "only events before <time>"),
	OPT_INT('n', "limit", &o.limit, "n", "stop after <n> events or bugs"),
	OPT_FLAG(0, "thinking", &o.thinking,
	    "what the model thought, too"),
	OPT_FLAG(0, "branches", &o.branches,
	    "what was asked again in other words, too, marked as abandoned"),
	OPT_TIME(0, "at", &o.at_ms, "time",
	    "the time of what has none (default: the file's)"),
	OPT_GROUP("What is taken of bug records"),
	OPT_INT(0, "max-records", &o.max_records, "n",
	    "refuse an import of more (default 5000; 0: any number)"),
	OPT_SIZE(0, "max-bytes", &o.max_bytes, "bytes",
	    "refuse an import of more (default 50M; 0: any size)"),
	OPT_STR(0, "aliases", &o.aliases, "file",
	    "more words and columns, in the form of bug-csv.conf",
	    OPT_C_FILE),
	OPT_GROUP("How it is read"),
	OPT_LIST(0, "map", &o.map, "map",
	    "of jsonl: a file of rules, see mem-from(1); of tables: "
	    "column=field", OPT_C_FILE),
	OPT_WHERE,
	OPT_OUTPUT,
	OPT_COMMON,
	OPT_END
};

#define SOURCES "[file|folder ...]"
static const struct opt_verb verbs[] = {
	{ "claude-code", SOURCES, "transcripts of Claude Code", NULL,
	    OPT_C_FILE },
	{ "codex", SOURCES, "rollouts of Codex", NULL, OPT_C_FILE },
	{ "gemini", SOURCES, "chats of Gemini CLI", NULL, OPT_C_FILE },
	{ "copilot", SOURCES, "sessions of GitHub Copilot CLI", NULL,
	    OPT_C_FILE },
	{ "chatgpt", SOURCES, "conversations.json of a ChatGPT export", NULL,
	    OPT_C_FILE },
	{ "claude-export", SOURCES, "conversations.json of a Claude export",
	    NULL, OPT_C_FILE },
	{ "openai", SOURCES, "chat messages as OpenAI's API has them", NULL,
	    OPT_C_FILE },
	{ "sharegpt", SOURCES, "conversations of data sets", NULL,
	    OPT_C_FILE },
	{ "slack", SOURCES, "a Slack export, unpacked", NULL, OPT_C_FILE },
	{ "memory.json", SOURCES, "entities and relations of MCP's memory",
	    NULL, OPT_C_FILE },
	{ "jsonl", SOURCES, "any JSON Lines, by a mapping", NULL,
	    OPT_C_FILE },
	{ "bugs", SOURCES, "bug records as JSON", NULL, OPT_C_FILE },
	{ "bugs-csv", SOURCES, "bug records as a table, by its header", NULL,
	    OPT_C_FILE },
	{ "jira", SOURCES, "issues of Jira, JSON", NULL, OPT_C_FILE },
	{ "jira-csv", SOURCES, "issues of Jira, CSV", NULL, OPT_C_FILE },
	{ "github", SOURCES, "issues of GitHub", NULL, OPT_C_FILE },
	{ "gitlab", SOURCES, "issues of GitLab", NULL, OPT_C_FILE },
	{ "bugzilla", SOURCES, "bugs of Bugzilla, JSON or XML", NULL,
	    OPT_C_FILE },
	{ "redmine", SOURCES, "issues of Redmine", NULL, OPT_C_FILE },
	{ "sarif", SOURCES, "results of static analysis, SARIF 2.1.0", NULL,
	    OPT_C_FILE },
	{ "junit", SOURCES, "tests that failed, JUnit's XML", NULL,
	    OPT_C_FILE },
	{ "osv", SOURCES, "vulnerabilities, OSV", NULL, OPT_C_FILE },
	{ "defects4j", SOURCES, "active-bugs.csv of Defects4J", NULL,
	    OPT_C_FILE },
	{ "git-fixes", "folder ...", "commits that fix something, as bugs",
	    NULL, OPT_C_DIR },
	{ "docs", SOURCES, "documents of all kinds, and archives of them",
	    docs_opts, OPT_C_FILE },
	{ NULL, NULL, NULL, NULL, OPT_C_NONE }
};

static const struct opt_tool tool = {
	.name = "mem-from",
	.args = "format [file|folder ...]",
	.about = "read foreign formats, print memkit records",
	.opts = opts,
	.verbs = verbs,
	.comp = OPT_C_FILE,
};

static int
emit(void *out, const json_t *rec, struct err *e)
{
	return out_record(out, rec, e);
}

static int
emit_text(void *out, const char *json, size_t len, struct err *e)
{
	return out_json(out, json, len, e);
}

static void
say(void *unused, bool detail, const char *line)
{
	(void)unused;
	if (!detail)
		cmd_warn("%s", line);
	else if (cmd.verbose > 0)
		cmd_note("%s", line);
}

static void
tell_counts(const char *what, const struct map *m)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		cmd_note("%s: %s: %" PRId64, what, m->e[i].key,
		    m->e[i].v.i);
}

/* A store that is not there yet has no cursors: the mem-ingest behind us
 * makes it. */
static int
open_store(const struct opt_verb *verb, struct store **st, struct err *e)
{
	struct store_where where;

	cmd_asked(&where);
	if ((!o.follow && !from_is_docs(from_format(verb->name))) ||
	    store_open(st, &where, STORE_READ, e) == 0)
		return 0;
	return e->code == ERR_ABSENT ? 0 : -1;
}

static int64_t
count_of(const struct map *m, const char *reason)
{
	const union map_value *v = map_get(m, reason);

	return v != NULL ? v->i : 0;
}

/* Was all that there is to be read of another form? */
static void
hint(const struct opt_verb *verb, const struct from_counts *c)
{
	if (c->valid > 0 || from_is_docs(from_format(verb->name)) ||
	    c->skipped == count_of(&c->skips,
	    "file that cannot be opened"))
		return;
	if (strcmp(verb->name, "jsonl") == 0)
		cmd_note("nothing of it fits the mapping '%s'", o.map.v[0]);
	else
		cmd_note("nothing of it could be read as %s; mem-from -h "
		    "lists the formats", verb->name);
}

/* Before anything can fail, and at once: a mem-ingest behind us must not
 * take for the end of it all what is the end of us. */
static int
start(const struct opt_verb *verb, const struct from_sink *sink, int argc,
    char **argv, struct err *e)
{
	if (from_start(from_format(verb->name), argv, (size_t)argc, sink,
	    e) < 0)
		return -1;
	return out_flush(sink->arg, e);
}

static int
run(const struct opt_verb *verb, const struct from_sink *sink, int argc,
    char **argv, struct store *st, const struct from_map *map,
    const struct bug_words *words, struct err *e)
{
	struct from_opts fo = { .format = from_format(verb->name),
	    .thinking = o.thinking, .branches = o.branches,
	    .follow = o.follow, .since_ms = o.since_ms,
	    .until_ms = o.until_ms, .limit = o.limit, .at_ms = o.at_ms,
	    .map = map, .rules = o.rules, .store = st,
	    .max_records = o.max_records, .max_bytes = o.max_bytes,
	    .words = words, .columns = &o.map, .docs = &docs };
	const struct from_counts *c;
	struct from *f = from_new(&fo, sink);
	int r;

	r = from_run(f, argv, (size_t)argc, e);
	c = from_counts(f);
	if (r >= 0) {
		tell_counts("skipped", &c->skips);
		tell_counts("left out", &c->drops);
		tell_counts("note", &c->notes);
		hint(verb, c);
	}
	from_free(f);
	return r == 1 ? EXIT_PART : r;
}

/* --map of a table: fields that there are. */
static int
check_columns(struct err *e)
{
	const char *eq;
	size_t i;

	for (i = 0; i < o.map.n; i++) {
		eq = strrchr(o.map.v[i], '=');
		if (eq == NULL || eq == o.map.v[i] ||
		    bug_field(eq + 1) == BUG_FIELDS)
			return cmd_misuse(e, "option '--map': '%s' is no "
			    "COLUMN=FIELD; fields are bug_id, title, severity "
			    "and the others in mem-from(1)", o.map.v[i]);
	}
	return 0;
}

static int
check_map(const struct from_format *f, const char *name, struct err *e)
{
	bool jsonl = strcmp(name, "jsonl") == 0;

	if (jsonl && o.map.n == 0)
		return cmd_misuse(e, "format 'jsonl' needs --map <file>");
	if (jsonl && o.map.n > 1)
		return cmd_misuse(e, "format 'jsonl' takes one --map, a file "
		    "without a comma in its name");
	if (o.map.n == 0 || jsonl)
		return 0;
	if (!from_is_table(f))
		return cmd_misuse(e, "--map goes with the format 'jsonl' and "
		    "with tables such as 'bugs-csv', not with '%s'",
		    name);
	return check_columns(e);
}

static int
check_git(const char *name, int argc, struct err *e)
{
	bool git = strcmp(name, "git-fixes") == 0;

	if (o.rules != NULL && !git)
		return cmd_misuse(e, "--rules goes with the format "
		    "'git-fixes', not with '%s'", name);
	if (git && argc == 0)
		return cmd_misuse(e, "format 'git-fixes' needs the folder of a "
		    "repository");
	return 0;
}

static int
check_follow(int argc, char **argv, struct err *e)
{
	int i;

	if (!o.follow)
		return 0;
	if (o.limit > 0 || o.since_ms != DATE_MIN ||
	    o.until_ms != DATE_MAX + 1)
		return cmd_misuse(e, "--follow takes everything that is new: "
		    "it goes with no -n, --since or --until");
	for (i = 0; i < argc && strcmp(argv[i], "-") != 0; i++)
		;
	if (argc == 0 || i < argc)
		return cmd_misuse(e, "--follow needs files or folders, not "
		    "standard input");
	return 0;
}

static int
check_docs(struct err *e)
{
	if (o.follow || o.limit > 0 || o.since_ms != DATE_MIN ||
	    o.until_ms != DATE_MAX + 1 || o.thinking || o.branches ||
	    o.at_ms != 0)
		return cmd_misuse(e, "--follow, -n, --since, --until, --at, "
		    "--thinking and --branches go with transcripts, not with "
		    "'docs', which reads what is new by itself");
	if (docs_words != NULL && !from_docs_words(&docs, docs_words))
		return cmd_misuse(e, "option '--words': '%s' is no range of "
		    "words from 20 to 2000, such as 200-400", docs_words);
	docs.keep_gone = docs_gone == 1;
	if (docs.kb == NULL)
		return 0;
	if (strchr(docs.kb, '/') != NULL)
		return cmd_misuse(e, "option '--kb': '%s' holds a slash",
		    docs.kb);
	return name_check("kb", docs.kb, e);
}

/* The configuration of a store whose database the mem-ingest behind us is yet
 * to make. */
static int
conf_alone(struct err *e)
{
	struct store_where asked, where;
	struct store folder = { 0 };
	struct buf path = BUF_INIT;
	int r;

	cmd_asked(&asked);
	if (store_locate(&asked, &where, e) < 0)
		return -1;
	file_join(&path, where.dir, "config");
	r = conf_read(&docs_settings, path.p, e);
	folder.dir = (char *)where.dir;
	folder.conf = docs_settings;
	if (r == 0)
		r = from_docs_conf(&docs, &folder, e);
	buf_release(&path);
	store_where_free(&where);
	return r;
}

/* The options have the last word. */
static int
docs_conf(const struct store *st, struct err *e)
{
	if ((st != NULL ? from_docs_conf(&docs, st, e) : conf_alone(e)) < 0)
		return -1;
	if (docs_bytes > 0)
		docs.limits.bytes = docs_bytes;
	return 0;
}

static int
check(const struct opt_verb *verb, int argc, char **argv, struct err *e)
{
	const struct from_format *f = from_format(verb->name);
	bool bugs = from_is_bugs(f);

	if (from_is_docs(f) && check_docs(e) < 0)
		return -1;
	if (bugs && (o.follow || o.limit > 0 || o.since_ms != DATE_MIN ||
	    o.until_ms != DATE_MAX + 1 || o.thinking || o.branches ||
	    o.at_ms != 0))
		return cmd_misuse(e, "--follow, -n, --since, --until, --at, "
		    "--thinking and --branches go with transcripts, not with "
		    "'%s'", verb->name);
	if (!bugs && (o.aliases != NULL || o.max_records != MAX_RECORDS ||
	    o.max_bytes != MAX_BYTES))
		return cmd_misuse(e, "--aliases, --max-records and "
		    "--max-bytes go with bug records, not with '%s'",
		    verb->name);
	if (check_map(f, verb->name, e) < 0 ||
	    check_git(verb->name, argc, e) < 0)
		return -1;
	return check_follow(argc, argv, e);
}

int
main(int argc, char **argv)
{
	const struct opt_verb *verb;
	struct from_map *map = NULL;
	struct bug_words *words = NULL;
	struct store *st = NULL;
	struct err e = { 0 };
	struct out out;
	struct from_sink sink = { emit, emit_text, say, &out };
	int r;

	verb = cmd_start(&tool, &argc, &argv, cmd_names);
	out_init(&out);
	if ((r = check(verb, argc, argv, &e)) == 0)
		r = start(verb, &sink, argc, argv, &e);
	if (r == 0 && strcmp(verb->name, "jsonl") == 0)
		r = from_map_read(&map, o.map.v[0], &e);
	if (r == 0 && from_wants_words(from_format(verb->name)))
		r = bug_words_new(&words, o.aliases, &e);
	if (r == 0)
		r = open_store(verb, &st, &e);
	if (r == 0 && from_is_docs(from_format(verb->name)))
		r = docs_conf(st, &e);
	if (r == 0)
		r = run(verb, &sink, argc, argv, st, map, words, &e);
	from_map_free(map);
	bug_words_free(words);
	store_close(st);
	out_release(&out);
	strv_release(&o.map);
	from_docs_opts_release(&docs);
	conf_free(docs_settings);
	return cmd_exit(r, &e);
}
