/*
 * mem-ltm: what is known in the long term, and what it says of a change.
 */
#include "cmd/cmd.h"
#include "cmd/ltm_review.h"

#include <string.h>

static const struct opt opts[] = {
	OPT_OUTPUT,
	OPT_COMMON,
	OPT_END
};

static const struct opt_verb verbs[] = {
	{ "backtest", "", "what its scores would have been worth",
	    ltm_backtest_opts, OPT_C_NONE },
	{ "review", "[range | -]", "what is known of what a change touches",
	    ltm_review_opts, OPT_C_NONE },
	{ NULL, NULL, NULL, NULL, OPT_C_NONE }
};

static const struct opt_tool tool = {
	.name = "mem-ltm",
	.args = "command [argument ...]",
	.about = "patterns of the past, and reviews that use them",
	.opts = opts,
	.verbs = verbs,
};

int
main(int argc, char **argv)
{
	const struct opt_verb *verb;
	struct err e = { 0 };
	struct out out;
	int r;

	verb = cmd_start(&tool, &argc, &argv, cmd_names);
	out_init(&out);
	r = strcmp(verb->name, "review") == 0 ?
	    ltm_review(&out, argc, argv, &e) :
	    ltm_backtest(&out, argc, argv, &e);
	out_release(&out);
	return cmd_exit(r, &e);
}
