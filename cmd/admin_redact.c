/*
 * mem-admin redact: today's rules for secrets, on what was stored before.
 */
#include "cmd/admin.h"

#include <inttypes.h>
#include <stdio.h>

#include "admin/redacting.h"
#include "base/json.h"
#include "base/map.h"
#include "cmd/admin_receipt.h"
#include "cmd/cmd.h"

static void
told_held(void *arg, const char *session)
{
	struct map *held = arg;
	int made;

	map_put(held, session != NULL ? session : "", &made);
	if (made)
		cmd_warn("session '%s' is on hold, and nothing of it is "
		    "changed", session != NULL ? session : "");
}

static void
progress(void *arg, int64_t n)
{
	(void)arg;
	cmd_progress("%" PRId64 " events looked at", n);
}

static void
set_sums(json_t *o, const struct redacting_sums *s)
{
	json_t *counts = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "events",
	    (json_int_t)s->events, "values", (json_int_t)s->values, "records",
	    (json_int_t)s->records, "facts", (json_int_t)s->facts,
	    "decisions", (json_int_t)s->decisions, "artifacts",
	    (json_int_t)s->artifacts);
	json_t *kinds = json_object();
	size_t i;

	for (i = 0; i < s->kinds.n; i++)
		if (s->kinds.e[i].v.i > 0)
			json_object_set_new(kinds, s->kinds.e[i].key,
			    json_integer(s->kinds.e[i].v.i));
	json_object_set_new(o, "counts", counts);
	json_object_set_new(o, "redacted", kinds);
	json_object_set_new(o, "looked_at", json_integer(s->looked_at));
	json_object_set_new(o, "on_hold", json_integer(s->held));
}

static int
after(struct store *st, json_t *o, const struct redacting_sums *s,
    struct err *e)
{
	struct erase_rest rest = { 0 };
	char detail[160];

	snprintf(detail, sizeof detail, "%" PRId64 " events, %" PRId64
	    " values, %" PRId64 " records, %" PRId64 " facts, %" PRId64
	    " artifacts, %" PRId64 " on hold", s->events, s->values,
	    s->records, s->facts, s->artifacts, s->held);
	db_settle(st->db);
	if (receipt_audit(o, st, detail, e) < 0 ||
	    receipt_graphs(st, NULL, e) < 0 || (admin.finish &&
	    receipt_finish(st, NULL, e) < 0))
		return -1;
	return receipt_left(o, st, &rest, admin.finish, e);
}

static int
run_on(struct admin_run *run, struct store *st, struct redacting_sums *sums,
    struct err *e)
{
	struct map held = MAP_INIT;
	struct redacting_how how = { .since_ms = admin.since,
	    .until_ms = admin.until, .session = admin.session,
	    .one_user = cmd.user != NULL, .dry_run = admin.dry_run,
	    .held = told_held, .progress = progress, .arg = &held };
	json_t *o = receipt_new(st, "redact", "rules", admin.dry_run, e);
	int r = o == NULL ? -1 : redacting(st, &how, sums, e);

	cmd_progress_end();
	if (r == 0) {
		set_sums(o, sums);
		if (!admin.dry_run)
			r = after(st, o, sums, e);
	}
	if (r == 0) {
		json_object_set_new(o, "state", json_string("done"));
		if (admin.receipt != NULL && !admin.dry_run)
			r = receipt_write(admin.receipt, o, e);
	}
	if (r == 0)
		r = admin_print(run, json_incref(o), e);
	json_decref(o);
	map_release(&held);
	return r < 0 ? -1 : sums->held > 0 ? EXIT_PART : EXIT_YES;
}

int
admin_redact(struct admin_run *run, struct err *e)
{
	struct redacting_sums sums = { 0 };
	struct store *st = NULL;
	int r;

	if (admin.receipt != NULL && !admin.dry_run && receipt_free(
	    admin.receipt, e) < 0)
		return -1;
	if ((r = cmd_open(&st, &run->asked, true, e)) == 0)
		r = run_on(run, st, &sums, e);
	redacting_sums_release(&sums);
	store_close(st);
	return r;
}
