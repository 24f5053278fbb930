/*
 * Sessions read: one's own, and of those that others granted what their
 * grafts show.  A session of a graft tells no more than one would that had
 * nothing else in it.
 */
#include "memory/session.h"

#include "base/alloc.h"
#include "base/str.h"
#include "base/ulid.h"
#include "memory/session_seen.h"
#include "store/access.h"
#include "store/db.h"
#include "store/sealed.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#define PROPERTY(name) \
	"(SELECT " OPEN_VARIABLE("v.") " FROM variable v " \
	"WHERE v.session = s.seq " \
	"AND v.kind = 1 AND v.name = '" name "' ORDER BY v.seq DESC LIMIT 1)"
/* The agent is the one that was set, else the one of its newest event. */
#define SESSIONS \
	"SELECT s.seq, s.name, u.name, ifnull(s.start_ms, 0), " \
	"ifnull(s.end_ms, 0), s.events, ifnull(" PROPERTY("agent") ", " \
	"(SELECT a.name FROM event e JOIN agent a ON a.id = e.agent " \
	"WHERE e.session = s.seq ORDER BY e.ts DESC, e.id DESC LIMIT 1)), " \
	PROPERTY("title") ", ifnull(" PROPERTY("state") ", 'active'), " \
	"(SELECT id FROM event e WHERE e.session = s.seq ORDER BY ts, id " \
	"LIMIT 1), (SELECT id FROM event e WHERE e.session = s.seq " \
	"ORDER BY ts DESC, id DESC LIMIT 1) " \
	"FROM session s JOIN user u ON u.id = s.user WHERE "

struct session_row {
	struct session s;
	char first[ULID_LEN + 1], last[ULID_LEN + 1];
};

static const char *
read_ulid(struct db_query *q, int col, char *out)
{
	const void *p;
	size_t n;

	if (db_is_null(q, col))
		return NULL;
	p = db_get_blob(q, col, &n);
	if (n != ULID_BYTES)
		return NULL;
	ulid_from_bytes(out, p);
	return out;
}

static void
session_read(struct db_query *q, struct session_row *row)
{
	struct session *s = &row->s;

	s->seq = db_get_int(q, 0);
	s->id = db_get_text(q, 1);
	s->user = db_get_text(q, 2);
	s->start_ms = db_get_int(q, 3);
	s->end_ms = db_get_int(q, 4);
	s->events = db_get_int(q, 5);
	s->agent = db_get_text(q, 6);
	s->title = db_get_text(q, 7);
	s->state = db_get_text(q, 8);
	s->first_id = read_ulid(q, 9, row->first);
	s->last_id = read_ulid(q, 10, row->last);
	s->graft = NULL;
	s->kinds = GRAFT_ALL;
}


/* --- granted ----------------------------------------------------------- */

/* Of their events those of the ranges, all of them where :whole. */
#define SHOWN \
	"FROM event e WHERE e.session = s.seq AND (:whole OR EXISTS " \
	"(SELECT 1 FROM json_each(:ranges) j WHERE " \
	"e.ts >= json_extract(j.value, '$[0]') AND " \
	"e.ts < json_extract(j.value, '$[1]'))) "
#define GRANTED \
	"SELECT s.seq, s.name, u.name, " \
	"ifnull(CASE WHEN :whole THEN s.start_ms ELSE " \
	"(SELECT min(e.ts) " SHOWN ") END, 0), " \
	"ifnull(CASE WHEN :whole THEN s.end_ms ELSE " \
	"(SELECT max(e.ts) " SHOWN ") END, 0), " \
	"CASE WHEN :whole THEN s.events ELSE " \
	"(SELECT count(*) " SHOWN ") END, " \
	"ifnull(CASE WHEN :set THEN " PROPERTY("agent") " END, " \
	"(SELECT (SELECT a.name FROM agent a WHERE a.id = e.agent) " SHOWN \
	"AND e.agent IS NOT NULL ORDER BY e.ts DESC, e.id DESC LIMIT 1)), " \
	"CASE WHEN :set THEN " PROPERTY("title") " END, " \
	"CASE WHEN :set THEN ifnull(" PROPERTY("state") ", 'active') END, " \
	"(SELECT e.id " SHOWN "ORDER BY e.ts, e.id LIMIT 1), " \
	"(SELECT e.id " SHOWN "ORDER BY e.ts DESC, e.id DESC LIMIT 1) " \
	"FROM session s JOIN user u ON u.id = s.user WHERE s.seq = :seq"

struct granted {
	struct session_row row;
	char graft[ULID_LEN + 1];
	char *id, *user, *agent, *title, *state;	/* own */
};

static void
granted_release(struct granted *g)
{
	free(g->id);
	free(g->user);
	free(g->agent);
	free(g->title);
	free(g->state);
}

static bool
is_whole(struct grafts *g, int64_t session)
{
	size_t i, n, at = grafts_of(g, session, &n);

	for (i = at; i < at + n; i++)
		if (g->v[i].kinds & GRAFT_EVENT &&
		    g->v[i].since_ms == GRAFT_SINCE &&
		    g->v[i].until_ms == GRAFT_UNTIL)
			return true;
	return false;
}

/* What is read outlives its statement; ids are in g itself. */
static void
granted_keep(struct granted *g, struct db_query *q, unsigned kinds,
    const struct graft *by)
{
	struct session *s = &g->row.s;

	session_read(q, &g->row);
	s->id = g->id = xstrdup(s->id);
	s->user = g->user = xstrdup(s->user);
	s->agent = g->agent = s->agent != NULL ? xstrdup(s->agent) : NULL;
	s->title = g->title = s->title != NULL ? xstrdup(s->title) : NULL;
	s->state = g->state = s->state != NULL ? xstrdup(s->state) : NULL;
	memcpy(g->graft, by->id, sizeof g->graft);
	s->kinds = kinds;
}

/* Where g lies for good. */
static void
granted_point(struct granted *g)
{
	struct session *s = &g->row.s;

	s->graft = g->graft;
	s->first_id = s->first_id != NULL ? g->row.first : NULL;
	s->last_id = s->last_id != NULL ? g->row.last : NULL;
}

/* 1 filled, 0 it is not there, or not to be seen. */
static int
granted_read(struct store *st, int64_t seq, struct granted *g, struct err *e)
{
	struct grafts *all = &st->access->grafts;
	struct buf ranges = BUF_INIT;
	const struct graft *by;
	unsigned kinds = grafts_kinds(all, seq, &by);
	struct db_query *q;
	int r;

	memset(g, 0, sizeof *g);
	if (kinds == 0)
		return 0;
	if ((q = db_sql(st->db, e, GRANTED)) == NULL)
		return -1;
	grafts_ranges(all, GRAFT_EVENT, seq, &ranges);
	db_int(q, ":seq", seq);
	db_int(q, ":whole", kinds & GRAFT_EVENT && is_whole(all, seq));
	db_int(q, ":set", (kinds & GRAFT_VARIABLE) != 0);
	db_text(q, ":ranges", ranges.p);
	if ((r = db_row(q, e)) == 1)
		granted_keep(g, q, kinds, by);
	db_end(q);
	buf_release(&ranges);
	return r;
}

struct granted_list {
	struct granted *v;	/* own; by start, then by number */
	size_t n, cap;
	bool reverse;
};

static void
granted_list_release(struct granted_list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		granted_release(&l->v[i]);
	free(l->v);
}

/* Those without events come before all others. */
static int
compare(const struct session *a, const struct session *b)
{
	int64_t x = a->events > 0 ? a->start_ms : INT64_MIN;
	int64_t y = b->events > 0 ? b->start_ms : INT64_MIN;

	if (x != y)
		return x < y ? -1 : 1;
	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

static int
upward(const void *a, const void *b)
{
	return compare(&((const struct granted *)a)->row.s,
	    &((const struct granted *)b)->row.s);
}

static int
downward(const void *a, const void *b)
{
	return upward(b, a);
}

static int
granted_list(struct store *st, const struct session_query *sq,
    struct granted_list *l, struct err *e)
{
	const struct grafts *g = &st->access->grafts;
	struct session *s;
	struct granted one;
	size_t i;
	int r;

	for (i = 0; i < g->n; i++) {
		if ((i > 0 && g->v[i].session == g->v[i - 1].session) ||
		    (access_bound(st) &&
		    g->v[i].session == st->access->session))
			continue;
		if ((r = granted_read(st, g->v[i].session, &one, e)) < 0)
			return -1;
		s = &one.row.s;
		if (r == 0 || (s->events > 0 && (s->start_ms >= sq->until_ms ||
		    s->end_ms < sq->since_ms))) {
			granted_release(&one);
			continue;
		}
		l->v = xgrow(l->v, l->n, &l->cap, sizeof *l->v);
		l->v[l->n++] = one;
	}
	if (l->n > 0)
		qsort(l->v, l->n, sizeof *l->v, sq->reverse ? downward :
		    upward);
	for (i = 0; i < l->n; i++)
		granted_point(&l->v[i]);
	return 0;
}

/* --- told -------------------------------------------------------------- */

struct telling {
	struct store *st;
	const struct session_query *sq;
	int (*fn)(void *, const struct session *, struct err *);
	void *arg;
	struct granted_list granted;
	size_t at;		/* of these */
	int64_t n;
};

/* 1: it is enough. */
static int
tell(struct telling *t, const struct session *s, struct err *e)
{
	int r;

	if (t->sq->agent != NULL && !str_eq(s->agent, t->sq->agent))
		return 0;
	if (s->graft != NULL)
		access_shown(t->st, s->seq, s->graft);
	if ((r = t->fn(t->arg, s, e)) != 0)
		return r;
	return t->sq->limit > 0 && ++t->n == t->sq->limit;
}

/* Those that were granted and come before one, or the rest. */
static int
tell_granted(struct telling *t, const struct session *before, struct err *e)
{
	const struct session *s;
	int cmp, r = 0;

	for (; r == 0 && t->at < t->granted.n; t->at++) {
		s = &t->granted.v[t->at].row.s;
		cmp = before == NULL ? -1 : compare(s, before);
		if (before != NULL && (t->sq->reverse ? cmp < 0 : cmp > 0))
			break;
		r = tell(t, s, e);
	}
	return r;
}

static struct db_query *
own_query(struct store *st, const struct session_query *sq, struct err *e)
{
	struct db_query *q;

	if (access_bound(st))
		q = db_sql(st->db, e, SESSIONS "s.seq = :user "
		    "AND ifnull(start_ms, :since) < :until AND "
		    "ifnull(end_ms, :since) >= :since");
	else
		q = sq->reverse ? db_sql(st->db, e, SESSIONS "s.user = :user "
		    "AND ifnull(start_ms, :since) < :until AND "
		    "ifnull(end_ms, :since) >= :since "
		    "ORDER BY start_ms DESC, s.seq DESC") :
		    db_sql(st->db, e, SESSIONS "s.user = :user "
		    "AND ifnull(start_ms, :since) < :until AND "
		    "ifnull(end_ms, :since) >= :since "
		    "ORDER BY start_ms, s.seq");
	if (q == NULL)
		return NULL;
	db_int(q, ":user", access_bound(st) ? st->access->session :
	    st->user_id);
	db_int(q, ":since", sq->since_ms);
	db_int(q, ":until", sq->until_ms);
	return q;
}

int
session_each(struct store *st, const struct session_query *sq,
    int (*fn)(void *, const struct session *, struct err *), void *arg,
    struct err *e)
{
	struct telling t = { .st = st, .sq = sq, .fn = fn, .arg = arg };
	struct session_row row;
	struct db_query *q;
	int r = -1;

	if (access_look(st, e) < 0)
		return -1;
	if (granted_list(st, sq, &t.granted, e) == 0 &&
	    (q = own_query(st, sq, e)) != NULL) {
		while ((r = db_row(q, e)) == 1) {
			session_read(q, &row);
			if ((r = tell_granted(&t, &row.s, e)) != 0 ||
			    (r = tell(&t, &row.s, e)) != 0)
				break;
		}
		db_end(q);
		if (r == 0)
			r = tell_granted(&t, NULL, e);
	}
	granted_list_release(&t.granted);
	return r < 0 ? -1 : 0;
}

static int
find_own(struct store *st, int64_t seq,
    int (*fn)(void *, const struct session *, struct err *), void *arg,
    struct err *e)
{
	struct session_row row;
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, SESSIONS "s.seq = :seq")) == NULL)
		return -1;
	db_int(q, ":seq", seq);
	if ((r = db_row(q, e)) == 1) {
		session_read(q, &row);
		r = fn(arg, &row.s, e) < 0 ? -1 : 1;
	}
	db_end(q);
	return r;
}

static int
find_granted(struct store *st, int64_t seq,
    int (*fn)(void *, const struct session *, struct err *), void *arg,
    struct err *e)
{
	struct granted g;
	int r;

	if ((r = granted_read(st, seq, &g, e)) == 1) {
		granted_point(&g);
		access_shown(st, seq, g.graft);
		r = fn(arg, &g.row.s, e) < 0 ? -1 : 1;
	}
	granted_release(&g);
	return r;
}

static int
user_of(struct store *st, int64_t seq, int64_t *user, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "SELECT user FROM session WHERE "
	    "seq = :seq")) == NULL)
		return -1;
	db_int(q, ":seq", seq);
	return db_first(q, user, e);
}

int
session_find_row(struct store *st, int64_t seq,
    int (*fn)(void *, const struct session *, struct err *), void *arg,
    struct err *e)
{
	const struct graft *by;
	int64_t user;
	int r;

	if ((r = user_of(st, seq, &user, e)) != 1)
		return r;
	if (access_session(st, GRAFT_ALL, user, seq, &by) != 1)
		return 0;
	return by != NULL ? find_granted(st, seq, fn, arg, e) :
	    find_own(st, seq, fn, arg, e);
}

int
session_find(struct store *st, const char *id,
    int (*fn)(void *, const struct session *, struct err *), void *arg,
    struct err *e)
{
	struct session_refs refs = { 0 };
	size_t i;
	int found = 0, r = session_seen(st, id, &refs, e);

	for (i = 0; r >= 0 && i < refs.n; i++)
		if ((r = session_find_row(st, refs.v[i].seq, fn, arg, e)) == 1)
			found = 1;
	session_refs_release(&refs);
	return r < 0 ? -1 : found;
}
