/*
 * mem-ltm: long-term facts, the processors that make them of rows, and
 * reviews that use them.
 */
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/ltm.h"
#include "cmd/ltm_review.h"
#include "store/credential.h"
#include "store/store.h"

struct ltm_options ltm_o = { .max_facts = -1, .nice = 10, .scope = -1,
    .as_of = FACT_NOW };

static const struct opt run_opts[] = {
	OPT_GROUP("What to do"),
	OPT_STR(0, "kb", &ltm_o.kb, "name", "only rows of this knowledge base",
	    OPT_C_KB),
	OPT_FLAG(0, "dry-run", &ltm_o.dry_run,
	    "print what would change, and change nothing"),
	OPT_FLAG(0, "rebuild", &ltm_o.rebuild,
	    "look at all rows again, not only at what is new"),
	OPT_INT(0, "max-facts", &ltm_o.max_facts, "n",
	    "write at most <n> facts; 0: any number"),
	OPT_INT(0, "nice", &ltm_o.nice, "n",
	    "be so much nicer to other processes (default 10)"),
	OPT_END
};

static const struct opt check_opts[] = {
	OPT_GROUP("Of which rows"),
	OPT_STR(0, "kb", &ltm_o.kb, "name", "of this knowledge base",
	    OPT_C_KB),
	OPT_INT('n', "limit", &ltm_o.limit, "n",
	    "the last <n> rows (default 1000)"),
	OPT_END
};

static const struct opt live_opts[] = {
	OPT_GROUP("What to do"),
	OPT_FLAG(0, "dry-run", &ltm_o.dry_run,
	    "print what would change, and change nothing"),
	OPT_FLAG(0, "rebuild", &ltm_o.rebuild,
	    "read all events again, not only what is new"),
	OPT_FLAG('f', "follow", &ltm_o.follow,
	    "go on with what is said from now on"),
	OPT_INT(0, "nice", &ltm_o.nice, "n",
	    "be so much nicer to other processes (default 10)"),
	OPT_END
};

static const struct opt list_opts[] = {
	OPT_GROUP("Which facts"),
	OPT_LIST(0, "tag", &ltm_o.tags, "tag",
	    "with this tag; 'module:': with one that begins so", OPT_C_NONE),
	OPT_STR(0, "min-confidence", &ltm_o.min_confidence, "x",
	    "at least so sure, from 0 to 1", OPT_C_NONE),
	OPT_ENUM(0, "scope", &ltm_o.scope, fact_scopes, NULL,
	    "whose: of a session, a user or the tenant"),
	OPT_TIME(0, "as-of", &ltm_o.as_of, "time",
	    "facts as they were at <time>"),
	OPT_STR(0, "history", &ltm_o.history, "fact",
	    "the versions of this one", OPT_C_NONE),
	OPT_FLAG(0, "gone", &ltm_o.gone, "those that hold no more, too"),
	OPT_INT('n', "limit", &ltm_o.limit, "n", "stop after <n> facts"),
	OPT_END
};

static const struct opt reject_opts[] = {
	OPT_GROUP("Which rows"),
	OPT_STR(0, "kb", &ltm_o.kb, "name",
	    "of this knowledge base (default: the one that has it)",
	    OPT_C_KB),
	OPT_FLAG(0, "undo", &ltm_o.undo, "they count again"),
	OPT_END
};

static const struct opt mark_opts[] = {
	OPT_GROUP("What is said"),
	OPT_STR(0, "file", &ltm_o.file, "path",
	    "of this file of a repository (default: of all)", OPT_C_NONE),
	OPT_STR(0, "reason", &ltm_o.reason, "text", "why", OPT_C_NONE),
	OPT_STR(0, "kb", &ltm_o.kb, "name",
	    "records of this knowledge base (default: the one that has it)",
	    OPT_C_KB),
	OPT_FLAG(0, "undo", &ltm_o.undo, "take it back"),
	OPT_END
};

static const struct opt add_opts[] = {
	OPT_GROUP("What the fact is"),
	OPT_ENUM(0, "scope", &ltm_o.scope, fact_scopes, NULL,
	    "of a session, a user (default) or the tenant"),
	OPT_STR(0, "key", &ltm_o.key, "key",
	    "what it is about: a new value takes the place of the old",
	    OPT_C_NONE),
	OPT_LIST(0, "tag", &ltm_o.tags, "tag", "tags", OPT_C_NONE),
	OPT_STR(0, "confidence", &ltm_o.confidence, "x",
	    "how sure, from 0 to 1 (default 1)", OPT_C_NONE),
	OPT_STR(0, "pattern", &ltm_o.pattern, "module:pattern",
	    "a reviewer's: a bug pattern of the tenant, 0.7 sure",
	    OPT_C_NONE),
	OPT_TIME(0, "until", &ltm_o.until, "time", "it holds until <time>"),
	OPT_END
};

static const struct opt expire_opts[] = {
	OPT_GROUP("What to keep"),
	OPT_STR(0, "reason", &ltm_o.reason, "text", "why it holds no more",
	    OPT_C_NONE),
	OPT_END
};

static const struct opt opts[] = {
	OPT_WHERE,
	OPT_OUTPUT,
	OPT_COMMON,
	OPT_END
};

static const struct opt_verb verbs[] = {
	{ "run", "[processor ...]", "make facts of what rows came or changed",
	    run_opts, OPT_C_FILE },
	{ "check", "file", "read a processor, and show what it makes of rows",
	    check_opts, OPT_C_FILE },
	{ "live", "", "make facts of what users say", live_opts, OPT_C_NONE },
	{ "list", "", "facts that hold", list_opts, OPT_C_NONE },
	{ "explain", "fact ... | -", "its confidence step by step, its rows",
	    NULL, OPT_C_NONE },
	{ "history", "fact", "the versions of a fact", NULL, OPT_C_NONE },
	{ "reject", "record ...", "a row is no example of anything",
	    reject_opts, OPT_C_NONE },
	{ "mark", "fact ... verdict",
	    "to reviews it is a false_positive, or a missed_issue", mark_opts,
	    OPT_C_NONE },
	{ "add", "text", "put a fact down", add_opts, OPT_C_NONE },
	{ "pin", "fact ... | -", "show it first", NULL, OPT_C_NONE },
	{ "unpin", "fact ... | -", "show it as others", NULL, OPT_C_NONE },
	{ "expire", "fact ... | -", "it holds no more", expire_opts,
	    OPT_C_NONE },
	{ "merge", "fact fact ...", "the first stands for all of them", NULL,
	    OPT_C_NONE },
	{ "rollback", "fact version",
	    "an older version counts, until its rows change", NULL,
	    OPT_C_NONE },
	{ "review", "[range | -]", "what is known of what a change touches",
	    ltm_review_opts, OPT_C_NONE },
	{ "backtest", "", "what scores of reviews would have been worth",
	    ltm_backtest_opts, OPT_C_NONE },
	{ NULL, NULL, NULL, NULL, OPT_C_NONE }
};

static const struct opt_tool tool = {
	.name = "mem-ltm",
	.args = "command [argument ...]",
	.about = "long-term facts, and reviews that use them",
	.opts = opts,
	.verbs = verbs,
};

/* What a command needs of the store. */
enum need {
	BY_ITSELF,	/* opens one if there is one, or does without */
	READS,
	WRITES,		/* one that is not there is a mistake */
	MAKES
};

static const struct {
	const char *name;
	int (*fn)(struct ltm_tool *, int, char **, struct err *);
	enum need need;
	unsigned right;
} commands[] = {
	{ "run", ltm_verb_run, WRITES, RIGHT_LTM },
	{ "check", ltm_verb_check, BY_ITSELF, 0 },
	{ "live", ltm_verb_live, WRITES, RIGHT_LTM },
	{ "list", ltm_verb_list, READS, 0 },
	{ "explain", ltm_verb_explain, READS, 0 },
	{ "history", ltm_verb_history, READS, 0 },
	/* what is said of them counts for the whole tenant */
	{ "reject", ltm_verb_reject, WRITES, RIGHT_TENANT_WRITE },
	{ "mark", ltm_verb_mark, WRITES, RIGHT_TENANT_WRITE },
	{ "add", ltm_verb_add, MAKES, 0 },
	{ "pin", ltm_verb_pin, WRITES, RIGHT_WRITE },
	{ "unpin", ltm_verb_unpin, WRITES, RIGHT_WRITE },
	{ "expire", ltm_verb_expire, WRITES, RIGHT_WRITE },
	{ "merge", ltm_verb_merge, WRITES, RIGHT_WRITE },
	{ "rollback", ltm_verb_rollback, WRITES, RIGHT_WRITE },
	{ "review", ltm_verb_review, BY_ITSELF, 0 },
	{ "backtest", ltm_verb_backtest, BY_ITSELF, 0 },
};

static int
run(struct ltm_tool *t, const char *verb, int argc, char **argv,
    struct err *e)
{
	struct store_where where;
	enum need need;
	size_t i = 0;

	while (!str_eq(commands[i].name, verb))
		i++;
	cmd_asked(&where);
	need = commands[i].need;
	where.need = commands[i].right;
	if ((need == READS || need == WRITES) &&
	    cmd_open(&t->st, &where, need == WRITES, e) < 0)
		return -1;
	if (need == MAKES && store_open(&t->st, &where, STORE_WRITE, e) < 0)
		return -1;
	return commands[i].fn(t, argc, argv, e);
}

int
main(int argc, char **argv)
{
	const struct opt_verb *verb;
	struct ltm_tool t = { 0 };
	struct err e = { 0 };
	int r;

	verb = cmd_start(&tool, &argc, &argv, cmd_names);
	out_init(&t.out);
	r = run(&t, verb->name, argc, argv, &e);
	store_close(t.st);
	strv_release(&ltm_o.tags);
	out_release(&t.out);
	return cmd_exit(r, &e);
}
