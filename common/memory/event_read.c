/*
 * Reading events.  One statement is open at a time; a body is unpacked when
 * its row is shown.  Packed bodies lie in blocks of neighbours in time, so
 * the last few blocks are kept: a scan unpacks each one once.
 */
#include "memory/event_iter.h"

#include "base/alloc.h"
#include "base/str.h"
#include "store/access.h"
#include "store/db.h"
#include "store/newest.h"
#include "store/sealed.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct event_iter *
event_iter_new(struct store *st)
{
	struct event_iter *it = xcalloc(1, sizeof *it);

	it->st = st;
	it->left = -1;
	buf_init(&it->body);
	buf_init(&it->list);
	buf_init(&it->ad);
	packs_init(&it->packs);
	return it;
}

void
event_close(struct event_iter *it)
{
	if (it == NULL)
		return;
	event_merge_end(it);
	db_end(it->q);
	buf_release(&it->body);
	buf_release(&it->list);
	buf_release(&it->ad);
	packs_release(&it->packs);
	free(it);
}

/* Of a sealed row: what its body is bound to. */
static void
row_ad(struct event_iter *it, const uint8_t *id)
{
	event_ad(&it->ad, &(struct event_row){ db_get_int(it->q, 15),
	    db_get_int(it->q, 13), db_get_int(it->q, 1), db_get_int(it->q, 3),
	    db_get_int(it->q, 4), db_get_int(it->q, 16), id });
}

/* 1; 0 it is sealed, and its key is gone. */
static int
show(struct event_iter *it, const struct event **out, struct err *e)
{
	struct event *ev = &it->ev;
	const void *id;
	const char *end;
	int64_t type, role, key;
	size_t n;
	int r;

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
	if (it->by.graft[0] != '\0') {
		ev->graft = it->by.graft;
		if (!it->by.noted)
			access_shown(it->st, ev->session_seq, ev->graft);
	}
	buf_reset(&it->body);
	if ((key = db_get_int(it->q, 14)) != 0)
		row_ad(it, id);
	else if ((r = store_is_sealed(it->st, e)) != 0)
		return r < 0 ? -1 : err_set(e, ERR_CORRUPT, "event %s is in "
		    "clear, in a tenant that is sealed: it was put there by "
		    "another hand; restore a backup", ev->id);
	if ((r = packs_row(&it->packs, it->st, it->q, 8, key, &it->ad,
	    &it->body, e)) < 0)
		return err_add(e, "event %s cannot be read (run mem-admin "
		    "check): ", ev->id);
	if (r == 0)
		return 0;
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

bool
event_seen(struct store *st, struct db_query *q, int64_t session,
    int64_t user, struct seen_by *to)
{
	int64_t ts = db_get_int(q, EVENT_TS);
	struct access_object o = { .tier = ACCESS_SESSION,
	    .kind = GRAFT_EVENT, .user = user, .session = session,
	    .start_ms = ts, .end_ms = ts + 1 };
	const struct graft *by;

	if (access_may(st, ACCESS_READ, &o, &by) != 1)
		return false;
	to->graft[0] = '\0';
	if (by != NULL) {
		memcpy(to->graft, by->id, sizeof by->id);
		to->noted = by->noted;
	}
	return true;
}

static bool
is_seen(struct event_iter *it)
{
	return !it->checked || event_seen(it->st, it->q,
	    db_get_int(it->q, EVENT_SESSION), db_get_int(it->q, EVENT_USER),
	    &it->by);
}

/* The next row that may be seen. */
static int
next_row(struct event_iter *it, struct err *e)
{
	int r;

	if (it->n > 0)
		return event_merge_next(it, e);
	while ((r = db_row(it->q, e)) == 1 && !is_seen(it))
		;
	return r;
}

int
event_next(struct event_iter *it, const struct event **out, struct err *e)
{
	int r;

	if (it->left == 0)
		return 0;
	do {
		if ((r = next_row(it, e)) != 1)
			return r;
	} while ((r = show(it, out, e)) == 0);
	if (r == 1 && it->left > 0)
		it->left--;
	return r;
}

/* --- in the order in which they were stored ---------------------------- */

/* 1 there are rows after it; 0 none, and *out is of none. */
static int
tail_new(struct event_iter **out, struct store *st, int64_t after,
    struct err *e)
{
	struct newest newest;

	if (newest_rows(st, &newest, e) < 0)
		return -1;
	*out = event_iter_new(st);
	if (newest.event > after)
		return 1;
	(*out)->left = 0;
	return 0;
}

/* NOT INDEXED: else it would take the index by user, and sort */
#define TAIL \
	COLUMNS "FROM event e NOT INDEXED " JOINS "WHERE e.seq > :after "

int
event_open_rows(struct event_iter **out, struct store *st, int64_t user,
    int64_t after, struct err *e)
{
	struct db_query *q;
	int r;

	if ((r = tail_new(out, st, after, e)) != 1)
		return r;
	if ((r = newest_may(st, user, after, e)) != 1) {
		(*out)->left = 0;
		if (r < 0)
			event_close(*out);
		return r;
	}
	if ((q = db_sql(st->db, e, TAIL "AND e.user = :user ORDER BY e.seq"))
	    == NULL) {
		event_close(*out);
		return -1;
	}
	db_int(q, ":after", after);
	db_int(q, ":user", user);
	(*out)->q = q;
	return 0;
}

/* Rows of the session that it is bound to, and of those that were granted. */
static int
open_granted(struct event_iter *it, int64_t after, struct err *e)
{
	struct store *st = it->st;
	struct db_query *q;

	grafts_sessions(&st->access->grafts, GRAFT_EVENT, &it->list);
	if ((q = db_sql(st->db, e, TAIL "AND (e.user = :user OR "
	    "e.session = :bound OR e.session IN (SELECT value FROM "
	    "json_each(:list))) ORDER BY e.seq")) == NULL)
		return -1;
	db_int(q, ":after", after);
	db_int(q, ":user", access_bound(st) ? 0 : st->user_id);
	db_int(q, ":bound", st->access->session);
	db_text(q, ":list", it->list.p);
	it->q = q;
	it->checked = true;
	return 0;
}

int
event_open_tail(struct event_iter **out, struct store *st, int64_t after,
    struct err *e)
{
	int r;

	if (access_look(st, e) < 0)
		return -1;
	if (access_plain(st))
		return event_open_rows(out, st, st->user_id, after, e);
	if ((r = tail_new(out, st, after, e)) == 1 &&
	    open_granted(*out, after, e) < 0) {
		event_close(*out);
		r = -1;
	}
	return r < 0 ? -1 : 0;
}

/* --- single events ----------------------------------------------------- */

/* The first row of q that may be seen, kept open so that what it shows
 * stays. */
static int
show_one(struct event_iter **itp, struct store *st, struct db_query *q,
    bool checked, const struct event **out, struct err *e)
{
	struct event_iter *it;
	int r;

	if (*itp == NULL)
		*itp = event_iter_new(st);
	it = *itp;
	db_end(it->q);
	it->q = q;
	it->checked = checked;
	it->by.graft[0] = '\0';
	if ((r = next_row(it, e)) != 1)
		return r;
	return show(it, out, e);
}

static int
find_of(struct event_iter **itp, struct store *st, int64_t user,
    const char *name, bool checked, const struct event **out, struct err *e)
{
	uint8_t id[ULID_BYTES];
	struct db_query *q;

	if (!event_id_read(name, id))
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
	return show_one(itp, st, q, checked, out, e);
}

int
event_find_of(struct event_iter **itp, struct store *st, int64_t user,
    const char *name, const struct event **out, struct err *e)
{
	return find_of(itp, st, user, name, false, out, e);
}

int
event_find(struct event_iter **itp, struct store *st, const char *name,
    const struct event **out, struct err *e)
{
	const struct grafts *g = &st->access->grafts;
	struct graft_users users = { 0 };
	size_t i;
	int r;

	if (access_look(st, e) < 0)
		return -1;
	r = find_of(itp, st, st->user_id, name, !access_plain(st), out, e);
	if (r != 0 || g->n == 0)
		return r;
	grafts_users(g, GRAFT_EVENT, &users);
	for (i = 0; r == 0 && i < users.n; i++)
		if (users.v[i] != st->user_id)
			r = find_of(itp, st, users.v[i], name, true, out, e);
	graft_users_release(&users);
	return r;
}

static int
get(struct event_iter **itp, struct store *st, int64_t seq, bool checked,
    const struct event **out, struct err *e)
{
	struct db_query *q;

	event_rest(*itp);	/* its statement is the one to use again */
	if ((q = db_sql(st->db, e, COLUMNS "FROM event e " JOINS
	    "WHERE e.seq = :seq")) == NULL)
		return -1;
	db_int(q, ":seq", seq);
	return show_one(itp, st, q, checked, out, e);
}

int
event_get(struct event_iter **itp, struct store *st, int64_t seq,
    const struct event **out, struct err *e)
{
	return access_look(st, e) < 0 ? -1 : get(itp, st, seq, true, out, e);
}

int
event_get_any(struct event_iter **itp, struct store *st, int64_t seq,
    const struct event **out, struct err *e)
{
	return get(itp, st, seq, false, out, e);
}

void
event_rest(struct event_iter *it)
{
	if (it == NULL)
		return;
	db_end(it->q);
	it->q = NULL;
}

/* The index gives the times in order and is left after the limit; only
 * within one of them is sorted by id. */
#define NEAR(which) \
	"WITH near AS (SELECT * FROM (SELECT e.seq FROM event e WHERE " \
	"e.session = :session AND e.ts <= :ts AND (e.ts < :ts OR " \
	"e.id <= :id) " which "ORDER BY e.ts DESC, e.id DESC LIMIT :before) " \
	"UNION ALL SELECT * FROM (SELECT e.seq FROM event e WHERE " \
	"e.session = :session AND e.ts >= :ts AND (e.ts > :ts OR " \
	"e.id > :id) " which "ORDER BY e.ts, e.id LIMIT :after)) " \
	COLUMNS "FROM near n CROSS JOIN event e ON e.seq = n.seq " JOINS \
	"ORDER BY e.ts, e.id"
/* As many as may be seen, not as there are. */
#define IN_RANGE \
	"AND EXISTS (SELECT 1 FROM json_each(:list) j WHERE " \
	"e.ts >= json_extract(j.value, '$[0]') AND " \
	"e.ts < json_extract(j.value, '$[1]')) "

int
event_around(struct event_iter **out, struct store *st,
    const struct event *ev, int64_t before, int64_t after, struct err *e)
{
	bool granted = ev->graft != NULL;
	struct event_iter *it = event_iter_new(st);
	struct db_query *q;

	if (granted)
		grafts_ranges(&st->access->grafts, GRAFT_EVENT,
		    ev->session_seq, &it->list);
	if ((q = granted ? db_sql(st->db, e, NEAR(IN_RANGE)) :
	    db_sql(st->db, e, NEAR(""))) == NULL) {
		event_close(it);
		return -1;
	}
	it->q = q;
	it->checked = granted;
	ulid_parse(ev->id, it->mid);
	db_int(q, ":session", ev->session_seq);
	db_int(q, ":ts", ev->ts_ms);
	db_blob(q, ":id", it->mid, sizeof it->mid);
	db_int(q, ":before", before < INT64_MAX ? before + 1 : before);
	db_int(q, ":after", after);
	if (granted)
		db_text(q, ":list", it->list.p);
	*out = it;
	return 0;
}
