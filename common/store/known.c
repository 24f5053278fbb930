#include "store/known.h"

#include "store/db.h"
#include "store/store.h"

static struct db_query *
known_query(struct db *db, enum known what, struct err *e)
{
	switch (what) {
	case KNOWN_USERS:
		return db_sql(db, e, "SELECT name FROM user ORDER BY name "
		    "LIMIT :limit");
	case KNOWN_AGENTS:
		return db_sql(db, e, "SELECT name FROM agent ORDER BY name "
		    "LIMIT :limit");
	default:
		return db_sql(db, e, "SELECT name FROM kb ORDER BY name "
		    "LIMIT :limit");
	}
}

int
known_names(struct store *st, enum known what, int64_t limit, struct strv *v,
    struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = known_query(st->db, what, e)) == NULL)
		return -1;
	db_int(q, ":limit", limit);
	while ((r = db_row(q, e)) == 1)
		strv_add(v, db_get_text(q, 0));
	db_end(q);
	return r;
}
