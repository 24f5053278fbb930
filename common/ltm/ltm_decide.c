#include "ltm/ltm_decide.h"

#include "base/buf.h"
#include "base/json.h"
#include "store/db.h"
#include "store/sealed.h"
#include "store/store.h"

#include <inttypes.h>
#include <string.h>

int
fact_counting(struct store *st, int64_t id, struct fact *f, struct err *e)
{
	struct db_query *q;
	int r;

	memset(f, 0, sizeof *f);
	if ((q = db_sql(st->db, e, "SELECT version, gone, held, confidence, "
	    "digest, seq FROM fact WHERE id = :id ORDER BY version DESC "
	    "LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":id", id);
	if ((r = db_row(q, e)) == 1) {
		f->seq = db_get_int(q, 5);
		f->id = id;
		f->scope = FACT_TENANT;
		f->valid_until_ms = INT64_MAX;
		f->version = db_get_int(q, 0);
		f->gone = db_get_int(q, 1);
		f->held = db_get_int(q, 2);
		f->confidence = db_get_real(q, 3);
		f->digest = db_get_int(q, 4);
	}
	db_end(q);
	return r;
}

/* Its body, as the text that is kept. */
static int
body_of(struct store *st, const struct fact *f, struct buf *text,
    struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT " OPEN_FACT("")
	    " FROM fact WHERE seq = :seq"))
	    == NULL)
		return -1;
	db_int(q, ":seq", f->seq);
	if ((r = db_row(q, e)) == 1)
		buf_adds(text, db_get_text(q, 0));
	db_end(q);
	return r < 0 ? -1 : 0;
}

/* There is no such fact any more: what it said, and why it goes. */
static int
retract(struct store *st, struct decision *d, const struct fact *old,
    const char *why, struct err *e)
{
	struct buf text = BUF_INIT;

	d->write = true;
	d->change = LTM_RETRACT;
	d->fact.gone = true;
	d->fact.confidence = old->confidence;
	if (body_of(st, old, &text, e) == 0 && (d->fact.body =
	    json_read(text.p, text.len, e)) == NULL)
		err_add(e, "fact row %" PRId64 ": ", old->seq);
	buf_release(&text);
	if (d->fact.body == NULL)
		return -1;
	json_object_set_new(d->fact.body, "reason", json_string(why));
	return 0;
}

/* Does a fact say what this body says?  1, 0. */
static int
says(struct store *st, const struct fact *old, const json_t *body,
    struct err *e)
{
	struct buf text = BUF_INIT, b = BUF_INIT;
	int r;

	if ((r = body_of(st, old, &text, e)) == 0) {
		json_sorted(&b, body);
		r = b.len == text.len && memcmp(b.p, text.p, b.len) == 0;
	}
	buf_release(&b);
	buf_release(&text);
	return r;
}

int
decide(struct store *st, struct decision *d, const struct fact *old,
    bool holds, const char *why, struct err *e)
{
	bool there = old->version > 0 && !old->gone;
	int same = 0;

	/* Somebody put it there: until its rows change. */
	if (old->held && old->digest == d->fact.digest) {
		d->live = true;
		return 0;
	}
	if (!holds)
		return there ? retract(st, d, old, why, e) : 0;
	if (there && old->confidence == d->fact.confidence &&
	    (same = says(st, old, d->fact.body, e)) < 0)
		return -1;
	d->live = true;
	d->change = there ? LTM_UPDATE : LTM_INSERT;
	d->write = !same;
	d->touch = same;
	d->fact.seq = old->seq;
	return 0;
}
