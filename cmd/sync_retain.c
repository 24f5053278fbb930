/*
 * mem-sync retain: a policy, carried out.
 */
#include "base/conf.h"
#include "base/date.h"
#include "cmd/cmd.h"
#include "cmd/sync.h"
#include "file/file_path.h"
#include "sync/policy.h"
#include "sync/retain.h"
#include "sync/sync.h"

static int
told(void *arg, const struct retained *d, struct err *e)
{
	const char *area = d->area >= 0 ? file_areas[d->area] : NULL;
	json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:s*, s:I, s:I, s:I, "
	    "s:s, s:s*}", "type", "stage", "step", retain_verbs[d->verb],
	    "session_id", d->session, "user", d->user, "area", area, "last",
	    (json_int_t)d->last_ms, "files", (json_int_t)d->files,
	    "size_bytes", (json_int_t)d->bytes, "status", d->held ? "held" :
	    d->why != NULL ? "refused" : "done", "reason", d->why);

	if (sync_o.dry_run)
		json_object_set_new(o, "dry_run", json_true());
	return sync_print(arg, o, e);
}

static int
print(struct sync_tool *t, const char *policy, const struct retain_sums *d,
    struct err *e)
{
	json_t *o = json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I}", "type",
	    "retain", "policy", policy, "deleted",
	    (json_int_t)d->done[RETAIN_DELETE], "archived",
	    (json_int_t)d->done[RETAIN_ARCHIVE], "cold",
	    (json_int_t)d->done[RETAIN_COLD], "held", (json_int_t)d->held,
	    "refused", (json_int_t)d->refused);

	if (sync_o.dry_run)
		json_object_set_new(o, "dry_run", json_true());
	return sync_print(t, o, e);
}

static bool
has_remote(const struct sync_tool *t)
{
	struct strv names = STRV_INIT;
	bool any;

	sync_remotes(t->st, &names);
	any = names.n > 0 || sync_o.remote != NULL;
	strv_release(&names);
	return any;
}

int
sync_verb_retain(struct sync_tool *t, int argc, char **argv, struct err *e)
{
	const struct retain_how how = { .dry_run = sync_o.dry_run,
	    .get = sync_o.verify, .now_ms = date_now(), .told = told,
	    .arg = t };
	const char *text = sync_o.policy != NULL ? sync_o.policy :
	    conf_get(t->st->conf, "retain.policy", "none");
	struct retain_sums sums = { 0 };
	struct sync *s = NULL;
	struct policy policy;
	int r;

	(void)argv;
	if (argc > 0)
		return cmd_misuse(e, "retain takes no operand");
	if (policy_parse(&policy, text, e) < 0)
		return err_add(e, sync_o.policy != NULL ? "--policy" :
		    "retain.policy");
	if (sync_o.policy == NULL && store_obeys(t->st, "retain.policy", e) <
	    0)
		return -1;
	if (has_remote(t) && sync_tool_open(t, &s, e) < 0)
		return -1;
	if ((r = retain(t->st, s, &policy, &how, &sums, e)) == 0)
		r = print(t, text, &sums, e);
	sync_close(s);
	return r < 0 ? -1 : sums.refused > 0 ? EXIT_PART : EXIT_YES;
}
