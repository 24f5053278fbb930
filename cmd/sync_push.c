/*
 * mem-sync push.
 */
#include "base/date.h"
#include "cmd/cmd.h"
#include "cmd/sync.h"
#include "cmd/work.h"
#include "store/change.h"
#include "sync/lease.h"
#include "sync/push.h"
#include "sync/sync.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int
print(struct sync_tool *t, const struct sync *s, const struct pushed *p,
    struct err *e)
{
	json_t *o;

	if (sync_o.dry_run)
		o = json_pack("{s:s, s:s, s:b, s:I}", "type", "push",
		    "remote", s->name, "dry_run", 1, "changes",
		    (json_int_t)p->changes);
	else
		o = json_pack("{s:s, s:s, s:I, s:b, s:I, s:I, s:I, s:b, "
		    "s:I, s:I, s:I, s:I, s:I}", "type", "push", "remote",
		    s->name,
		    "number", (json_int_t)p->number, "published", p->published,
		    "changes", (json_int_t)p->changes, "segments",
		    (json_int_t)p->segments, "sessions",
		    (json_int_t)p->sessions, "snapshot", p->snapshot,
		    "files", (json_int_t)p->files.n, "files_missing",
		    (json_int_t)p->files.missing, "artifacts",
		    (json_int_t)p->artifacts.n, "artifacts_missing",
		    (json_int_t)p->artifacts.missing, "sent_bytes",
		    (json_int_t)s->sent);
	return sync_print(t, o, e);
}

static int
once(struct sync_tool *t, struct sync *s, int64_t hold_ms, struct err *e)
{
	const struct push_how how = { .steal = sync_o.steal,
	    .wait_ms = sync_o.follow ? 0 : sync_o.wait * 1000,
	    .hold_ms = hold_ms, .dry_run = sync_o.dry_run,
	    .snapshot = sync_o.snapshot };
	struct pushed sums;

	s->sent = 0;
	if (push(s, &how, &sums, e) < 0)
		return -1;
	if (sync_o.follow && !sums.published)
		return 0;
	return print(t, s, &sums, e);
}

/* --- --follow ---------------------------------------------------------- */

/*
 * What may be better the next time is told, and tried again: without end where
 * somebody is in the way, and, with pauses that grow, where the remote is not
 * reached; where an answer was damaged, something is not there (a folder that
 * is not mounted), or the system failed, for a good hour.  To be refused, or
 * to be another one, passes never.
 */
#define PAUSE_MOST_MS 300000
#define IN_A_ROW 20

static bool
may_pass(const struct err *e, int in_a_row)
{
	switch (e->code) {
	case ERR_NET:
	case ERR_BUSY:
		return true;
	case ERR_INPUT:
	case ERR_CORRUPT:
	case ERR_ABSENT:
	case ERR_SYS:
		return in_a_row < IN_A_ROW;
	default:
		return false;
	}
}

static int
pause_ms(int in_a_row)
{
	int64_t ms = sync_o.every * 1000, most = ms > PAUSE_MOST_MS ? ms :
	    PAUSE_MOST_MS;

	for (; in_a_row > 1 && ms < most; in_a_row--)
		ms *= 2;
	return (int)(ms < most ? ms : most);
}

static int
again(struct sync_tool *t, struct sync *s, int64_t *seen, int64_t *kept,
    struct err *e)
{
	int64_t last, now = date_monotonic(), hold = sync_o.hold * 1000;

	/* what somebody writes into a session's folder is a change, too */
	if (push_files_scan(s, e) < 0 || change_last(t->st, &last, e) < 0)
		return -1;
	if (last != *seen) {
		if (once(t, s, hold, e) < 0)
			return -1;
		*seen = last;
	}
	if (now - *kept >= hold / 3) {
		if (lease_keep(s, hold, e) < 0)
			return -1;
		*kept = now;
	}
	return 0;
}

static int
follow(struct sync_tool *t, struct sync *s, struct err *e)
{
	int64_t seen = -1, kept = date_monotonic();
	struct err last = { .msg = "" };	/* told once */
	int gone = 0, failed = 0;		/* failed: in a row */

	t->out.flush = true;
	while (!work_stopped && !gone) {
		if (again(t, s, &seen, &kept, e) == 0) {
			last.msg[0] = '\0';
			failed = 0;
		} else {
			if (work_stopped)
				break;
			failed = e->code == ERR_BUSY ? 0 : failed + 1;
			if (!may_pass(e, failed))
				return -1;
			if (strcmp(last.msg, e->msg) != 0)
				cmd_warn("%s", e->msg);
			last = *e;
		}
		if ((gone = out_wait(&t->out, pause_ms(failed), e)) < 0)
			return -1;
	}
	return 0;
}

/* --- */

static int
run_push(struct sync_tool *t, struct sync *s, struct err *e)
{
	struct err ignored;
	int r;

	if (!sync_o.follow)
		return once(t, s, 0, e);
	r = follow(t, s, e);
	/* others need not wait; if they must (whoever stopped us does it once
	 * more), only until the time is over */
	work_stopped = 0;
	lease_keep(s, 0, &ignored);
	return r;
}

int
sync_verb_push(struct sync_tool *t, int argc, char **argv, struct err *e)
{
	struct sync *s;
	int r;

	(void)argv;
	if (argc > 0)
		return cmd_misuse(e, "push takes no operand");
	if (sync_o.follow && sync_o.dry_run)
		return cmd_misuse(e, "--follow goes not with --dry-run");
	if (sync_o.every < 1 || sync_o.every > 86400 || sync_o.hold < 1 ||
	    sync_o.hold > 86400)
		return cmd_misuse(e, "--every and --hold take seconds, from 1 "
		    "to 86400");
	if (sync_o.wait < 0 || sync_o.wait > 86400)
		return cmd_misuse(e, "--wait takes seconds, up to 86400");
	if (sync_tool_open(t, &s, e) < 0)
		return -1;
	if (!sync_o.anew || (r = journal_forget(s->journal, e)) == 0)
		r = run_push(t, s, e);
	sync_close(s);
	return r;
}
