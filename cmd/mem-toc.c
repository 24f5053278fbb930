/*
 * mem-toc: contents of a user's memory, from the year down to the events.
 */
#include "base/alloc.h"
#include "base/date.h"
#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/toc.h"
#include "cmd/work.h"
#include "store/access.h"
#include "store/store.h"
#include "toc/toc_build.h"

#include <inttypes.h>
#include <string.h>

#define WAIT_MS 10000		/* for another that builds */

struct toc_options toc_o = { .as_of = TOC_NOW, .budget = -1 };

static struct {
	bool rebuild;
	int64_t nice;
} o = { .nice = 10 };

static const struct opt build_opts[] = {
	OPT_GROUP("What to do"),
	OPT_FLAG(0, "rebuild", &o.rebuild,
	    "look at everything again, not only at what is new"),
	OPT_INT(0, "nice", &o.nice, "n",
	    "be so much nicer to other processes (default 10)"),
	OPT_END
};

static const struct opt expand_opts[] = {
	OPT_GROUP("Which events"),
	OPT_INT('C', "context", &toc_o.context, "n",
	    "<n> events before and after, too"),
	OPT_END
};

static const char *const formats[] = { "jsonl", "html", "md", NULL };

static const struct opt export_opts[] = {
	OPT_GROUP("As what"),
	OPT_WORD(0, "format", &cmd.format, formats, NULL,
	    "JSON Lines (default), a page of HTML, or Markdown"),
	OPT_END
};

static const struct opt opts[] = {
	OPT_GROUP("What to show"),
	OPT_INT('d', "depth", &toc_o.depth, "n",
	    "<n> levels below what is asked for, too"),
	OPT_TIME(0, "as-of", &toc_o.as_of, "time",
	    "contents as they were at <time>"),
	OPT_INT(0, "budget", &toc_o.budget, "tokens",
	    "the best of it in so many tokens, for a prompt"),
	OPT_STR(0, "query", &toc_o.query, "words",
	    "with --budget, what has these words", OPT_C_NONE),
	OPT_WHERE,
	OPT_OUTPUT,
	OPT_COMMON,
	OPT_END
};

static const struct opt_verb verbs[] = {
	{ "build", "", "bring the contents up to date", build_opts,
	    OPT_C_NONE },
	{ "expand", "grip|node|event ... | -", "the events behind it",
	    expand_opts, OPT_C_NONE },
	{ "history", "node", "the versions of a node", NULL, OPT_C_NONE },
	{ "diff", "node [version [version]]",
	    "what differs between two versions", NULL, OPT_C_NONE },
	{ "rollback", "node version",
	    "an older version counts, until events change", NULL,
	    OPT_C_NONE },
	{ "pin", "node|grip ... | -", "show it first, and in all above", NULL,
	    OPT_C_NONE },
	{ "hide", "node|grip ... | -", "do not show it", NULL, OPT_C_NONE },
	{ "unmark", "node|grip ... | -", "neither pinned nor hidden", NULL,
	    OPT_C_NONE },
	{ "export", "[node ...]", "all that is live, with the events",
	    export_opts, OPT_C_NONE },
	{ NULL, NULL, NULL, NULL, OPT_C_NONE }
};

static const struct opt_tool tool = {
	.name = "mem-toc",
	.args = "[node ... | -]\ncommand [argument ...]",
	.about = "contents of a memory by time, with excerpts",
	.opts = opts,
	.verbs = verbs,
	.bare = true,
};

static int
progress(void *arg, int64_t done, int64_t all, struct err *e)
{
	(void)arg;
	if (all > 0)
		cmd_progress("%" PRId64 " of %" PRId64 " sessions", done, all);
	else
		cmd_progress("days, weeks, months, years");
	return work_goes_on(e);
}

static int
build(struct toc_run *run, struct err *e)
{
	struct toc_build_how how = { .rebuild = o.rebuild,
	    .one_user = cmd.user != NULL ||
	    !access_has(run->st, RIGHT_ADMIN), .wait_ms = WAIT_MS,
	    .progress = progress };
	struct toc_build b;
	json_t *rec;
	int r = 0;

	/* days tell of all sessions, and how many there are is told, too */
	if (access_bound(run->st))
		return err_set(e, ERR_DENIED, "contents are made of all "
		    "sessions, and this call is bound to one; leave out "
		    "MEM_SESSION, or take a credential that is bound to "
		    "none");
	work_begin(o.nice);
	if (toc_build(run->st, &how, &b, e) < 0)
		return -1;
	cmd_progress_end();
	if (b.fallbacks > 0)
		cmd_warn("the model could not sum up %" PRId64 " of the nodes, "
		    "and they are made without it: %s", b.fallbacks,
		    b.trouble.msg);
	if (cmd.quiet)
		return b.fallbacks > 0 ? EXIT_PART : EXIT_YES;
	rec = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "type",
	    "toc_build", "users", (json_int_t)b.users, "sessions",
	    (json_int_t)b.sessions, "segments", (json_int_t)b.segments,
	    "versions", (json_int_t)b.versions, "same", (json_int_t)b.same,
	    "gone", (json_int_t)b.gone, "grips", (json_int_t)b.grips);
	if (b.asked)
		json_object_set_new(rec, "model", json_pack("{s:I, s:I, s:I, "
		    "s:I, s:I, s:I}", "calls", (json_int_t)b.spent.calls,
		    "failed", (json_int_t)b.spent.failed, "tokens",
		    (json_int_t)b.spent.tokens, "bullets",
		    (json_int_t)b.spent.bullets, "dropped",
		    (json_int_t)b.spent.dropped, "fallbacks",
		    (json_int_t)b.fallbacks));
	r = out_record(&run->out, rec, e);
	json_decref(rec);
	return r < 0 ? -1 : b.fallbacks > 0 ? EXIT_PART : EXIT_YES;
}

static int
verb_none(struct toc_run *run, int argc, char **argv, struct err *e)
{
	if (toc_o.budget >= 0)
		return toc_budget(run, argc, argv, e);
	return toc_o.query != NULL ? cmd_misuse(e, "--query goes with "
	    "--budget; mem-search --in toc finds nodes") :
	    toc_show(run, argc, argv, e);
}

static int
verb_build(struct toc_run *run, int argc, char **argv, struct err *e)
{
	(void)argv;
	return argc > 0 ? cmd_misuse(e, "build takes no operands") :
	    build(run, e);
}

static int
verb_pin(struct toc_run *run, int argc, char **argv, struct err *e)
{
	return toc_verb_mark(run, TOC_PIN, argc, argv, e);
}

static int
verb_hide(struct toc_run *run, int argc, char **argv, struct err *e)
{
	return toc_verb_mark(run, TOC_HIDE, argc, argv, e);
}

static int
verb_unmark(struct toc_run *run, int argc, char **argv, struct err *e)
{
	return toc_verb_mark(run, 0, argc, argv, e);
}

static const struct {
	const char *verb;	/* NULL: none is named */
	bool write;
	int (*fn)(struct toc_run *, int, char **, struct err *);
} runs[] = {
	{ NULL, false, verb_none },
	{ "build", true, verb_build },
	{ "expand", false, toc_expand },
	{ "export", false, toc_export },
	{ "history", false, toc_verb_history },
	{ "diff", false, toc_verb_diff },
	{ "rollback", true, toc_verb_rollback },
	{ "pin", true, verb_pin },
	{ "hide", true, verb_hide },
	{ "unmark", true, verb_unmark },
};

static int
run_all(struct toc_run *run, const char *verb, int argc, char **argv,
    struct err *e)
{
	struct store_where where;
	const char *zone;
	size_t i = 0;

	while (!str_eq(runs[i].verb, verb))
		i++;
	cmd_asked(&where);
	if (runs[i].write)
		where.need = RIGHT_WRITE;
	if (cmd_open(&run->st, &where, runs[i].write, e) < 0 ||
	    toc_zone(run->st, run->st->user, &zone, e) < 0 ||
	    toc_marks(run->st, &run->marks, e) < 0)
		return -1;
	return runs[i].fn(run, argc, argv, e);
}

int
main(int argc, char **argv)
{
	const struct opt_verb *verb;
	struct toc_run run = { .marks = MAP_INIT, .others = MAP_INIT };
	struct err e = { 0 };
	int r;

	verb = cmd_start(&tool, &argc, &argv, cmd_names);
	out_init(&run.out);
	r = run_all(&run, verb != NULL ? verb->name : NULL, argc, argv, &e);
	event_close(run.it);
	store_close(run.st);
	map_release(&run.marks);
	map_release(&run.others);
	out_release(&run.out);
	return cmd_exit(r, &e);
}
