#include "memory/live.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/json.h"
#include "base/lock.h"
#include "memory/event.h"
#include "memory/fact.h"
#include "memory/grip.h"
#include "memory/live_put.h"
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
#define BEFORE 4		/* events in which an echo is looked for */
#define ECHO_MIN 12		/* bytes that are one */

struct live {
	struct live_put put;
	struct live_rules rules;
	struct event_iter *it, *around;	/* own */
	int64_t mark;			/* the last event that was read */
};

struct row {
	int64_t seq, user;
	bool said;			/* by a user */
};

/* --- a turn ------------------------------------------------------------ */

static bool
contains(const char *p, size_t len, const char *what, size_t n)
{
	const char *end = p + len;

	while ((size_t)(end - p) >= n &&
	    (p = memchr(p, *what, (size_t)(end - p) - n + 1)) != NULL) {
		if (memcmp(p, what, n) == 0)
			return true;
		p++;
	}
	return false;
}

/* 1: a model or a program said it just before; 0. */
static int
is_echo(struct live *l, const struct event *ev, const struct live_find *f,
    struct err *e)
{
	const struct event *x;
	int r, echo = 0;

	if (f->len < ECHO_MIN)
		return 0;
	event_close(l->around);
	l->around = NULL;
	if (event_around(&l->around, l->put.st, ev, BEFORE, 0, e) < 0)
		return -1;
	while (!echo && (r = event_next(l->around, &x, e)) == 1)
		echo = x->role != ROLE_USER && contains(x->text, x->text_len,
		    ev->text + f->at, f->len);
	event_rest(l->around);
	return !echo && r < 0 ? -1 : echo;
}

static int
put_finds(struct live *l, const struct event *ev,
    const struct live_finds *finds, struct err *e)
{
	size_t i;
	int r;

	for (i = 0; i < finds->n; i++) {
		if ((r = is_echo(l, ev, &finds->v[i], e)) < 0)
			return -1;
		l->put.sums->echoed += r;
		if (r == 0 && live_put(&l->put, ev, &finds->v[i], e) < 0)
			return -1;
	}
	return 0;
}

static int
read_turn(struct live *l, int64_t seq, struct err *e)
{
	struct live_finds finds = LIVE_FINDS_INIT;
	const struct event *ev;
	struct event *mine;
	int r;

	if ((r = event_get(&l->it, l->put.st, seq, &ev, e)) != 1)
		return r;
	l->put.sums->turns++;
	live_read(&l->rules, ev->text, ev->text_len, &finds);
	l->put.sums->found += (int64_t)finds.n;
	l->put.sums->vetoed += (int64_t)finds.vetoed;
	r = 0;
	if (finds.n > 0) {
		mine = event_dup(ev);
		event_rest(l->it);
		r = put_finds(l, mine, &finds, e);
		free(mine);
	}
	live_finds_release(&finds);
	return r;
}

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
	struct db_query *q;
	int r;

	if (st->user_id == id)
		return 0;
	if ((q = db_sql(st->db, e, "SELECT name FROM user WHERE id = :id"))
	    == NULL)
		return -1;
	db_int(q, ":id", id);
	if ((r = db_row(q, e)) == 1) {
		free(st->user);
		st->user = db_dup(q, 0);
		st->user_id = id;
	}
	db_end(q);
	return r == 1 ? 0 : r < 0 ? -1 : err_set(e, ERR_CORRUPT, "events are "
	    "of a user who is not there; run mem-admin check");
}

static int
read_rows(struct live *l, const struct row *rows, size_t n, struct err *e)
{
	size_t i;

	for (i = 0; i < n; i++) {
		l->put.sums->events++;
		if (rows[i].said && (be_user(l, rows[i].user, e) < 0 ||
		    read_turn(l, rows[i].seq, e) < 0))
			return -1;
	}
	if (n > 0)
		l->mark = rows[n - 1].seq;
	return 0;
}

/* --- how far ----------------------------------------------------------- */

static int
mark_read(struct live *l, struct err *e)
{
	return db_number(l->put.st->db, e, "SELECT CAST(value AS INTEGER) "
	    "FROM meta WHERE name = 'live'", 0, &l->mark);
}

static int
mark_save(struct live *l, struct err *e)
{
	struct db_query *q;
	char value[24];

	if ((q = db_sql(l->put.st->db, e, "INSERT INTO meta (name, value) "
	    "VALUES ('live', :value) ON CONFLICT (name) DO UPDATE SET "
	    "value = :value")) == NULL)
		return -1;
	snprintf(value, sizeof value, "%" PRId64, l->mark);
	db_text(q, ":value", value);
	return db_run(q, e);
}

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

/* Is there nothing to do?  1, 0. */
static int
is_done(struct live *l, struct err *e)
{
	struct newest newest;
	struct consumer c = { 0 };
	int r;

	if (mark_read(l, e) < 0 || newest_rows(l->put.st, &newest, e) < 0 ||
	    (r = consumer_get(l->put.st, LIVE_CONSUMER, &c, e)) < 0)
		return -1;
	consumer_release(&c);
	return r == 1 && newest.event <= l->mark && c.lag == 0;
}

/* 1: there may be more. */
static int
batch(struct live *l, struct row *rows, struct err *e)
{
	struct live_sums was = *l->put.sums, *s = l->put.sums;
	char detail[120];
	size_t n;

	if (rows_after(l->put.st, l->mark, rows, &n, e) < 0 ||
	    read_rows(l, rows, n, e) < 0 || mark_save(l, e) < 0 ||
	    confirm(l, n < BATCH, e) < 0)
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
	return n == BATCH;
}

/* A transaction for each batch; with a dry run one for all, given up. */
static int
batches(struct live *l, struct err *e)
{
	struct row *rows = xcalloc(BATCH, sizeof *rows);
	const struct live_how *how = l->put.how;
	struct db *db = l->put.st->db;
	bool first = true;
	struct err ignored;
	int more = 1, r = 0;

	while (r == 0 && more == 1) {
		if (!tx_active(db) && (r = tx_begin(db, e)) < 0)
			break;
		if (!how->dry_run || first)
			r = mark_read(l, e);
		if (first && how->rebuild)
			l->mark = 0;
		first = false;
		if (r == 0)
			r = (more = batch(l, rows, e)) < 0 ? -1 : 0;
		event_rest(l->it);
		event_rest(l->around);
		if (!how->dry_run && tx_active(db))
			r = tx_end(db, r, e);
		if (r == 0 && how->progress != NULL)
			r = how->progress(how->arg, l->put.sums->events, e);
	}
	if (tx_active(db))
		tx_end(db, -1, &ignored);
	free(rows);
	return r;
}

int
live_run(struct store *st, const struct live_how *how, struct live_sums *sums,
    struct err *e)
{
	struct live l = { .put = { st, how, sums }, .rules = LIVE_RULES_INIT };
	char *path = store_path(st, "live.lock"), *user = st->user;
	int64_t user_id = st->user_id;
	struct lock lock = LOCK_INIT;
	int r;

	memset(sums, 0, sizeof *sums);
	st->user = xstrdup(user);
	if ((r = live_rules_load(&l.rules, st, e)) == 0 &&
	    (r = lock_take(&lock, path, how->wait_ms, e)) == 0 &&
	    (how->rebuild || (r = is_done(&l, e)) == 0))
		r = batches(&l, e);
	lock_drop(&lock);
	event_close(l.it);
	event_close(l.around);
	live_rules_release(&l.rules);
	free(st->user);
	st->user = user;
	st->user_id = user_id;
	free(path);
	return r < 0 ? -1 : 0;
}

/* --- what it rests on -------------------------------------------------- */

static json_t *
grip_record(struct store *st, struct event_iter **it, const json_t *v,
    struct err *e)
{
	const char *event = get_str(v, "event_id", NULL);
	const char *id = get_str(v, "grip_id", NULL);
	struct grip g;
	json_t *o;

	memset(&g, 0, sizeof g);
	if (event == NULL || !ulid_parse(event, g.event) ||
	    get_int(v, "offset", &g.off) != 1 ||
	    get_int(v, "length", &g.len) != 1 ||
	    id == NULL || !grip_id_read(id, &g)) {
		err_set(e, ERR_CORRUPT, "a grip of a fact is damaged; run "
		    "mem-admin check");
		return NULL;
	}
	memcpy(g.first, g.event, sizeof g.first);
	memcpy(g.last, g.event, sizeof g.last);
	if ((o = grip_json(st, it, &g, e)) != NULL)
		json_object_set_new(o, "source", json_string("live"));
	return o;
}

int
live_grips(struct store *st, const struct fact *f, json_t *out,
    struct err *e)
{
	const json_t *grips = get_path(f->body, "metadata.grips");
	struct event_iter *it = NULL;
	json_t *v, *o;
	size_t i;
	int r = 0;

	json_array_foreach(grips, i, v) {
		if ((o = grip_record(st, &it, v, e)) == NULL) {
			r = -1;
			break;
		}
		json_array_append_new(out, o);
		r = 1;
	}
	event_close(it);
	return r;
}
