#include "store/newest.h"

#include "store/db.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

int
newest_rows(struct store *st, struct newest *n, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT (SELECT max(seq) FROM event), "
	    "(SELECT max(seq) FROM record), "
	    "(SELECT max(seq) FROM tombstone)")) == NULL)
		return -1;
	if ((r = db_row(q, e)) == 1) {
		n->event = db_get_int(q, 0);
		n->record = db_get_int(q, 1);
		n->tombstone = db_get_int(q, 2);
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

/* --- of one user ------------------------------------------------------- */

#define NUMBER(name) \
	"ifnull((SELECT CAST(value AS INTEGER) FROM meta WHERE name = " name \
	"), 0)"

int
newest_may(struct store *st, int64_t user, int64_t after, struct err *e)
{
	struct db_query *q;
	int64_t newest, upto, floor;
	int r;

	if ((q = db_sql(st->db, e, "SELECT (SELECT max(seq) FROM event), "
	    NUMBER("'newest.upto'") ", " NUMBER("'newest.floor'") ", "
	    NUMBER("'newest/' || :user"))) == NULL)
		return -1;
	db_int(q, ":user", user);
	if ((r = db_row(q, e)) == 1) {
		newest = db_get_int(q, 0);
		upto = db_get_int(q, 1);
		floor = db_get_int(q, 2);
		r = newest > after && (newest > upto || floor > after ||
		    db_get_int(q, 3) > after);
	}
	db_end(q);
	return r;
}

static int
put(struct store *st, const char *name, int64_t seq, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "INSERT INTO meta (name, value) "
	    "VALUES (:name, :seq) ON CONFLICT (name) DO UPDATE SET value = "
	    "max(CAST(value AS INTEGER), CAST(excluded.value AS INTEGER))"))
	    == NULL)
		return -1;
	db_text(q, ":name", name);
	db_int(q, ":seq", seq);
	return db_run(q, e);
}

/* Somebody wrote who takes no note: of all before nothing is known. */
static int
lift(struct store *st, int64_t floor, struct err *e)
{
	if (db_script(st->db, "DELETE FROM meta WHERE name >= 'newest/' "
	    "AND name < 'newest0'", e) < 0)
		return -1;
	return put(st, "newest.floor", floor, e);
}

int
newest_wrote(struct store *st, int64_t user, int64_t first, int64_t last,
    struct err *e)
{
	struct db_query *q;
	bool several = false, unknown = false;
	char name[40];
	int r;

	if ((q = db_sql(st->db, e, "SELECT max(id) > 1, EXISTS (SELECT 1 FROM "
	    "event WHERE seq > " NUMBER("'newest.upto'") " AND seq < :first) "
	    "FROM user")) == NULL)
		return -1;
	db_int(q, ":first", first);
	if ((r = db_row(q, e)) == 1) {
		several = db_get_int(q, 0) != 0;
		unknown = db_get_int(q, 1) != 0;
	}
	db_end(q);
	if (r < 0 || !several)
		return r < 0 ? -1 : 0;
	snprintf(name, sizeof name, "newest/%" PRId64, user);
	if ((unknown && lift(st, first - 1, e) < 0) ||
	    put(st, "newest.upto", last, e) < 0)
		return -1;
	return put(st, name, last, e);
}
