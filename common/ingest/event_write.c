/*
 * Storing events.  The row goes in with "on conflict do nothing" and is
 * compared only when it was there: nearly every event is new.
 *
 * Sessions are looked up once for a batch, and their first and last time
 * and count are written once at its end: a row of session for each event
 * would be half of the work again.
 */
#include "ingest/event_write.h"

#include "base/alloc.h"
#include "base/map.h"
#include "base/str.h"
#include "ingest/redacted.h"
#include "memory/event.h"
#include "memory/session.h"
#include "store/change.h"
#include "store/db.h"
#include "store/newest.h"
#include "store/payload.h"
#include "store/sealed.h"
#include "store/store.h"
#include "text/redact_mask.h"

#include <stdlib.h>
#include <string.h>

struct session_sum {
	const char *name;		/* borrowed from the map's key */
	int64_t user, seq;		/* seq 0: not looked up yet */
	int64_t start_ms, end_ms;	/* of the events of this batch */
	int64_t events;
	int64_t newest;			/* row */
};

struct event_writer {
	struct store *st;	/* borrowed */
	struct map sessions;	/* "user id/name": struct session_sum, own */
	struct map agents;	/* name: id */
	struct buf key, raw, packed, ad;
	struct session_sum *last;	/* in sessions; NULL: none */
	int64_t first;		/* row that was written; 0: none */
	int strays;		/* ids of another time: -1 not asked */
	int tombs;		/* tombstones: -1 not asked */
};

struct event_writer *
event_writer_new(struct store *st)
{
	struct event_writer *w = xcalloc(1, sizeof *w);

	w->st = st;
	buf_init(&w->key);
	buf_init(&w->raw);
	buf_init(&w->packed);
	buf_init(&w->ad);
	w->strays = w->tombs = -1;
	return w;
}

static void
forget_rows(struct event_writer *w)
{
	size_t i;

	for (i = 0; i < w->sessions.n; i++)
		free(w->sessions.e[i].v.p);
	map_release(&w->sessions);
	map_release(&w->agents);
	w->last = NULL;
	w->first = 0;
	w->strays = w->tombs = -1;
}

void
event_writer_clear(struct event_writer *w)
{
	struct err ignored;	/* whoever needs the number asks again */

	forget_rows(w);
	/* Our user may have been new in what was rolled back. */
	w->st->user_id = 0;
	store_user(w->st, w->st->user, false, &w->st->user_id, &ignored);
}

void
event_writer_free(struct event_writer *w)
{
	if (w == NULL)
		return;
	forget_rows(w);
	buf_release(&w->key);
	buf_release(&w->raw);
	buf_release(&w->packed);
	buf_release(&w->ad);
	free(w);
}

static struct session_sum *
session_of(struct event_writer *w, int64_t user, const char *name)
{
	struct session_sum *s;
	union map_value *v;
	int made;

	if (w->last != NULL && w->last->user == user &&
	    strcmp(w->last->name, name) == 0)
		return w->last;
	buf_reset(&w->key);
	buf_add_int(&w->key, user);
	buf_addc(&w->key, '/');
	buf_adds(&w->key, name);
	v = map_put(&w->sessions, w->key.p, &made);
	if (made) {
		v->p = s = xcalloc(1, sizeof *s);
		s->user = user;
		s->name = strchr(w->sessions.e[w->sessions.n - 1].key, '/') + 1;
	}
	return w->last = v->p;
}

static int
agent_of(struct event_writer *w, const char *name, int64_t *id, struct err *e)
{
	union map_value *v;
	int made;

	v = map_put(&w->agents, name, &made);
	if (made && store_agent(w->st, name, true, &v->i, e) < 0)
		return -1;
	*id = v->i;
	return 0;
}

/* Is there a tombstone for this event, or for its session? */
static int
is_forgotten(struct event_writer *w, int64_t user, const struct event *ev,
    struct err *e)
{
	struct db_query *q;
	int64_t n;
	int r;

	if (w->tombs < 0) {
		if (db_number(w->st->db, e, "SELECT EXISTS (SELECT 1 FROM "
		    "tombstone)", 0, &n) < 0)
			return -1;
		w->tombs = n != 0;
	}
	if (!w->tombs)
		return 0;
	if ((q = db_sql(w->st->db, e, "SELECT 1 FROM tombstone WHERE "
	    "user = :user AND ((target = 1 AND id = :id) OR "
	    "(target = 2 AND id = :session) OR (target = 5 AND at >= :ts))")) ==
	    NULL)
		return -1;
	db_int(q, ":user", user);
	db_text(q, ":id", ev->id);
	db_text(q, ":session", ev->session);
	db_int(q, ":ts", ev->ts_ms);
	r = db_row(q, e);
	db_end(q);
	return r;
}

/* As it is stored. */
/* Under the other key: an id whose own time is not the event's. */
static int
stands_elsewhere(struct event_writer *w, int64_t user,
    const uint8_t id[ULID_BYTES], int64_t ts_ms, struct err *e)
{
	struct db_query *q;
	int64_t n;
	int r;

	if (w->strays < 0) {
		if (db_number(w->st->db, e, "SELECT EXISTS (SELECT 1 "
		    "FROM event WHERE stray = 1)", 0, &n) < 0)
			return -1;
		w->strays = n != 0;
	}
	if (!w->strays && ulid_time(id) == ts_ms)
		return 0;
	if ((q = db_sql(w->st->db, e, "SELECT 1 FROM event WHERE user = :user "
	    "AND ts = :idtime AND id = :id AND ts <> :ts UNION ALL "
	    "SELECT 1 FROM event WHERE user = :user AND id = :id "
	    "AND stray = 1 AND ts <> :ts")) == NULL)
		return -1;
	db_int(q, ":user", user);
	db_int(q, ":idtime", ulid_time(id));
	db_int(q, ":ts", ts_ms);
	db_blob(q, ":id", id, ULID_BYTES);
	r = db_row(q, e);
	db_end(q);
	return r;
}

/* The row of a session that was not looked up yet, made if it is new.  An
 * event that is there already makes none: 1, it is to be compared. */
static int
session_known(struct event_writer *w, struct session_sum *s,
    const uint8_t id[ULID_BYTES], int64_t ts_ms, struct err *e)
{
	struct db_query *q;
	int r;

	if (s->seq != 0)
		return 0;
	if ((q = db_sql(w->st->db, e, "SELECT 1 FROM event WHERE "
	    "user = :user AND ts = :ts AND id = :id")) == NULL)
		return -1;
	db_int(q, ":user", s->user);
	db_int(q, ":ts", ts_ms);
	db_blob(q, ":id", id, ULID_BYTES);
	r = db_row(q, e);
	db_end(q);
	if (r != 0)
		return r;
	return session_row_of(w->st, s->user, s->name, true, &s->seq, e);
}

/*
 * The row that is there: 0 when it says the same.  For an id that was made
 * from the event, what the id does not cover may differ but for the text:
 * a later reader of the same transcript may know more metadata.
 */
/* Of one that lost a secret: the body counts that is a mask of the other.  1
 * it is what came, 0 what is here. */
static int
settle_masks(struct event_writer *w, int64_t user, struct event *ev,
    const struct event *old, struct err *e)
{
	char *mine = w->st->user;
	int64_t my_id = w->st->user_id;
	struct buf a = BUF_INIT, b = BUF_INIT;
	int r;

	event_body(&a, ev);
	event_body(&b, old);
	if (mask_of(b.p, b.len, a.p, a.len)) {
		r = 0;
	} else if (mask_of(a.p, a.len, b.p, b.len)) {
		/* what a user has is found by who the store is open for */
		w->st->user = (char *)(ev->user != NULL ? ev->user : mine);
		w->st->user_id = user;
		r = redacted_event(w->st, old->seq, ev, e) < 0 ? -1 : 1;
		w->st->user = mine;
		w->st->user_id = my_id;
	} else {
		r = err_set(e, ERR_EXISTS, "event %s is there with other "
		    "content", ev->id);
	}
	buf_wipe(&a);
	buf_wipe(&b);
	return r;
}

static int
compare(struct event_writer *w, int64_t user, struct event *ev,
    bool made, struct err *e)
{
	struct event_iter *it = NULL;
	const struct event *old;
	bool same;
	int r;

	if ((r = event_find_of(&it, w->st, user, ev->id, &old, e)) == 1) {
		same = old->ts_ms == ev->ts_ms &&
		    old->text_len == ev->text_len &&
		    memcmp(old->text, ev->text, ev->text_len) == 0;
		if (same && !made)
			same = old->type == ev->type && old->role == ev->role &&
			    strcmp(old->session, ev->session) == 0 &&
			    str_eq(old->agent, ev->agent) &&
			    old->rest_len == ev->rest_len &&
			    (ev->rest_len == 0 ||
			    memcmp(old->rest, ev->rest, ev->rest_len) == 0);
		r = same ? 0 : redacted_has(w->st, user, ev->id, e);
		if (r == 1)
			r = settle_masks(w, user, ev, old, e);
		else if (r >= 0 && !same)
			r = err_set(e, ERR_EXISTS, "event %s is there with "
		    "other content", ev->id);
	} else if (r == 0)
		r = err_set(e, ERR_CORRUPT, "event %s is there and cannot be "
		    "found; run mem-admin check", ev->id);
	event_close(it);
	return r;
}

static int
insert(struct event_writer *w, struct event *ev, const uint8_t *id,
    int64_t user, const struct session_sum *s, struct err *e)
{
	int64_t dict, key, agent = 0;
	struct db_query *q;

	if (ev->agent != NULL && agent_of(w, ev->agent, &agent, e) < 0)
		return -1;
	buf_reset(&w->raw);
	buf_reset(&w->packed);
	event_body(&w->raw, ev);
	if (store_seal_key(w->st, user, s->seq, &key, e) < 0)
		return -1;
	if (key != 0)
		event_ad(&w->ad, &(struct event_row){ user, s->seq, ev->ts_ms,
		    ev->type, ev->role, agent, id });
	if (store_pack_row(w->st, &w->packed, w->raw.p, w->raw.len, key,
	    &w->ad, &dict, e) < 0 ||
	    (q = db_sql(w->st->db, e, "INSERT INTO event (user, session, ts, "
	    "id, stray, type, role, agent, key, dict, body) VALUES (:user, "
	    ":session, :ts, :id, :stray, :type, :role, nullif(:agent, 0), "
	    ":key, :dict, :body) ON CONFLICT DO NOTHING")) == NULL)
		return -1;
	db_int(q, ":user", user);
	db_int(q, ":session", s->seq);
	db_int(q, ":ts", ev->ts_ms);
	db_blob(q, ":id", id, ULID_BYTES);
	db_int(q, ":stray", ulid_time(id) != ev->ts_ms);
	db_int(q, ":type", ev->type);
	db_int(q, ":role", ev->role);
	db_int(q, ":agent", agent);
	db_int(q, ":key", key);
	db_int(q, ":dict", dict);
	db_blob(q, ":body", w->packed.p, w->packed.len);
	if (db_run(q, e) < 0)
		return -1;
	if (db_changes(w->st->db) == 0)
		return 0;
	if (ulid_time(id) != ev->ts_ms)
		w->strays = 1;
	ev->seq = db_last_id(w->st->db);
	return 1;
}

int
event_add(struct event_writer *w, struct event *ev, struct err *e)
{
	const char *user = ev->user != NULL ? ev->user : w->st->user;
	bool made = ev->id[0] == '\0';
	uint8_t id[ULID_BYTES];
	struct session_sum *s;
	int64_t user_id;
	int r;

	if (store_user(w->st, user, true, &user_id, e) < 0)
		return -1;
	if (user == w->st->user)
		w->st->user_id = user_id;
	if (made)
		event_make_id(ev, user);
	ulid_parse(ev->id, id);
	if ((r = is_forgotten(w, user_id, ev, e)) != 0)
		return r < 0 ? -1 : err_set(e, ERR_DENIED, "event %s was "
		    "forgotten", ev->id);
	if (w->tombs && (r = redacted_has(w->st, user_id, ev->id, e)) != 0 &&
	    r != 1)
		return r < 0 ? -1 : 0;	/* it is there under its old id */
	if ((r = stands_elsewhere(w, user_id, id, ev->ts_ms, e)) != 0)
		return r < 0 ? -1 : err_set(e, ERR_EXISTS, "event %s is there "
		    "with another time", ev->id);
	s = session_of(w, user_id, ev->session);
	if ((r = session_known(w, s, id, ev->ts_ms, e)) != 0)
		return r < 0 ? -1 : compare(w, user_id, ev, made, e);
	if ((r = insert(w, ev, id, user_id, s, e)) < 0)
		return -1;
	if (r == 0)
		return compare(w, user_id, ev, made, e);
	if (s->events == 0 || ev->ts_ms < s->start_ms)
		s->start_ms = ev->ts_ms;
	if (s->events == 0 || ev->ts_ms > s->end_ms)
		s->end_ms = ev->ts_ms;
	s->events++;
	s->newest = ev->seq;
	if (w->first == 0)
		w->first = ev->seq;
	return change_push(w->st, CHANGE_EVENT, ev->seq, e) < 0 ? -1 : 1;
}

int
event_flush(struct event_writer *w, struct err *e)
{
	int64_t user = 0, last = 0;	/* whose sessions these are, mostly */
	struct session_sum *s;
	struct db_query *q;
	size_t i;

	for (i = 0; i < w->sessions.n; i++) {
		s = w->sessions.e[i].v.p;
		if (s->events == 0)
			continue;
		if (user != 0 && user != s->user) {
			if (newest_wrote(w->st, user, w->first, last, e) < 0)
				return -1;
			last = 0;
		}
		user = s->user;
		if (s->newest > last)
			last = s->newest;
		if ((q = db_sql(w->st->db, e, "UPDATE session SET "
		    "start_ms = min(ifnull(start_ms, :start), :start), "
		    "end_ms = max(ifnull(end_ms, :end), :end), "
		    "events = events + :n WHERE seq = :seq")) == NULL)
			return -1;
		db_int(q, ":start", s->start_ms);
		db_int(q, ":end", s->end_ms);
		db_int(q, ":n", s->events);
		db_int(q, ":seq", s->seq);
		if (db_run(q, e) < 0)
			return -1;
		s->events = 0;
	}
	if (user != 0 && newest_wrote(w->st, user, w->first, last, e) < 0)
		return -1;
	w->first = 0;
	/* Sessions may be many; another process may add tombstones. */
	if (w->sessions.n > 10000)
		event_writer_clear(w);
	w->tombs = w->strays = -1;
	return 0;
}
