/*
 * mem-admin check: a record for each problem, then one that sums up.
 */
#include "cmd/admin.h"

#include "admin/check.h"
#include "base/buf.h"
#include "base/file.h"
#include "cmd/cmd.h"
#include "store/name.h"

struct found {
	struct admin_run *run;
	const char *tenant;
	int64_t mendable;	/* problems that repair has set right */
};

static int
print_problem(void *arg, const struct check_problem *p, struct err *e)
{
	struct found *f = arg;
	json_t *o = json_pack("{s:s}", "type", "problem");

	if (f->tenant != NULL)
		json_object_set_new(o, "tenant", out_text(f->tenant));
	json_object_set_new(o, "what", json_string(p->what));
	json_object_set_new(o, "where", out_text(p->where));
	json_object_set_new(o, "detail", out_text(p->detail));
	json_object_set_new(o, "remedy", out_text(p->remedy));
	if (p->repairable && admin.repair) {
		f->mendable++;
		json_object_set_new(o, "repaired", json_true());
	}
	cmd_progress_end();
	return admin_print(f->run, o, e);
}

static void
progress(const char *part)
{
	cmd_progress("checking %s", part);
}

static int
print_sums(struct admin_run *run, const char *tenant,
    const struct check_sums *s, struct err *e)
{
	json_t *o;

	o = json_pack("{s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, "
	    "s:I}",
	    "type", "check", "tenant", out_text(tenant),
	    "event_count", (json_int_t)s->events,
	    "pack_count", (json_int_t)s->packs,
	    "record_versions", (json_int_t)s->records,
	    "session_count", (json_int_t)s->sessions,
	    "toc_node_count", (json_int_t)s->nodes,
	    "grip_count", (json_int_t)s->grips,
	    "artifact_count", (json_int_t)s->artifacts,
	    "change_count", (json_int_t)s->changes,
	    "audit_rows", (json_int_t)s->audit_rows,
	    "problems", (json_int_t)s->problems);
	if (admin.repair)
		json_object_set_new(o, "repaired", json_integer(s->repaired));
	cmd_progress_end();
	return admin_print(run, o, e);
}

/* A store that does not even open has a problem: that is an answer. */
static int
not_opened(struct found *f, const struct err *why, struct err *e)
{
	struct check_problem p = { .what = "store", .where = "store",
	    .detail = why->msg, .remedy = "restore a backup, or recover what "
	    "can be read as memkit-store(5) tells" };

	return print_problem(f, &p, e) < 0 ? -1 : EXIT_NO;
}

/* A folder without a database is told of with all folders. */
static bool
only_folder(const struct admin_run *run, const char *tenant)
{
	struct buf path = BUF_INIT;
	bool there;

	file_join(&path, run->where.dir, "tenants/");
	name_encode(&path, tenant);
	there = file_exists(path.p);
	buf_release(&path);
	return there;
}

static int
check_one(struct admin_run *run, const struct store_where *where,
    struct err *e)
{
	struct found f = { run, where->tenant, 0 };
	struct check_config c = { .repair = admin.repair,
	    .found = print_problem, .arg = &f, .progress = progress };
	struct check_sums sums;
	struct store *st = NULL;
	int r;

	if (f.tenant == NULL)
		f.tenant = run->where.tenant;
	if (cmd_open(&st, where, admin.repair, e) < 0)
		return e->code == ERR_CORRUPT ? not_opened(&f, e, e) :
		    e->code == ERR_ABSENT && only_folder(run, f.tenant) ?
		    EXIT_NO : -1;
	if ((r = check_tenant(st, &c, &sums, e)) == 0)
		r = print_sums(run, f.tenant, &sums, e);
	store_close(st);
	return r < 0 ? -1 : sums.problems > f.mendable ? EXIT_NO : EXIT_YES;
}

int
admin_check(struct admin_run *run, struct err *e)
{
	struct found f = { run, NULL, 0 };
	struct check_config c = { .found = print_problem, .arg = &f };
	int64_t problems = 0;
	char *tenant = NULL;
	int r;

	/* names of other tenants are none of his */
	if ((r = admin_of(run, &tenant, e)) == 0 || e->code == ERR_CORRUPT)
		r = admin_each_tenant(run, check_one, e);
	if (r >= 0 && *tenant != '\0') {
		free(tenant);
		return r;
	}
	free(tenant);
	if (r >= 0 && check_folders(run->where.dir, &c, &problems, e) < 0)
		return -1;
	return r >= 0 && problems > 0 ? EXIT_NO : r;
}
