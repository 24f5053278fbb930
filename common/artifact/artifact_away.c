/*
 * Which bytes of local disks are here, and which are not.
 */
#include "artifact/artifact_merge.h"

#include "base/alloc.h"
#include "store/db.h"
#include "store/store.h"

#include <stdlib.h>

/* The numbers are read before fn is called: it may write. */
static int
each(struct db_query *q, int (*fn)(void *, int64_t seq, struct err *),
    void *arg, struct err *e)
{
	int64_t *v = NULL;
	size_t n = 0, cap = 0, i;
	int r;

	while ((r = db_row(q, e)) == 1) {
		v = xgrow(v, n, &cap, sizeof *v);
		v[n++] = db_get_int(q, 0);
	}
	db_end(q);
	for (i = 0; r == 0 && i < n; i++)
		r = fn(arg, v[i], e);
	free(v);
	return r < 0 ? -1 : 0;
}

int
artifact_each_own(struct store *st, int64_t after, int (*fn)(void *,
    int64_t seq, struct err *), void *arg, struct err *e)
{
	struct db_query *q;

	if (after < 0) {
		if ((q = db_sql(st->db, e, "SELECT seq FROM artifact "
		    "WHERE here = 1 ORDER BY seq")) == NULL)
			return -1;
	} else {
		/* 9: CHANGE_ARTIFACT; others' lie in the ranges of origin */
		if ((q = db_sql(st->db, e, "SELECT seq FROM artifact "
		    "WHERE seq IN (SELECT ref FROM change c "
		    "WHERE seq > :after AND type = 9 AND NOT ifnull((SELECT "
		    "first <= c.seq AND own = 0 FROM origin "
		    "WHERE last >= c.seq ORDER BY last LIMIT 1), 0)) "
		    "ORDER BY seq")) == NULL)
			return -1;
		db_int(q, ":after", after);
	}
	return each(q, fn, arg, e);
}

int
artifact_each_away(struct store *st, int (*fn)(void *, int64_t seq,
    struct err *), void *arg, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "SELECT seq FROM artifact "
	    "WHERE provider = 1 AND here = 0 AND state = 0 "
	    "AND sum IS NOT NULL UNION ALL SELECT seq FROM artifact "
	    "WHERE state > 0 AND state <> 3 AND state <> 6 AND state <> 8 "
	    "AND state = 4 AND provider = 1 AND sum IS NOT NULL "
	    "ORDER BY seq")) == NULL)
		return -1;
	return each(q, fn, arg, e);
}

int
artifact_each_local(struct store *st, int (*fn)(void *, int64_t seq,
    struct err *), void *arg, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "SELECT seq FROM artifact "
	    "WHERE provider = 1 AND state IN (0, 4) AND sum IS NOT NULL "
	    "ORDER BY seq")) == NULL)
		return -1;
	return each(q, fn, arg, e);
}

int
artifact_each_sum(struct store *st, int (*fn)(void *,
    const uint8_t sum[HASH_LEN], struct err *), void *arg, struct err *e)
{
	struct db_query *q;
	const void *sum;
	size_t n;
	int r;

	if ((q = db_sql(st->db, e, "SELECT sum FROM artifact "
	    "WHERE provider = 1 AND state NOT IN (6, 8) "
	    "AND sum IS NOT NULL")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		sum = db_get_blob(q, 0, &n);
		if (n == HASH_LEN && (r = fn(arg, sum, e)) != 0)
			break;
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

int
artifact_came(struct store *st, const struct artifact *a, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "UPDATE artifact SET here = 1, state = 0 "
	    "WHERE object = :object AND provider = 1 AND provider > 0 "
	    "AND sum = :sum AND state IN (0, 4)")) == NULL)
		return -1;
	db_text(q, ":object", a->object);
	db_blob(q, ":sum", a->sum, HASH_LEN);
	return db_run(q, e) < 0 ? -1 : db_changes(st->db) > 0;
}

int
artifact_has_here(struct store *st, const char *object,
    const uint8_t *sum, struct err *e)
{
	struct db_query *q;
	int64_t one;

	if ((q = db_sql(st->db, e, "SELECT 1 FROM artifact "
	    "WHERE object = :object AND provider = 1 AND provider > 0 "
	    "AND state <> 6 AND here = 1 AND (:sum IS NULL OR sum = :sum) "
	    "LIMIT 1")) == NULL)
		return -1;
	db_text(q, ":object", object);
	if (sum != NULL)
		db_blob(q, ":sum", sum, HASH_LEN);
	else
		db_null(q, ":sum");
	return db_first(q, &one, e);
}
