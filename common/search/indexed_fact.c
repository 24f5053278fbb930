/*
 * Which facts of an index count no more: a later row has the next version,
 * the row is gone, or their time is over.  Of a row that is gone nothing is
 * known but its number; the documents are not in the order of these, and all
 * of them are looked at.
 */
#include "search/indexed.h"

#include "base/alloc.h"
#include "base/date.h"
#include "ltm/fact_entry.h"
#include "store/db.h"
#include "store/newest.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Those before a version that is newer than the index. */
static int
kill_replaced(struct indexed *x, struct err *e)
{
	char id[FACT_ID_LEN + 1], row[24];
	struct buf key = BUF_INIT;
	struct db_query *q;
	int64_t newest;
	int r;

	if (fact_newest(x->st, &newest, e) < 0)
		return -1;
	if (newest <= x->after)
		return 0;
	q = db_sql(x->st->db, e, "SELECT p.id, p.seq FROM fact n CROSS JOIN "
	    "fact p ON p.id = n.id AND p.version = n.version - 1 "
	    "WHERE n.seq > :after AND p.seq <= :after AND +n.user = :user");
	if (q == NULL)
		return -1;
	db_int(q, ":after", x->after);
	db_int(q, ":user", fact_owner(x->st, x->source == SOURCE_OWN));
	while ((r = db_row(q, e)) == 1) {
		fact_id_format(id, db_get_int(q, 0));
		snprintf(row, sizeof row, "%" PRId64, db_get_int(q, 1));
		indexed_key(&key, x->source, row, id);
		if ((r = indexed_kill_key(x, &key, e)) < 0)
			break;
	}
	db_end(q);
	buf_release(&key);
	return r;
}

struct rows {
	int64_t *row;		/* own */
	size_t n, cap;
};

static int
add_forgotten(struct indexed *x, struct rows *rows, struct err *e)
{
	struct newest newest;
	struct db_query *q;
	int r;

	if (newest_rows(x->st, &newest, e) < 0)
		return -1;
	if (newest.tombstone <= x->x.m.tombstones)
		return 0;
	q = db_sql(x->st->db, e, "SELECT ref, seq FROM tombstone WHERE "
	    "seq > :after AND user = :user AND target = 4 ORDER BY seq");
	if (q == NULL)
		return -1;
	db_int(q, ":after", x->x.m.tombstones);
	db_int(q, ":user", fact_owner(x->st, x->source == SOURCE_OWN));
	while ((r = db_row(q, e)) == 1) {
		rows->row = xgrow(rows->row, rows->n, &rows->cap,
		    sizeof *rows->row);
		rows->row[rows->n++] = db_get_int(q, 0);
		x->x.m.tombstones = db_get_int(q, 1);
	}
	db_end(q);
	return r;
}

static int
by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int
kill_rows(struct indexed *x, const struct rows *rows, struct err *e)
{
	uint32_t d;
	int64_t row;
	size_t i;

	if (rows->n == 0)
		return 0;
	qsort(rows->row, rows->n, sizeof *rows->row, by_number);
	for (i = 0; i < x->x.m.n; i++)
		for (d = 0; d < x->x.m.segment[i].docs; d++) {
			if (segment_value(x->x.s[i], INDEXED_ROW, d, &row,
			    e) < 0)
				return -1;
			if (bsearch(&row, rows->row, rows->n,
			    sizeof *rows->row, by_number) != NULL)
				indexed_kill(x, i, d);
		}
	return 0;
}

static int
kill_ended(struct indexed *x, size_t part, uint32_t doc, struct err *e)
{
	int64_t until;

	if (segment_value(x->x.s[part], INDEXED_UNTIL, doc, &until, e) < 0)
		return -1;
	if (until <= date_now())
		indexed_kill(x, part, doc);
	return 0;
}

int
indexed_view_facts(struct indexed *x, struct err *e)
{
	struct rows rows = { NULL, 0, 0 };
	int r = 0;

	if (kill_replaced(x, e) < 0 || add_forgotten(x, &rows, e) < 0 ||
	    kill_rows(x, &rows, e) < 0 || indexed_each_of(x, INDEXED_ENDS,
	    strlen(INDEXED_ENDS), kill_ended, e) < 0)
		r = -1;
	free(rows.row);
	return r;
}
