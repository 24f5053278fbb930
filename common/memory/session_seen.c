#include "memory/session_seen.h"

#include "base/alloc.h"
#include "base/str.h"
#include "base/ulid.h"
#include "memory/session.h"
#include "store/access.h"
#include "store/db.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX_MIN 4	/* bytes of an id that may stand for it */

void
session_refs_release(struct session_refs *refs)
{
	free(refs->v);
	memset(refs, 0, sizeof *refs);
}

static void
add(struct session_refs *refs, int64_t seq, int64_t user)
{
	refs->v = xgrow(refs->v, refs->n, &refs->cap, sizeof *refs->v);
	refs->v[refs->n++] = (struct session_ref){ seq, user };
}

/* --- names ------------------------------------------------------------- */

/* 1 one's own of this name, and it may be seen. */
static int
own(struct store *st, const char *name, int64_t *seq, struct err *e)
{
	if (access_bound(st)) {
		*seq = st->access->session;
		return *seq != 0 && str_eq(name, st->session);
	}
	if (st->user_id == 0)
		return 0;
	return session_row_of(st, st->user_id, name, false, seq, e) < 0 ? -1 :
	    *seq != 0;
}

static int
granted(struct store *st, const char *name, struct session_refs *refs,
    struct err *e)
{
	struct grafts *g = &st->access->grafts;
	struct graft_users users = { 0 };
	int64_t seq;
	size_t i;
	int r = 0;

	grafts_users(g, GRAFT_ALL, &users);
	for (i = 0; r == 0 && i < users.n; i++)
		if ((r = session_row_of(st, users.v[i], name, false, &seq,
		    e)) == 0 && seq != 0 && grafts_kinds(g, seq, NULL) != 0)
			add(refs, seq, users.v[i]);
	graft_users_release(&users);
	return r;
}

static void
by_graft(struct grafts *g, const char *id, struct session_refs *refs)
{
	size_t i;

	for (i = 0; i < g->n; i++)
		if (str_eq(g->v[i].id, id) &&
		    grafts_kinds(g, g->v[i].session, NULL) != 0)
			add(refs, g->v[i].session, g->v[i].user);
}

int
session_seen(struct store *st, const char *name, struct session_refs *refs,
    struct err *e)
{
	struct grafts *g = &st->access->grafts;
	int64_t seq;
	int r;

	if (access_look(st, e) < 0 || (r = own(st, name, &seq, e)) < 0)
		return -1;
	if (r == 1)
		add(refs, seq, st->user_id);
	else if (g->n > 0 && granted(st, name, refs, e) < 0)
		return -1;
	if (refs->n == 0 && strlen(name) == ULID_LEN)
		by_graft(g, name, refs);
	return 0;
}

/* --- names that begin so ----------------------------------------------- */

struct meant {
	char *name;		/* own */
	bool several;
};

/* Those of a user that begin so and may be seen; two are enough. */
static int
begin_so(struct store *st, int64_t user, const char *given, struct meant *m,
    struct err *e)
{
	struct db_query *q;
	const char *name;
	int r;

	/* U+10FFFF sorts behind all that begins as given does. */
	if ((q = db_sql(st->db, e, "SELECT seq, name FROM session WHERE "
	    "user = :user AND name >= :given AND "
	    "name < :given || char(1114111)")) == NULL)
		return -1;
	db_int(q, ":user", user);
	db_text(q, ":given", given);
	while (!m->several && (r = db_row(q, e)) == 1) {
		if (access_session(st, GRAFT_ALL, user, db_get_int(q, 0),
		    NULL) != 1)
			continue;
		name = db_get_text(q, 1);
		if (m->name == NULL)
			m->name = xstrdup(name);
		else
			m->several = !str_eq(m->name, name);
	}
	db_end(q);
	return m->several ? 0 : r;
}

static int
all_begin_so(struct store *st, const char *given, struct meant *m,
    struct err *e)
{
	struct graft_users users = { 0 };
	size_t i;
	int r = st->user_id == 0 ? 0 : begin_so(st, st->user_id, given, m, e);

	grafts_users(&st->access->grafts, GRAFT_ALL, &users);
	for (i = 0; r == 0 && !m->several && i < users.n; i++)
		if (users.v[i] != st->user_id)
			r = begin_so(st, users.v[i], given, m, e);
	graft_users_release(&users);
	return r;
}

int
session_resolve(struct store *st, const char *given, char **id, struct err *e)
{
	struct session_refs refs = { 0 };
	struct meant m = { NULL, false };
	int r = session_seen(st, given, &refs, e);
	bool there = refs.n > 0;

	session_refs_release(&refs);
	if (r < 0)
		return -1;
	if (there) {
		*id = xstrdup(given);
		return 1;
	}
	if (strlen(given) < PREFIX_MIN)
		return 0;
	if ((r = all_begin_so(st, given, &m, e)) == 0 && m.several)
		r = err_set(e, ERR_USAGE, "several sessions begin with '%s'; "
		    "give more of the id", given);
	if (r < 0 || m.name == NULL) {
		free(m.name);
		return r;
	}
	*id = m.name;
	return 1;
}

int
session_asked(struct store *st, const char *given, char **id, struct err *e)
{
	int r = session_resolve(st, given, id, e);

	/* one that is bound to a session may wait for it */
	if (r != 0 || !access_bound(st) || str_eq(given, st->session))
		return r;
	access_denied(st, "read", "session", "not the one of the call");
	return err_set(e, ERR_DENIED, "the call is bound to a session and may "
	    "not see this one: name that, one that was granted to it, or "
	    "none");
}

/* --- writing ----------------------------------------------------------- */

int
session_writable(struct store *st, const char *name, struct err *e)
{
	struct session_refs refs = { 0 };
	int64_t theirs;
	int r;

	if (access_bound(st)) {
		if (str_eq(name, st->session))
			return 0;
		access_denied(st, "write", "session", "not the one of the "
		    "call");
		return err_set(e, ERR_DENIED, "the call is bound to a session "
		    "and writes to no other one");
	}
	if ((r = session_seen(st, name, &refs, e)) == 0 && refs.n > 0 &&
	    (theirs = refs.v[0].user) != st->user_id && theirs != 0)
		r = err_set(e, ERR_DENIED, "session '%s' is another user's, "
		    "and a graft lets it only be read; take another name",
		    name);
	session_refs_release(&refs);
	return r;
}
