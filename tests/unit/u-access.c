/*
 * Who may see what: the table, and what grafts add to it, compared with a slow
 * obvious rule; ranges, kinds, expiry, the bound call.
 */
#include "tap.h"
#include "temp-store.h"

#include "base/date.h"
#include "memory/event.h"
#include "memory/grafting.h"
#include "memory/session.h"
#include "memory/session_seen.h"
#include "store/access.h"

static struct err e;

static void
the_table(void)
{
	static const struct {
		enum access_tier tier;
		unsigned want[5];	/* all, bound, beside, graft, other */
	} rows[] = {
		{ ACCESS_SESSION, { 3, 3, 0, 1, 0 } },
		{ ACCESS_PERIOD, { 3, 0, 0, 0, 0 } },
		{ ACCESS_USER, { 3, 3, 3, 0, 0 } },
		{ ACCESS_TENANT, { 3, 3, 3, 3, 3 } },
	};
	int i, k, good = 0;

	for (i = 0; i < 4; i++)
		for (k = 0; k < 5; k++)
			good += access_table(rows[i].tier,
			    (enum access_from)k) == rows[i].want[k];
	is_int(good, 20, "the table is the one of memkit(7)");
}

/* --- grafts ------------------------------------------------------------ */

static int64_t
session(struct store *st, const char *name)
{
	int64_t seq = 0;

	tx_begin(st->db, &e);
	session_row(st, name, true, &seq, &e);
	tx_end(st->db, 0, &e);
	return seq;
}

/* By the store of its user; its id. */
static const char *
give(struct store *st, const char *name, const char *to, unsigned kinds,
    int64_t since, int64_t until, int64_t expires)
{
	static char id[ULID_LEN + 1];
	struct graft_row g = { .session = name, .kinds = kinds,
	    .since_ms = since, .until_ms = until, .expires_ms = expires };

	if (graft_to_parse(to, &g, &e) < 0 || graft_make(st, &g, &e) < 0) {
		printf("# %s\n", e.msg);
		return "";
	}
	memcpy(id, g.id, sizeof id);
	return id;
}

static int
may(struct store *st, unsigned kind, int64_t user, int64_t seq,
    int64_t from, int64_t to)
{
	struct access_object o = { ACCESS_SESSION, kind, user, seq, from, to };
	const struct graft *by;
	int r;

	if (access_look(st, &e) < 0)
		return -1;
	r = access_may(st, ACCESS_READ, &o, &by);
	if (access_may(st, ACCESS_WRITE, &o, NULL) == 1)
		r += 10;
	return by != NULL ? r + 100 : r;
}

static void
by_graft(struct store *bob, struct store *ann)
{
	int64_t b = session(bob, "b"), u = bob->user_id;
	char id[ULID_LEN + 1];

	is_int(may(ann, GRAFT_EVENT, u, b, 5, 6), 0, "without one, nothing");
	is_int(may(bob, GRAFT_EVENT, u, b, 5, 6), 11, "its user, all");
	strcpy(id, give(bob, "b", "user:ann", GRAFT_EVENT | GRAFT_CONTENTS,
	    100, 200, GRAFT_NEVER));
	is_int(may(ann, GRAFT_EVENT, u, b, 100, 101), 101, "the first of the "
	    "range is read, and not written");
	is_int(may(ann, GRAFT_EVENT, u, b, 99, 100), 0, "not the one before");
	is_int(may(ann, GRAFT_EVENT, u, b, 199, 200), 101, "the last");
	is_int(may(ann, GRAFT_EVENT, u, b, 200, 201), 0, "not the one after");
	is_int(may(ann, GRAFT_CONTENTS, u, b, 100, 200), 101, "what lies "
	    "wholly in it");
	is_int(may(ann, GRAFT_CONTENTS, u, b, 100, 201), 0, "not what reaches "
	    "out of it");
	is_int(may(ann, GRAFT_FACT, u, b, 0, 0), 0, "no other kind");
	is_int(may(ann, GRAFT_EVENT, u, b + 1, 100, 101), 0, "no other "
	    "session");
	is_int(may(ann, GRAFT_EVENT, u + 1, b, 100, 101), 101, "the session "
	    "says whose it is");
	is_int(access_session(ann, GRAFT_EVENT, u, b, NULL), 1, "something of "
	    "it may be read");
	is_int(access_session(ann, GRAFT_FILE, u, b, NULL), 0, "but no file");
	is_int(graft_revoke(ann, id, &e), -1, "who receives it");
	is_int(e.code, ERR_ABSENT, "does not end it");
	is_int(graft_revoke(bob, id, &e), 1, "who gave it does");
	is_int(graft_revoke(bob, id, &e), 0, "once");
	is_int(may(ann, GRAFT_EVENT, u, b, 100, 101), 0, "and nothing is read");
}

static void
wait_ms(int ms)
{
	int64_t end = date_real() + ms;

	while (date_real() < end)
		usleep(1000);
}

static void
expires(struct store *bob, struct store *ann)
{
	int64_t b = session(bob, "b"), u = bob->user_id;
	struct session_refs refs = { 0 };

	give(bob, "b", "tenant", GRAFT_ALL, GRAFT_SINCE, GRAFT_UNTIL,
	    date_real() + 200);
	is_int(may(ann, GRAFT_VARIABLE, u, b, 0, 0), 101, "until it expires");
	session_seen(ann, "b", &refs, &e);
	is_int((int64_t)refs.n, 1, "its session is seen");
	session_refs_release(&refs);
	wait_ms(210);
	is_int(may(ann, GRAFT_VARIABLE, u, b, 0, 0), 0, "not then, though "
	    "nothing was written meanwhile");
	session_seen(ann, "b", &refs, &e);
	is_int((int64_t)refs.n, 0, "nor is its session");
	session_refs_release(&refs);
}

static void
bound(struct store *bob)
{
	struct store_where w = { .dir = "st", .user = "bob", .session = "x" };
	int64_t b = session(bob, "b"), x = session(bob, "x"), u = bob->user_id;
	struct store *st;
	char *id = NULL;

	if (store_open(&st, &w, STORE_WRITE, &e) < 0) {
		ok(0, "%s", e.msg);
		return;
	}
	is_int(may(st, GRAFT_EVENT, u, x, 1, 2), 11, "its own session");
	is_int(may(st, GRAFT_EVENT, u, b, 1, 2), 0, "not the one beside it");
	is_int(session_writable(st, "x", &e), 0, "is written to");
	is_int(session_writable(st, "b", &e), -1, "that is not");
	is_int(session_asked(st, "b", &id, &e), -1, "nor asked for");
	is_int(e.code, ERR_DENIED, "which is denied");
	give(bob, "b", "session:x", GRAFT_EVENT, GRAFT_SINCE, GRAFT_UNTIL,
	    GRAFT_NEVER);
	is_int(may(st, GRAFT_EVENT, u, b, 1, 2), 101, "but by a graft");
	is_int(session_asked(st, "b", &id, &e), 1, "and asked for");
	free(id);
	is_int(session_writable(st, "b", &e), -1, "never written to");
	store_close(st);
}

/* --- a slow rule beside it --------------------------------------------- */

static unsigned
random_below(unsigned n)
{
	static uint32_t x = 12345;

	x = x * 1664525u + 1013904223u;
	return (x >> 8) % n;
}

#define SESSIONS 6
#define GRAFTS 60

struct made {
	int session;
	unsigned kinds;
	int64_t since, until;
	bool to_ann, ended;
	char id[ULID_LEN + 1];
};

static void
make_one(struct store *bob, struct made *m)
{
	char name[8];

	m->session = (int)random_below(SESSIONS);
	m->kinds = 1 + random_below(GRAFT_ALL);
	m->since = GRAFT_SINCE;
	m->until = GRAFT_UNTIL;
	if (random_below(2) == 0) {
		m->kinds = 1 + random_below(GRAFT_TIMED);
		m->since = random_below(50);
		m->until = m->since + 1 + random_below(30);
	}
	m->to_ann = random_below(3) > 0;
	snprintf(name, sizeof name, "r%d", m->session);
	strcpy(m->id, give(bob, name, m->to_ann ? "user:ann" : "user:eve",
	    m->kinds, m->since, m->until, GRAFT_NEVER));
	if (random_below(4) == 0)
		m->ended = graft_revoke(bob, m->id, &e) == 1;
}

static int
slow(const struct made *m, int n, int session, unsigned kind, int64_t from,
    int64_t to)
{
	int i;

	for (i = 0; i < n; i++)
		if (m[i].to_ann && !m[i].ended && m[i].session == session &&
		    m[i].kinds & kind && m[i].since <= from && to <= m[i].until)
			return 101;
	return 0;
}

static void
compared(struct store *bob, struct store *ann)
{
	struct made m[GRAFTS] = { 0 };
	int64_t seq[SESSIONS], from, to;
	int i, k, s, good = 0, seen = 0;
	unsigned kind;
	char name[8];

	for (s = 0; s < SESSIONS; s++) {
		snprintf(name, sizeof name, "r%d", s);
		seq[s] = session(bob, name);
	}
	for (i = 0; i < GRAFTS; i++) {
		make_one(bob, &m[i]);
		for (k = 0; k < 100; k++) {
			s = (int)random_below(SESSIONS);
			kind = 1U << random_below(6);
			from = random_below(80);
			to = from + 1 + random_below(3);
			good += may(ann, kind, bob->user_id, seq[s], from,
			    to) == slow(m, i + 1, s, kind, from, to);
			seen += slow(m, i + 1, s, kind, from, to) != 0;
		}
	}
	is_int(good, GRAFTS * 100, "random grafts: as a slow rule has it");
	ok(seen > 1000 && seen < 5000, "of which %d were seen", seen);
}

/* An agent's words as lists, for what is parsed. */
static void
words(void)
{
	struct graft_row g;
	unsigned kinds;

	is_int(graft_kinds_parse("events,artifacts", &kinds, &e), 0, "kinds");
	is_int((int64_t)kinds, GRAFT_EVENT | GRAFT_ARTIFACT, "as bits");
	is_int(graft_kinds_parse("", &kinds, &e), -1, "none");
	is_int(graft_kinds_parse("events,", &kinds, &e), -1, "an empty one");
	is_int(graft_kinds_parse("event", &kinds, &e), -1, "half of one");
	is_int(graft_to_parse("user:a:b", &g, &e), 0, "a name with a colon");
	is_str(g.to_name, "a:b", "is all of it");
	is_int(graft_to_parse("tenant:x", &g, &e), -1, "the tenant has none");
	is_int(graft_to_parse("user:", &g, &e), -1, "a user has");
	is_int(graft_to_parse("user:a\nb", &g, &e), -1, "of no controls");
}

int
main(void)
{
	struct store *bob, *ann;

	temp_begin();
	bob = temp_open("st", "bob", STORE_WRITE);
	session(bob, "first");
	ann = temp_open("st", "ann", STORE_WRITE);
	the_table();
	words();
	by_graft(bob, ann);
	expires(bob, ann);
	bound(bob);
	compared(bob, ann);
	store_close(bob);
	store_close(ann);
	return temp_end() + done();
}
