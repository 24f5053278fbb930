/*
 * mem-session: sessions, and the variables and files that somebody keeps in
 * them.
 */
#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/json.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/given.h"
#include "cmd/own_folder.h"
#include "cmd/session.h"
#include "memory/session.h"
#include "memory/session_seen.h"
#include "store/access.h"
#include "store/graft.h"
#include "store/store.h"
#include "text/redact.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct session_options session_o = { .from = GRAFT_SINCE,
    .before = GRAFT_UNTIL, .until = GRAFT_NEVER };

static struct {
	int64_t since, until, limit;
	const char *agent;
	bool reverse, redact;
} o = { .since = DATE_MIN, .until = DATE_MAX + 1, .redact = true };

static const struct opt list_opts[] = {
	OPT_GROUP("Which sessions"),
	OPT_TIME('s', "since", &o.since, "time",
	    "with something at or after <time>"),
	OPT_TIME('u', "until", &o.until, "time",
	    "with something before <time>"),
	OPT_STR(0, "agent", &o.agent, "name", "of one agent", OPT_C_AGENT),
	OPT_FLAG(0, "reverse", &o.reverse, "the newest first"),
	OPT_INT('n', "limit", &o.limit, "n", "stop after <n> sessions"),
	OPT_END
};

static const struct opt set_opts[] = {
	OPT_GROUP("What is set"),
	OPT_FLAG(0, "redact", &o.redact,
	    "replace secrets before they are stored (default)"),
	OPT_END
};

static const struct opt put_opts[] = {
	OPT_GROUP("What is put"),
	OPT_STR(0, "as", &session_o.as, "path",
	    "what it is called in the session", OPT_C_NONE),
	OPT_END
};

static const struct opt files_opts[] = {
	OPT_GROUP("Which files"),
	OPT_FLAG(0, "all", &session_o.all, "those that were removed, too"),
	OPT_END
};

static const struct opt rm_opts[] = {
	OPT_GROUP("What is removed"),
	OPT_FLAG(0, "dry-run", &session_o.dry_run,
	    "only print what would be removed"),
	OPT_END
};

static const char *const rights[] = { "read", NULL };
static const char *right;	/* there is only one */

static const struct opt graft_opts[] = {
	OPT_GROUP("Who may read what, and how long"),
	OPT_STR(0, "to", &session_o.to, "who",
	    "user:NAME, session:ID (of the same user) or tenant", OPT_C_NONE),
	OPT_WORD(0, "rights", &right, rights, "right",
	    "read, which is all that there is"),
	OPT_STR(0, "only", &session_o.only, "list",
	    "events, contents, facts, variables, files, artifacts "
	    "(default: all)", OPT_C_NONE),
	OPT_TIME(0, "from", &session_o.from, "time",
	    "events and contents at or after <time> alone"),
	OPT_TIME(0, "before", &session_o.before, "time",
	    "events and contents before <time> alone"),
	OPT_TIME(0, "until", &session_o.until, "time",
	    "it expires at <time> (default: never)"),
	OPT_END
};

static const struct opt grafts_opts[] = {
	OPT_GROUP("Which grafts"),
	OPT_FLAG(0, "in", &session_o.in, "those that were received"),
	OPT_FLAG(0, "out", &session_o.out, "those that were given"),
	OPT_END
};

static const struct opt archive_opts[] = {
	OPT_GROUP("How it is archived"),
	OPT_STR(0, "remote", &session_o.remote, "name",
	    "the remote (default: the only one, or 'main')", OPT_C_NONE),
	OPT_FLAG(0, "verify", &session_o.verify,
	    "read each copy whole before its file goes here"),
	OPT_FLAG(0, "dry-run", &session_o.dry_run,
	    "only print what would be done"),
	OPT_END
};

static const struct opt restore_opts[] = {
	OPT_GROUP("How it is restored"),
	OPT_STR(0, "remote", &session_o.remote, "name",
	    "the remote (default: the only one, or 'main')", OPT_C_NONE),
	OPT_FLAG(0, "dry-run", &session_o.dry_run,
	    "only print what would be done"),
	OPT_END
};

static const struct opt opts[] = {
	OPT_WHERE,
	OPT_OUTPUT,
	OPT_COMMON,
	OPT_END
};

static const struct opt_verb verbs[] = {
	{ "list", "", "sessions by their start, with counts", list_opts,
	    OPT_C_NONE },
	{ "show", "session ... | -", "one session: ends, counts, variables",
	    NULL, OPT_C_SESSION },
	{ "get", "session [key]", "print a variable, or all of them", NULL,
	    OPT_C_SESSION },
	{ "set", "session key value", "set a variable", set_opts,
	    OPT_C_SESSION },
	{ "unset", "session key", "forget a variable's value", NULL,
	    OPT_C_SESSION },
	{ "put", "session area file ... | -", "take files and folders in",
	    put_opts, OPT_C_FILE },
	{ "path", "session [area [path]]", "where its files are", NULL,
	    OPT_C_SESSION },
	{ "files", "session", "its files, and how they are", files_opts,
	    OPT_C_SESSION },
	{ "content", "session area path", "print a file", NULL,
	    OPT_C_SESSION },
	{ "scan", "[session]", "record what was written into its folders",
	    NULL, OPT_C_SESSION },
	{ "rm", "session area path ...", "remove files, on every copy of the "
	    "store", rm_opts, OPT_C_SESSION },
	{ "hold", "session [reason]", "nothing of it may be taken away", NULL,
	    OPT_C_SESSION },
	{ "release", "session", "end a hold", NULL, OPT_C_SESSION },
	{ "graft", "session", "let others read it", graft_opts,
	    OPT_C_SESSION },
	{ "grafts", "[session]", "what was given, and received", grafts_opts,
	    OPT_C_SESSION },
	{ "ungraft", "graft ...", "end grafts", NULL, OPT_C_NONE },
	{ "archive", "session", "its files stay on a remote alone",
	    archive_opts, OPT_C_SESSION },
	{ "restore", "session", "its files come back", restore_opts,
	    OPT_C_SESSION },
	{ NULL, NULL, NULL, NULL, OPT_C_NONE }
};

static const struct opt_tool tool = {
	.name = "mem-session",
	.args = "verb ...",
	.about = "list and show sessions, keep variables and files in them",
	.opts = opts,
	.verbs = verbs,
};

static int
print(void *arg, const struct session *s, struct err *e)
{
	struct session_run *run = arg;
	json_t *rec;
	int r;

	if ((rec = session_json(run->st, s, e)) == NULL)
		return -1;
	r = out_record(&run->out, rec, e);
	json_decref(rec);
	run->printed++;
	return r;
}

static int
verb_list(struct session_run *run, struct err *e)
{
	struct session_query sq = { .since_ms = o.since, .until_ms = o.until,
	    .agent = o.agent, .reverse = o.reverse, .limit = o.limit };

	if (session_each(run->st, &sq, print, run, e) < 0)
		return -1;
	return run->printed > 0 ? EXIT_YES : EXIT_NO;
}

static int
show_one(struct session_run *run, const char *id, struct err *e)
{
	int r = session_find(run->st, id, print, run, e);

	if (r == 0) {
		cmd_note("no session '%s'", id);
		access_missed(run->st);
		run->absent++;
	}
	return r < 0 ? -1 : 0;
}

/* What a person typed; a program gives the whole of an id. */
static int
show_typed(struct session_run *run, const char *given, struct err *e)
{
	char *id = NULL;
	int r = session_resolve(run->st, given, &id, e);

	if (r >= 0)
		r = show_one(run, r == 1 ? id : given, e);
	free(id);
	return r;
}

/* The session that a record of any tool names. */
static const char *
session_of(const json_t *rec)
{
	const char *id = get_str(rec, "session_id", NULL);

	if (id != NULL)
		return id;
	if (str_eq(get_str(rec, "source", NULL), "session"))
		return get_str(rec, "id", NULL);
	return get_str(json_object_get(rec, "record"), "session_id", NULL);
}

static int
show_given(void *arg, const char *id, struct err *e)
{
	return show_one(arg, id, e);
}

static int
verb_show(struct session_run *run, int argc, char **argv, struct err *e)
{
	int i, r = 0;

	run->out.full = true;
	if (argc == 0 && run->st->session != NULL)
		r = show_one(run, run->st->session, e);
	else if (argc == 0)
		return cmd_misuse(e, "which session");
	for (i = 0; r == 0 && i < argc; i++)
		r = strcmp(argv[i], "-") == 0 ? given_each("session",
		    session_of, show_given, run, &run->absent, e) :
		    show_typed(run, argv[i], e);
	if (r < 0)
		return -1;
	if (run->printed == 0)
		return EXIT_NO;
	return run->absent > 0 ? EXIT_PART : EXIT_YES;
}

static int
print_variables(void *arg, const struct session *s, struct err *e)
{
	struct session_run *run = arg;
	struct buf line = BUF_INIT;
	json_t *rec, *v;
	const char *key;
	int r = 0;

	if ((rec = session_json(run->st, s, e)) == NULL)
		return -1;
	json_object_foreach(json_object_get(rec, "variables"), key, v) {
		buf_reset(&line);
		buf_addf(&line, "%s=%s", key, json_string_value(v));
		if ((r = out_line(&run->out, line.p, e)) < 0)
			break;
		run->printed++;
	}
	json_decref(rec);
	buf_release(&line);
	return r;
}

static int
verb_get(struct session_run *run, int argc, char **argv, struct err *e)
{
	char *id = NULL, *value = NULL;
	int r;

	if (argc < 1 || argc > 2)
		return cmd_misuse(e, "get takes a session and a key");
	if ((r = session_resolve(run->st, argv[0], &id, e)) == 1) {
		if (argc == 1)
			r = session_find(run->st, id, print_variables, run, e);
		else if ((r = session_get(run->st, id, argv[1], &value, e)) ==
		    1)
			r = out_line(&run->out, value, e) < 0 ? -1 : 1;
	}
	if (r == 0)
		access_missed(run->st);
	if (r == 1 && argc == 1)
		r = run->printed > 0;
	free(id);
	free(value);
	return r < 0 ? -1 : r == 1 ? EXIT_YES : EXIT_NO;
}

/* Key and value as an object: a key may tell that its value is secret. */
static int
set_variable(struct session_run *run, char **argv, struct err *e)
{
	const char *rules = conf_get(run->st->conf, "redact.rules", NULL);
	json_t *var = json_pack("{s:s}", argv[1], argv[2]), *v;
	struct redact *redact = NULL;
	const char *key;
	int r = 0;

	/* What is no UTF-8 is refused there. */
	if (var == NULL || !o.redact) {
		json_decref(var);
		return session_set(run->st, argv[0], argv[1], argv[2], e);
	}
	if (redact_new(&redact, rules, e) < 0)
		r = -1;
	else if (redact_json(redact, var) > 0)
		cmd_note("a secret is not stored; --no-redact stores it");
	redact_free(redact);
	json_object_foreach(var, key, v)
		r = r < 0 ? -1 : session_set(run->st, argv[0], key,
		    json_string_value(v), e);
	json_decref(var);
	return r;
}

static int
verb_set(struct session_run *run, int argc, char **argv, bool unset,
    struct err *e)
{
	int r;

	if (argc != (unset ? 2 : 3))
		return cmd_misuse(e, unset ? "unset takes a session and a key" :
		    "set takes a session, a key and a value");
	r = unset ? session_set(run->st, argv[0], argv[1], NULL, e) :
	    set_variable(run, argv, e);
	if (r < 0)
		return -1;
	/* To unset what is not set is a no; to set it again is done. */
	return unset && r == 0 ? EXIT_NO : EXIT_YES;
}

static int
run_list(struct session_run *run, int argc, char **argv, struct err *e)
{
	(void)argv;
	return argc > 0 ? cmd_misuse(e, "list takes no operand") :
	    verb_list(run, e);
}

static int
run_set(struct session_run *run, int argc, char **argv, struct err *e)
{
	return verb_set(run, argc, argv, false, e);
}

static int
run_unset(struct session_run *run, int argc, char **argv, struct err *e)
{
	return verb_set(run, argc, argv, true, e);
}

static const struct {
	const char *verb;
	bool write;
	int (*fn)(struct session_run *, int, char **, struct err *);
} runs[] = {
	{ "list", false, run_list }, { "show", false, verb_show },
	{ "get", false, verb_get }, { "set", true, run_set },
	{ "unset", true, run_unset }, { "put", true, session_verb_put },
	{ "path", true, session_verb_path },
	{ "content", false, session_verb_content },
	{ "files", false, session_verb_files },
	{ "scan", true, session_verb_scan }, { "rm", true, session_verb_rm },
	{ "hold", true, session_verb_hold },
	{ "release", true, session_verb_release },
	{ "graft", true, session_verb_graft },
	{ "grafts", false, session_verb_grafts },
	{ "ungraft", true, session_verb_ungraft },
};

/*
 * What a remote is asked for is mem-sync's, with the same options: a start
 * of ours does not pay for libcurl.
 */
static int
become_sync(char **argv, struct err *e)
{
	struct buf path = BUF_INIT;

	own_folder(&path, argv[0]);
	if (path.len > 0)
		buf_adds(&path, "/");
	buf_adds(&path, "mem-sync");
	execvp(path.p, argv);
	err_sys(e, "cannot run '%s'", path.p);
	buf_release(&path);
	return -1;
}

int
main(int argc, char **argv)
{
	struct store_where where;
	const struct opt_verb *verb;
	struct session_run run = { 0 };
	struct err e = { 0 };
	char **given = xmemdup(argv, ((size_t)argc + 1) * sizeof *argv);
	size_t i = 0;
	int r;

	verb = cmd_start(&tool, &argc, &argv, cmd_names);
	if (str_eq(verb->name, "archive") || str_eq(verb->name, "restore"))
		return cmd_exit(become_sync(given, &e), &e);
	free(given);
	out_init(&run.out);
	cmd_asked(&where);
	while (strcmp(runs[i].verb, verb->name) != 0)
		i++;
	if ((r = store_open(&run.st, &where, runs[i].write ? STORE_WRITE :
	    STORE_READ, &e)) == 0)
		r = runs[i].fn(&run, argc, argv, &e);
	store_close(run.st);
	out_release(&run.out);
	return cmd_exit(r, &e);
}
