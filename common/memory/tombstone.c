#include "memory/tombstone.h"

#include "store/db.h"
#include "store/store.h"

/* What names a session of a forgotten user that is not here tells of before,
 * as far as anybody knows: a new one begins with its events. */
static int
has(struct store *st, int64_t user, enum tombstone target, const char *id,
    struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT 1 FROM tombstone WHERE "
	    "user = :user AND target = :target AND id = :id UNION ALL "
	    "SELECT 1 FROM tombstone WHERE user = :user AND target = 5 AND "
	    ":target = 2 AND NOT EXISTS (SELECT 1 FROM session WHERE "
	    "user = :user AND name = :id)")) == NULL)
		return -1;
	db_int(q, ":user", user);
	db_int(q, ":target", target);
	db_text(q, ":id", id);
	r = db_row(q, e);
	db_end(q);
	return r;
}

int
tombstone_has_session(struct store *st, int64_t user, const char *id,
    struct err *e)
{
	return has(st, user, TOMBSTONE_SESSION, id, e);
}

int
tombstone_has_event(struct store *st, int64_t user, const char *id,
    struct err *e)
{
	return has(st, user, TOMBSTONE_EVENT, id, e);
}

int
tombstone_has_record(struct store *st, const char *id, struct err *e)
{
	return has(st, 0, TOMBSTONE_RECORD, id, e);
}

int
tombstone_has_below(struct store *st, const char *begin, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT 1 FROM tombstone WHERE user = 0 "
	    "AND target = 3 AND id >= :begin AND substr(id, 1, "
	    "length(:begin)) = :begin ORDER BY id LIMIT 1")) == NULL)
		return -1;
	db_text(q, ":begin", begin);
	r = db_row(q, e);
	db_end(q);
	return r;
}
