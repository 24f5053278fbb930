#include "ltm/live_mark.h"

#include "store/db.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>

int
live_mark_read(struct store *st, struct live_mark *m, struct err *e)
{
	return db_number(st->db, e, "SELECT CAST(value AS "
	    "INTEGER) FROM meta WHERE name = 'live'", 0, &m->read) < 0 ||
	    db_number(st->db, e, "SELECT coalesce((SELECT CAST(value AS "
	    "INTEGER) FROM meta WHERE name = 'live_asked'), -1)", 0,
	    &m->asked) < 0 ||
	    db_number(st->db, e, "SELECT coalesce((SELECT CAST(value AS "
	    "INTEGER) FROM meta WHERE name = 'live_tries'), 0)", 0,
	    &m->tries) < 0 ? -1 : 0;
}

static int
save(struct store *st, const char *name, int64_t n, struct err *e)
{
	struct db_query *q;
	char value[24];

	if ((q = db_sql(st->db, e, "INSERT INTO meta (name, value) "
	    "VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET "
	    "value = :value")) == NULL)
		return -1;
	snprintf(value, sizeof value, "%" PRId64, n);
	db_text(q, ":name", name);
	db_text(q, ":value", value);
	return db_run(q, e);
}

int
live_mark_save(struct store *st, const struct live_mark *m, struct err *e)
{
	if (save(st, "live", m->read, e) < 0)
		return -1;
	return m->asked < 0 ? 0 : save(st, "live_asked", m->asked, e) < 0 ||
	    save(st, "live_tries", m->tries, e) < 0 ? -1 : 0;
}
