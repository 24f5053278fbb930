/*
 * Two stores: what is in the one and not in the other.
 */
#include "sync/drill.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/str.h"
#include "base/ulid.h"
#include "memory/event.h"
#include "store/db.h"
#include "store/sealed.h"
#include "store/store.h"

#include <stdbool.h>
#include <string.h>

/* Rows of this kind of change that came here after :after, from nobody else:
 * they are not there yet. */
#define NEW(type) "(SELECT ref FROM change c WHERE type = " type " AND " \
	"seq > :after AND NOT ifnull((SELECT first <= c.seq FROM origin " \
	"WHERE last >= c.seq ORDER BY last LIMIT 1), 0))"

struct run {
	struct store *here, *there;
	int64_t after;
	drill_fn *fn;
	void *arg;
	struct drilled *sums;
};

static int
tell(struct run *run, const char *what, const char *user, const char *id,
    const char *why, struct err *e)
{
	if (str_eq(why, "missing"))
		run->sums->missing++;
	else
		run->sums->different++;
	return run->fn(run->arg, what, user != NULL ? user : "", id, why, e);
}

/* --- rows -------------------------------------------------------------- */

static int
attach(struct run *run, struct err *e)
{
	struct buf path = BUF_INIT;
	struct db_query *q;
	int r = -1;

	buf_addf(&path, "%s/memory.db", run->there->tenant_dir);
	if ((q = db_sql(run->here->db, e, "ATTACH :path AS there")) != NULL) {
		db_text(q, ":path", path.p);
		r = db_run(q, e);
	}
	buf_release(&path);
	return r;
}

/* Each row of the query: user and id of what is not there. */
static int
each_missing(struct run *run, const char *what, struct db_query *q,
    struct err *e)
{
	int r;

	if (q == NULL)
		return -1;
	db_int(q, ":after", run->after);
	while ((r = db_row(q, e)) == 1 && (r = tell(run, what,
	    db_get_text(q, 0), db_get_text(q, 1), "missing", e)) == 0)
		;
	db_end(q);
	return r < 0 ? -1 : 0;
}

#define VALUES(db, fn) "SELECT u.name, s.name || '/' || v.name, v.kind, " \
	OPEN_VARIABLE_BY(fn, "v.") ", v.at, v.node " \
	"FROM " db ".variable v JOIN " db \
	".session s ON s.seq = v.session JOIN " db ".user u ON u.id = s.user "
#define RECORDS(db) "SELECT NULL, k.name || '/' || r.id, r.type, r.status, " \
	"r.at, r.node, r.hash FROM " db ".record r JOIN " db \
	".kb k ON k.id = r.kb "
#define TOMBSTONES(db) "SELECT u.name, t.id, t.target FROM " db \
	".tombstone t LEFT JOIN " db ".user u ON u.id = t.user " \
	"WHERE t.target IN (1, 2, 3, 5) "
#define SESSIONS(db) "SELECT u.name, s.name FROM " db ".session s JOIN " db \
	".user u ON u.id = s.user "

#define GRAFTS(db) "SELECT u.name, s.name || ' ' || hex(g.id), g.to_kind, " \
	"g.to_name, g.kinds, g.since, g.until, g.expires, g.created, " \
	"g.revoked, g.by FROM " db ".graft g JOIN " db ".session s " \
	"ON s.seq = g.session JOIN " db ".user u ON u.id = s.user "

/* As they travel (artifact_merge.h): those that are deleted may have been so by
 * both, and what was not found, not by all. */
#define ARTIFACTS(db, fn) "SELECT u.name, hex(a.id), iif(a.state <> 4, " \
	"a.state, iif(a.provider = 3, 3, 0)), " \
	"iif(a.state = 6, '', a.object), " \
	"iif(a.state = 6, 0, a.at), iif(a.state = 6, 0, a.node), " \
	"iif(a.state = 6, '', a.sum), " OPEN_ARTIFACT_BY(fn, "a.") \
	" FROM " db ".artifact a JOIN " \
	db ".user u ON u.id = a.user WHERE a.state NOT IN (1, 5, 7) "

/* Told by what people call them. */
static int
tell_artifact(struct run *run, const char *user, const char *hex,
    struct err *e)
{
	char id[ULID_LEN + 1];
	uint8_t raw[ULID_BYTES];

	if (hex == NULL || strlen(hex) != 2 * sizeof raw ||
	    !hex_decode(raw, hex, sizeof raw))
		return tell(run, "artifact", user, "", "missing", e);
	ulid_from_bytes(id, raw);
	return tell(run, "artifact", user, id, "missing", e);
}

static int
compare_artifacts(struct run *run, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(run->here->db, e, ARTIFACTS("main", "unseal")
	    "AND a.seq NOT IN " NEW("9") " EXCEPT "
	    ARTIFACTS("there", "unseal_there"))) == NULL)
		return -1;
	db_int(q, ":after", run->after);
	while ((r = db_row(q, e)) == 1 && (r = tell_artifact(run,
	    db_get_text(q, 0), db_get_text(q, 1), e)) == 0)
		;
	db_end(q);
	return r < 0 ? -1 : db_number(run->here->db, e, "SELECT count(*) "
	    "FROM there.artifact", 0, &run->sums->artifacts);
}

static int
compare_rows(struct run *run, struct err *e)
{
	struct db *db = run->here->db;

	if (each_missing(run, "session", db_sql(db, e, SESSIONS("main")
	    "WHERE s.seq NOT IN " NEW("2") " AND (s.events = 0 OR s.seq IN "
	    "(SELECT session FROM event WHERE seq NOT IN " NEW("1") ")) "
	    "AND (s.events > 0 OR NOT EXISTS (SELECT 1 FROM variable "
	    "WHERE session = s.seq AND seq IN " NEW("5") ")) "
	    "EXCEPT " SESSIONS("there")), e) < 0 ||
	    each_missing(run, "value", db_sql(db, e, VALUES("main", "unseal")
	    "WHERE v.seq NOT IN " NEW("5") " EXCEPT "
	    VALUES("there", "unseal_there")), e) <
	    0 ||
	    each_missing(run, "record", db_sql(db, e, RECORDS("main")
	    "WHERE r.seq NOT IN " NEW("3") " EXCEPT " RECORDS("there")), e) <
	    0 ||
	    each_missing(run, "graft", db_sql(db, e, GRAFTS("main")
	    "WHERE g.seq NOT IN " NEW("10") " EXCEPT " GRAFTS("there")), e) <
	    0 ||
	    each_missing(run, "tombstone", db_sql(db, e, TOMBSTONES("main")
	    "AND t.seq NOT IN " NEW("4") " EXCEPT " TOMBSTONES("there")), e) <
	    0)
		return -1;
	if (db_number(db, e, "SELECT count(*) FROM there.variable", 0,
	    &run->sums->values) < 0 ||
	    db_number(db, e, "SELECT count(*) FROM there.record", 0,
	    &run->sums->records) < 0)
		return -1;
	return db_number(db, e, "SELECT count(*) FROM there.tombstone "
	    "WHERE target IN (1, 2, 3, 5)", 0, &run->sums->tombstones);
}

/* --- events ------------------------------------------------------------ */

static bool
same(const struct event *a, const struct event *b)
{
	return a->ts_ms == b->ts_ms && a->type == b->type &&
	    a->role == b->role && str_eq(a->session, b->session) &&
	    str_eq(a->agent, b->agent) && a->text_len == b->text_len &&
	    memcmp(a->text, b->text, a->text_len) == 0 &&
	    a->rest_len == b->rest_len && (a->rest_len == 0 ||
	    memcmp(a->rest, b->rest, a->rest_len) == 0);
}

static int
compare_event(struct run *run, const struct event *ev,
    struct event_iter **it, int64_t user, struct err *e)
{
	const struct event *other;
	int r = event_find_of(it, run->there, user, ev->id, &other, e);

	if (r < 0)
		return -1;
	run->sums->events++;
	if (r == 0 || !same(ev, other))
		r = tell(run, "event", ev->user, ev->id, r == 0 ? "missing" :
		    "different", e);
	else
		r = 0;
	event_rest(*it);
	return r;
}

/* Users have other numbers there; rows come by user, so each is asked for
 * once. */
static int
user_there(struct run *run, const char *name, int64_t *user, struct err *e)
{
	return store_user(run->there, name, false, user, e);
}

static int
compare_events(struct run *run, struct err *e)
{
	struct event_iter *here = NULL, *there = NULL;
	int64_t user = 0, last = -1, owner;
	const struct event *ev;
	struct db_query *q;
	int r;

	if ((q = db_sql(run->here->db, e, "SELECT seq, user FROM event "
	    "WHERE seq NOT IN " NEW("1") " ORDER BY user, ts")) == NULL)
		return -1;
	db_int(q, ":after", run->after);
	while ((r = db_row(q, e)) == 1) {
		owner = db_get_int(q, 1);
		if ((r = event_get_any(&here, run->here, db_get_int(q, 0),
		    &ev, e)) < 0)
			break;
		if (r == 0)
			continue;	/* forgotten since */
		if ((owner != last && (r = user_there(run, ev->user, &user,
		    e)) < 0) || (r = compare_event(run, ev, &there, user, e)) <
		    0)
			break;
		last = owner;
	}
	db_end(q);
	event_close(here);
	event_close(there);
	return r < 0 ? -1 : 0;
}

int
drill_compare(struct store *here, struct store *there, int64_t after,
    drill_fn *fn, void *arg, struct drilled *sums, struct err *e)
{
	struct run run = { here, there, after, fn, arg, sums };
	struct err ignored;
	int r;

	if (sealed_attach_there(here, there, e) < 0 || attach(&run, e) < 0)
		return -1;
	if ((r = compare_rows(&run, e)) == 0 &&
	    (r = compare_artifacts(&run, e)) == 0)
		r = compare_events(&run, e);
	db_script(here->db, "DETACH there", &ignored);
	return r;
}
