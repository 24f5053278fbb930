/*
 * mem-admin audit isolation: a record for each hole, then one that sums up.
 */
#include "cmd/admin.h"

#include "admin/isolation.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "store/access.h"
#include "store/audit.h"
#include "store/db.h"

#include <inttypes.h>

static void
put(json_t *o, const char *key, const char *s)
{
	if (s != NULL)
		json_object_set_new(o, key, out_text(s));
}

static int
print_hole(void *arg, const struct isolation_hole *h, struct err *e)
{
	json_t *o = json_pack("{s:s, s:s, s:s, s:s}", "type",
	    "isolation_hole", "level", h->warning ? "warning" : "hole",
	    "kind", h->kind, "how", h->how);

	put(o, "tenant", h->tenant);
	put(o, "user", h->user);
	put(o, "session_id", h->session);
	put(o, "of_tenant", h->of_tenant);
	put(o, "of_user", h->of_user);
	put(o, "of_session_id", h->of_session);
	put(o, "id", h->id);
	put(o, "detail", h->detail);
	cmd_progress_end();
	return admin_print(arg, o, e);
}

static void
progress(const char *tenant)
{
	cmd_progress("asking in tenant %s", tenant);
}

static int
print_sums(struct admin_run *run, const struct isolation_sums *s,
    struct err *e)
{
	cmd_progress_end();
	return admin_print(run, json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, "
	    "s:I, s:I, s:I, s:b, s:I, s:I}", "type", "isolation",
	    "tenants", (json_int_t)s->tenants, "users", (json_int_t)s->users,
	    "sessions", (json_int_t)s->sessions,
	    "things", (json_int_t)s->things, "tried", (json_int_t)s->tried,
	    "searches", (json_int_t)s->searches,
	    "documents", (json_int_t)s->rows, "files", (json_int_t)s->files,
	    "sampled", s->sampled, "holes", (json_int_t)s->holes,
	    "warnings", (json_int_t)s->warnings), e);
}

/* In the log of each tenant that was asked in. */
static int
note(const struct isolation *i, const char *who, struct err *e)
{
	struct audit a = { .who = who, .action = "audit isolation" };
	struct buf detail = BUF_INIT;
	struct store *st;
	size_t t;
	int r = 0;

	buf_addf(&detail, "tried %" PRId64 ", holes %" PRId64,
	    i->sums.tried, i->sums.holes);
	a.detail = detail.p;
	for (t = 0; r == 0 && t < i->tenants->n; t++) {
		struct store_where where = { .dir = i->dir,
		    .tenant = i->tenants->v[t], .inside = true };

		if ((r = store_open(&st, &where, STORE_WRITE, e)) < 0)
			break;
		a.object = i->tenants->v[t];
		r = audit_add_db(st->db, &a, e);
		store_close(st);
	}
	buf_release(&detail);
	return r;
}

/* Those that the caller may look into: all, or the one that is named, or his.
 * *whole: of the store itself, too. */
static int
tenants_of(const struct store *st, struct strv *names, bool *whole,
    struct err *e)
{
	const struct access *a = st->access;

	*whole = a->owner || a->by.tenant == NULL;
	if (!*whole)
		strv_add(names, a->by.tenant);
	else if (cmd.tenant != NULL)
		strv_add(names, cmd.tenant);
	else
		return store_tenants(st->dir, names, e);
	return 0;
}

int
admin_audit_isolation(struct admin_run *run, struct err *e)
{
	struct strv names = STRV_INIT;
	struct isolation i = { .tenants = &names, .sample = admin.sample,
	    .found = print_hole, .arg = run, .progress = progress };
	struct store_where where = run->asked;
	struct store *st = NULL;
	char id[27];
	int r;

	if (i.sample < 0)
		return cmd_misuse(e, "--sample must not be negative");
	where.need = RIGHT_ADMIN;
	where.tenant = NULL;		/* it says where, not who calls */
	if (store_id(run->where.dir, id, e) < 0 ||
	    store_open(&st, &where, STORE_FOLDER, e) < 0)
		return -1;
	i.dir = st->dir;
	if (access_bound(st))
		r = err_set(e, ERR_DENIED, "a call that is bound to a session "
		    "sees only that; unset MEM_SESSION, or use a credential "
		    "that is not bound");
	else if ((r = tenants_of(st, &names, &i.whole, e)) == 0)
		r = isolation_run(&i, e);
	if (r == 0 && i.sums.sampled)
		cmd_note("not all was tried: the store is large; --sample 0 "
		    "tries all");
	if (r == 0)
		r = note(&i, st->who, e);
	if (r == 0)
		r = print_sums(run, &i.sums, e);
	strv_release(&names);
	store_close(st);
	return r < 0 ? -1 : i.sums.holes > 0 ? EXIT_NO : EXIT_YES;
}
