/*
 * The outbox and its readers.  Rows that everybody has confirmed are
 * deleted by change_trim only, never on the way of a write; the newest row
 * stays, because SQLite gives the number after the greatest there is.
 */
#include "store/change.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/date.h"
#include "store/db.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

const char *const change_names[CHANGE_TYPES + 1] = {
	"", "event", "session", "record", "tombstone", "value",
	"segment", "file", "decision", "artifact", "graft", NULL
};

int
change_push(struct store *st, enum change_type type, int64_t ref,
    struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "INSERT INTO change (type, ref, at) "
	    "VALUES (:type, :ref, :at)")) == NULL)
		return -1;
	db_int(q, ":type", type);
	db_int(q, ":ref", ref);
	db_int(q, ":at", date_real());
	return db_run(q, e);
}

int
change_last(struct store *st, int64_t *seq, struct err *e)
{
	return db_number(st->db, e, "SELECT max(seq) FROM change", 0, seq);
}

int
change_each(struct store *st, int64_t after,
    int (*fn)(void *, const struct change *, struct err *), void *arg,
    struct err *e)
{
	struct change c;
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT seq, type, ref, at FROM change "
	    "WHERE seq > :after ORDER BY seq")) == NULL)
		return -1;
	db_int(q, ":after", after);
	while ((r = db_row(q, e)) == 1) {
		c.seq = db_get_int(q, 0);
		c.type = (enum change_type)db_get_int(q, 1);
		c.ref = db_get_int(q, 2);
		c.at_ms = db_get_int(q, 3);
		if ((r = fn(arg, &c, e)) != 0)
			break;
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

static void
consumer_read(struct db_query *q, struct consumer *c)
{
	c->name = db_dup(q, 0);
	c->seq = db_get_int(q, 1);
	c->ts_ms = db_get_int(q, 2);
	c->saved_ms = db_get_int(q, 3);
	c->lag = db_get_int(q, 4);
}

void
consumer_release(struct consumer *c)
{
	free(c->name);
	c->name = NULL;
}

int
consumer_get(struct store *st, const char *name, struct consumer *out,
    struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT name, seq, ts, saved, "
	    "max(0, ifnull((SELECT max(seq) FROM change), 0) - seq) "
	    "FROM consumer WHERE name = :name")) == NULL)
		return -1;
	db_text(q, ":name", name);
	if ((r = db_row(q, e)) == 1)
		consumer_read(q, out);
	db_end(q);
	return r;
}

int
consumer_put(struct store *st, const char *name, int64_t seq, int64_t ts_ms,
    struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "INSERT INTO consumer (name, seq, ts, "
	    "saved) VALUES (:name, :seq, :ts, :now) ON CONFLICT (name) DO "
	    "UPDATE SET seq = :seq, ts = :ts, saved = :now")) == NULL)
		return -1;
	db_text(q, ":name", name);
	db_int(q, ":seq", seq);
	db_int(q, ":ts", ts_ms);
	db_int(q, ":now", date_real());
	return db_run(q, e);
}

int
consumer_remove(struct store *st, const char *name, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "DELETE FROM consumer WHERE name = :name"))
	    == NULL)
		return -1;
	db_text(q, ":name", name);
	return db_run(q, e);
}

int
consumer_each(struct store *st, int (*fn)(void *, const struct consumer *),
    void *arg, struct err *e)
{
	struct consumer c;
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT name, seq, ts, saved, "
	    "max(0, ifnull((SELECT max(seq) FROM change), 0) - seq) "
	    "FROM consumer ORDER BY name")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		consumer_read(q, &c);
		r = fn(arg, &c);
		consumer_release(&c);
		if (r != 0)
			break;
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

#define REMOTE "sync:"

bool
consumer_is_idle(const struct store *st, const char *name)
{
	struct buf key = BUF_INIT;
	bool idle = false;

	if (str_starts(name, REMOTE))
		buf_addf(&key, "remote.%s.url", name + strlen(REMOTE));
	else if (str_starts(name, CONSUMER_ENGINE))
		buf_addf(&key, "engine.%s.url", name +
		    strlen(CONSUMER_ENGINE));
	if (key.len > 0)
		idle = conf_get(st->conf, key.p, NULL) == NULL;
	buf_release(&key);
	return idle;
}

struct least {
	const struct store *st;
	int64_t seq;
};

static int
find_least(void *arg, const struct consumer *c)
{
	struct least *l = arg;

	if (c->seq < l->seq && !consumer_is_idle(l->st, c->name))
		l->seq = c->seq;
	return 0;
}

/* All have confirmed up to this change; INT64_MAX: there is nobody. */
static int
confirmed(struct store *st, int64_t *seq, struct err *e)
{
	struct least l = { st, INT64_MAX };

	if (consumer_each(st, find_least, &l, e) < 0)
		return -1;
	*seq = l.seq;
	return 0;
}

int
change_outstanding(struct store *st, int64_t *n, struct err *e)
{
	struct db_query *q;
	int64_t seq;

	*n = 0;
	if (confirmed(st, &seq, e) < 0 || (q = db_sql(st->db, e,
	    "SELECT count(*) FROM change WHERE seq > :seq")) == NULL)
		return -1;
	db_int(q, ":seq", seq);
	return db_first(q, n, e) < 0 ? -1 : 0;
}

int
change_trim(struct store *st, int64_t *deleted, struct err *e)
{
	struct db_query *q;
	int64_t seq;

	if (confirmed(st, &seq, e) < 0 || (q = db_sql(st->db, e,
	    "DELETE FROM change WHERE seq <= :seq AND "
	    "seq < (SELECT max(seq) FROM change)")) == NULL)
		return -1;
	db_int(q, ":seq", seq);
	if (db_run(q, e) < 0)
		return -1;
	*deleted = db_changes(st->db);
	return 0;
}
