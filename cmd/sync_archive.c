/*
 * mem-sync archive, restore: mem-session's commands of these names run them.
 */
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/sync.h"
#include "memory/hold.h"
#include "memory/session.h"
#include "memory/session_seen.h"
#include "memory/stage.h"
#include "sync/archive.h"
#include "sync/chosen.h"
#include "sync/sync.h"

#include <stdlib.h>

static int
print(struct sync_tool *t, const struct sync *s, const struct stage *g,
    const char *step, int64_t files, int64_t bytes, int64_t missing,
    struct err *e)
{
	json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:s}",
	    "type", "stage", "step", step, "session_id", g->session, "user",
	    g->user, "remote", s->name, "files", (json_int_t)files,
	    "size_bytes", (json_int_t)bytes, "status", missing > 0 ? "part" :
	    "done");

	if (missing > 0)
		json_object_set_new(o, "missing", json_integer(missing));
	if (sync_o.dry_run)
		json_object_set_new(o, "dry_run", json_true());
	return sync_print(t, o, e);
}

static int
run_archive(struct sync_tool *t, struct sync *s, const struct stage *g,
    int64_t fresh, struct err *e)
{
	const struct archive_how how = { .dry_run = sync_o.dry_run,
	    .get = sync_o.verify };
	struct archived sums;

	if (fresh > 0)
		return chosen_not_pushed(s, g, fresh, e);
	if (archive(s, g, &how, &sums, e) < 0)
		return -1;
	return print(t, s, g, "archive", sums.files, sums.bytes, 0, e) < 0 ?
	    -1 : EXIT_YES;
}

static int
run_restore(struct sync_tool *t, struct sync *s, const struct stage *g,
    struct err *e)
{
	struct pulled_files sums;

	if (archive_restore(s, g, sync_o.dry_run, &sums, sync_no_file, t, e) <
	    0)
		return -1;
	if (print(t, s, g, "restore", sums.n, sums.bytes, sums.missing, e) < 0)
		return -1;
	return sums.missing > 0 ? EXIT_PART : EXIT_YES;
}

static int
run(struct sync_tool *t, const struct stage *g, bool away, struct err *e)
{
	struct sync *s;
	int64_t fresh;
	int r;

	if (away && hold_refuses(t->st, g->seq, g->session, e) < 0)
		return -1;
	if (sync_tool_open(t, &s, e) < 0)
		return -1;
	/* what somebody wrote into the folders comes first */
	if ((r = chosen_scan(t->st, g, !sync_o.dry_run, &fresh, e)) == 0 &&
	    (r = sync_look(s, e)) == 0 && (r = sync_ours(s, e)) == 0)
		r = away ? run_archive(t, s, g, fresh, e) :
		    run_restore(t, s, g, e);
	sync_close(s);
	return r;
}

static int
with_session(struct sync_tool *t, int argc, char **argv, bool away,
    struct err *e)
{
	struct stage g = { 0 };
	char *id = NULL;
	int r;

	if (argc != 1)
		return cmd_misuse(e, "which session");
	if ((r = session_resolve(t->st, argv[0], &id, e)) == 1)
		r = stage_find(t->st, t->st->user, id, &g, e);
	if (r == 1)
		r = run(t, &g, away, e);
	else if (r == 0) {
		cmd_note("no session '%s'", argv[0]);
		r = EXIT_NO;
	}
	stage_release(&g);
	free(id);
	return r;
}

int
sync_verb_archive(struct sync_tool *t, int argc, char **argv, struct err *e)
{
	return with_session(t, argc, argv, true, e);
}

int
sync_verb_restore(struct sync_tool *t, int argc, char **argv, struct err *e)
{
	return with_session(t, argc, argv, false, e);
}
