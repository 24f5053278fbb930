/*
 * mem-ltm live.
 */
#include "cmd/cmd.h"
#include "cmd/ltm.h"
#include "memory/live.h"
#include "store/store.h"

#include <inttypes.h>

#define WAIT_MS 10000		/* for another run */
#define FOLLOW_MS 1000		/* between two looks */

static int
progress(void *arg, int64_t events, struct err *e)
{
	(void)arg;
	return ltm_progress("events", events, e);
}

struct showing {
	struct ltm_tool *t;
	int64_t user_id;	/* whose facts are shown: one's own */
};

static int
changed(void *arg, enum ltm_change change, const struct fact *before,
    const struct fact *after, struct err *e)
{
	struct showing *s = arg;

	return after->user_id != s->user_id ? 0 :
	    ltm_print_change(s->t, change, before, after, e);
}

static int
print_sums(struct ltm_tool *t, const struct live_sums *s, struct err *e)
{
	if (cmd.quiet)
		return 0;
	return ltm_print(t, json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, "
	    "s:I, s:I, s:I, s:b}", "type", "ltm_live", "events",
	    (json_int_t)s->events, "turns", (json_int_t)s->turns, "found",
	    (json_int_t)s->found, "vetoed", (json_int_t)s->vetoed, "echoed",
	    (json_int_t)s->echoed, "late", (json_int_t)s->late, "inserted",
	    (json_int_t)s->inserted, "updated", (json_int_t)s->updated,
	    "retracted", (json_int_t)s->retracted, "dry_run",
	    ltm_o.dry_run), e);
}

int
ltm_verb_live(struct ltm_tool *t, int argc, char **argv, struct err *e)
{
	struct showing show = { t, t->st->user_id };
	struct live_how how = { .dry_run = ltm_o.dry_run,
	    .rebuild = ltm_o.rebuild, .wait_ms = WAIT_MS,
	    .progress = progress, .changed = changed, .arg = &show };
	struct live_sums sums;
	int r, gone = 0;

	(void)argv;
	if (argc > 0)
		return cmd_misuse(e, "live takes no operands");
	if (ltm_o.follow && ltm_o.dry_run)
		return cmd_misuse(e, "--follow goes not with --dry-run");
	ltm_begin();
	t->out.flush = ltm_o.follow;
	do {
		/* the user may appear only now */
		if (store_user(t->st, t->st->user, false, &t->st->user_id,
		    e) < 0)
			return -1;
		show.user_id = t->st->user_id;
		r = live_run(t->st, &how, &sums, e);
		cmd_progress_end();
		how.rebuild = false;
		if (r == 0 && (!ltm_o.follow || sums.events > 0))
			r = print_sums(t, &sums, e);
		if (r == 0 && ltm_o.follow && !ltm_stopped)
			r = gone = out_wait(&t->out, FOLLOW_MS, e);
	} while (ltm_o.follow && r == 0 && !gone && !ltm_stopped);
	return r < 0 ? -1 : EXIT_YES;
}
