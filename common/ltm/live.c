#include "ltm/live.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/lock.h"
#include "ltm/live_turn.h"
#include "memory/event.h"
#include "store/audit.h"
#include "store/change.h"
#include "store/db.h"
#include "store/newest.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 2000		/* events in a transaction */

struct row {
	int64_t seq, user;
	bool said;			/* by a user */
};

/* --- a batch ----------------------------------------------------------- */

static int
rows_after(struct store *st, int64_t mark, struct row *rows, size_t *n,
    struct err *e)
{
	struct db_query *q;
	int r;

	*n = 0;
	if ((q = db_sql(st->db, e, "SELECT seq, user, role = 0 AND type = 1 "
	    "FROM event WHERE seq > :mark ORDER BY seq LIMIT 2000")) == NULL)
		return -1;
	db_int(q, ":mark", mark);
	while (*n < BATCH && (r = db_row(q, e)) == 1) {
		rows[*n].seq = db_get_int(q, 0);
		rows[*n].user = db_get_int(q, 1);
		rows[(*n)++].said = db_get_int(q, 2);
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

/* From here on the store is that of this user. */
static int
be_user(struct live *l, int64_t id, struct err *e)
{
	struct store *st = l->put.st;
	struct buf name = BUF_INIT;
	int r;

	if (st->user_id == id)
		return 0;
	if ((r = store_user_name(st, id, &name, e)) == 1) {
		free(st->user);
		st->user = buf_steal(&name);
		st->user_id = id;
	}
	buf_release(&name);
	return r == 1 ? 0 : r < 0 ? -1 : err_set(e, ERR_CORRUPT, "events are "
	    "of a user who is not there; run mem-admin check");
}

/* What no rule decides is shown to a model, before the transaction. */
static int
show_rows(struct live *l, const struct row *rows, size_t n, struct err *e)
{
	const struct event *ev;
	int64_t next = n > 0 ? rows[n - 1].seq + 1 : 0;
	size_t i;
	int r;

	for (i = 0; i < n && !live_ask_ended(l->ask, &next); i++) {
		if (!rows[i].said || rows[i].seq <= l->mark.asked)
			continue;
		if (live_ask_full(l->ask, rows[i].user)) {
			event_rest(l->it);
			live_ask(l->ask, &l->mark.tries);
		}
		if (be_user(l, rows[i].user, e) < 0 ||
		    (r = event_get_any(&l->it, l->put.st, rows[i].seq, &ev,
		    e)) < 0)
			return -1;
		if (r == 1 && !live_ask_ended(l->ask, &next))
			live_ask_turn(l->ask, ev, rows[i].user);
	}
	event_rest(l->it);
	live_ask(l->ask, &l->mark.tries);
	live_ask_ended(l->ask, &next);
	if (next > l->mark.asked)
		l->mark.asked = next - 1;
	return 0;
}

static int
read_rows(struct live *l, const struct row *rows, size_t n, struct err *e)
{
	size_t i;

	for (i = 0; i < n; i++) {
		l->put.sums->events += rows[i].seq > l->mark.read;
		if (rows[i].said && (be_user(l, rows[i].user, e) < 0 ||
		    live_turn(l, rows[i].seq, e) < 0))
			return -1;
	}
	if (n > 0 && rows[n - 1].seq > l->mark.read)
		l->mark.read = rows[n - 1].seq;
	return 0;
}

/* --- how far ----------------------------------------------------------- */

/* Once all is read, the change log is confirmed to its end. */
static int
confirm(struct live *l, bool all, struct err *e)
{
	struct store *st = l->put.st;
	struct consumer c = { 0 };
	int64_t last = 0;
	int r;

	if ((r = consumer_get(st, LIVE_CONSUMER, &c, e)) < 0)
		return -1;
	consumer_release(&c);
	if (all && change_last(st, &last, e) < 0)
		return -1;
	if (!all && r == 1)
		return 0;
	return r == 1 && c.seq == last ? 0 :
	    consumer_put(st, LIVE_CONSUMER, last, date_now(), e);
}

/* Where the next batch begins: a model may be behind the rules. */
static int64_t
begin(const struct live *l)
{
	int64_t ignored;

	return l->ask != NULL && !live_ask_ended(l->ask, &ignored) &&
	    l->mark.asked < l->mark.read ? l->mark.asked : l->mark.read;
}

/* Is there an event to read?  1, 0. */
static int
is_behind(const struct live *l, struct err *e)
{
	struct newest newest;

	return newest_rows(l->put.st, &newest, e) < 0 ? -1 :
	    newest.event > begin(l);
}

/* Is there nothing to do?  1, 0. */
static int
is_done(const struct live *l, struct err *e)
{
	struct consumer c = { 0 };
	int r, behind;

	if ((behind = is_behind(l, e)) < 0 ||
	    (r = consumer_get(l->put.st, LIVE_CONSUMER, &c, e)) < 0)
		return -1;
	consumer_release(&c);
	return r == 1 && !behind && c.lag == 0;
}

/* 1: there is more. */
static int
batch(struct live *l, const struct row *rows, size_t n, struct err *e)
{
	struct live_sums was = *l->put.sums, *s = l->put.sums;
	char detail[120];
	int more;

	if (read_rows(l, rows, n, e) < 0 ||
	    live_mark_save(l->put.st, &l->mark, e) < 0 ||
	    (more = is_behind(l, e)) < 0 || confirm(l, !more, e) < 0)
		return -1;
	if (s->inserted + s->updated + s->retracted != was.inserted +
	    was.updated + was.retracted) {
		snprintf(detail, sizeof detail, "turns %" PRId64 ", inserted %"
		    PRId64 ", updated %" PRId64 ", retracted %" PRId64,
		    s->turns - was.turns, s->inserted - was.inserted,
		    s->updated - was.updated, s->retracted - was.retracted);
		if (audit_add(l->put.st, "ltm live", "events", detail, e) < 0)
			return -1;
	}
	return more;
}

/* 1: there is more. */
static int
next(struct live *l, struct row *rows, struct err *e)
{
	struct db *db = l->put.st->db;
	size_t n;
	int r;

	if (rows_after(l->put.st, begin(l), rows, &n, e) < 0 ||
	    (l->ask != NULL && show_rows(l, rows, n, e) < 0) ||
	    (!tx_active(db) && tx_begin(db, e) < 0))
		return -1;
	r = batch(l, rows, n, e);
	event_rest(l->it);
	event_rest(l->around);
	if (l->ask != NULL)
		live_ask_forget(l->ask);
	return l->put.how->dry_run ? r : tx_end(db, r, e);
}

/* A transaction for each batch; with a dry run one for all, given up. */
static int
batches(struct live *l, struct err *e)
{
	struct row *rows = xcalloc(BATCH, sizeof *rows);
	const struct live_how *how = l->put.how;
	struct db *db = l->put.st->db;
	struct err ignored;
	int r = 1;

	while (r == 1) {
		r = next(l, rows, e);
		if (r >= 0 && how->progress != NULL && how->progress(how->arg,
		    l->put.sums->events, e) != 0)
			r = -1;
	}
	if (tx_active(db))
		tx_end(db, -1, &ignored);
	free(rows);
	return r;
}

/* Turns that a model was not asked about. */
static int
count_left(const struct live *l, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(l->put.st->db, e, "SELECT count(*) FROM event WHERE "
	    "seq > :asked AND seq <= :read AND role = 0 AND type = 1")) ==
	    NULL)
		return -1;
	db_int(q, ":asked", l->mark.asked);
	db_int(q, ":read", l->mark.read);
	return db_first(q, &l->put.sums->model.left, e) < 0 ? -1 : 0;
}

/* The lock is held. */
static int
run(struct live *l, struct err *e)
{
	const struct live_how *how = l->put.how;
	struct live_sums *sums = l->put.sums;
	int r;

	if (!how->dry_run && !how->by_rules) {
		r = live_ask_open(&l->ask, l->put.st, &l->rules, &sums->model,
		    e);
		if (r < 0)
			return -1;
		sums->asked = r == 1;
	}
	if (live_mark_read(l->put.st, &l->mark, e) < 0)
		return -1;
	if (how->rebuild)
		l->mark = (struct live_mark){ .asked = l->ask != NULL ? 0 :
		    l->mark.asked };
	if (l->ask != NULL && l->mark.asked < 0)
		l->mark.asked = l->mark.read;
	if (!how->rebuild && (r = is_done(l, e)) != 0)
		return r < 0 ? -1 : 0;
	if (batches(l, e) < 0)
		return -1;
	return l->ask != NULL ? count_left(l, e) : 0;
}

int
live_run(struct store *st, const struct live_how *how, struct live_sums *sums,
    struct err *e)
{
	struct live l = { .put = { st, how, sums,
	    LIVE_VALUES_INIT }, .rules = LIVE_RULES_INIT };
	char *path = store_path(st, "live.lock"), *user = st->user;
	int64_t user_id = st->user_id;
	struct lock lock = LOCK_INIT;
	int r;

	memset(sums, 0, sizeof *sums);
	st->user = xstrdup(user);
	if ((r = live_rules_load(&l.rules, st, e)) == 0 &&
	    (r = lock_take(&lock, path, how->wait_ms, e)) == 0)
		r = run(&l, e);
	lock_drop(&lock);
	event_close(l.it);
	event_close(l.around);
	live_ask_free(l.ask);
	live_values_release(&l.put.values);
	live_rules_release(&l.rules);
	free(st->user);
	st->user = user;
	st->user_id = user_id;
	free(path);
	return r < 0 ? -1 : 0;
}
