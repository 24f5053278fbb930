/*
 * Events in the order of time: all that the call may see.  That is one
 * statement for who has no grafts.  Those of others' sessions are merged
 * with one's own: a user's whose events may mostly be seen are read as they
 * lie, and what may not is passed over; of all others the keys alone are
 * sorted by SQLite, which has a bound on its memory, and the rows are looked
 * up by them.
 */
#include "memory/event_iter.h"

#include "base/alloc.h"
#include "base/str.h"
#include "memory/session.h"
#include "memory/session_seen.h"
#include "store/access.h"
#include "store/db.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#define MOSTLY 4	/* one in so many of a user's events */

#define FILTERS \
	"AND (:types = 0 OR (:types >> e.type) & 1) " \
	"AND (:roles = 0 OR (:roles >> e.role) & 1) " \
	"AND (:agent = 0 OR e.agent = :agent) AND e.seq > :after "
#define BY_TIME \
	COLUMNS "FROM event e INDEXED BY event_key " JOINS \
	"WHERE e.user = :scope AND e.ts >= :since AND e.ts < :until " FILTERS
#define BY_SESSION \
	COLUMNS "FROM event e INDEXED BY event_session " JOINS \
	"WHERE e.session = :scope AND e.ts >= :since AND e.ts < :until " FILTERS

#define KEYS \
	"SELECT e.seq, e.ts, e.id, e.session, e.user FROM event e " \
	"INDEXED BY event_session WHERE e.session IN (SELECT value FROM " \
	"json_each(:list)) AND e.ts >= :since AND e.ts < :until " FILTERS

/* Orders; the rest is the same. */
static struct db_query *
by_time(struct db *db, bool reverse, struct err *e)
{
	return reverse ? db_sql(db, e, BY_TIME "ORDER BY e.ts DESC, e.id DESC")
	    : db_sql(db, e, BY_TIME "ORDER BY e.ts, e.id");
}

static struct db_query *
by_session(struct db *db, bool reverse, struct err *e)
{
	return reverse ? db_sql(db, e, BY_SESSION
	    "ORDER BY e.ts DESC, e.id DESC") : db_sql(db, e, BY_SESSION
	    "ORDER BY e.ts, e.id");
}

static struct db_query *
keys(struct db *db, bool reverse, struct err *e)
{
	return reverse ? db_sql(db, e, KEYS "ORDER BY e.ts DESC, e.id DESC") :
	    db_sql(db, e, KEYS "ORDER BY e.ts, e.id");
}

static void
bind(const struct event_iter *it, struct db_query *q)
{
	db_int(q, ":since", it->eq.since_ms);
	db_int(q, ":until", it->eq.until_ms);
	db_int(q, ":types", it->eq.types);
	db_int(q, ":roles", it->eq.roles);
	db_int(q, ":agent", it->agent);
	db_int(q, ":after", it->eq.after_seq);
}

/* --- merging ----------------------------------------------------------- */

static struct stream *
stream_add(struct event_iter *it, struct db_query *q)
{
	struct stream *s;

	it->v = xgrow(it->v, it->n, &it->cap, sizeof *it->v);
	s = &it->v[it->n++];
	memset(s, 0, sizeof *s);
	s->q = q;
	return s;
}

/* The first row of a stream that was not shown, if it has one. */
static int
stream_ask(struct event_iter *it, struct stream *s, struct err *e)
{
	const void *id;
	size_t n;
	int r;

	while ((r = db_row(s->q, e)) == 1)
		if (!s->grafted || (event_seen(it->st, s->q,
		    db_get_int(s->q, s->keys ? 3 : EVENT_SESSION),
		    db_get_int(s->q, s->keys ? 4 : EVENT_USER), &s->by) &&
		    s->by.graft[0] != '\0'))
			break;
	if (r < 0)
		return -1;
	s->state = r == 1 ? STREAM_HEAD : STREAM_END;
	if (r == 0)
		return 0;
	if (s->keys)
		s->seq = db_get_int(s->q, EVENT_SEQ);
	s->ts_ms = db_get_int(s->q, EVENT_TS);
	id = db_get_blob(s->q, EVENT_ID, &n);
	if (n == ULID_BYTES)	/* else its row will tell */
		memcpy(s->id, id, n);
	return 0;
}

static bool
comes_first(const struct event_iter *it, const struct stream *a,
    const struct stream *b)
{
	int cmp = a->ts_ms != b->ts_ms ? (a->ts_ms < b->ts_ms ? -1 : 1) :
	    memcmp(a->id, b->id, ULID_BYTES);

	return it->eq.reverse ? cmp > 0 : cmp < 0;
}

/* The row that a key is of: 1, 0 it went. */
static int
look_up(struct event_iter *it, int64_t seq, struct err *e)
{
	db_end(it->row);
	if ((it->row = db_sql(it->st->db, e, COLUMNS "FROM event e " JOINS
	    "WHERE e.seq = :seq")) == NULL)
		return -1;
	db_int(it->row, ":seq", seq);
	it->q = it->row;
	return db_row(it->row, e);
}

int
event_merge_next(struct event_iter *it, struct err *e)
{
	struct stream *s, *best;
	size_t i;
	int r;

	for (;;) {
		best = NULL;
		for (i = 0; i < it->n; i++) {
			s = &it->v[i];
			if (s->state == STREAM_ASK && stream_ask(it, s, e) < 0)
				return -1;
			if (s->state == STREAM_HEAD && (best == NULL ||
			    comes_first(it, s, best)))
				best = s;
		}
		if (best == NULL)
			return 0;
		best->state = STREAM_ASK;
		it->by = best->by;
		it->q = best->q;
		if (!best->keys)
			return 1;
		if ((r = look_up(it, best->seq, e)) != 0)
			return r;
	}
}

void
event_merge_end(struct event_iter *it)
{
	size_t i;

	if (it->n > 0)
		it->q = NULL;	/* it is one of these */
	for (i = 0; i < it->n; i++)
		db_end(it->v[i].q);
	db_end(it->row);
	free(it->v);
	it->v = NULL;
	it->n = 0;
}

/* --- what is seen ------------------------------------------------------ */

/* One statement: a user's, or a session's. */
static int
open_one(struct event_iter *it, bool session, int64_t scope, struct err *e)
{
	it->q = session ? by_session(it->st->db, it->eq.reverse, e) :
	    by_time(it->st->db, it->eq.reverse, e);
	if (it->q == NULL)
		return -1;
	db_int(it->q, ":scope", scope);
	bind(it, it->q);
	return 0;
}

static int
merge_one(struct event_iter *it, bool session, int64_t scope, bool grafted,
    struct err *e)
{
	if (open_one(it, session, scope, e) < 0)
		return -1;
	stream_add(it, it->q)->grafted = grafted;
	return 0;
}

static int
events_of(struct store *st, int64_t user, int64_t *n, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "SELECT sum(events) FROM session WHERE "
	    "user = :user")) == NULL)
		return -1;
	db_int(q, ":user", user);
	return db_first(q, n, e);
}

static int
events_in(struct store *st, const char *list, int64_t *n, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "SELECT sum(events) FROM session WHERE "
	    "seq IN (SELECT value FROM json_each(:list))")) == NULL)
		return -1;
	db_text(q, ":list", list);
	return db_first(q, n, e);
}

/* Those of one user that were granted: a stream, or into the list of those
 * that are sorted. */
static int
open_user(struct event_iter *it, int64_t user, struct err *e)
{
	const struct grafts *g = &it->st->access->grafts;
	struct buf list = BUF_INIT;
	int64_t all = 0, granted = 0;
	int r;

	grafts_sessions_of(g, GRAFT_EVENT, user, &list);
	if ((r = events_of(it->st, user, &all, e)) >= 0 &&
	    (r = events_in(it->st, list.p, &granted, e)) >= 0) {
		if (granted >= all / MOSTLY)
			r = merge_one(it, false, user, true, e);
		else
			buf_addf(&it->list, "%s%.*s", it->list.len > 0 ? "," :
			    "[", (int)(list.len - 2), list.p + 1);
	}
	buf_release(&list);
	return r < 0 ? -1 : 0;
}

static int
open_sorted(struct event_iter *it, struct err *e)
{
	struct db_query *q;
	struct stream *s;

	if (it->list.len == 0)
		return 0;
	buf_adds(&it->list, "]");
	if ((q = keys(it->st->db, it->eq.reverse, e)) == NULL)
		return -1;
	db_text(q, ":list", it->list.p);
	bind(it, q);
	s = stream_add(it, q);
	s->keys = s->grafted = true;
	return 0;
}

static int
open_granted(struct event_iter *it, struct err *e)
{
	struct store *st = it->st;
	struct graft_users users = { 0 };
	size_t i;
	int r = 0;

	grafts_users(&st->access->grafts, GRAFT_EVENT, &users);
	for (i = 0; r == 0 && i < users.n; i++)
		r = open_user(it, users.v[i], e);
	graft_users_release(&users);
	return r < 0 ? -1 : open_sorted(it, e);
}

/* Of one name there is one session, but of those of others. */
static int
open_sessions(struct event_iter *it, struct err *e)
{
	struct session_refs refs = { 0 };
	size_t i;
	int r = session_seen(it->st, it->eq.session, &refs, e);

	if (r >= 0 && refs.n <= 1) {
		r = open_one(it, true, refs.n == 1 ? refs.v[0].seq : 0, e);
		it->checked = !access_plain(it->st);
	} else
		for (i = 0; r >= 0 && i < refs.n; i++)
			r = merge_one(it, true, refs.v[i].seq, true, e);
	session_refs_release(&refs);
	return r < 0 ? -1 : 0;
}

static int
open_seen(struct event_iter *it, struct err *e)
{
	struct store *st = it->st;

	if (access_look(st, e) < 0)
		return -1;
	if (it->eq.session != NULL)
		return open_sessions(it, e);
	if (st->access->grafts.n == 0)
		return access_bound(st) ? open_one(it, true,
		    st->access->session, e) : open_one(it, false, st->user_id,
		    e);
	if ((access_bound(st) ? merge_one(it, true, st->access->session,
	    false, e) : merge_one(it, false, st->user_id, false, e)) < 0)
		return -1;
	return open_granted(it, e);
}

/* All of a user's, whoever calls. */
static int
open_of(struct event_iter *it, struct err *e)
{
	int64_t session;

	if (it->eq.session == NULL)
		return open_one(it, false, it->eq.of, e);
	if (session_row_of(it->st, it->eq.of, it->eq.session, false, &session,
	    e) < 0)
		return -1;
	return open_one(it, true, session, e);
}

int
event_open(struct event_iter **out, struct store *st,
    const struct event_query *eq, struct err *e)
{
	struct event_iter *it = event_iter_new(st);

	it->eq = *eq;
	/* A name that nobody has gives number 0, which finds nothing, but
	 * for an agent, where 0 is "any". */
	if (eq->agent != NULL) {
		if (store_agent(st, eq->agent, false, &it->agent, e) < 0) {
			event_close(it);
			return -1;
		}
		it->agent = it->agent != 0 ? it->agent : -1;
	}
	if ((eq->of != 0 ? open_of(it, e) : open_seen(it, e)) < 0) {
		event_close(it);
		return -1;
	}
	if (eq->limit > 0)
		it->left = eq->limit;
	it->eq.session = NULL;	/* the caller's */
	it->eq.agent = NULL;
	*out = it;
	return 0;
}
