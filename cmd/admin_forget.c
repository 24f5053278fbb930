/*
 * mem-admin forget: what is named goes, with all that follows from it.
 */
#include "cmd/admin.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "admin/erase.h"
#include "admin/expired.h"
#include "admin/gone.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "cmd/admin_receipt.h"
#include "cmd/cmd.h"
#include "cmd/given.h"
#include "cmd/own_folder.h"
#include "store/forgetting.h"

#define NOTE_EVENTS 4096	/* of a session, for a receipt alone */
#define RECEIPT_PRINTS 4096

struct forgetting {
	struct admin_run *run;
	struct store *st;		/* own */
	struct erase_targets targets;	/* own */
	struct erase_sums sums;
	struct erase_rest rest;
	struct prints prints;		/* own; of none where not asked for */
	json_t *receipt;		/* own; as it is written */
	json_t *places;			/* own; where something still is */
};

/* --- what is asked for ------------------------------------------------- */

static const char *
name_of(const json_t *o)
{
	const char *id = get_str(o, "event_id", NULL);

	return id != NULL ? id : get_str(o, "id", NULL);
}

static int
take_id(void *arg, const char *id, struct err *e)
{
	struct forgetting *f = arg;

	return erase_id(&f->targets, id, e);
}

static int
take_ids(struct forgetting *f, struct err *e)
{
	const struct admin_run *run = f->run;
	int64_t unread = 0;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < admin.ids.n; i++)
		r = erase_id(&f->targets, admin.ids.v[i], e);
	if (r == 0 && run->verb_argc > 0)
		r = given_each("event or record", name_of, take_id, f,
		    &unread, e);
	/* half of what was named is worse than nothing */
	if (r == 0 && unread > 0)
		r = err_set(e, ERR_INPUT, "a line could not be read, and "
		    "nothing was forgotten");
	return r;
}

static int
take_query(struct forgetting *f, struct err *e)
{
	struct strv notes = STRV_INIT;
	size_t i;
	int r = erase_query(f->st, admin.query, &f->targets, &notes, e);

	for (i = 0; i < notes.n; i++)
		cmd_note("%s", notes.v[i]);
	strv_release(&notes);
	return r;
}

/* A receipt that is there is looked at, and nothing deleted; a user is then
 * whose call it is, and no more. */
static bool looks;

static bool
wants_user(const struct admin_run *run)
{
	return cmd.user != NULL && !looks && admin.session == NULL &&
	    admin.ids.n == 0 && run->verb_argc == 0 && admin.query == NULL &&
	    !admin.again && !admin.expired;
}

/* The one thing that is to be forgotten; nothing with --finish, or with a
 * receipt that is to be looked at. */
static int
take_targets(struct forgetting *f, struct err *e)
{
	if (admin.session != NULL)
		erase_add(&f->targets, ERASE_SESSION, admin.session);
	else if (admin.expired)
		return expired_find(f->st, date_now(), &f->targets, e);
	else if (admin.query != NULL)
		return take_query(f, e);
	else if (wants_user(f->run))
		erase_add(&f->targets, ERASE_USER, cmd.user);
	else if (admin.again)
		return receipt_read_targets(f->receipt, &f->targets, e);
	else
		return take_ids(f, e);
	return 0;
}

static int
check_options(const struct admin_run *run, struct err *e)
{
	int ways;

	looks = admin.verify && admin.receipt != NULL && !admin.again &&
	    !admin.yes && !admin.finish && file_exists(admin.receipt);
	ways = (admin.session != NULL) + (admin.query != NULL) +
	    admin.expired +
	    (admin.ids.n > 0 || run->verb_argc > 0) + admin.again +
	    wants_user(run);

	if (run->verb_argc > 1 || (run->verb_argc == 1 &&
	    !str_eq(run->verb_argv[0], "-")))
		return cmd_misuse(e, "forget takes no operand but - (ids on "
		    "standard input)");
	if (ways > 1)
		return cmd_misuse(e, "one of --session, --id, --query, --user, "
		    "--expired and --again at a time");
	if (admin.again && admin.receipt == NULL)
		return cmd_misuse(e, "--again needs the --receipt");
	if (ways == 0 && !admin.finish && !(admin.verify && admin.receipt !=
	    NULL))
		return cmd_misuse(e, "forget what? --session, --id, --query, "
		    "--user or --expired; or go on with --finish");
	if ((admin.query != NULL || wants_user(run)) && !admin.yes &&
	    !admin.dry_run)
		return cmd_misuse(e, "%s may be much: --dry-run shows how "
		    "much, and -y says that it is meant", admin.query != NULL ?
		    "what a query finds" : "all of a user");
	return 0;
}

/* --- what is told ------------------------------------------------------ */

static void
told_held(void *arg, const struct erase_target *t)
{
	struct forgetting *f = arg;
	json_t *all = json_object_get(f->receipt, "held");

	cmd_warn("%s '%s' is on hold, and stays", erase_kinds[t->kind], t->id);
	if (all == NULL) {
		all = json_array();
		json_object_set_new(f->receipt, "held", all);
	}
	json_array_append_new(all, json_pack("{s:s, s:s}", "target",
	    erase_kinds[t->kind], "id", t->id));
}

static void
progress(int64_t left)
{
	cmd_progress("%" PRId64 " events are left", left);
}

static void
set_sums(struct forgetting *f)
{
	const struct erase_sums *s = &f->sums;
	json_t *o = f->receipt;

	json_object_set_new(o, "counts", receipt_counts(&s->counts));
	json_object_set_new(o, "forgotten", json_integer(s->done));
	json_object_set_new(o, "absent", json_integer(s->absent));
	json_object_set_new(o, "before", json_integer(s->again));
	json_object_set_new(o, "on_hold", json_integer(s->held));
}

/* Which of what kind; of a query its words say too much. */
static int
begin_receipt(struct forgetting *f, struct err *e)
{
	const char *by = admin.query != NULL ? "query" : admin.expired ?
	    "age" : f->targets.n > 0 ?
	    erase_kinds[f->targets.v[0].kind] : "nothing";

	f->receipt = receipt_new(f->st, "forget", by, admin.dry_run, e);
	if (f->receipt == NULL)
		return -1;
	json_object_set_new(f->receipt, "targets", receipt_targets(
	    &f->targets));
	return 0;
}

/* Without what only the file is for. */
static int
print(struct forgetting *f, struct err *e)
{
	json_t *o = json_copy(f->receipt);

	json_object_del(o, "prints");
	if (admin.receipt != NULL || f->targets.n > 100)
		json_object_del(o, "targets");
	return admin_print(f->run, o, e);
}

/* --- is it gone -------------------------------------------------------- */

static int
told_place(void *arg, const char *what, const char *where, int64_t n,
    struct err *e)
{
	struct forgetting *f = arg;
	json_t *o = json_pack("{s:s, s:s, s:o, s:I}", "type", "trace", "what",
	    what, "where", out_text(where), "n", (json_int_t)n);

	return admin_print(f->run, o, e);
}

static int
verify(struct forgetting *f, struct err *e)
{
	struct gone_sums g;

	cmd_progress_end();
	if (gone_look(f->st, &f->prints, &g, told_place, f, e) < 0)
		return -1;
	json_object_set_new(f->receipt, "verified", json_pack("{s:I, s:I, s:I, "
	    "s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "prints",
	    (json_int_t)f->prints.n, "shared", (json_int_t)g.shared, "rows",
	    (json_int_t)g.rows, "packs", (json_int_t)g.packs, "versions",
	    (json_int_t)g.versions, "dictionaries",
	    (json_int_t)g.dictionaries, "segments", (json_int_t)g.segments,
	    "files", (json_int_t)g.files, "bytes", (json_int_t)g.bytes,
	    "found", (json_int_t)g.found));
	return g.found > 0 ? EXIT_NO : EXIT_YES;
}

/* --- work -------------------------------------------------------------- */

static int
note_prints(struct forgetting *f, struct err *e)
{
	int64_t most = admin.verify ? 0 : NOTE_EVENTS;
	size_t i;
	int r = 0;

	if (admin.dry_run || admin.again || (!admin.verify && admin.receipt ==
	    NULL))
		return 0;
	if (prints_init(&f->prints, e) < 0)
		return -1;
	for (i = 0; r >= 0 && i < f->targets.n; i++)
		if ((r = erase_held(f->st, &f->targets.v[i], e)) == 0)
			r = gone_note(f->st, &f->targets.v[i], most,
			    &f->prints, e);
	if (r >= 0 && admin.receipt != NULL)
		json_object_set_new(f->receipt, "prints", prints_json(
		    &f->prints, RECEIPT_PRINTS));
	return r < 0 ? -1 : 0;
}

static int
write_audit(struct forgetting *f, struct err *e)
{
	char detail[120];

	snprintf(detail, sizeof detail, "%" PRId64 " forgotten, %" PRId64
	    " on hold, %" PRId64 " events", f->sums.done, f->sums.held,
	    f->sums.counts.events);
	return receipt_audit(f->receipt, f->st, detail, e);
}

/* Whose indexes are to be gone through; NULL: everybody's. */
static const char *
users_of(const struct forgetting *f)
{
	return admin.expired || admin.again || f->targets.n == 0 ? NULL :
	    wants_user(f->run) ? cmd.user : f->st->user;
}

/* A receipt is there before anything goes, so that a kill leaves something to
 * go on with (--again). */
static int
forget_all(struct forgetting *f, struct err *e)
{
	struct erase_how how = { .dry_run = admin.dry_run,
	    .pass_held = admin.query != NULL || admin.expired,
	    .held = told_held, .arg = f };
	int64_t most = admin.finish ? INT64_MAX : FORGETTING_NOW;

	if (note_prints(f, e) < 0 || (admin.receipt != NULL &&
	    !admin.dry_run && receipt_write(admin.receipt, f->receipt, e) < 0)
	    || erase(f->st, &f->targets, &how, &f->sums, e) < 0)
		return -1;
	set_sums(f);
	if (admin.dry_run)
		return 0;
	if ((f->targets.n > 0 && write_audit(f, e) < 0) ||
	    erase_after(f->st, f->sums.after, most, progress, &f->rest, e) < 0
	    || receipt_graphs(f->st, users_of(f), e) < 0 || (admin.finish &&
	    receipt_finish(f->st, users_of(f), e) < 0))
		return -1;
	return receipt_left(f->receipt, f->st, &f->rest, admin.finish, e);
}

static int
end(struct forgetting *f, int r, struct err *e)
{
	cmd_progress_end();
	json_object_set_new(f->receipt, "state", json_string("done"));
	if (admin.receipt != NULL && !admin.dry_run && receipt_write(
	    admin.receipt, f->receipt, e) < 0)
		return -1;
	if (print(f, e) < 0)
		return -1;
	if (f->rest.events > 0)
		cmd_note("%" PRId64 " events are shown no more, and their "
		    "bytes still there: mem-admin forget --finish, or compact",
		    f->rest.events);
	if (f->rest.why.code != ERR_NONE)
		cmd_warn("bytes of artifacts are left: %s", f->rest.why.msg);
	return r != EXIT_YES ? r : f->sums.held > 0 || f->rest.why.code !=
	    ERR_NONE ? EXIT_PART : EXIT_YES;
}

/* A receipt of before: what it tells of is looked for. */
static int
look_again(struct forgetting *f, struct err *e)
{
	int r;

	if (prints_from_json(&f->prints, json_object_get(f->receipt,
	    "prints"), e) < 0 || (r = verify(f, e)) < 0 || print(f, e) < 0)
		return -1;
	return r;
}

static int
run_all(struct forgetting *f, struct err *e)
{
	bool old = admin.receipt != NULL && (admin.again ||
	    (f->run->verb_argc == 0 && admin.ids.n == 0 && admin.session ==
	    NULL && admin.query == NULL && !admin.expired &&
	    !wants_user(f->run)));
	int r = EXIT_YES;

	if (old && (f->receipt = receipt_read(admin.receipt, e)) == NULL)
		return -1;
	if (!old && admin.receipt != NULL && !admin.dry_run &&
	    receipt_free(admin.receipt, e) < 0)
		return -1;
	if (old && !admin.again)
		return look_again(f, e);
	if (take_targets(f, e) < 0)
		return -1;
	if (!old && begin_receipt(f, e) < 0)
		return -1;
	if (forget_all(f, e) < 0)
		return -1;
	if (admin.verify && !admin.dry_run) {
		if (admin.again && prints_from_json(&f->prints,
		    json_object_get(f->receipt, "prints"), e) < 0)
			return -1;
		if ((r = verify(f, e)) < 0)
			return -1;
	}
	return end(f, r, e);
}

int
admin_forget(struct admin_run *run, struct err *e)
{
	struct forgetting f = { .run = run };
	int r;

	if (check_options(run, e) < 0)
		return -1;
	if ((r = cmd_open(&f.st, &run->asked, true, e)) == 0)
		r = run_all(&f, e);
	prints_release(&f.prints);
	erase_targets_release(&f.targets);
	json_decref(f.receipt);
	store_close(f.st);
	return r;
}

/* A start of ours does not pay for what a remote needs. */
int
admin_forget_there(const char *program, struct err *e)
{
	char *args[16];
	struct buf path = BUF_INIT;
	int n = 0;

	own_folder(&path, program);
	if (path.len > 0)
		buf_adds(&path, "/");
	buf_adds(&path, "mem-sync");
	args[n++] = path.p;
	args[n++] = (char *)"forget";
	args[n++] = (char *)"--remote";
	args[n++] = (char *)admin.remote;
	if (cmd.store != NULL) {
		args[n++] = (char *)"--store";
		args[n++] = (char *)cmd.store;
	}
	if (cmd.tenant != NULL) {
		args[n++] = (char *)"--tenant";
		args[n++] = (char *)cmd.tenant;
	}
	if (admin.receipt != NULL && admin.verify) {
		args[n++] = (char *)"--receipt";
		args[n++] = (char *)admin.receipt;
	}
	if (cmd.json)
		args[n++] = (char *)"--json";
	args[n] = NULL;
	fflush(stdout);
	execvp(path.p, args);
	err_sys(e, "cannot run '%s'", path.p);
	buf_release(&path);
	return -1;
}
