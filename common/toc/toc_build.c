#include "toc/toc_build.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/lock.h"
#include "base/str.h"
#include "memory/event.h"
#include "store/access.h"
#include "store/change.h"
#include "store/db.h"
#include "store/store.h"
#include "toc/toc_edit.h"
#include "toc/toc_work.h"

#include <stdlib.h>
#include <string.h>

#define CHANGES 20000	/* looked at in one transaction */

/* --- what there is to do ------------------------------------------------ */

#define WHOLE "-9223372036854775807, 9223372036854775807 "
#define WIDEN "ON CONFLICT DO UPDATE SET lo = min(lo, excluded.lo), " \
	"hi = max(hi, excluded.hi)"

/* Periods, of one user or of all. */
static int
note_periods(struct store *st, int64_t user, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "UPDATE toc_node SET dirty = 1 "
	    "WHERE level > 0 AND live > 0 AND (:user = 0 OR user = :user)")) ==
	    NULL)
		return -1;
	db_int(q, ":user", user);
	return db_run(q, e);
}

/* Everything, of one user or (0) of all: sessions that are there, and those
 * that contents still tell of. */
static int
note_all(struct store *st, int64_t user, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "INSERT INTO toc_dirty (user, session, lo, "
	    "hi) SELECT user, seq, " WHOLE "FROM session WHERE :user = 0 OR "
	    "user = :user " WIDEN)) == NULL)
		return -1;
	db_int(q, ":user", user);
	if (db_run(q, e) < 0 || (q = db_sql(st->db, e, "INSERT INTO toc_dirty "
	    "(user, session, lo, hi) SELECT DISTINCT user, session, " WHOLE
	    "FROM toc_node WHERE session IS NOT NULL AND gone = 0 AND "
	    "(:user = 0 OR user = :user) " WIDEN)) == NULL)
		return -1;
	db_int(q, ":user", user);
	return db_run(q, e);
}

/* Changes in (from, to]. */
static int
note_changes(struct store *st, int64_t from, int64_t to, struct err *e)
{
	struct db_query *q;

	/* what was forgotten noted itself down (toc_forget.h) */
	if ((q = db_sql(st->db, e, "INSERT INTO toc_dirty (user, session, lo, "
	    "hi) SELECT e.user, e.session, min(e.ts), max(e.ts) FROM change c "
	    "CROSS JOIN event e ON e.seq = c.ref WHERE c.seq > :from AND "
	    "c.seq <= :to AND c.type = 1 GROUP BY e.user, e.session "
	    WIDEN)) == NULL)
		return -1;
	db_int(q, ":from", from);
	db_int(q, ":to", to);
	return db_run(q, e);
}

/* Is the change log whole from our mark on? */
static int
mark_holds(struct store *st, int64_t mark, int64_t last, struct err *e)
{
	int64_t first;

	if (db_number(st->db, e, "SELECT min(seq) FROM change", 0, &first) < 0)
		return -1;
	return mark <= last && (first == 0 || first <= mark + 1);
}

static int
take_some(struct store *st, bool rebuild, int64_t *left, struct err *e)
{
	struct consumer c = { 0 };
	int64_t last, to;
	int r;

	*left = 0;
	if (change_last(st, &last, e) < 0 ||
	    (r = consumer_get(st, TOC_CONSUMER, &c, e)) < 0)
		return -1;
	consumer_release(&c);
	if (r == 1 && !rebuild)
		r = mark_holds(st, c.seq, last, e);
	else
		r = 0;
	to = last;
	if (r == 1 && last - c.seq > CHANGES)
		to = c.seq + CHANGES;
	*left = last - to;
	if (r < 0 || (r == 1 && c.seq == last))
		return r < 0 ? -1 : 0;
	if ((r == 1 ? note_changes(st, c.seq, to, e) :
	    note_all(st, 0, e)) < 0 || (rebuild && note_periods(st, 0, e) < 0))
		return -1;
	return consumer_put(st, TOC_CONSUMER, to, date_real(), e);
}

static int
take_changes(struct toc_work *w, struct err *e)
{
	bool rebuild = w->how->rebuild && !w->how->one_user;
	int64_t left;
	int r;

	do {
		if (tx_begin(w->st->db, e) < 0)
			return -1;
		r = take_some(w->st, rebuild, &left, e);
		if (tx_end(w->st->db, r, e) < 0)
			return -1;
		rebuild = false;
	} while (left > 0);
	return 0;
}

/* --- a user ------------------------------------------------------------ */

/* The edits so far; everything is looked at again where days are told in
 * another zone than before. */
static int
begin_user(struct toc_work *w, const char *zone, bool all, struct err *e)
{
	struct store *st = w->st;
	struct db_query *q;
	bool moved;

	if ((q = db_sql(st->db, e, "INSERT INTO toc_user (user, zone) VALUES "
	    "(:user, :zone) ON CONFLICT DO UPDATE SET zone = :zone "
	    "WHERE zone <> :zone")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	db_text(q, ":zone", zone);
	if (db_run(q, e) < 0)
		return -1;
	moved = db_changes(st->db) > 0;
	if ((moved && toc_rezone(st, e) < 0) ||
	    ((all || moved) && note_all(st, st->user_id, e) < 0) ||
	    (all && note_periods(st, st->user_id, e) < 0))
		return -1;
	return toc_edits(st, &w->edits, e) < 0 ? -1 : 0;
}

static int
view_user(struct toc_work *w, const char *user, bool all, struct err *e)
{
	const char *zone;

	map_release(&w->marks);
	map_release(&w->periods);
	w->overtaken = false;
	w->resume.session = 0;
	if (toc_zone(w->st, user, &zone, e) < 0 ||
	    tx_begin(w->st->db, e) < 0 ||
	    tx_end(w->st->db, begin_user(w, zone, all, e), e) < 0)
		return -1;
	return toc_marks(w->st, &w->marks, e);
}

struct noted {
	int64_t session, lo_ms, hi_ms;
};

/* The next session after one that is noted down; 1, or 0. */
static int
next_session(struct toc_work *w, int64_t after, struct noted *n,
    struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(w->st->db, e, "SELECT session, lo, hi FROM toc_dirty "
	    "WHERE user = :user AND session > :after ORDER BY session "
	    "LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":user", w->st->user_id);
	db_int(q, ":after", after);
	if ((r = db_row(q, e)) == 1) {
		n->session = db_get_int(q, 0);
		n->lo_ms = db_get_int(q, 1);
		n->hi_ms = db_get_int(q, 2);
	}
	db_end(q);
	return r;
}

/* 1 all are done, 0 overtaken. */
static int
sessions(struct toc_work *w, int64_t all, struct err *e)
{
	struct noted n = { 0, 0, 0 };
	int64_t done = 0;
	int r;

	while ((r = next_session(w, n.session, &n, e)) == 1) {
		if ((r = toc_session(w, n.session, n.lo_ms, n.hi_ms, e)) < 0)
			return -1;
		/* no statement is open now that keeps an older view */
		if ((r == 1 || toc_full(w)) && toc_flush(w, e) < 0)
			return -1;
		if (w->overtaken)
			return 0;
		if (r == 1) {
			n.session--;
			continue;
		}
		w->report->sessions++;
		if (w->how->progress != NULL && ++done % 16 == 0 &&
		    w->how->progress(w->how->arg, done, all, e) != 0)
			return -1;
	}
	if (r < 0 || toc_flush(w, e) < 0)
		return -1;
	return !w->overtaken;
}

static int
count_sessions(struct store *st, int64_t *n, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "SELECT count(*) FROM toc_dirty "
	    "WHERE user = :user")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	return db_first(q, n, e) < 0 ? -1 : 0;
}

static int
build_user(struct toc_work *w, const char *user, struct err *e)
{
	bool all = w->how->rebuild && w->how->one_user;
	int64_t n = 0;
	int r;

	do {
		toc_forget_todo(w);
		if (view_user(w, user, all, e) < 0 ||
		    count_sessions(w->st, &n, e) < 0)
			return -1;
		all = false;
		r = sessions(w, n, e);
	} while (r == 0);
	toc_forget_todo(w);
	if (r < 0)
		return -1;
	w->report->users += n > 0;
	do
		r = toc_rollup(w, e);
	while (r == 0 && (r = toc_move_all(w->st, e)) == 1);
	return r;
}

/* --- all --------------------------------------------------------------- */

/* Names and rows of users that there may be something to do for. */
static int
list_users(struct toc_work *w, struct strv *names, int64_t **ids,
    struct err *e)
{
	struct db_query *q;
	const char *name;
	size_t cap = 0;
	int r;

	if ((q = db_sql(w->st->db, e, "SELECT u.id, u.name, t.zone, "
	    "EXISTS (SELECT 1 FROM toc_dirty d WHERE d.user = u.id) OR "
	    "EXISTS (SELECT 1 FROM toc_node n INDEXED BY toc_node_dirty "
	    "WHERE n.user = u.id AND n.dirty = 1) "
	    "FROM user u LEFT JOIN toc_user t ON t.user = u.id "
	    "WHERE (:one = 0 OR u.id = :one) ORDER BY u.id")) == NULL)
		return -1;
	db_int(q, ":one", w->how->one_user ? w->st->user_id : 0);
	while ((r = db_row(q, e)) == 1) {
		if ((name = db_get_text(q, 1)) == NULL)
			continue;
		/* who has contents is looked at when the zone changed, too */
		if (db_get_int(q, 3) == 0 && (db_is_null(q, 2) ||
		    str_eq(db_get_text(q, 2), toc_zone_name(w->st, name))) &&
		    !(w->how->rebuild && w->how->one_user))
			continue;
		*ids = xgrow(*ids, names->n, &cap, sizeof **ids);
		(*ids)[names->n] = db_get_int(q, 0);
		strv_add(names, name);
	}
	db_end(q);
	return r;
}

static int
build_all(struct toc_work *w, struct err *e)
{
	int64_t mine = w->st->user_id, *ids = NULL;
	struct strv names = STRV_INIT;
	size_t i;
	int r;

	if (w->how->one_user && mine == 0)
		return 0;
	r = take_changes(w, e);
	if (r == 0)
		r = list_users(w, &names, &ids, e);
	for (i = 0; i < names.n && r == 0; i++) {
		w->st->user_id = ids[i];
		r = build_user(w, names.v[i], e);
	}
	w->st->user_id = mine;
	strv_release(&names);
	free(ids);
	return r;
}

void
toc_trouble(struct toc_work *w, const struct err *why)
{
	if (w->report->fallbacks++ == 0)
		w->report->trouble = *why;
}

int
toc_build(struct store *st, const struct toc_build_how *how,
    struct toc_build *report, struct err *e)
{
	struct toc_work w = { .st = st, .how = how, .report = report,
	    .cut = CUT_INIT, .marks = MAP_INIT,
	    .periods = MAP_INIT };
	struct lock lock = LOCK_INIT;
	char *path = store_path(st, "toc.lock");
	int r;

	memset(report, 0, sizeof *report);
	if ((r = lock_take(&lock, path, how->wait_ms, e)) == 0) {
		w.reader = turn_reader_new();
		w.summariser = summariser_new();
		r = chat_open(&w.chat, st, e);
		report->asked = r == 1;
		if (r >= 0)
			r = build_all(&w, e);
		if (report->asked)
			report->spent = *chat_spent(w.chat);
		chat_free(w.chat);
		toc_forget_todo(&w);
		free(w.todo);
		turn_reader_free(w.reader);
		summariser_free(w.summariser);
		map_release(&w.marks);
		map_release(&w.periods);
	}
	lock_drop(&lock);
	free(path);
	return r;
}

int
toc_lag(struct store *st, int64_t *n, struct err *e)
{
	struct db_query *q;

	if (access_look(st, e) < 0)
		return -1;
	/* what somebody decided took effect at once, or is noted down */
	if ((q = db_sql(st->db, e, "SELECT EXISTS (SELECT 1 FROM toc_dirty "
	    "WHERE user = :user AND (:all OR session = :session)) OR "
	    "EXISTS (SELECT 1 FROM change c JOIN event v ON v.seq = c.ref "
	    "WHERE c.type = 1 AND c.seq > (SELECT seq FROM consumer "
	    "WHERE name = 'toc') AND v.user = :user AND "
	    "(:all OR v.session = :session))")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	db_int(q, ":all", !access_bound(st));
	db_int(q, ":session", st->access->session);
	return db_first(q, n, e);
}
