#include "ltm/intake_batch.h"

#include "base/alloc.h"
#include "ltm/verdict.h"
#include "memory/record_row.h"
#include "store/payload.h"
#include "store/store.h"

#include <string.h>

/* 1: the row at which q stands counts. */
int
intake_read(struct intake *in, struct db_query *q, struct err *e)
{
	struct entry_head *h = &in->row.head;
	struct buf what = BUF_INIT;
	const uint8_t *hash;
	const void *body;
	size_t n, i;
	int r;

	body = db_get_blob(q, 6, &n);
	buf_reset(&in->json);
	if (store_unpack(in->st, &in->json, body, n, db_get_int(q, 5),
	    RECORD_MAX, e) < 0 || (r = row_take(&in->row, in->json.p,
	    in->json.len, e)) < 0)
		return err_add(e, "record %s of %s: ", db_get_text(q, 1),
		    in->kb);
	h->id = db_get_text(q, 1);
	h->id_len = strlen(h->id);
	h->ts_ms = db_is_null(q, 3) ? ENTRY_NO_TIME : db_get_int(q, 3);
	hash = db_get_blob(q, 4, &n);
	h->hash = 0;
	for (i = 0; i < 8 && i < n; i++)
		h->hash = h->hash << 8 | hash[i];
	if (r == 1 && in->verdicts) {
		buf_addf(&what, "%s/%s", in->kb, h->id);
		r = verdict_rejected(in->st, what.p, e);
		r = r < 0 ? -1 : !r;
		buf_release(&what);
	}
	return r;
}

/* --- its line in ltm_row ----------------------------------------------- */

void
taken_note(struct taken *t, int64_t id)
{
	t->ids = xgrow(t->ids, t->n, &t->cap, sizeof *t->ids);
	t->ids[t->n++] = id;
}

/* The groups of a row that was taken in by an earlier batch, appended. */
int
intake_stored(struct intake *in, int64_t row, struct buf *ids, struct err *e)
{
	struct db_query *q;
	const void *p;
	size_t n;
	int r;

	if ((q = db_sql(in->st->db, e, "SELECT groups FROM ltm_row "
	    "WHERE row = :row AND job = :job")) == NULL)
		return -1;
	db_int(q, ":row", row);
	db_int(q, ":job", in->gs->job);
	if ((r = db_row(q, e)) == 1) {
		p = db_get_blob(q, 0, &n);
		buf_add(ids, p, n - n % 8);
	}
	db_end(q);
	return r;
}

int
intake_unstore(struct intake *in, int64_t row, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(in->st->db, e, "DELETE FROM ltm_row WHERE row = :row "
	    "AND job = :job")) == NULL)
		return -1;
	db_int(q, ":row", row);
	db_int(q, ":job", in->gs->job);
	return db_run(q, e);
}

int
intake_store(struct intake *in, const struct taken *t, struct err *e)
{
	struct db_query *q;
	size_t i;

	buf_reset(&in->name);
	for (i = 0; i < t->n; i++)
		group_id_put(&in->name, t->ids[i]);
	if ((q = db_sql(in->st->db, e, "INSERT INTO ltm_row (row, job, "
	    "groups) VALUES (:row, :job, :groups) ON CONFLICT (row, job) "
	    "DO UPDATE SET groups = :groups")) == NULL)
		return -1;
	db_int(q, ":row", t->seq);
	db_int(q, ":job", in->gs->job);
	db_blob(q, ":groups", in->name.p, in->name.len);
	return db_run(q, e);
}

/* --- many -------------------------------------------------------------- */

int
rows_note(void *arg, int64_t row, const char *entry, size_t len)
{
	struct rows *rows = arg;

	(void)entry;
	(void)len;
	rows->v = xgrow(rows->v, rows->n, &rows->cap, sizeof *rows->v);
	rows->v[rows->n++] = row;
	return 0;
}

int
rows_compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}
