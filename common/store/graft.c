#include "store/graft.h"

#include "base/alloc.h"
#include "base/date.h"
#include "store/db.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void
grafts_release(struct grafts *g)
{
	free(g->v);
	memset(g, 0, sizeof *g);
}

static int
add(struct grafts *g, struct db_query *q, struct err *e)
{
	struct graft *t;
	const void *p;
	size_t n;

	g->v = xgrow(g->v, g->n, &g->cap, sizeof *g->v);
	t = &g->v[g->n];
	memset(t, 0, sizeof *t);
	t->seq = db_get_int(q, 0);
	p = db_get_blob(q, 1, &n);
	if (n != ULID_BYTES)
		return err_set(e, ERR_CORRUPT, "a graft has no id; run "
		    "mem-admin check");
	ulid_from_bytes(t->id, p);
	t->user = db_get_int(q, 2);
	t->session = db_get_int(q, 3);
	t->kinds = (unsigned)db_get_int(q, 4) & GRAFT_ALL;
	t->since_ms = db_get_int(q, 5);
	t->until_ms = db_get_int(q, 6);
	if (t->since_ms != GRAFT_SINCE || t->until_ms != GRAFT_UNTIL)
		t->kinds &= GRAFT_TIMED;
	t->expires_ms = db_is_null(q, 7) ? GRAFT_NEVER : db_get_int(q, 7);
	g->n++;
	return 0;
}

static int
by_session(const void *pa, const void *pb)
{
	const struct graft *a = pa, *b = pb;

	if (a->session != b->session)
		return a->session < b->session ? -1 : 1;
	return (a->seq > b->seq) - (a->seq < b->seq);
}

/* As they mostly come: sessions grow, and so do grafts of them. */
static bool
in_order(const struct grafts *g)
{
	size_t i;

	for (i = 1; i < g->n; i++)
		if (by_session(&g->v[i - 1], &g->v[i]) > 0)
			return false;
	return true;
}

int
grafts_load(struct store *st, int64_t user, const char *user_name,
    const char *session, struct grafts *g, struct err *e)
{
	const int64_t now = date_real();
	struct db_query *q;
	struct graft *t;
	bool own;
	int r;

	g->n = 0;
	/* by whom it is to: how many others made costs nothing */
	if ((q = db_sql(st->db, e, "SELECT g.seq, g.id, s.user, g.session, "
	    "g.kinds, g.since, g.until, g.expires, g.to_kind FROM "
	    "(VALUES (0, :session), (1, :user_name), (2, '')) t "
	    "CROSS JOIN graft g INDEXED BY graft_to "
	    "ON g.to_kind = t.column1 AND g.to_name = t.column2 "
	    "CROSS JOIN session s ON s.seq = g.session "
	    "WHERE g.revoked = 0")) == NULL)
		return -1;
	db_text(q, ":session", session);
	db_text(q, ":user_name", user_name);
	while ((r = db_row(q, e)) == 1) {
		if ((r = add(g, q, e)) < 0)
			break;
		/* here, where it costs less than in the statement */
		t = &g->v[g->n - 1];
		own = t->user == user;
		if (t->expires_ms <= now || (db_get_int(q, 8) == GRAFT_SESSION ?
		    !own : session == NULL && own))
			g->n--;
	}
	db_end(q);
	if (r == 0 && g->n > 1 && !in_order(g))
		qsort(g->v, g->n, sizeof *g->v, by_session);
	return r < 0 ? -1 : 0;
}

/* --- looked at --------------------------------------------------------- */

static void
put_sessions(const struct grafts *g, unsigned kinds, int64_t user,
    struct buf *b)
{
	int64_t last = 0;
	size_t i;

	buf_adds(b, "[");
	for (i = 0; i < g->n; i++) {
		if (!(g->v[i].kinds & kinds) || g->v[i].session == last ||
		    (user != 0 && g->v[i].user != user))
			continue;
		buf_addf(b, "%s%" PRId64, last != 0 ? "," : "",
		    g->v[i].session);
		last = g->v[i].session;
	}
	buf_adds(b, "]");
}

void
grafts_sessions(const struct grafts *g, unsigned kinds, struct buf *b)
{
	put_sessions(g, kinds, 0, b);
}

void
grafts_sessions_of(const struct grafts *g, unsigned kinds, int64_t user,
    struct buf *b)
{
	put_sessions(g, kinds, user, b);
}

void
grafts_users(const struct grafts *g, unsigned kinds, struct graft_users *u)
{
	size_t i, k;

	for (i = 0; i < g->n; i++) {
		if (!(g->v[i].kinds & kinds))
			continue;
		for (k = 0; k < u->n && u->v[k] != g->v[i].user; k++)
			;
		if (k < u->n)
			continue;
		u->v = xgrow(u->v, u->n, &u->cap, sizeof *u->v);
		u->v[u->n++] = g->v[i].user;
	}
}

void
graft_users_release(struct graft_users *u)
{
	free(u->v);
	memset(u, 0, sizeof *u);
}

bool
graft_counts(const struct graft *g)
{
	return g->expires_ms == GRAFT_NEVER || g->expires_ms > date_real();
}

size_t
grafts_of(struct grafts *g, int64_t session, size_t *n)
{
	size_t lo = 0, hi = g->n, mid;

	/* neighbours in time are mostly of one session */
	if (g->last < g->n && g->v[g->last].session == session)
		lo = hi = g->last;
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (g->v[mid].session < session)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (*n = 0; lo + *n < g->n && g->v[lo + *n].session == session; ++*n)
		;
	return g->last = lo;
}

unsigned
grafts_kinds(struct grafts *g, int64_t session,
    const struct graft **first)
{
	size_t i, n, at = grafts_of(g, session, &n);
	unsigned kinds = 0;

	if (first != NULL)
		*first = NULL;
	for (i = at; i < at + n; i++) {
		if (!graft_counts(&g->v[i]))
			continue;
		if (first != NULL && *first == NULL)
			*first = &g->v[i];
		kinds |= g->v[i].kinds;
	}
	return kinds;
}

void
grafts_ranges(struct grafts *g, unsigned kinds, int64_t session,
    struct buf *b)
{
	size_t i, n, at = grafts_of(g, session, &n);
	const char *between = "";

	buf_adds(b, "[");
	for (i = at; i < at + n; i++) {
		if (!(g->v[i].kinds & kinds) || !graft_counts(&g->v[i]))
			continue;
		buf_addf(b, "%s[%" PRId64 ",%" PRId64 "]", between,
		    g->v[i].since_ms, g->v[i].until_ms);
		between = ",";
	}
	buf_adds(b, "]");
}
