/*
 * mem-ltm live.
 */
#include "cmd/cmd.h"
#include "cmd/ltm.h"
#include "cmd/work.h"
#include "ltm/live.h"
#include "store/access.h"
#include "store/store.h"

#include <inttypes.h>

#define WAIT_MS 10000		/* for another run */
#define FOLLOW_MS 1000		/* between two looks */
#define REST 60			/* looks, before a model that failed is asked
				   again */

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

static json_t *
model_json(const struct live_model_sums *m)
{
	json_t *o, *dropped = json_object();
	int i;

	for (i = 0; i < LIVE_DROPS; i++)
		if (m->dropped[i] > 0)
			json_object_set_new(dropped, live_drops[i],
			    json_integer((json_int_t)m->dropped[i]));
	o = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:I, s:I}",
	    "turns", (json_int_t)m->turns, "calls", (json_int_t)m->calls,
	    "failed", (json_int_t)m->failed, "tokens", (json_int_t)m->tokens,
	    "proposed", (json_int_t)m->proposed, "taken",
	    (json_int_t)m->taken, "dropped", dropped, "given_up",
	    (json_int_t)m->given_up, "left", (json_int_t)m->left);
	return o;
}

static int
print_sums(struct ltm_tool *t, const struct live_sums *s, struct err *e)
{
	json_t *o;

	/* how much all users said is for who looks after them */
	if (cmd.quiet || !access_has(t->st, RIGHT_ADMIN))
		return 0;
	o = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, "
	    "s:b}", "type", "ltm_live", "events", (json_int_t)s->events,
	    "turns", (json_int_t)s->turns, "found", (json_int_t)s->found,
	    "vetoed", (json_int_t)s->vetoed, "echoed", (json_int_t)s->echoed,
	    "late", (json_int_t)s->late, "inserted", (json_int_t)s->inserted,
	    "updated", (json_int_t)s->updated, "retracted",
	    (json_int_t)s->retracted, "dry_run", ltm_o.dry_run);
	if (s->asked)
		json_object_set_new(o, "model", model_json(&s->model));
	return ltm_print(t, o, e);
}

/* What the model was not asked about, or not with success. */
static void
warn(const struct live_model_sums *m)
{
	if (m->given_up > 0)
		cmd_warn("the model answered wrongly %d times, and is not "
		    "asked about %" PRId64 " turns any more: %s", LIVE_TRIES,
		    m->given_up, m->trouble.msg);
	else if (m->trouble.code != ERR_NONE)
		cmd_warn("%" PRId64 " turns are left for the model, and for "
		    "the next run: %s", m->left, m->trouble.msg);
}

/* One run; *rest is how many more go by rules alone. */
static int
look(struct ltm_tool *t, struct live_how *how, int *rest, struct err *e)
{
	struct showing *show = how->arg;
	struct live_sums sums;

	/* the user may appear only now */
	if (store_user(t->st, t->st->user, false, &t->st->user_id, e) < 0)
		return -1;
	show->user_id = t->st->user_id;
	how->by_rules = *rest > 0;
	if (live_run(t->st, how, &sums, e) < 0)
		return -1;
	cmd_progress_end();
	how->rebuild = false;
	warn(&sums.model);
	if (sums.model.trouble.code != ERR_NONE)
		*rest = REST;
	else if (*rest > 0)
		--*rest;
	return ltm_o.follow && sums.events == 0 && sums.model.turns == 0 ? 0 :
	    print_sums(t, &sums, e);
}

int
ltm_verb_live(struct ltm_tool *t, int argc, char **argv, struct err *e)
{
	struct showing show = { t, t->st->user_id };
	struct live_how how = { .dry_run = ltm_o.dry_run,
	    .rebuild = ltm_o.rebuild, .wait_ms = WAIT_MS,
	    .progress = progress, .changed = changed, .arg = &show };
	int r, rest = 0, gone = 0;

	(void)argv;
	if (argc > 0)
		return cmd_misuse(e, "live takes no operands");
	if (ltm_o.follow && ltm_o.dry_run)
		return cmd_misuse(e, "--follow goes not with --dry-run");
	work_begin(ltm_o.nice);
	t->out.flush = ltm_o.follow;
	do {
		r = look(t, &how, &rest, e);
		if (r == 0 && ltm_o.follow && !work_stopped)
			r = gone = out_wait(&t->out, FOLLOW_MS, e);
	} while (ltm_o.follow && r == 0 && !gone && !work_stopped);
	return r < 0 ? -1 : rest > 0 ? EXIT_PART : EXIT_YES;
}
