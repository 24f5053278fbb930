/*
 * Reading events.  One statement is open at a time; a body is unpacked when
 * its row is shown.  Packed bodies lie in blocks of neighbours in time, so
 * the last few blocks are kept: a scan unpacks each one once.
 */
#include "memory/event.h"

#include "base/alloc.h"
#include "base/str.h"
#include "memory/session.h"
#include "store/db.h"
#include "store/newest.h"
#include "store/pack.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct event_iter {
	struct store *st;	/* borrowed */
	struct db_query *q;	/* own */
	struct event ev;
	struct buf body;
	struct packs packs;
	int64_t left;		/* of the limit; -1: none */
	uint8_t mid[ULID_BYTES];	/* event_around: bound to the query */
};

#define COLUMNS \
	"SELECT e.seq, e.ts, e.id, e.type, e.role, s.name, u.name, a.name, " \
	"e.dict, e.body, e.pack, e.off, e.len, e.session "
#define JOINS \
	"CROSS JOIN session s ON s.seq = e.session " \
	"CROSS JOIN user u ON u.id = e.user " \
	"LEFT JOIN agent a ON a.id = e.agent "
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

static struct event_iter *
iter_new(struct store *st)
{
	struct event_iter *it = xcalloc(1, sizeof *it);

	it->st = st;
	it->left = -1;
	buf_init(&it->body);
	packs_init(&it->packs);
	return it;
}

void
event_close(struct event_iter *it)
{
	if (it == NULL)
		return;
	db_end(it->q);
	buf_release(&it->body);
	packs_release(&it->packs);
	free(it);
}

static int
show(struct event_iter *it, const struct event **out, struct err *e)
{
	struct event *ev = &it->ev;
	const void *id;
	const char *end;
	int64_t type, role;
	size_t n;

	memset(ev, 0, sizeof *ev);
	ev->seq = db_get_int(it->q, 0);
	ev->ts_ms = db_get_int(it->q, 1);
	id = db_get_blob(it->q, 2, &n);
	type = db_get_int(it->q, 3);
	role = db_get_int(it->q, 4);
	if (n != ULID_BYTES || type < 0 || type >= EVENT_NTYPES || role < 0 ||
	    role >= ROLE_NROLES)
		return err_set(e, ERR_CORRUPT, "event row %" PRId64 " is "
		    "damaged; run mem-admin check", ev->seq);
	ulid_from_bytes(ev->id, id);
	ev->type = (enum event_type)type;
	ev->role = (enum event_role)role;
	ev->session = db_get_text(it->q, 5);
	ev->session_seq = db_get_int(it->q, 13);
	ev->user = db_get_text(it->q, 6);
	ev->agent = db_get_text(it->q, 7);
	buf_reset(&it->body);
	if (packs_body(&it->packs, it->st, it->q, 8, &it->body, e) < 0)
		return err_add(e, "event %s cannot be read (run mem-admin "
		    "check): ", ev->id);
	ev->text = it->body.p;
	end = memchr(it->body.p, '\0', it->body.len);
	ev->text_len = end != NULL ? (size_t)(end - it->body.p) : it->body.len;
	if (end != NULL) {
		ev->rest = end + 1;
		ev->rest_len = it->body.len - ev->text_len - 1;
	}
	*out = ev;
	return 1;
}

/* --- scans ------------------------------------------------------------- */

/* Four orders; the rest is the same. */
static struct db_query *
scan_prepare(struct db *db, bool by_session, bool reverse, struct err *e)
{
	if (by_session)
		return reverse ? db_sql(db, e, BY_SESSION
		    "ORDER BY e.ts DESC, e.id DESC") : db_sql(db, e, BY_SESSION
		    "ORDER BY e.ts, e.id");
	return reverse ? db_sql(db, e, BY_TIME "ORDER BY e.ts DESC, e.id DESC")
	    : db_sql(db, e, BY_TIME "ORDER BY e.ts, e.id");
}

int
event_open(struct event_iter **out, struct store *st,
    const struct event_query *eq, struct err *e)
{
	struct event_iter *it;
	struct db_query *q;
	int64_t agent = 0, scope = st->user_id;

	/* A name that nobody has gives number 0, which finds nothing, but
	 * for an agent, where 0 is "any". */
	if (eq->session != NULL && session_row_of(st, st->user_id, eq->session,
	    false, &scope, e) < 0)
		return -1;
	if (eq->agent != NULL) {
		if (store_agent(st, eq->agent, false, &agent, e) < 0)
			return -1;
		agent = agent != 0 ? agent : -1;
	}
	q = scan_prepare(st->db, eq->session != NULL, eq->reverse, e);
	if (q == NULL)
		return -1;
	db_int(q, ":scope", scope);
	db_int(q, ":since", eq->since_ms);
	db_int(q, ":until", eq->until_ms);
	db_int(q, ":types", eq->types);
	db_int(q, ":roles", eq->roles);
	db_int(q, ":agent", agent);
	db_int(q, ":after", eq->after_seq);
	it = iter_new(st);
	it->q = q;
	if (eq->limit > 0)
		it->left = eq->limit;
	*out = it;
	return 0;
}

int
event_open_tail(struct event_iter **out, struct store *st, int64_t after,
    struct err *e)
{
	struct newest newest;
	struct db_query *q;

	if (newest_rows(st, &newest, e) < 0)
		return -1;
	if (newest.event <= after) {
		*out = iter_new(st);
		(*out)->left = 0;
		return 0;
	}
	/* NOT INDEXED: else it would take the index by user, and sort */
	if ((q = db_sql(st->db, e, COLUMNS "FROM event e NOT INDEXED " JOINS
	    "WHERE e.seq > :after AND e.user = :scope ORDER BY e.seq"))
	    == NULL)
		return -1;
	db_int(q, ":after", after);
	db_int(q, ":scope", st->user_id);
	*out = iter_new(st);
	(*out)->q = q;
	return 0;
}

int
event_next(struct event_iter *it, const struct event **out, struct err *e)
{
	int r;

	if (it->left == 0)
		return 0;
	if ((r = db_row(it->q, e)) != 1)
		return r;
	if (it->left > 0)
		it->left--;
	return show(it, out, e);
}

/* --- single events ----------------------------------------------------- */

/* The first row of q, kept open so that what it shows stays. */
static int
show_one(struct event_iter **itp, struct store *st, struct db_query *q,
    const struct event **out, struct err *e)
{
	int r;

	if (*itp == NULL)
		*itp = iter_new(st);
	db_end((*itp)->q);
	(*itp)->q = q;
	if ((r = db_row(q, e)) != 1)
		return r;
	return show(*itp, out, e);
}

int
event_find_of(struct event_iter **itp, struct store *st, int64_t user,
    const char *name, const struct event **out, struct err *e)
{
	uint8_t id[ULID_BYTES];
	struct db_query *q;

	if (str_starts(name, "evt:"))
		name = strrchr(name, ':') + 1;
	if (!ulid_parse(name, id))
		return 0;
	if ((q = db_sql(st->db, e, COLUMNS "FROM event e " JOINS
	    "WHERE e.seq = (SELECT seq FROM event WHERE user = :user "
	    "AND ts = :ts AND id = :id UNION ALL SELECT seq FROM event "
	    "WHERE user = :user AND id = :id AND stray = 1)")) == NULL)
		return -1;
	db_int(q, ":user", user);
	db_int(q, ":ts", ulid_time(id));
	db_blob(q, ":id", id, sizeof id);
	/* id is gone when this returns, but by then it has been read. */
	return show_one(itp, st, q, out, e);
}

int
event_find(struct event_iter **itp, struct store *st, const char *name,
    const struct event **out, struct err *e)
{
	return event_find_of(itp, st, st->user_id, name, out, e);
}

int
event_get(struct event_iter **itp, struct store *st, int64_t seq,
    const struct event **out, struct err *e)
{
	struct db_query *q;

	event_rest(*itp);	/* its statement is the one to use again */
	if ((q = db_sql(st->db, e, COLUMNS "FROM event e " JOINS
	    "WHERE e.seq = :seq AND e.user = :user")) == NULL)
		return -1;
	db_int(q, ":seq", seq);
	db_int(q, ":user", st->user_id);
	return show_one(itp, st, q, out, e);
}

int
event_get_any(struct event_iter **itp, struct store *st, int64_t seq,
    const struct event **out, struct err *e)
{
	struct db_query *q;

	event_rest(*itp);
	if ((q = db_sql(st->db, e, COLUMNS "FROM event e " JOINS
	    "WHERE e.seq = :seq")) == NULL)
		return -1;
	db_int(q, ":seq", seq);
	return show_one(itp, st, q, out, e);
}

void
event_rest(struct event_iter *it)
{
	if (it == NULL)
		return;
	db_end(it->q);
	it->q = NULL;
}

int
event_around(struct event_iter **out, struct store *st,
    const struct event *ev, int64_t before, int64_t after, struct err *e)
{
	struct event_iter *it;
	struct db_query *q;

	/* The index gives the times in order and is left after the limit;
	 * only within one of them is sorted by id. */
	if ((q = db_sql(st->db, e, "WITH near AS (SELECT * FROM "
	    "(SELECT e.seq FROM event e WHERE e.session = (SELECT session "
	    "FROM event WHERE seq = :seq) AND e.ts <= :ts "
	    "AND (e.ts < :ts OR e.id <= :id) "
	    "ORDER BY e.ts DESC, e.id DESC LIMIT :before) UNION ALL "
	    "SELECT * FROM (SELECT e.seq FROM event e WHERE e.session = "
	    "(SELECT session FROM event WHERE seq = :seq) AND e.ts >= :ts "
	    "AND (e.ts > :ts OR e.id > :id) "
	    "ORDER BY e.ts, e.id LIMIT :after)) "
	    COLUMNS "FROM near n CROSS JOIN event e ON e.seq = n.seq " JOINS
	    "ORDER BY e.ts, e.id")) == NULL)
		return -1;
	it = iter_new(st);
	it->q = q;
	ulid_parse(ev->id, it->mid);
	db_int(q, ":seq", ev->seq);
	db_int(q, ":ts", ev->ts_ms);
	db_blob(q, ":id", it->mid, sizeof it->mid);
	db_int(q, ":before", before < INT64_MAX ? before + 1 : before);
	db_int(q, ":after", after);
	*out = it;
	return 0;
}
