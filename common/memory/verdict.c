/*
 * A verdict is a fact of the tenant, so it has versions and is in backups.
 * The record is stored again as its own next version: so whoever derives
 * something from rows looks at it again, and nothing else has to be told.
 */
#include "memory/verdict.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "memory/fact.h"
#include "memory/record.h"
#include "store/audit.h"
#include "store/db.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

static int64_t
verdict_id(const char *verdict, const char *what)
{
	return fact_id_of((const char *const[]){ "verdict", verdict, what,
	    NULL });
}

static int
verdict_set(struct store *st, const char *verdict, const char *what, bool on,
    struct err *e)
{
	struct fact f = { .id = verdict_id(verdict, what),
	    .scope = FACT_TENANT, .valid_until_ms = INT64_MAX, .gone = !on,
	    .confidence = 1 };
	struct buf text = BUF_INIT;
	int r;

	buf_addf(&text, "%s is %s.", what, verdict);
	f.body = json_pack("{s:s, s:[s, s], s:s}", "content", text.p, "tags",
	    "verdict", verdict, "key", what);
	buf_release(&text);
	if (f.body == NULL)
		return err_set(e, ERR_USAGE, "what is judged is not UTF-8");
	r = fact_put(st, &f, e);
	json_decref(f.body);
	return r;
}

int
verdict_get(struct store *st, const char *verdict, const char *what,
    struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT gone FROM fact WHERE id = :id "
	    "ORDER BY version DESC LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":id", verdict_id(verdict, what));
	if ((r = db_row(q, e)) == 1)
		r = !db_get_int(q, 0);
	db_end(q);
	return r;
}

int
verdict_forget(struct store *st, const char *what, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "DELETE FROM fact WHERE user = 0 AND "
	    "job = 0 AND json_extract(body, '$.key') = :what AND "
	    "json_extract(body, '$.tags[0]') = 'verdict'")) == NULL)
		return -1;
	db_text(q, ":what", what);
	return db_run(q, e);
}

int
verdict_any(struct store *st, struct err *e)
{
	int64_t n;

	return db_number(st->db, e, "SELECT EXISTS (SELECT 1 FROM fact "
	    "WHERE user = 0 AND job = 0 AND gone = 0)", 0, &n) < 0 ? -1 :
	    n != 0;
}

/* --- on a record ------------------------------------------------------- */

void
verdict_target_release(struct verdict_target *t)
{
	free(t->kb);
	free(t->id);
	t->kb = t->id = NULL;
}

/* 1; 0 there is none; ERR_USAGE: there are several. */
static int
find(struct store *st, const char *kb, const char *name,
    struct verdict_target *t, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT DISTINCT k.name, r.id FROM kb k "
	    "JOIN record r ON r.kb = k.id WHERE r.version >= 1 AND "
	    "((r.id = :name AND (:kb IS NULL OR k.name = :kb)) OR "
	    "(:kb IS NULL AND instr(:name, '/') > 1 AND "
	    "k.name = substr(:name, 1, instr(:name, '/') - 1) AND "
	    "r.id = substr(:name, instr(:name, '/') + 1))) LIMIT 2")) == NULL)
		return -1;
	db_text(q, ":name", name);
	db_text(q, ":kb", kb);
	if ((r = db_row(q, e)) == 1) {
		t->kb = db_dup(q, 0);
		t->id = db_dup(q, 1);
		if ((r = db_row(q, e)) == 1)
			r = err_set(e, ERR_USAGE, "'%s' is in '%s' and in "
			    "'%s'; name one with --kb", name, t->kb,
			    db_get_text(q, 0));
		else if (r == 0)
			r = 1;
	}
	db_end(q);
	return r;
}

static int
judge(struct store *st, const struct verdict_target *t, const char *verdict,
    bool on, struct err *e)
{
	struct buf what = BUF_INIT;
	int r;

	buf_addf(&what, "%s/%s", t->kb, t->id);
	if ((r = verdict_get(st, verdict, what.p, e)) >= 0)
		r = r == on ? 0 : verdict_set(st, verdict, what.p, on, e) < 0
		    || record_repeat(st, t->kb, t->id, e) < 0 ||
		    audit_add(st, on ? verdict : "undo", what.p, verdict, e) < 0
		    ? -1 : 0;
	buf_release(&what);
	return r;
}

int
verdict_record(struct store *st, const char *kb, const char *name,
    const char *verdict, bool on, struct verdict_target *t, struct err *e)
{
	int r;

	t->kb = t->id = NULL;
	if (tx_begin(st->db, e) < 0)
		return -1;
	if ((r = find(st, kb, name, t, e)) == 1)
		r = judge(st, t, verdict, on, e) < 0 ? -1 : 1;
	if ((r = tx_end(st->db, r, e)) != 1)
		verdict_target_release(t);
	return r;
}
