#include "memory/granted.h"

#include "base/date.h"
#include "store/access.h"
#include "store/db.h"
#include "store/store.h"

#include <string.h>

int
granted_event(struct store *st, int64_t user, const uint8_t id[ULID_BYTES],
    unsigned kind, const struct graft **by, struct err *e)
{
	struct access_object o = { .tier = ACCESS_SESSION, .kind = kind,
	    .user = user };
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT session, ts FROM event WHERE "
	    "user = :user AND ts = :ts AND id = :id UNION ALL "
	    "SELECT session, ts FROM event WHERE user = :user AND id = :id "
	    "AND stray = 1")) == NULL)
		return -1;
	db_int(q, ":user", user);
	db_int(q, ":ts", ulid_time(id));
	db_blob(q, ":id", id, ULID_BYTES);
	if ((r = db_row(q, e)) == 1) {
		o.session = db_get_int(q, 0);
		o.start_ms = db_get_int(q, 1);
		o.end_ms = o.start_ms + 1;
	}
	db_end(q);
	return r == 1 ? access_may(st, ACCESS_READ, &o, by) : r;
}

int
granted_whole(struct store *st, unsigned kind, int64_t user, int64_t session,
    const struct graft **by)
{
	struct access_object o = { .tier = ACCESS_SESSION, .kind = kind,
	    .user = user, .session = session, .start_ms = DATE_MIN,
	    .end_ms = DATE_MAX + 1 };

	return access_may(st, ACCESS_READ, &o, by);
}

void
granted_id(struct store *st, int64_t session, const struct graft *by,
    char out[ULID_LEN + 1])
{
	memcpy(out, by != NULL ? by->id : "", by != NULL ? ULID_LEN + 1 : 1);
	if (by != NULL)
		access_shown(st, session, out);
}
