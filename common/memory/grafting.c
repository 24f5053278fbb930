#include "memory/grafting.h"

#include "base/date.h"
#include "base/hash.h"
#include "base/str.h"
#include "base/ulid.h"
#include "memory/graft_row.h"
#include "memory/session.h"
#include "memory/session_seen.h"
#include "store/access.h"
#include "store/audit.h"
#include "store/change.h"
#include "store/db.h"
#include "store/name.h"
#include "store/store.h"

#include <string.h>

/* --- made -------------------------------------------------------------- */

static int
check(struct store *st, const struct graft_row *g, struct err *e)
{
	if (access_bound(st)) {
		access_denied(st, "graft", "session", "a bound call");
		return err_set(e, ERR_DENIED, "the call is bound to a session, "
		    "and gives no grafts; their user does");
	}
	if (g->to == GRAFT_USER && str_eq(g->to_name, st->user))
		return err_set(e, ERR_USAGE, "to yourself: you see all of "
		    "your sessions; session:ID lets a call that is bound to "
		    "it read this one");
	if (g->to == GRAFT_SESSION && str_eq(g->to_name, g->session))
		return err_set(e, ERR_USAGE, "to the session itself");
	if (g->since_ms >= g->until_ms)
		return err_set(e, ERR_USAGE, "the range of times is empty");
	if (g->expires_ms <= date_real())
		return err_set(e, ERR_USAGE, "it would have expired already");
	return graft_row_check(g, e) < 0 ? -1 : session_writable(st,
	    g->session, e);
}

static int
make_id(struct graft_row *g, struct err *e)
{
	uint8_t rest[10];

	if (random_bytes(rest, sizeof rest, e) < 0)
		return -1;
	g->created_ms = date_real();
	ulid_format(g->id, g->created_ms, rest);
	return 0;
}

static int
make(struct store *st, struct graft_row *g, struct err *e)
{
	int64_t session = 0;

	if (st->user_id != 0 && session_row_of(st, st->user_id, g->session,
	    false, &session, e) < 0)
		return -1;
	if (session == 0)
		return err_set(e, ERR_ABSENT, "no session '%s'", g->session);
	g->user = st->user;
	g->by = st->who;
	g->revoked_ms = 0;
	if (make_id(g, e) < 0 || graft_row_put(st, session, g, e) < 0)
		return -1;
	return graft_row_note(st, g, NULL, e);
}

int
graft_make(struct store *st, struct graft_row *g, struct err *e)
{
	if (check(st, g, e) < 0 || tx_begin(st->db, e) < 0)
		return -1;
	return tx_end(st->db, make(st, g, e), e);
}

/* --- revoked ----------------------------------------------------------- */

/* An administrator calls as its user. */
static bool
may_revoke(const struct store *st, int64_t user)
{
	return !access_bound(st) && user == st->user_id && user != 0;
}

static int
revoke(struct store *st, const char *id, const uint8_t raw[ULID_BYTES],
    struct err *e)
{
	struct graft_found f;
	int r;

	if ((r = graft_row_find(st, raw, &f, e)) < 0)
		return -1;
	if (r == 0 || !may_revoke(st, f.user))
		return err_set(e, ERR_ABSENT, "no graft '%s'", id);
	if (f.revoked_ms != 0)
		return 0;
	if (graft_row_revoke(st, f.seq, date_real(), e) < 0 ||
	    audit_add(st, "ungraft", f.id, NULL, e) < 0)
		return -1;
	return 1;
}

int
graft_revoke(struct store *st, const char *id, struct err *e)
{
	uint8_t raw[ULID_BYTES];
	int r;

	if (!ulid_parse(id, raw))
		return err_set(e, ERR_ABSENT, "no graft '%s'", id);
	if (tx_begin(st->db, e) < 0)
		return -1;
	r = tx_end(st->db, revoke(st, id, raw, e), e);
	st->access->loaded = false;
	return r;
}

/* --- listed ------------------------------------------------------------ */

static bool
is_of(const struct session_refs *refs, int64_t session)
{
	size_t i;

	for (i = 0; i < refs->n; i++)
		if (refs->v[i].seq == session)
			return true;
	return false;
}

/* Does it let this call read?  Its number is among those that do. */
static bool
is_received(const struct store *st, int64_t session, int64_t seq)
{
	struct grafts *g = &st->access->grafts;
	size_t i, n, at = grafts_of(g, session, &n);

	for (i = at; i < at + n; i++)
		if (g->v[i].seq == seq)
			return g->v[i].expires_ms > date_real();
	return false;
}

/* A bound call knows of no other session, nor that one receives from it. */
static bool
is_given(const struct store *st, const struct graft_row *g, int64_t user,
    int64_t session)
{
	if (user != st->user_id || user == 0)
		return false;
	return !access_bound(st) || (session == st->access->session &&
	    g->to != GRAFT_SESSION);
}

static int
each(struct store *st, const struct graft_query *gq,
    const struct session_refs *refs,
    int (*fn)(void *, const struct graft_row *, struct err *), void *arg,
    struct err *e)
{
	struct graft_row g;
	struct db_query *q;
	int64_t session, user;
	int r;

	if ((q = db_sql(st->db, e, GRAFT_ROWS "ORDER BY g.seq")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		if ((r = graft_row_read(q, &g, &session, &user, e)) < 0)
			break;
		if ((gq->session != NULL && !is_of(refs, session)) ||
		    !((gq->out && is_given(st, &g, user, session)) ||
		    (gq->in && is_received(st, session, g.seq))))
			continue;
		if ((r = fn(arg, &g, e)) != 0)
			break;
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

int
graft_each(struct store *st, const struct graft_query *gq,
    int (*fn)(void *, const struct graft_row *, struct err *), void *arg,
    struct err *e)
{
	struct session_refs refs = { 0 };
	int r = gq->session != NULL ? session_seen(st, gq->session, &refs, e) :
	    access_look(st, e);

	if (r == 0)
		r = each(st, gq, &refs, fn, arg, e);
	session_refs_release(&refs);
	return r;
}
