/*
 * The newest event of each user, against a slow obvious query; and what is
 * said of events that nobody took note of.
 */
#include "tap.h"
#include "temp-store.h"

#include "base/ulid.h"
#include "ingest/event_write.h"
#include "ingest/redacted.h"
#include "memory/event.h"
#include "store/newest.h"

#include <stdlib.h>

static struct err e;
static struct store *st;
static int64_t ts = 1000;

static void
write_some(const char *user, int n)
{
	struct event_writer *w = event_writer_new(st);
	struct event ev;
	int r = tx_begin(st->db, &e);

	for (; r >= 0 && n > 0; n--) {
		memset(&ev, 0, sizeof ev);
		ev.user = user;
		ev.session = n % 2 ? "odd" : "even";
		ev.text = "a text";
		ev.text_len = 6;
		ev.ts_ms = ts++;
		r = event_add(w, &ev, &e);
	}
	if (r >= 0)
		r = event_flush(w, &e);
	if (!ok(tx_end(st->db, r, &e) >= 0, "%s writes", user))
		printf("# %s\n", e.msg);
	event_writer_free(w);
}

static int64_t
user_row(const char *name)
{
	int64_t id = 0;

	store_user(st, name, false, &id, &e);
	return id;
}

static int64_t
number(const char *sql, int64_t user)
{
	struct db_query *q = db_prepare(st->db, sql, &e);
	int64_t n = 0;

	db_int(q, ":user", user);
	db_first(q, &n, &e);
	return n;
}

/* Never "none" where there are some; exact: "none" wherever there are none
 * behind floor. */
static void
same(int64_t user, int64_t floor, const char *what)
{
	int64_t all = number("SELECT max(seq) + :user * 0 FROM event", 0);
	int64_t last = number("SELECT ifnull(max(seq), 0) FROM event WHERE "
	    "user = :user", user), i;
	int wrong = 0, lax = 0, r;

	for (i = 0; i <= all; i++) {
		r = newest_may(st, user, i, &e);
		wrong += r < 0 || (r == 0 && last > i);
		lax += r == 1 && last <= i && i >= floor;
	}
	ok(wrong == 0, "%s: nothing is passed over", what);
	is_int(lax, 0, "%s: nothing is looked for in vain", what);
}

static void
sql(const char *text)
{
	ok(db_script(st->db, text, &e) == 0, "%.40s", text);
}

int
main(void)
{
	int64_t ann, bob;
	struct event ev;

	temp_begin();
	st = temp_open("store", "ann", STORE_MAKE);
	write_some("ann", 5);
	ann = user_row("ann");
	is_int(number("SELECT count(*) FROM meta WHERE name >= 'newest' AND "
	    "name < 'newesu' AND :user > 0", 1), 0,
	    "of one user nothing is written");
	is_int(newest_may(st, ann, 3, &e), 1, "one user: he has more");
	is_int(newest_may(st, ann, 5, &e), 0, "or not");

	write_some("bob", 7);
	bob = user_row("bob");
	same(ann, 5, "two users, the first's");
	same(bob, 5, "two users, the second's");
	write_some("ann", 2);
	write_some("bob", 1);
	same(ann, 5, "in turn, the first's");
	same(bob, 5, "in turn, the second's");

	/* by somebody who takes no note, of a user who has some already */
	sql("INSERT INTO event (user, session, ts, id, type, role, dict, body) "
	    "SELECT user, session, ts + 100000, randomblob(16), type, role, "
	    "dict, body FROM event WHERE seq = 1");
	same(ann, 16, "not noted, the first's");
	write_some("bob", 3);
	same(ann, 16, "noted behind it, the first's");
	same(bob, 16, "noted behind it, the second's");
	is_int(newest_may(st, ann, 15, &e), 1, "it is behind the row before");

	/* the newest goes, and numbers are not used again */
	sql("DELETE FROM event WHERE seq >= 18");
	same(bob, 18, "the newest went");
	write_some("ann", 1);
	same(ann, 19, "and others came");
	same(bob, 19, "and others came, the second's");

	/* two users in one batch, and a row between that a redaction makes */
	memset(&ev, 0, sizeof ev);
	ev.user = "bob";
	ev.session = "odd";
	ev.text = "a t";
	ev.text_len = 3;
	ev.ts_ms = 1000;
	event_make_id(&ev, "ann");
	st->user_id = ann;
	is_int(tx_begin(st->db, &e), 0, "a redaction");
	is_int(tx_end(st->db, redacted_event(st, 2, &ev, &e), &e), 0, "is made");
	same(ann, 20, "a row of a redaction, the first's");
	same(bob, 20, "a row of a redaction, the second's");
	is_int(newest_may(st, bob, 19, &e), 0, "which is none of the other's");
	store_close(st);
	ok(temp_end() == 0, "the folder is gone");
	return done();
}
