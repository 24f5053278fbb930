#include "memory/toc_prune.h"

#include "store/audit.h"
#include "store/db.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>

#define OLD "FROM toc_version v JOIN toc_node n ON n.id = v.node " \
	"WHERE v.version <> n.live AND (SELECT count(*) FROM toc_version w " \
	"WHERE w.node = v.node AND w.version > v.version) >= :keep"

static int
count_old(struct store *st, int64_t keep, int64_t *n, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT count(*) " OLD)) == NULL)
		return -1;
	db_int(q, ":keep", keep);
	if ((r = db_row(q, e)) == 1)
		*n = db_get_int(q, 0);
	db_end(q);
	return r < 0 ? -1 : 0;
}

static int
delete_some(struct store *st, int64_t keep, int64_t *n, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "DELETE FROM toc_version WHERE seq IN "
	    "(SELECT v.seq " OLD " LIMIT 5000)")) == NULL)
		return -1;
	db_int(q, ":keep", keep);
	if (db_run(q, e) < 0)
		return -1;
	*n = db_changes(st->db);
	if ((q = db_sql(st->db, e, "DELETE FROM toc_move WHERE NOT EXISTS "
	    "(SELECT 1 FROM toc_version v WHERE v.node = toc_move.node AND "
	    "v.version = toc_move.version)")) == NULL)
		return -1;
	return db_run(q, e);
}

static int
note(struct store *st, int64_t n, struct err *e)
{
	char detail[64];

	snprintf(detail, sizeof detail, "%" PRId64 " versions of contents", n);
	return audit_add(st, "prune", NULL, detail, e);
}

int
toc_prune(struct store *st, int64_t keep, bool dry, int64_t *n,
    struct err *e)
{
	int64_t some;

	*n = 0;
	if (dry)
		return count_old(st, keep, n, e);
	do {
		some = 0;
		if (tx_begin(st->db, e) < 0 || tx_end(st->db,
		    delete_some(st, keep, &some, e), e) < 0)
			return -1;
		*n += some;
	} while (some > 0);
	return *n > 0 ? note(st, *n, e) : 0;
}
