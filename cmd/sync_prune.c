/*
 * mem-sync prune.
 */
#include "base/date.h"
#include "cmd/cmd.h"
#include "cmd/sync.h"
#include "sync/prune.h"
#include "sync/sync.h"

static int
told(void *arg, const struct pruned *p, struct err *e)
{
	json_t *o = json_pack("{s:s, s:s, s:s, s:I, s:I, s:s}", "type",
	    "pruned", "what", prune_whats[p->what], "key", p->key,
	    "size_bytes", (json_int_t)p->size, "modified",
	    (json_int_t)p->modified_ms, "status", p->what == PRUNE_UNKNOWN ?
	    "kept" : "deleted");

	if (sync_o.dry_run)
		json_object_set_new(o, "dry_run", json_true());
	return sync_print(arg, o, e);
}

static int
print(struct sync_tool *t, const struct sync *s, const struct prune_sums *d,
    struct err *e)
{
	json_t *o = json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I}",
	    "type", "prune", "remote", s->name, "number",
	    (json_int_t)d->number, "deleted", (json_int_t)d->deleted,
	    "size_bytes", (json_int_t)d->bytes, "young",
	    (json_int_t)d->young, "unknown", (json_int_t)d->unknown,
	    "unfinished", (json_int_t)d->unfinished);

	if (sync_o.dry_run)
		json_object_set_new(o, "dry_run", json_true());
	return sync_print(t, o, e);
}

int
sync_verb_prune(struct sync_tool *t, int argc, char **argv, struct err *e)
{
	struct prune_how how = { .age_ms = PRUNE_USUAL_MS,
	    .dry_run = sync_o.dry_run, .told = told, .arg = t };
	struct prune_sums sums;
	struct sync *s;
	int r;

	(void)argv;
	if (argc > 0)
		return cmd_misuse(e, "prune takes no operand");
	if (sync_o.older != DATE_MIN)
		how.age_ms = date_now() - sync_o.older;
	if (how.age_ms < PRUNE_LEAST_MS)
		return cmd_misuse(e, "--older takes 2 days or more: a push "
		    "that is under way may have put it, and name it yet");
	if (sync_tool_open(t, &s, e) < 0)
		return -1;
	if ((r = prune(s, &how, &sums, e)) == 0)
		r = print(t, s, &sums, e);
	sync_close(s);
	return r < 0 ? -1 : EXIT_YES;
}
