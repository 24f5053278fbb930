#include "store/audit_at.h"

#include "base/file.h"
#include "store/audit.h"
#include "store/db.h"
#include "store/schema.h"

#include <stddef.h>

#define BUSY_MS 10000

int
audit_add_at(const char *db_path, const struct audit *a,
    int (*then)(void *, struct err *), void *arg, struct err *e)
{
	struct db *db = NULL;
	int r = 0;

	if (file_exists(db_path) &&
	    ((r = db_open(&db, db_path, DB_WRITE, BUSY_MS, e)) < 0 ||
	    (r = schema_check(db, db_path, e)) < 0)) {
		db_close(db);
		return -1;
	}
	if (r == 0)
		r = then != NULL ? then(arg, e) : 0;
	else if ((r = tx_begin(db, e)) == 0) {
		if ((r = audit_add_db(db, a, e)) == 0 && then != NULL)
			r = then(arg, e);
		r = tx_end(db, r, e);
	}
	db_close(db);
	return r;
}
