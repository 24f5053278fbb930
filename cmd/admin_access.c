/*
 * mem-admin tenant, credential: who may call.
 */
#include "cmd/admin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/file.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "store/access.h"
#include "store/audit.h"
#include "store/db.h"
#include "store/name.h"
#include "store/schema.h"
#include "store/sealed.h"

#define ADMIN_FILE "admin.cred"	/* of a store whose first credential is less */

/* --- tenants ----------------------------------------------------------- */

static int
tenant_add(struct admin_run *run, struct err *e)
{
	struct store_where where = run->asked;
	struct store *st = NULL;
	bool made;
	json_t *o;
	int r = 0;

	where.tenant = run->verb_argv[0];
	if (name_check("the tenant's name", where.tenant, e) < 0)
		return -1;
	made = store_open(&st, &where, STORE_READ, e) < 0;
	if (made && e->code != ERR_ABSENT)
		return -1;
	if (made && (store_open(&st, &where, STORE_MAKE, e) < 0 ||
	    audit_add(st, "tenant add", st->tenant, NULL, e) < 0))
		r = -1;
	if (r == 0 && admin.sealed)
		r = admin_seal(&st, &where, e) < 0 ? -1 : 0;
	if (r == 0) {
		o = json_pack("{s:s, s:s, s:b}", "type", "tenant", "tenant",
		    where.tenant, "made", made);
		if (sealed_known(st))
			json_object_set_new(o, "sealed", json_true());
		r = admin_print(run, o, e);
	}
	store_close(st);
	return r < 0 ? -1 : EXIT_YES;
}

static int
tenant_list(struct admin_run *run, struct err *e)
{
	struct strv names = STRV_INIT;
	struct store *st;
	size_t i;
	int r = 0;

	if (store_open(&st, &run->asked, STORE_FOLDER, e) < 0)
		return -1;
	if (!st->access->owner && st->access->by.tenant != NULL)
		strv_add(&names, st->access->by.tenant);
	else
		r = store_tenants(st->dir, &names, e);
	store_close(st);
	for (i = 0; r == 0 && i < names.n; i++)
		r = admin_print(run, json_pack("{s:s, s:s}", "type", "tenant",
		    "tenant", names.v[i]), e);
	strv_release(&names);
	return r < 0 ? -1 : EXIT_YES;
}

int
admin_tenant(struct admin_run *run, const char *what, struct err *e)
{
	if (strcmp(what, "list") == 0)
		return run->verb_argc > 0 ? cmd_misuse(e, "tenant list takes "
		    "no operand") : tenant_list(run, e);
	if (run->verb_argc != 1)
		return cmd_misuse(e, "tenant add takes a name");
	if (admin_whole(run, e) < 0)
		return -1;
	return tenant_add(run, e);
}

/* --- credentials ------------------------------------------------------- */

static json_t *
credential_json(const struct credential *c)
{
	json_t *o = json_pack("{s:s, s:s, s:s*, s:s*, s:s*, s:o, s:I}",
	    "type", "credential", "name", c->name, "tenant", c->tenant,
	    "user", c->user, "session_id", c->session, "rights", json_array(),
	    "created", (json_int_t)c->created_ms);
	json_t *rights = json_object_get(o, "rights");
	int64_t now = date_real();
	const char *state = "active";
	int i;

	for (i = 0; rights_names[i] != NULL; i++)
		if (c->rights >> i & 1)
			json_array_append_new(rights,
			    json_string(rights_names[i]));
	if (c->expires_ms != CREDENTIAL_NEVER) {
		json_object_set_new(o, "expires",
		    json_integer((json_int_t)c->expires_ms));
		if (c->expires_ms <= now)
			state = "expired";
	}
	if (c->revoked_ms != CREDENTIAL_NEVER) {
		json_object_set_new(o, "revoked",
		    json_integer((json_int_t)c->revoked_ms));
		state = "revoked";
	}
	json_object_set_new(o, "state", json_string(state));
	if (c->by != NULL)
		json_object_set_new(o, "by", json_string(c->by));
	return o;
}

/* Of one that is being made. */
struct making {
	struct admin_run *run;
	struct store *st;		/* the folder */
	struct credential c;		/* strings borrowed */
	struct buf token;
};

static int
note(struct making *m, struct db *db, const char *action,
    const struct credential *c, struct err *e)
{
	struct buf object = BUF_INIT, detail = BUF_INIT;
	struct audit a = { .who = m->st->who, .action = action };
	int r;

	if (c->tenant != NULL)
		buf_addf(&object, "%s/", c->tenant);
	buf_adds(&object, c->name);
	rights_print(&detail, c->rights);
	a.object = object.p;
	a.detail = detail.len > 0 ? detail.p : NULL;
	r = audit_add_db(db, &a, e);
	buf_release(&object);
	buf_release(&detail);
	return r;
}

/* A new file, which must not be there, for nobody else to read. */
static int
write_token(const char *path, const struct buf *token, struct err *e)
{
	struct file_new f;
	int r;

	if (file_exists(path))
		return err_set(e, ERR_EXISTS, "'%s' is there already; name a "
		    "new file", path);
	if (file_new(&f, path, e) < 0)
		return -1;
	r = file_write(f.fd, token->p, token->len, path, e);
	if (r == 0)
		r = file_new_done(&f, e);
	if (r < 0)
		file_new_drop(&f);
	return r;
}

/*
 * Without an administrator nobody could make or revoke one any more, so one
 * is made beside a first credential that is less; where it is nobody
 * else needs to look.
 */
static int
add_admin(struct making *m, struct db *db, struct err *e)
{
	struct credential c = { .name = (char[]){ "admin" },
	    .rights = RIGHT_ADMIN, .expires_ms = CREDENTIAL_NEVER,
	    .revoked_ms = CREDENTIAL_NEVER,
	    .by = m->st->who };
	struct buf token = BUF_INIT, path = BUF_INIT;
	int r;

	file_join(&path, m->st->dir, ADMIN_FILE);
	if ((r = credential_add(db, &c, &token, e)) == 0) {
		buf_addc(&token, '\n');
		r = note(m, db, "credential add", &c, e);
	}
	if (r == 0) {
		unlink(path.p);		/* of a first try that was cut off */
		r = write_token(path.p, &token, e);
	}
	buf_wipe(&token);
	if (r == 0)
		cmd_note("every call needs a credential from now on; that of "
		    "the store's administrator is '%s': move it to where "
		    "only you come", path.p);
	buf_release(&path);
	return r;
}

static int
add_in(struct making *m, struct db *db, struct err *e)
{
	bool first = m->c.tenant != NULL || !(m->c.rights & RIGHT_ADMIN) ||
	    m->c.expires_ms != CREDENTIAL_NEVER;
	int r = 1;

	if (first && (r = credential_has_admin(db, e)) < 0)
		return -1;
	if (r == 0 && add_admin(m, db, e) < 0)
		return -1;
	if (credential_add(db, &m->c, &m->token, e) < 0 ||
	    note(m, db, "credential add", &m->c, e) < 0)
		return -1;
	buf_addc(&m->token, '\n');
	return admin.out == NULL ? 0 : write_token(admin.out, &m->token, e);
}

static int
make(void *arg, struct err *e)
{
	struct making *m = arg;
	struct db *db;
	int r;

	if (credential_open(&db, m->st->dir, CREDENTIAL_MAKE, e) < 0)
		return -1;
	r = tx_begin(db, e) < 0 ? -1 : tx_end(db, add_in(m, db, e), e);
	db_close(db);
	return r;
}

/* Which tenant and user it is of, as far as the caller may say so. */
static int
whose(struct making *m, struct err *e)
{
	const struct access *a = m->st->access;
	struct credential *c = &m->c;
	const char *tenant = cmd.tenant;

	if (tenant == NULL && !a->owner)
		tenant = a->by.tenant;
	if (tenant == NULL && !(c->rights & RIGHT_ADMIN))
		tenant = "default";
	if (!a->owner && a->by.tenant != NULL &&
	    !str_eq(a->by.tenant, tenant))
		return err_set(e, ERR_DENIED, "the credential '%s' is of "
		    "tenant '%s', and makes none for another", a->by.name,
		    a->by.tenant);
	if (tenant == NULL && (cmd.user != NULL || admin.session != NULL))
		return cmd_misuse(e, "an administrator of the store is of no "
		    "user and no session; name a --tenant");
	c->tenant = (char *)tenant;
	c->user = tenant == NULL ? NULL :
	    (char *)(cmd.user != NULL ? cmd.user : c->name);
	c->session = (char *)admin.session;
	if ((c->tenant != NULL &&
	    name_check("the tenant's name", c->tenant, e) < 0) ||
	    (c->user != NULL &&
	    name_check("the user's name", c->user, e) < 0) ||
	    (c->session != NULL &&
	    name_check("the session's name", c->session, e) < 0))
		return -1;
	return 0;
}

/* A name mistyped must not make a credential for nothing. */
static int
tenant_there(struct making *m, struct err *e)
{
	struct strv names = STRV_INIT;
	size_t i;
	int r;

	if (m->c.tenant == NULL)
		return 0;
	r = store_tenants(m->st->dir, &names, e);
	for (i = 0; r == 0 && i < names.n; i++)
		if (str_eq(names.v[i], m->c.tenant))
			break;
	if (r == 0 && i == names.n)
		r = err_set(e, ERR_ABSENT, "there is no tenant '%s'; make it "
		    "with mem-admin tenant add", m->c.tenant);
	strv_release(&names);
	return r;
}

static int
add(struct admin_run *run, struct store *st, struct err *e)
{
	struct making m = { .run = run, .st = st, .token = BUF_INIT };
	int r;

	m.c.name = run->verb_argv[0];
	m.c.by = st->who;
	m.c.revoked_ms = CREDENTIAL_NEVER;
	m.c.expires_ms = admin.until > DATE_MAX ? CREDENTIAL_NEVER :
	    admin.until;
	if (name_check("the credential's name", m.c.name, e) < 0)
		return -1;
	if (admin.rights == NULL)
		return cmd_misuse(e, "say what it may do with --rights, such "
		    "as read,write");
	if (m.c.expires_ms <= date_real())
		return cmd_misuse(e, "--until must be in the future");
	r = rights_parse(admin.rights, &m.c.rights, e);
	if (r == 0)
		r = whose(&m, e);
	if (r == 0)
		r = tenant_there(&m, e);
	if (r == 0)
		r = store_guard(st, make, &m, e);
	if (r == 0 && admin.out != NULL)
		r = admin_print(run, credential_json(&m.c), e);
	else if (r == 0)
		r = out_raw(m.token.p, m.token.len, e);
	buf_wipe(&m.token);
	return r < 0 ? -1 : EXIT_YES;
}

static int
credential_end(struct admin_run *run, struct store *st, struct err *e)
{
	const struct access *a = st->access;
	struct making m = { .run = run, .st = st };
	struct credential c = { .name = run->verb_argv[0],
	    .tenant = (char *)cmd.tenant };
	struct db *db;
	int r = -1;

	if (st->format != STORE_FORMAT_ACCESS)
		return err_set(e, ERR_ABSENT, "this store has no credentials");
	if (c.tenant == NULL)
		c.tenant = a->by.tenant;
	if (a->by.tenant != NULL && !str_eq(a->by.tenant, c.tenant))
		return err_set(e, ERR_DENIED, "the credential '%s' is of "
		    "tenant '%s', and revokes none of another", a->by.name,
		    a->by.tenant);
	if (credential_open(&db, st->dir, CREDENTIAL_WRITE, e) < 0)
		return -1;
	if (tx_begin(db, e) == 0) {
		r = credential_revoke(db, c.tenant, c.name, e);
		if (r == 1 && note(&m, db, "credential revoke", &c, e) < 0)
			r = -1;
		r = tx_end(db, r, e);
	}
	db_close(db);
	return r < 0 ? -1 : r == 1 ? EXIT_YES : EXIT_NO;
}

static int
show(void *arg, const struct credential *c, struct err *e)
{
	return admin_print(arg, credential_json(c), e);
}

static int
list(struct admin_run *run, struct store *st, struct err *e)
{
	const char *tenant = cmd.tenant;
	struct db *db;
	int r;

	if (st->format != STORE_FORMAT_ACCESS)
		return EXIT_YES;
	if (st->access->by.tenant != NULL)
		tenant = st->access->by.tenant;
	if (credential_open(&db, st->dir, CREDENTIAL_READ, e) < 0)
		return -1;
	r = credential_each(db, tenant, show, run, e);
	db_close(db);
	return r < 0 ? -1 : EXIT_YES;
}

int
admin_credential(struct admin_run *run, const char *what, struct err *e)
{
	static const struct {
		const char *what;
		int (*fn)(struct admin_run *, struct store *, struct err *);
		int argc;
		const char *takes;
	} known[] = {
		{ "add", add, 1, "a name" },
		{ "list", list, 0, "no operand" },
		{ "revoke", credential_end, 1, "a name" },
	};
	struct store_where where = { .dir = run->asked.dir };
	struct store *st = NULL;
	char id[27];
	size_t i;
	int r;

	for (i = 0; strcmp(known[i].what, what) != 0; i++)
		;
	if (run->verb_argc != known[i].argc)
		return cmd_misuse(e, "credential %s takes %s", what,
		    known[i].takes);
	/* --tenant and --user say whose it is to be, not who calls */
	if (store_id(run->where.dir, id, e) < 0 ||
	    store_open(&st, &where, STORE_FOLDER, e) < 0)
		return -1;
	r = known[i].fn(run, st, e);
	store_close(st);
	return r;
}
