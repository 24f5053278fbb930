#include "store/access.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/str.h"
#include "store/audit.h"
#include "store/audit_note.h"
#include "store/db.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define R ACCESS_READ
#define RW (ACCESS_READ | ACCESS_WRITE)

/* Rows: of a session, a period, a user, the tenant.  Columns: its user
 * unbound, bound to it, bound beside it, by a graft, another user. */
static const unsigned char table[4][5] = {
	[ACCESS_SESSION] = { RW, RW, 0, R, 0 },
	[ACCESS_PERIOD] = { RW, 0, 0, 0, 0 },
	[ACCESS_USER] = { RW, RW, RW, 0, 0 },
	[ACCESS_TENANT] = { RW, RW, RW, RW, RW },
};

unsigned
access_table(enum access_tier tier, enum access_from from)
{
	return table[tier][from];
}

void
access_free(struct access *a)
{
	if (a == NULL)
		return;
	credential_release(&a->by);
	grafts_release(&a->grafts);
	free(a);
}

/* --- who calls --------------------------------------------------------- */

/* In access.db, for it is not known yet to which tenant it belongs. */
static void
note_denied(const struct store *st, const char *who, const char *object,
    const char *detail)
{
	struct audit a = { .who = who, .action = "open", .object = object,
	    .detail = detail, .outcome = AUDIT_DENIED };
	struct err ignored;
	struct db *db;

	if (credential_open(&db, st->dir, CREDENTIAL_WRITE, &ignored) < 0)
		return;
	audit_add_db(db, &a, &ignored);
	db_close(db);
}

static void
replace(char **to, const char *with)
{
	free(*to);
	*to = xstrdup(with);
}

/* What a call names that is not its credential's, or NULL. */
static const char *
differs(const struct credential *c, const struct store_where *w)
{
	bool admin = c->rights & RIGHT_ADMIN;

	if (c->tenant != NULL && w->tenant != NULL &&
	    !str_eq(c->tenant, w->tenant))
		return "tenant";
	if (c->user != NULL && w->user != NULL && !admin &&
	    !str_eq(c->user, w->user))
		return "user";
	if (c->session != NULL && w->session != NULL &&
	    !str_eq(c->session, w->session))
		return "session";
	return NULL;
}

static int
lacks(unsigned has, unsigned need, const char *what, struct err *e)
{
	struct buf b = BUF_INIT;

	if (has & RIGHT_ADMIN || (has & need) == need)
		return 0;
	rights_print(&b, need & ~has);
	err_set(e, ERR_DENIED, "the credential has not the right '%s'%s%s; "
	    "its administrator can give one that has", b.p,
	    what != NULL ? " " : "", what != NULL ? what : "");
	buf_release(&b);
	return -1;
}

static int
who_is_it(struct store *st, struct err *e)
{
	struct buf token = BUF_INIT;
	struct db *db;
	int r;

	if (credential_open(&db, st->dir, CREDENTIAL_READ, e) < 0)
		return -1;
	if ((r = credential_token(&token, e)) == 0)
		r = credential_check(db, &token, &st->access->by, e);
	buf_wipe(&token);
	db_close(db);
	if (r < 0 && e->code == ERR_DENIED)
		note_denied(st, "?", NULL, e->msg);
	return r;
}

static int
let_in(struct store *st, const struct store_where *named, unsigned need,
    struct err *e)
{
	const struct credential *c = &st->access->by;
	const char *what = NULL;

	if (who_is_it(st, e) < 0)
		return -1;
	if (lacks(c->rights, need, NULL, e) < 0)
		what = "right";
	else if ((what = differs(c, named)) != NULL)
		err_set(e, ERR_DENIED, "the credential '%s' is of %s '%s', "
		    "and another one is named: leave that out", c->name, what,
		    *what == 't' ? c->tenant : *what == 'u' ? c->user :
		    c->session);
	if (what == NULL)
		return 0;
	note_denied(st, c->name, c->tenant, e->msg);
	return -1;
}

int
access_enter(struct store *st, const struct store_where *named,
    unsigned need, struct err *e)
{
	struct credential *c;

	st->access = xcalloc(1, sizeof *st->access);
	c = &st->access->by;
	if (let_in(st, named, need, e) < 0)
		return -1;
	st->who = xstrdup(c->name);
	if (c->tenant != NULL)
		replace(&st->tenant, c->tenant);
	if (c->user != NULL && (named->user == NULL ||
	    !(c->rights & RIGHT_ADMIN)))
		replace(&st->user, c->user);
	if (c->session != NULL)
		replace(&st->session, c->session);
	return 0;
}

void
access_own(struct store *st)
{
	st->access = xcalloc(1, sizeof *st->access);
	st->access->owner = true;
	st->who = xstrdup(st->user);
}

void
access_try(struct store *st, const char *session)
{
	struct access *a = st->access;

	a->owner = false;
	a->trial = true;
	a->loaded = false;
	credential_release(&a->by);
	a->by.name = xstrdup(st->user);
	a->by.tenant = xstrdup(st->tenant);
	a->by.user = xstrdup(st->user);
	a->by.rights = RIGHT_READ;
	free(st->session);
	st->session = session != NULL ? xstrdup(session) : NULL;
}

int
access_whole(struct store *st, unsigned need, struct err *e)
{
	const unsigned whole = RIGHT_LTM | RIGHT_SYNC | RIGHT_AUDIT |
	    RIGHT_ADMIN;

	if (st->session == NULL || !(need & whole))
		return 0;
	err_set(e, ERR_DENIED, "this is of the whole tenant, and the call is "
	    "bound to a session: %s", st->access->by.session != NULL ?
	    "it takes another credential" : "unset MEM_SESSION for it");
	if (!st->access->owner)
		note_denied(st, st->who, st->tenant, e->msg);
	return -1;
}

int
access_still(struct store *st, struct err *e)
{
	const struct credential *c = &st->access->by;
	struct db *db;
	int r;

	if (st->access->owner || st->access->trial)
		return 0;
	if (credential_open(&db, st->dir, CREDENTIAL_READ, e) < 0)
		return -1;
	r = credential_counts(db, c->id, e);
	db_close(db);		/* before somebody writes there */
	if (r == 0) {
		r = err_set(e, ERR_DENIED, "the credential '%s' expired, or "
		    "was revoked; nothing more is told", c->name);
		note_denied(st, c->name, c->tenant, e->msg);
	}
	return r < 0 ? -1 : 0;
}

bool
access_has(const struct store *st, unsigned right)
{
	const struct access *a = st->access;

	return a->owner || a->by.rights & RIGHT_ADMIN ||
	    (a->by.rights & right) == right;
}

int
access_needs(struct store *st, unsigned right, const char *what,
    struct err *e)
{
	if (access_has(st, right))
		return 0;
	lacks(st->access->by.rights, right, what, e);
	access_denied(st, "write", what, NULL);
	return -1;
}

/* --- what it may see --------------------------------------------------- */

bool
access_bound(const struct store *st)
{
	return st->session != NULL;
}

static int
bound_row(struct store *st, struct err *e)
{
	struct db_query *q;

	st->access->session = 0;
	if (st->session == NULL || st->user_id == 0)
		return 0;
	if ((q = db_sql(st->db, e, "SELECT seq FROM session WHERE "
	    "user = :user AND name = :name")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	db_text(q, ":name", st->session);
	return db_first(q, &st->access->session, e);
}

/* Nobody has made any: the usual store. */
static int
any_grafts(struct store *st, struct err *e)
{
	int64_t n;

	if (db_number(st->db, e, "SELECT 1 FROM graft LIMIT 1", 0, &n) < 0)
		return -1;
	return n != 0;
}

int
access_look(struct store *st, struct err *e)
{
	struct access *a = st->access;
	int64_t version;
	int r;

	if (db_number(st->db, e, "PRAGMA data_version", 0, &version) < 0)
		return -1;
	/* a session that is not there yet may be made by this very call */
	if (a->loaded && version == a->version &&
	    (st->session == NULL || a->session != 0))
		return 0;
	a->loaded = false;
	a->grafts.n = 0;
	if (bound_row(st, e) < 0 ||
	    (r = a->alone ? 0 : any_grafts(st, e)) < 0 ||
	    (r == 1 && grafts_load(st, st->user_id, st->user, st->session,
	    &a->grafts, e) < 0))
		return -1;
	a->version = version;
	a->loaded = true;
	return 0;
}

bool
access_plain(const struct store *st)
{
	return st->session == NULL && st->access->grafts.n == 0;
}

/* of_time: all of its time must be in the graft's range. */
static const struct graft *
graft_for(struct grafts *g, const struct access_object *o, bool of_time)
{
	size_t i, n, at;

	if (g->n == 0 || o->session == 0)
		return NULL;
	at = grafts_of(g, o->session, &n);
	for (i = at; i < at + n; i++)
		if (g->v[i].kinds & o->kind && (!of_time ||
		    (g->v[i].since_ms <= o->start_ms &&
		    o->end_ms <= g->v[i].until_ms)) && graft_counts(&g->v[i]))
			return &g->v[i];
	return NULL;
}

static enum access_from
from(const struct store *st, const struct access_object *o)
{
	if (o->user != st->user_id || o->user == 0)
		return ACCESS_OTHER;
	if (st->session == NULL)
		return ACCESS_ALL;
	return o->session == 0 || o->session == st->access->session ?
	    ACCESS_BOUND : ACCESS_BESIDE;
}

static int
may(struct store *st, enum access_action action,
    const struct access_object *o, bool of_time, const struct graft **by)
{
	const struct graft *g;

	if (by != NULL)
		*by = NULL;
	if (table[o->tier][from(st, o)] & action)
		return 1;
	if (!(table[o->tier][ACCESS_GRAFT] & action) ||
	    (g = graft_for(&st->access->grafts, o, of_time)) == NULL)
		return 0;
	if (by != NULL)
		*by = g;
	return 1;
}

int
access_may(struct store *st, enum access_action action,
    const struct access_object *o, const struct graft **by)
{
	return may(st, action, o, true, by);
}

int
access_session(struct store *st, unsigned kind, int64_t user,
    int64_t session, const struct graft **by)
{
	struct access_object o = { .tier = ACCESS_SESSION, .kind = kind,
	    .user = user, .session = session };

	return may(st, ACCESS_READ, &o, false, by);
}

/* --- what is told of it ------------------------------------------------ */

static void
note_shown(struct store *st, int64_t session, const char *graft)
{
	struct buf object = BUF_INIT, detail = BUF_INIT;
	struct err ignored;	/* then the row says less */
	struct db_query *q;

	buf_adds(&object, "session");
	if ((q = db_sql(st->db, &ignored, "SELECT s.name, u.name FROM "
	    "session s JOIN user u ON u.id = s.user WHERE s.seq = :seq")) !=
	    NULL) {
		db_int(q, ":seq", session);
		if (db_row(q, &ignored) == 1)
			buf_addf(&object, " %s of %s", db_get_text(q, 0),
			    db_get_text(q, 1));
		db_end(q);
	}
	buf_addf(&detail, "graft %s", graft);
	audit_read_others(st, object.p, detail.p);
	buf_release(&object);
	buf_release(&detail);
}

void
access_shown(struct store *st, int64_t session, const char *graft)
{
	struct grafts *g = &st->access->grafts;
	size_t i, n, at = grafts_of(g, session, &n);

	for (i = at; i < at + n; i++)
		if (!g->v[i].noted && str_eq(g->v[i].id, graft)) {
			g->v[i].noted = true;
			note_shown(st, session, graft);
		}
}

void
access_missed(struct store *st)
{
	st->access->missed++;
}

/* A call that only reads has the database open to be read: it is told by a
 * connection of its own. */
static void
tell(struct store *st, const struct audit *what)
{
	struct audit a = *what;
	struct err ignored;
	struct db *db;
	char *path;

	if (st->access->trial)
		return;
	if (st->db != NULL && tx_active(st->db)) {
		audit_add_db(st->db, &a, &ignored);
		return;
	}
	path = store_path(st, "memory.db");
	if (db_open(&db, path, DB_WRITE, 1000, &ignored) == 0) {
		audit_add_db(db, &a, &ignored);
		db_close(db);
	}
	free(path);
}

void
access_denied(struct store *st, const char *action, const char *object,
    const char *detail)
{
	tell(st, &(struct audit){ .who = st->who, .action = action,
	    .object = object, .detail = detail, .outcome = AUDIT_DENIED });
}

void
access_over(struct store *st)
{
	const struct access *a = st->access;
	char detail[48];

	if (a == NULL || a->missed == 0 || st->db == NULL || (a->owner &&
	    !access_bound(st)))
		return;
	snprintf(detail, sizeof detail, "asked by id, not there: %" PRId64,
	    a->missed);
	tell(st, &(struct audit){ .who = st->who, .action = "read",
	    .detail = detail, .outcome = AUDIT_DENIED });
}
