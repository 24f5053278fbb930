#include "store/newest.h"

#include "store/db.h"
#include "store/store.h"

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
